// Live numbers: from server-sent events, or by polling each second if events do not work.

import { TRACKER, fetchJson, withOwnName } from "./api.js";
import { byId, setText } from "./dom.js";
import { retryFailed, setNotice } from "./notices.js";

const POLL_MS = 1000;
const RETRY_EVENTS_MS = 30_000;
const FIRST_EVENT_MS = 3000;
const STATUS_TEXTS = {
  live: "Live",
  polling: "Updated every second",
  lost: "Connection lost",
};

/**
 * Call `onChange(today, sites, all)` with all sites, and then whenever some sites change.
 * `all` is true if `sites` contains all sites.
 */
export function watch(onChange) {
  let source;
  let polling = null;

  function listen() {
    let first = true;
    source?.close();
    const mine = (source = new EventSource(`${TRACKER}api/events`));
    // A proxy that buffers events accepts the connection and delivers nothing.
    setTimeout(() => {
      if (mine === source && first && !document.hidden) poll();
    }, FIRST_EVENT_MS);
    source.onopen = () => {
      first = true;
    };
    source.addEventListener("sites", (event) => {
      stopPolling();
      receive(JSON.parse(event.data), first, "live");
      first = false;
    });
    source.onerror = () => {
      // In other states, the browser reconnects by itself.
      if (source.readyState === EventSource.CLOSED) poll();
      else if (!polling) show("lost");
    };
  }

  function receive({ today, sites }, all, status) {
    setNotice("Live numbers", null);
    show(status);
    onChange(today, withOwnName(sites), all);
    retryFailed();
  }

  async function poll() {
    // Polling is still active: another attempt to use events has failed.
    if (polling) return;
    const mine = (polling = {});
    let retryEventsAt = performance.now() + RETRY_EVENTS_MS;
    let lost = false;
    while (polling === mine) {
      const pause = new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const found = await pollOnce(mine);
      // Try events again regularly, and after each lost connection.
      if (polling === mine && ((lost && found) || performance.now() > retryEventsAt)) {
        retryEventsAt = performance.now() + RETRY_EVENTS_MS;
        listen();
      }
      lost = !found;
      await pause;
    }
  }

  async function pollOnce(mine) {
    try {
      const answer = await fetchJson("api/sites");
      if (polling === mine) receive(answer, true, "polling");
      return true;
    } catch (error) {
      if (polling === mine) {
        setNotice("Live numbers", error.message);
        show("lost");
      }
      return false;
    }
  }

  function stopPolling() {
    polling = null;
  }

  // A hidden tab closes its connection, because all tabs of a browser share six connections
  // to a server.
  function onVisibility() {
    stopPolling();
    if (document.hidden) source?.close();
    else listen();
  }

  document.addEventListener("visibilitychange", onVisibility);
  onVisibility();
}

function show(status) {
  byId("status").dataset.status = status;
  setText(byId("status"), STATUS_TEXTS[status]);
}
