// The numbers of a site or of a page in a span, and how they differ from the span before.

import { byId, element, forgetNumbers, setNumber, setText, syncChildren } from "./dom.js";
import { textOf } from "./span.js";
import { briefDays, change, longDay, mean, mediumDay, number, share } from "./format.js";

let shown = "";

/** Show the tiles of a view. `page` is null if the view is of a site. */
export function showTiles(view, site, page, totals) {
  const key = `${view.route.site} ${view.route.page} ${view.span.name}`;
  const tiles = page === null ? tilesOfSite(view.span, site, totals) : tilesOfPage(view.span, site, page);
  syncChildren(byId("tiles"), tiles, ({ label }) => label, makeTile, (tile, { label, value, note, hint }) => {
    const [name, shownValue, shownNote] = tile.children;
    setText(name, label);
    if (key !== shown) forgetNumbers(shownValue);
    setNumber(shownValue, value);
    shownValue.classList.toggle("long", value.length > 9);
    setText(shownNote, note ?? "");
    shownNote.title = hint ?? "";
  });
  shown = key;
}

const makeTile = () => element("div", {}, element("dt"), element("dd"), element("dd", { className: "note" }));

function tilesOfSite(span, site, totals) {
  const inSpan = daysIn(span, site.days);
  const before = daysBefore(span, site);
  const views = span.from === null ? totals.views : sumOf(inSpan, "views");
  const tiles = [{ label: "Views", value: number(views), ...compared(span, before, (days) => sumOf(days, "views"), views) }];
  if (span.from === span.to) {
    const visitors = sumOf(inSpan, "visitors");
    return [...tiles, { label: "Visitors", value: number(visitors), ...compared(span, before, (days) => sumOf(days, "visitors"), visitors) }];
  }
  for (const [label, what] of [["Views a day, on average", "views"], ["Visitors a day, on average", "visitors"]]) {
    const first = firstDayWith(what, site);
    const value = meanOf(inSpan, what, first);
    tiles.push({
      label,
      value: value === null ? "–" : mean(value),
      // The views of all time may include those of days that are no longer kept.
      ...(span.from === null ? since(first, inSpan[0].day) : compared(span, before, (days) => meanOf(days, what, first), value)),
    });
  }
  return [...tiles, bestDay(inSpan)];
}

function tilesOfPage(span, site, page) {
  const inSpan = daysIn(span, page.days);
  const before = daysBefore(span, { ...page, first_day: site.first_day });
  const views = span.from === null ? page.views : sumOf(inSpan, "views");
  const ofSite = span.from === null ? page.site_views : sumOf(daysIn(span, site.days), "views");
  const tiles = [
    { label: "Views", value: number(views), ...compared(span, before, (days) => sumOf(days, "views"), views) },
    { label: "Share of the site", value: share(views, ofSite) || "–" },
  ];
  if (span.from !== null) tiles.push({ label: "Views of all time", value: number(page.views) });
  return span.from === span.to ? tiles : [...tiles, bestDay(inSpan)];
}

const daysIn = ({ from, to }, days) => days.filter(({ day }) => (from ?? "") <= day && day <= to);

/** Return the days of the span before; null if it has no views, or only some of its days can have any. */
function daysBefore({ before }, { days, first_day: first }) {
  if (before === null || first === null || first > before.from) return null;
  return daysIn(before, days);
}

/** Return the change as a note; nothing if there is nothing to compare. */
function compared({ before, to }, days, measure, now) {
  const then = days === null ? 0 : measure(days);
  const note = change(then, now);
  if (!note) return {};
  return {
    note: `${note} vs. ${briefDays(before.from, before.to, to)}`,
    hint: `${textOf(before.from, before.to)}: ${Number.isInteger(then) ? number(then) : mean(then)}`,
  };
}

const sumOf = (days, what) => days.reduce((all, day) => all + day[what], 0);

/** Return the first known day of a site that has any; undefined if none has. */
const firstDayWith = (what, { first_day: first, days }) =>
  (what === "views" && first) || days.find((day) => day[what] > 0)?.day;

/** Return the mean of the days from the first one that has any; null if that is later. */
function meanOf(days, what, first) {
  const counted = days.filter(({ day }) => day >= first);
  return counted.length ? sumOf(counted, what) / counted.length : null;
}

const since = (first, kept) => (first ? { note: `since ${mediumDay(first > kept ? first : kept)}` } : {});

function bestDay(days) {
  const best = days.reduce((most, day) => (day.views > (most?.views ?? 0) ? day : most), null);
  return { label: "Best day", value: best ? number(best.views) : "–", note: best ? longDay(best.day) : "" };
}
