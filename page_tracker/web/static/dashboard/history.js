// The daily views and visitors of a site: as a chart, as text and as a table.

import { makeLatestFetch, sitePath } from "./api.js";
import { makeChart } from "./chart.js";
import { byId, element, syncChildren, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { PERIODS, navigate, linkTo } from "./route.js";
import { longDay, number, plural } from "./format.js";

const fetchJson = makeLatestFetch();
const chart = byId("chart");
const table = byId("as-table");
let shownRoute = {};
let days = [];
let siteOfDays = null;
let pointed = null;
let onChange = () => {};

const draw = makeChart(
  chart,
  (index) => {
    pointed = index;
    describe();
  },
  // Picking the selected day again clears the selection.
  (index) => navigate({ ...shownRoute, day: days[index].day === shownRoute.day ? null : days[index].day }),
);

table.addEventListener("toggle", fillTable);

/** Load and show the days of a route. Call `changed` whenever the days change. */
export async function showHistory(route, changed) {
  shownRoute = route;
  onChange = changed;
  showPeriods(route);
  await attempt("History", async () => {
    const answer = await fetchJson(sitePath(route.site, "history"), { days: route.days });
    days = answer.days;
    siteOfDays = route.site;
    show();
  });
}

/** Mark the selected day, without a request. */
export function markDay(route) {
  shownRoute = route;
  showPeriods(route);
  show();
}

/** Update today's numbers from the totals of the site. */
export function updateToday(totals) {
  // The chart shows the previous site until the days of the new site have loaded.
  if (siteOfDays !== totals.site) return;
  const today = days.at(-1);
  today.views = totals.views_today;
  today.visitors = totals.visitors_today;
  show();
}

/** Return the views of a day, or undefined if the chart does not show the day. */
export const viewsOn = (day) =>
  siteOfDays === shownRoute.site ? days.find((one) => one.day === day)?.views : undefined;

function show() {
  draw(days, days.findIndex(({ day }) => day === shownRoute.day));
  if (pointed !== null && pointed >= days.length) pointed = null;
  describe();
  fillTable();
  onChange();
}

function showPeriods(route) {
  const links = byId("periods");
  syncChildren(links, PERIODS, String, (period) => element("a", { textContent: `${period} days` }),
    (link, period) => {
      link.setAttribute("href", linkTo({ ...route, days: period }));
      if (period === route.days) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    },
  );
}

/** Describe the day under the pointer, or the selected day, or the whole period. */
function describe() {
  if (!days.length) return;
  const picked = days.findIndex(({ day }) => day === shownRoute.day);
  const index = pointed ?? picked;
  const described = days[index] ?? days.at(-1);
  chart.setAttribute("aria-valuemax", days.length);
  chart.setAttribute("aria-valuenow", days.indexOf(described) + 1);
  chart.setAttribute("aria-valuetext", `${longDay(described.day)}: ${views(described.views)}, ${visitors(described.visitors)}`);
  const shown = days[index];
  setText(byId("when"), shown ? longDay(shown.day) : `Last ${days.length} days`);
  setText(byId("readout-views"), views(shown ? shown.views : sum("views")));
  setText(byId("readout-visitors"), shown
    ? visitors(shown.visitors)
    : `${visitors(Math.round(sum("visitors") / days.length))} per day`);
}

const views = (count) => plural(count, "view", "views");
const visitors = (count) => plural(count, "visitor", "visitors");
const sum = (what) => days.reduce((all, day) => all + day[what], 0);

function fillTable() {
  // The table may have 365 rows, so it is filled only while it is open.
  if (!table.open) return;
  syncChildren(byId("days"), [...days].reverse(), ({ day }) => day,
    ({ day }) => element("tr", {},
      element("th", { scope: "row", textContent: longDay(day) }), element("td"), element("td")),
    (row, day) => {
      setText(row.children[1], number(day.views));
      setText(row.children[2], number(day.visitors));
    },
  );
}
