// The views that were not counted, by reason.

import { makeLatestFetch } from "./api.js";
import { byId, element, syncChildren, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { number } from "./format.js";

const REASONS = {
  crawler: ["Crawlers", "Search engines and other bots"],
  monitor: ["Monitors", "Health checks and uptime monitors"],
  prefetch: ["Prefetches", "Pages that a browser loaded in advance"],
  "ignored-address": ["Ignored addresses", "IP addresses in PAGE_TRACKER_IGNORE_IPS"],
  repeat: ["Repeat views", "Same visitor and page within PAGE_TRACKER_DEDUPE seconds"],
};

const fetchJson = makeLatestFetch();

export async function showIgnored({ site, days }) {
  setText(byId("ignored-period"), `Views in the last ${days} days that were not counted`);
  await attempt("Ignored views", async () => {
    const answer = await fetchJson("api/ignored", { site, days });
    draw(Object.entries(answer.sites[0]?.ignored ?? {}));
  });
}

function draw(counts) {
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
