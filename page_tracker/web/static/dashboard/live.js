// Live numbers: from server-sent events, or by polling each second if events do not work. As
// soon as neither works, the page says since when.

import { TRACKER, fetchJson, withOwnName } from "./api.js";
import { byId, setText } from "./dom.js";
import { retryFailed, setNotice } from "./notices.js";
import { timeOfDay } from "./format.js";

const POLL_MS = 1000;
const RETRY_EVENTS_MS = 30_000;
const FIRST_EVENT_MS = 3000;
// The tracker sends an event at least every 5 s.
const SILENCE_MS = 12_000;
const TITLE = "Live numbers";

// When the tracker last confirmed the numbers that are shown.
let confirmed = null;

/**
 * Call `onChange(today, sites, all)` with all sites, and then whenever some sites change.
 * `all` is true if `sites` contains all sites.
 */
export function watch(onChange) {
  let source;
  let polling = null;
  let silence = 0;

  function listen() {
    let first = true;
    let heard = false;
    source?.close();
    const mine = (source = new EventSource(`${TRACKER}api/events`));
    // A proxy that buffers events accepts the connection and delivers nothing.
    setTimeout(() => {
      if (mine === source && !heard && !document.hidden) poll();
    }, FIRST_EVENT_MS);
    source.onopen = () => {
      first = true;
    };
    on("sites", (data) => {
      receive(data, first, "live");
      first = false;
    });
    on("alive", () => {
      // Numbers that have not arrived cannot be confirmed.
      if (!first) confirm("live");
    });
    on("stale", ({ reason }) => lose(reason));
    source.onerror = () => {
      // In other states, the browser reconnects by itself.
      if (source.readyState === EventSource.CLOSED) poll();
      else if (!polling) lose(null);
    };

    function on(name, act) {
      mine.addEventListener(name, (event) => {
        heard = true;
        stopPolling();
        clearTimeout(silence);
        // A connection may be dead without an error, for example after a sleep.
        silence = setTimeout(() => {
          lose(null);
          listen();
        }, SILENCE_MS);
        act(JSON.parse(event.data));
      });
    }
  }

  function receive({ today, sites }, all, status) {
    onChange(today, withOwnName(sites), all);
    confirm(status);
  }

  async function poll() {
    // Polling is still active: another attempt to use events has failed.
    if (polling) return;
    clearTimeout(silence);
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
      if (polling === mine) lose(error.message);
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
    clearTimeout(silence);
    if (!document.hidden) return listen();
    source?.close();
    return lose(null);
  }

  document.addEventListener("visibilitychange", onVisibility);
  onVisibility();
}

function confirm(status) {
  const wasLost = byId("status").dataset.status === "lost";
  confirmed = new Date();
  setNotice(TITLE, null);
  show(status, status === "live" ? "Live" : "Updated every second");
  if (wasLost) retryFailed();
}

/** Say that the numbers are no longer live. The reason is null if it is not known. */
function lose(reason) {
  setNotice(TITLE, reason);
  show("lost", confirmed === null ? "No numbers yet, not live" : `As of ${timeOfDay(confirmed)}, not live`);
}

function show(status, text) {
  byId("status").dataset.status = status;
  document.body.classList.toggle("stale", status === "lost" && confirmed !== null);
  setText(byId("status"), text);
}
