// Live numbers: from server-sent events, or by polling each second if events do not work. As
// soon as neither works, the page says since when.

import { IS_SHARED, SITE } from "./access.js";
import { fetchJson, withOwnName } from "./api.js";
import { byId, setText } from "./dom.js";
import { NoEventsError, readEvents } from "./events.js";
import { retryFailed, setNotice } from "./notices.js";
import { timeOfDay } from "./format.js";

const POLL_MS = 1000;
const RECONNECT_MS = 1000;
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
  let connection;
  let polling = null;
  let silence = 0;

  function listen() {
    connection?.abort();
    const mine = (connection = new AbortController());
    const heard = follow(mine.signal);
    // A proxy that buffers events accepts the connection and delivers nothing.
    setTimeout(() => {
      if (mine === connection && !heard.any && !document.hidden) poll();
    }, FIRST_EVENT_MS);
  }

  /** Act on events, and reconnect, until the signal ends it. Return what has been heard. */
  function follow(signal) {
    const heard = { any: false, sites: false };
    const acts = {
      sites(data) {
        receive(data, !heard.sites, "live");
        heard.sites = true;
      },
      alive() {
        // Numbers that have not arrived cannot be confirmed.
        if (heard.sites) confirm("live");
      },
      stale: ({ reason }) => lose(reason),
    };
    reconnect();
    return heard;

    async function reconnect() {
      while (!signal.aborted) {
        try {
          await readEvents(signal, onOpen, onEvent);
          if (!polling) lose(null);
        } catch (error) {
          if (signal.aborted) return;
          if (error instanceof NoEventsError) return poll();
          if (!polling) lose(null);
        }
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }

    function onOpen() {
      heard.sites = false;
    }

    function onEvent(name, data) {
      if (signal.aborted) return;
      heard.any = true;
      stopPolling();
      clearTimeout(silence);
      // A connection may be dead without an error, for example after a sleep.
      silence = setTimeout(() => {
        lose(null);
        listen();
      }, SILENCE_MS);
      acts[name]?.(data);
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
      const answer = await fetchJson("api/sites", { site: SITE });
      if (polling === mine) receive(answer, true, "polling");
      return true;
    } catch (error) {
      if (polling !== mine) return false;
      if (IS_SHARED && error.isRefused) refuse();
      else lose(error.message);
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
    connection?.abort();
    return lose(null);
  }

  /** Show that the link is not valid, and stop: it will not become valid again. */
  function refuse() {
    document.removeEventListener("visibilitychange", onVisibility);
    stopPolling();
    connection.abort();
    setNotice(TITLE, null);
    document.body.classList.add("refused");
    byId("refused").hidden = false;
    byId("status").dataset.status = "lost";
    setText(byId("status"), "Not shown");
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
