// What a site had on each day: as a chart, in words, and as a table.

import { asker, ofSite } from "./api.js";
import { makeChart } from "./chart.js";
import { byId, element, keepInStep, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { PERIODS, goTo, linkTo } from "./place.js";
import { longDay, number, plural } from "./words.js";

const ask = asker();
const chart = byId("chart");
const table = byId("as-table");
let of = {};
let days = [];
let daysOf = null;
let pointed = null;
let told = () => {};

const draw = makeChart(
  chart,
  (index) => {
    pointed = index;
    describe();
  },
  // Picked again, it is let go.
  (index) => goTo({ ...of, day: days[index].day === of.day ? null : days[index].day }),
);

table.addEventListener("toggle", fillTable);

/** Show the days of a place. `changed` is called whenever there are others. */
export async function showHistory(place, changed) {
  of = place;
  told = changed;
  showPeriods(place);
  await attempt("The days", async () => {
    const answer = await ask(ofSite(place.site, "history"), { days: place.days });
    days = answer.days;
    daysOf = place.site;
    show();
  });
}

/** Mark the day that is picked, without asking for anything. */
export function markDay(place) {
  of = place;
  showPeriods(place);
  show();
}

/** Let today be as the site's totals say. */
export function moveToday(totals) {
  // Those of another site are shown until its own are there.
  if (daysOf !== totals.site) return;
  const today = days.at(-1);
  today.views = totals.views_today;
  today.visitors = totals.visitors_today;
  show();
}

/** The views of a day; undefined if it is none of those that are shown. */
export const viewsOn = (day) =>
  daysOf === of.site ? days.find((one) => one.day === day)?.views : undefined;

function show() {
  draw(days, days.findIndex(({ day }) => day === of.day));
  if (pointed !== null && pointed >= days.length) pointed = null;
  describe();
  fillTable();
  told();
}

function showPeriods(place) {
  const links = byId("periods");
  keepInStep(links, PERIODS, String, (period) => element("a", { textContent: `${period} days` }),
    (link, period) => {
      link.setAttribute("href", linkTo({ ...place, days: period }));
      if (period === place.days) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    },
  );
}

/** Say what there was on the day that is pointed at or picked, or else in all. */
function describe() {
  if (!days.length) return;
  const picked = days.findIndex(({ day }) => day === of.day);
  const index = pointed ?? picked;
  const spoken = days[index] ?? days.at(-1);
  chart.setAttribute("aria-valuemax", days.length);
  chart.setAttribute("aria-valuenow", days.indexOf(spoken) + 1);
  chart.setAttribute("aria-valuetext", `${longDay(spoken.day)}: ${views(spoken.views)}, ${visitors(spoken.visitors)}`);
  const shown = days[index];
  setText(byId("when"), shown ? longDay(shown.day) : `Last ${days.length} days`);
  setText(byId("readout-views"), views(shown ? shown.views : sum("views")));
  setText(byId("readout-visitors"), shown
    ? visitors(shown.visitors)
    : `${visitors(Math.round(sum("visitors") / days.length))} a day`);
}

const views = (count) => plural(count, "view", "views");
const visitors = (count) => plural(count, "visitor", "visitors");
const sum = (what) => days.reduce((all, day) => all + day[what], 0);

function fillTable() {
  // It may have 365 rows, and mostly nobody looks at them.
  if (!table.open) return;
  keepInStep(byId("days"), [...days].reverse(), ({ day }) => day,
    ({ day }) => element("tr", {},
      element("th", { scope: "row", textContent: longDay(day) }), element("td"), element("td")),
    (row, day) => {
      setText(row.children[1], number(day.views));
      setText(row.children[2], number(day.visitors));
    },
  );
}
