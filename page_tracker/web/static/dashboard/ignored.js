// What was not counted, and why, in words.

import { asker } from "./api.js";
import { byId, element, keepInStep, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { number } from "./words.js";

const REASONS = {
  crawler: ["Crawlers", "Search engines and other robots"],
  prefetch: ["Loaded in advance", "By browsers, in case somebody would look"],
  "ignored-address": ["Ignored addresses", "Those in PAGE_TRACKER_IGNORE_IPS"],
  repeat: ["Repeats", "The same visitor again, within PAGE_TRACKER_DEDUPE seconds"],
};

const ask = asker();

export async function showIgnored({ site, days }) {
  setText(byId("ignored-of"), `Views that are not counted, in the last ${days} days`);
  await attempt("Left out", async () => {
    const answer = await ask("api/ignored", { site, days });
    draw(Object.entries(answer.sites[0]?.ignored ?? {}));
  });
}

function draw(counts) {
  keepInStep(byId("reasons"), counts, ([reason]) => reason,
    ([reason]) => {
      // One that this page does not know yet is better than none.
      const [name, why] = REASONS[reason] ?? [reason, ""];
      return element("div", {},
        element("dt", {}, name, element("span", { textContent: why })), element("dd"));
    },
    (item, [, count]) => setText(item.lastElementChild, number(count)),
  );
}
