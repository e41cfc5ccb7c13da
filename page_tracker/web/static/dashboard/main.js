// The dashboard: what is viewed on one's sites, today and over time, as it moves.

import { byId, forgetNumbers, setNumber, setText } from "./dom.js";
import { markDay, moveToday, showHistory, viewsOn } from "./history.js";
import { showIgnored } from "./ignored.js";
import { watch } from "./live.js";
import { refreshPages, shareOf, showPages } from "./pages.js";
import { here } from "./place.js";
import { showSites } from "./sites.js";
import { prepareSnippets, showSnippets } from "./snippets.js";
import { OWN, addressOf, number, siteName } from "./words.js";

const PAUSE_MS = 1000;
const LEFT_OUT_MS = 10_000;
const NOTHING = { views: 0, pages: 0, views_today: 0, visitors_today: 0 };
const TILES = { views_today: "views-today", visitors_today: "visitors-today", views: "views", pages: "page-count" };

const sites = new Map();
let today = null;
let first = null;
let shown = {};

/** Take in the numbers of sites as they are now; `all`: there are no others. */
function told(day, changed, all) {
  const before = totalsOf(shown.site);
  today = day;
  if (all) sites.clear();
  for (const totals of changed) {
    // One that is gone is told of once more, as having nothing.
    if (totals.views || totals.pages) sites.set(totals.site, totals);
    else sites.delete(totals.site);
  }
  const site = shown.site;
  show();
  if (shown.site === site) follow(before, totalsOf(site));
}

const totalsOf = (site) => sites.get(site) ?? NOTHING;

function follow(before, now) {
  if (Object.keys(TILES).every((name) => before[name] === now[name])) return;
  moveToday(now);
  // An import, or a page that was deleted, changes other days, too.
  if (now.views - before.views !== now.views_today - before.views_today) showHistory(shown, showShares);
  refresh();
}

const refresh = withPauses(() => Promise.all([refreshPages(), showIgnored(shown)]));

/** Do it at once, and then not before a second has gone by, however often it is wanted. */
function withPauses(action) {
  let busy = false;
  let wanted = false;
  return async function want() {
    wanted = true;
    if (busy) return;
    busy = true;
    while (wanted) {
      wanted = false;
      await Promise.all([action(), new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
    }
    busy = false;
  };
}

/** Show what the address and the numbers say, and ask only for what that changes. */
function show() {
  if (today === null) return;
  const ranked = [...sites.values()].sort((a, b) => b.views - a.views || (a.site < b.site ? -1 : 1));
  const place = { ...here(), today };
  // Who has chosen none goes on seeing what was shown first, whatever overtakes it.
  first ??= ranked[0]?.site ?? null;
  place.site ??= first;
  const before = shown;
  shown = place;
  showSites(ranked, place);
  const other = (...names) => names.some((name) => before[name] !== place[name]);
  const asked = [];
  if (other("site")) showName(place.site);
  if (place.site !== null) {
    showTiles(totalsOf(place.site));
    if (other("site", "days", "today")) asked.push(showHistory(place, showShares), showIgnored(place));
    else if (other("day", "search")) markDay(place);
    if (other("site", "day", "search", "today")) asked.push(showPages(place));
    showShares();
  }
  if (byId("main").hidden) reveal(asked);
}

/** Show the page when all of it is there, so that nothing moves; but do not wait for long. */
async function reveal(asked) {
  await Promise.race([Promise.all(asked), new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
  byId("main").hidden = false;
}

function showName(site) {
  byId("site").hidden = site === null;
  byId("empty").hidden = site !== null;
  showSnippets(site ?? OWN);
  if (site === null) return;
  document.title = `${siteName(site)} · page_tracker`;
  setText(byId("site-name"), siteName(site));
  byId("site-link").hidden = site === OWN;
  byId("site-link").href = addressOf(site);
  forgetNumbers(...Object.values(TILES).map(byId));
}

function showTiles(totals) {
  for (const [name, id] of Object.entries(TILES)) setNumber(byId(id), number(totals[name]));
}

function showShares() {
  shareOf(shown.day ? viewsOn(shown.day) : totalsOf(shown.site).views);
}

// The fragment is taken: this link must not put its own there.
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
addEventListener("hashchange", show);
// What is left out changes none of the numbers that are told.
setInterval(() => {
  if (shown.site && !document.hidden) showIgnored(shown);
}, LEFT_OUT_MS);
prepareSnippets();
watch(told);
