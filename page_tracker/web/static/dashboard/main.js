// The dashboard: live views and visitors of all sites.

import { byId, forgetNumbers, setNumber, setText } from "./dom.js";
import { markDay, updateToday, showHistory, viewsOn } from "./history.js";
import { showIgnored } from "./ignored.js";
import { watch } from "./live.js";
import { refreshPages, setShareBase, showPages } from "./pages.js";
import { currentRoute } from "./route.js";
import { showSites } from "./sites.js";
import { prepareSnippets, showSnippets } from "./snippets.js";
import { OWN_SITE, urlOf, number, siteName } from "./format.js";

const PAUSE_MS = 1000;
const IGNORED_MS = 10_000;
const NOTHING = { views: 0, pages: 0, views_today: 0, visitors_today: 0 };
const TILES = { views_today: "views-today", visitors_today: "visitors-today", views: "views", pages: "page-count" };

const sites = new Map();
let today = null;
let first = null;
let shown = {};

/** Store the current numbers of sites. `all` is true if `changed` contains all sites. */
function receive(day, changed, all) {
  const before = totalsOf(shown.site);
  today = day;
  if (all) sites.clear();
  for (const totals of changed) {
    // The tracker reports a deleted site once more, with zeros.
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
  updateToday(now);
  // An import or a deleted page changes more days than today.
  if (now.views - before.views !== now.views_today - before.views_today) showHistory(shown, showShares);
  refresh();
}

const refresh = throttled(() => Promise.all([refreshPages(), showIgnored(shown)]));

/** Return a function that runs the action at once, but at most once a second. */
function throttled(action) {
  let busy = false;
  let wanted = false;
  return async function run() {
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

/** Show the site and the period of the URL, and request only the data that changed. */
function show() {
  if (today === null) return;
  const ranked = [...sites.values()].sort((a, b) => b.views - a.views || (a.site < b.site ? -1 : 1));
  const route = { ...currentRoute(), today };
  // Without a selection, keep the first site that was shown, even if another overtakes it.
  first ??= ranked[0]?.site ?? null;
  route.site ??= first;
  const before = shown;
  shown = route;
  showSites(ranked, route);
  const differs = (...names) => names.some((name) => before[name] !== route[name]);
  const requests = [];
  if (differs("site")) showName(route.site);
  if (route.site !== null) {
    showTiles(totalsOf(route.site));
    if (differs("site", "days", "today")) requests.push(showHistory(route, showShares), showIgnored(route));
    else if (differs("day", "search")) markDay(route);
    if (differs("site", "day", "search", "today")) requests.push(showPages(route));
    showShares();
  }
  if (byId("main").hidden) reveal(requests);
}

/** Show the page after all data has loaded, to avoid layout shifts, or after a second. */
async function reveal(requests) {
  await Promise.race([Promise.all(requests), new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
  byId("main").hidden = false;
}

function showName(site) {
  byId("site").hidden = site === null;
  byId("empty").hidden = site !== null;
  showSnippets(site ?? OWN_SITE);
  if (site === null) return;
  document.title = `${siteName(site)} · page_tracker`;
  setText(byId("site-name"), siteName(site));
  byId("site-link").hidden = site === OWN_SITE;
  byId("site-link").href = urlOf(site);
  forgetNumbers(...Object.values(TILES).map(byId));
}

function showTiles(totals) {
  for (const [name, id] of Object.entries(TILES)) setNumber(byId(id), number(totals[name]));
}

function showShares() {
  setShareBase(shown.day ? viewsOn(shown.day) : totalsOf(shown.site).views);
}

// The fragment contains the route, so this link must not replace it.
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
addEventListener("hashchange", show);
// Ignored views cause no events, so they are requested regularly.
setInterval(() => {
  if (shown.site && !document.hidden) showIgnored(shown);
}, IGNORED_MS);
prepareSnippets();
watch(receive);
