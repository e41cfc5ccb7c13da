// Numbers as they move: told by the tracker, or asked for each second where it cannot tell.

import { TRACKER, ask, named } from "./api.js";
import { byId, setText } from "./dom.js";
import { attemptAgain, note } from "./notices.js";

const POLL_MS = 1000;
const TRY_EVENTS_AGAIN_MS = 30_000;
const SAID = {
  live: "Live",
  polling: "Live, each second",
  lost: "Connection lost",
};

/** Call `tell(today, sites, all)` with the sites at first and then with those that change. */
export function watch(tell) {
  let source;
  let polling = null;

  function listen() {
    let first = true;
    source?.close();
    source = new EventSource(`${TRACKER}api/events`);
    source.onopen = () => {
      first = true;
    };
    source.addEventListener("sites", (event) => {
      stopPolling();
      told(JSON.parse(event.data), first, "live");
      first = false;
    });
    source.onerror = () => {
      // Else it connects again by itself.
      if (source.readyState === EventSource.CLOSED) poll();
      else if (!polling) show("lost");
    };
  }

  function told({ today, sites }, all, status) {
    note("The numbers", null);
    show(status);
    tell(today, named(sites), all);
    attemptAgain();
  }

  async function poll() {
    // Events were tried again meanwhile, in vain.
    if (polling) return;
    const mine = (polling = {});
    let tryEvents = performance.now() + TRY_EVENTS_AGAIN_MS;
    let lost = false;
    while (polling === mine) {
      const pause = new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const found = await pollOnce(mine);
      // When it is back, it can perhaps tell again, too.
      if (polling === mine && ((lost && found) || performance.now() > tryEvents)) {
        tryEvents = performance.now() + TRY_EVENTS_AGAIN_MS;
        listen();
      }
      lost = !found;
      await pause;
    }
  }

  async function pollOnce(mine) {
    try {
      const answer = await ask("api/sites");
      if (polling === mine) told(answer, true, "polling");
      return true;
    } catch (error) {
      if (polling === mine) {
        note("The numbers", error.message);
        show("lost");
      }
      return false;
    }
  }

  function stopPolling() {
    polling = null;
  }

  // Who does not look is told nothing: a browser has six connections to a server, for all
  // its tabs together.
  function look() {
    stopPolling();
    if (document.hidden) source?.close();
    else listen();
  }

  document.addEventListener("visibilitychange", look);
  look();
}

function show(status) {
  byId("status").dataset.status = status;
  setText(byId("status"), SAID[status]);
}
