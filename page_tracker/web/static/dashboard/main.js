// The dashboard: live views and visitors of all sites.

import { IS_SHARED, followAddress } from "./access.js";
import { byId, setText } from "./dom.js";
import { refreshHistory, showHistory, updateToday } from "./history.js";
import { refreshIgnored, showIgnored } from "./ignored.js";
import { watch } from "./live.js";
import { retryFailed } from "./notices.js";
import { pageUrl, refreshPages, showPages } from "./pages.js";
import { refreshReferrers, showReferrers } from "./referrers.js";
import { currentRoute, linkTo } from "./route.js";
import { prepareSites, showSites } from "./sites.js";
import { prepareSnippets, showSnippets } from "./snippets.js";
import { makeSpan } from "./span.js";
import { prepareSpans, showSpan } from "./spans.js";
import { prepareTools, showTools } from "./tools.js";
import { OWN_SITE, readablePath, siteName } from "./format.js";

const REVEAL_MS = 1000;
// How long it takes at least until a change is in the rankings, and between two refreshes.
const NEWS_MS = 1000;
const REFRESH_MS = 4000;
const REGULARLY_MS = 10_000;
const NOTHING = { views: 0, pages: 0, views_today: 0, visitors_today: 0 };

const sites = new Map();
let today = null;
let first = null;
let view = { route: {} };
// How many times to refresh still, and whether that goes on.
let due = 0;
let isRefreshing = false;

/** Store the current numbers of sites. `all` is true if `changed` contains all sites. */
function receive(day, changed, all) {
  const { site } = view.route;
  const before = totalsOf(site);
  today = day;
  if (all) sites.clear();
  for (const totals of changed) {
    // The tracker reports a deleted site once more, with zeros.
    if (totals.views || totals.pages) sites.set(totals.site, totals);
    else sites.delete(totals.site);
  }
  show();
  if (view.route.site === site) follow(before, totalsOf(site));
}

const totalsOf = (site) => sites.get(site) ?? NOTHING;

function follow(before, now) {
  if (Object.keys(NOTHING).every((name) => before[name] === now[name])) return;
  updateToday(now);
  // An import or a deleted page changes more days than today.
  if (now.views - before.views !== now.views_today - before.views_today) refreshHistory();
  refresh();
}

/** Load what may have changed again, one part after the other, and then once more. */
async function refresh() {
  // The tracker keeps a ranking for a moment, so the first answer may lack the change.
  due = 2;
  if (isRefreshing) return;
  isRefreshing = true;
  // All dashboards learn of a change at the same time.
  await pause(NEWS_MS);
  while (due > 0) {
    due -= 1;
    const parts = view.route.page === null ? [refreshPages, refreshReferrers, refreshIgnored] : [refreshHistory];
    for (const part of parts) await part();
    await pause(REFRESH_MS);
  }
  isRefreshing = false;
}

/** Pause for this time, or up to half as long again, to keep many dashboards apart. */
const pause = (least) => new Promise((resolve) => setTimeout(resolve, least * (1 + Math.random() / 2)));

/** Show what the URL names. Each part requests only the data that it does not show yet. */
function show() {
  if (today === null) return;
  const ranked = [...sites.values()].sort((a, b) => b.views - a.views || (a.site < b.site ? -1 : 1));
  const route = currentRoute();
  // Without a selection, keep the first site that was shown, even if another overtakes it.
  if (!sites.has(first)) first = ranked[0]?.site ?? null;
  // Others see one site, under whichever of its names.
  route.site = (IS_SHARED ? first ?? route.site : storedName(route.site)) ?? first;
  const before = view.route;
  view = { route, today, span: makeSpan(route.span, today) };
  if (!IS_SHARED) showSites(ranked, route);
  const isKnown = sites.has(route.site);
  byId("site").hidden = !isKnown;
  if (!IS_SHARED) showTools(view, sites.get(route.site) ?? null);
  byId("empty").hidden = route.site !== null;
  byId("unknown").hidden = route.site === null || isKnown;
  const requests = isKnown ? showKnown(totalsOf(route.site)) : showNone(route.site);
  if (before.site !== route.site || before.page !== route.page) {
    if (!IS_SHARED) showSnippets(route.site ?? OWN_SITE, route.page);
    if (before.page !== undefined && before.page !== route.page) beginPage();
  }
  // The lists were not updated while a page was shown.
  if (isKnown && before.page && route.page === null) refresh();
  if (byId("main").hidden) reveal(requests);
}

/** Return the name of a site as it is stored, whichever form of it the URL has. */
function storedName(name) {
  if (name === null || sites.has(name)) return name;
  return [...sites.values()].find((totals) => totals.name === name)?.site ?? name;
}

/** Go to the title of a page: the link to it, which had the focus, is now hidden. */
function beginPage() {
  scrollTo(0, 0);
  byId("site-title").focus({ preventScroll: true });
}

function showKnown(totals) {
  const { page } = view.route;
  showName(totals, page);
  showSpan(view);
  const requests = [showHistory(view, totals)];
  for (const id of ["pages", "referrers", "ignored"]) byId(id).hidden = page !== null;
  if (page === null) requests.push(showPages(view), showReferrers(view), showIgnored(view));
  return requests;
}

function showNone(site) {
  document.title = "page_tracker";
  setText(byId("unknown-site"), siteName({ site: site ?? "" }));
  return [];
}

/** Show the page after all data has loaded, to avoid layout shifts, or after a second. */
async function reveal(requests) {
  await Promise.race([Promise.all(requests), new Promise((resolve) => setTimeout(resolve, REVEAL_MS))]);
  byId("main").hidden = false;
}

function showName(totals, page) {
  const name = siteName(totals);
  const title = page === null ? name : readablePath(page);
  document.title = `${title} · page_tracker`;
  setText(byId("site-name"), title);
  byId("site-name").title = page === null ? totals.site : page;
  const up = byId("to-site");
  up.hidden = page === null;
  setText(up, `‹ ${name}`);
  up.setAttribute("href", linkTo({ ...view.route, page: null }));
  const live = byId("site-link");
  live.hidden = totals.site === OWN_SITE && page === null;
  live.href = pageUrl(totals.site, page ?? "/");
  setText(live.firstElementChild, page === null ? "Open the site" : "Open the page");
}

// The fragment contains the route, so this link must not replace it.
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
addEventListener("hashchange", show);
// A correction may change days and names, although no total differs.
addEventListener("corrected", () => {
  if (!sites.has(view.route.site)) return;
  refreshHistory();
  refresh();
});
// Ignored views cause no events, so they are requested regularly. A request may fail although
// the tracker sends events, so what has failed is tried again.
setInterval(() => {
  if (document.hidden) return;
  retryFailed();
  if (!byId("ignored").hidden && sites.has(view.route.site)) refreshIgnored();
}, REGULARLY_MS);
if (!IS_SHARED) {
  prepareSites();
  prepareSnippets();
  prepareTools();
}
followAddress();
prepareSpans();
watch(receive);
