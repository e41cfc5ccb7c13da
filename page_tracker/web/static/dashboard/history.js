// The views by day of a site or of a page: as a chart, as a table and as tiles.

import { makeLatestFetch, sitePath } from "./api.js";
import { makeChart } from "./chart.js";
import { byId, element, syncChildren, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { linkTo, navigate } from "./route.js";
import { nameOf, textOf } from "./span.js";
import { showTiles } from "./tiles.js";
import { longDay, number, plural } from "./format.js";

const fetchSite = makeLatestFetch();
const fetchPage = makeLatestFetch();
const table = byId("as-table");
const PARTS = [byId("tiles"), byId("history")];
let view = {};
let shown = "";
// What the answers are for: nothing else is shown with them.
let answered = "";
// The answers for the site and for the page; null without a page.
let site = null;
let page = null;
let totals = null;

const draw = makeChart(byId("chart"), byId("tip"), describe, ({ from, to }) =>
  navigate({ ...view.route, span: nameOf(from, to) }),
);

table.addEventListener("toggle", fillTable);

/** Load and show the days of a view, if others are shown. */
export function showHistory(newView, newTotals) {
  view = newView;
  totals = newTotals;
  const { route, span } = view;
  const key = JSON.stringify([route.site, route.page, span.shown, span.days, span.before]);
  if (key === shown) return show();
  shown = key;
  return load();
}

function load() {
  for (const part of PARTS) part.setAttribute("aria-busy", "true");
  return refreshHistory();
}

/** Load the days that are shown again. */
export function refreshHistory() {
  const { route, span } = view;
  const [from, to] = span.shown;
  const first = [from, span.from, span.before?.from].filter(Boolean).sort()[0];
  const path = sitePath(route.site, "history");
  const days = { from: first, to };
  const mine = shown;
  return attempt("History", async () => {
    const answers = await Promise.all([
      fetchSite(path, days),
      route.page === null ? null : fetchPage(path, { ...days, path: route.page }),
    ]);
    [site, page] = answers;
    answered = mine;
    show();
  });
}

/** Update today's numbers of the site from its totals. */
export function updateToday(newTotals) {
  totals = newTotals;
  show();
}

function show() {
  if (answered !== shown) return;
  for (const part of PARTS) part.removeAttribute("aria-busy");
  // An answer may be older than the totals. If it is newer, newer totals are on their way.
  const today = site.days.find(({ day }) => day === view.today);
  if (today) Object.assign(today, { views: totals.views_today, visitors: totals.visitors_today });
  showTiles(view, site, page, totals);
  const days = shownDays();
  draw(days, { picked: view.span.from === view.span.to ? view.span.from : null, cut: view.route.scale === "cut", onScale });
  byId("of-visitors").hidden = page !== null;
  setText(byId("history-title"), page === null ? "Views and visitors" : page.views ? "Views of this page" : "No view of this page has been counted");
  fillTable();
}

/** Return the days to show as bars, without those before the first one with views. */
function shownDays() {
  const [from, to] = view.span.shown;
  const days = (page ?? site).days.filter(({ day }) => day >= from && day <= to);
  if (view.span.from !== null) return days;
  const first = days.findIndex(({ views }) => views > 0);
  return days.slice(first < 0 ? -1 : first);
}

function onScale(isCut) {
  const link = byId("scale");
  const cut = view.route.scale === "cut";
  link.hidden = cut && !isCut;
  setText(link, cut ? "Show the whole scale" : "Cut the peaks");
  link.setAttribute("href", linkTo({ ...view.route, scale: cut ? "full" : "cut" }));
}

function describe(bar) {
  const lines = [plural(bar.views, "view", "views")];
  if (page === null) {
    const visitors = plural(bar.visitors, "visitor", "visitors");
    lines.push(bar.from === bar.to ? visitors : `${visitors}, each day’s added up`);
  }
  return { title: textOf(bar.from, bar.to), lines };
}

function fillTable() {
  // The table may have 400 rows, so it is filled only while it is open.
  if (!table.open || answered !== shown) return;
  const days = shownDays().filter(({ views, visitors }) => views || visitors).reverse();
  byId("visitors-column").hidden = page !== null;
  setText(byId("no-days"), days.length ? "Days without views are left out." : "No day has views.");
  syncChildren(byId("days"), days, ({ day }) => day,
    ({ day }) => element("tr", {},
      element("th", { scope: "row", textContent: longDay(day) }), element("td"), element("td")),
    (row, { views, visitors }) => {
      setText(row.children[1], number(views));
      row.children[2].hidden = page !== null;
      setText(row.children[2], visitors === undefined ? "" : number(visitors));
    },
  );
}
