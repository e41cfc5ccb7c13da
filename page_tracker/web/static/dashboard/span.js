// Spans of days: those with a name, any two days, and the span before each.

import { dayAfter, daysBetween, longDay, dayRange } from "./format.js";

/** The tracker keeps daily counts for this number of days. */
export const DAYS_KEPT = 400;

export const DEFAULT_SPAN = "30";

/** The spans with a name, in the order of the menu. */
export const NAMED_SPANS = new Map([
  ["today", "Today"],
  ["yesterday", "Yesterday"],
  ["7", "Last 7 days"],
  ["30", "Last 30 days"],
  ["90", "Last 90 days"],
  ["365", "Last 365 days"],
  ["month", "This month"],
  ["last-month", "Last month"],
  ["year", "This year"],
  ["all", "All time"],
]);

const DAY = /^\d{4}-\d\d-\d\d$/;
const isDay = (text) => DAY.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;

/** Return the name of a span of any days: one day, or two days with dots in between. */
export const nameOf = (from, to) => (from === to ? from : `${from}..${to}`);

/** Return whether a text names a span. */
export function isSpan(name) {
  const days = name.split("..");
  return NAMED_SPANS.has(name) || (days.length <= 2 && days.every(isDay));
}

/**
 * Return the span with this name. `from` and `to` are its first and last day. `before` is the
 * span to compare it with. Both `from` and `before` are null for all time.
 */
export function makeSpan(name, today) {
  const kept = dayAfter(today, 1 - DAYS_KEPT);
  const [from, to] = daysOf(name, today, kept);
  const before = from === null ? null : spanBefore(name, from, to);
  return {
    name,
    from,
    to,
    // The parameters of the API.
    days: from === null ? {} : { from, to },
    before: before && before[0] >= kept ? { from: before[0], to: before[1] } : null,
    // The days to show as bars. A single day is shown among others.
    shown: from === null ? [kept, to] : from === to ? around(from, today, kept) : [from, to],
  };
}

/** Return the days of a span as a text. */
export const textOf = (from, to) => (from === to ? longDay(from) : dayRange(from, to));

function daysOf(name, today, kept) {
  const month = monthStart(today);
  switch (name) {
    case "today":
      return [today, today];
    case "yesterday":
      return [dayAfter(today, -1), dayAfter(today, -1)];
    case "month":
      return [month, today];
    case "last-month":
      return [monthStart(dayAfter(month, -1)), dayAfter(month, -1)];
    case "year":
      return [`${today.slice(0, 4)}-01-01`, today];
    case "all":
      return [null, today];
  }
  if (NAMED_SPANS.has(name)) return [dayAfter(today, 1 - Number(name)), today];
  // Other days have no numbers: the nearest day that has is shown instead.
  const days = name.split("..").map((day) => (day > today ? today : day < kept ? kept : day)).sort();
  return [days[0], days.at(-1)];
}

/** Return the days before: of a month or a year its start, otherwise as many days. */
function spanBefore(name, from, to) {
  if (name === "last-month") return [monthStart(dayAfter(from, -1)), dayAfter(from, -1)];
  if (name === "month") {
    const last = dayAfter(from, -1);
    const same = `${last.slice(0, 8)}${to.slice(8)}`;
    return [monthStart(last), same < last ? same : last];
  }
  if (name === "year") {
    const year = String(Number(from.slice(0, 4)) - 1);
    const same = `${year}${to.slice(4)}`;
    return [`${year}-01-01`, isDay(same) ? same : `${year}-02-28`];
  }
  return [dayAfter(from, -1 - daysBetween(from, to)), dayAfter(from, -1)];
}

const monthStart = (day) => `${day.slice(0, 8)}01`;

function around(day, today, kept) {
  const middle = dayAfter(day, 14);
  const to = middle > today ? today : middle;
  const from = dayAfter(to, -29);
  return [from < kept ? kept : from, to];
}
