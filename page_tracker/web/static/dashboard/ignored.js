// The views that were not counted in a span, by reason.

import { makeLatestFetch } from "./api.js";
import { byId, element, syncChildren, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { DAYS_KEPT } from "./span.js";
import { number } from "./format.js";

const REASONS = {
  crawler: ["Crawlers", "Search engines and other bots"],
  monitor: ["Monitors", "Health checks and uptime monitors"],
  prefetch: ["Prefetches", "Pages that a browser loaded in advance"],
  "ignored-address": ["Ignored addresses", "IP addresses in PAGE_TRACKER_IGNORE_IPS"],
  repeat: ["Repeat views", "Same visitor and page within PAGE_TRACKER_DEDUPE seconds"],
};

const fetchJson = makeLatestFetch();
let view = {};
let shown = "";

/** Load and show the ignored views of a view, if others are shown. */
export function showIgnored(newView) {
  view = newView;
  const key = JSON.stringify(parameters());
  if (key === shown) return undefined;
  shown = key;
  byId("reasons").setAttribute("aria-busy", "true");
  return refreshIgnored();
}

export function refreshIgnored() {
  return attempt("Ignored views", async () => {
    const answer = await fetchJson("api/ignored", parameters());
    draw(Object.entries(answer.sites[0]?.ignored ?? {}).filter(([, count]) => count > 0));
  });
}

// Ignored views are kept by day only.
const parameters = () => ({ site: view.route.site, from: view.span.shown[0], ...view.span.days });

function draw(counts) {
  setText(byId("ignored-span"), `Views ${view.span.from === null ? `in the last ${DAYS_KEPT} days` : "in this span"} that were not counted`);
  byId("reasons").removeAttribute("aria-busy");
  setText(byId("none-ignored"), counts.length ? "" : "No view was ignored.");
  syncChildren(byId("reasons"), counts, ([reason]) => reason,
    ([reason]) => {
      // Unknown reasons appear under their API name.
      const [name, why] = REASONS[reason] ?? [reason, ""];
      return element("div", {},
        element("dt", {}, name, element("span", { textContent: why })), element("dd"));
    },
    (item, [, count]) => setText(item.lastElementChild, number(count)),
  );
}
