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
const NOTHING = { views: 0, pages: 0, views_today: 0, visitors_today: 0 };
const TILES = { views_today: "views-today", visitors_today: "visitors-today", views: "views", pages: "page-count" };

const sites = new Map();
let today = null;
let shown = {};

/** Take in the numbers of sites as they are now; `all`: there are no others. */
function told(day, changed, all) {
  const before = totalsOf(shown.site);
  today = day;
  if (all) sites.clear();
  for (const totals of changed) sites.set(totals.site, totals);
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
  place.site ??= shown.site ?? ranked[0]?.site ?? null;
  const before = shown;
  shown = place;
  showSites(ranked, place);
  byId("site").hidden = place.site === null;
  byId("empty").hidden = place.site !== null;
  byId("main").hidden = false;
  const other = (...names) => names.some((name) => before[name] !== place[name]);
  if (other("site")) showSnippets(place.site);
  if (place.site === null) return;
  if (other("site")) showName(place.site);
  showTiles(totalsOf(place.site));
  if (other("site", "days", "today")) {
    showHistory(place, showShares);
    showIgnored(place);
  } else if (other("day", "search")) {
    markDay(place);
  }
  if (other("site", "day", "search")) showPages(place);
  showShares();
}

function showName(site) {
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
prepareSnippets();
watch(told);
