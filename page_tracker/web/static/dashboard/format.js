// Formats numbers, days, sites and paths for display.

/** The API's name for the tracker's own site, which has no host name. */
export const OWN_SITE = "~";

// The words of the page are English. Its numbers and dates are those of the reader's language.
const LANGUAGES = navigator.languages;
const LEAST_SHARE = 0.001;
const LEAST_MEAN = 0.1;
const whole = new Intl.NumberFormat(LANGUAGES, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(LANGUAGES, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
// Three digits are exact for each line of a chart.
const short = new Intl.NumberFormat(LANGUAGES, { notation: "compact", maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat(LANGUAGES, { style: "percent", maximumFractionDigits: 1 });
const signedPercent = new Intl.NumberFormat(LANGUAGES, { style: "percent", signDisplay: "exceptZero" });
const format = (options) => new Intl.DateTimeFormat(LANGUAGES, { timeZone: "UTC", ...options });
const dayAndYear = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const dayMonthYear = format({ day: "numeric", month: "short", year: "numeric" });
const dayAndMonth = format({ day: "numeric", month: "short" });
const month = format({ month: "short" });
const monthAndYear = format({ month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat(LANGUAGES, { timeStyle: "medium" });

export const number = (value) => whole.format(value);
/** Format a mean: with one decimal, if it is small enough for a decimal to matter. */
export function mean(value) {
  // What is there is never called 0.
  if (value > 0 && value < LEAST_MEAN / 2) return `<${oneDecimal.format(LEAST_MEAN)}`;
  return value < 1000 ? oneDecimal.format(value) : whole.format(value);
}
export const shortNumber = (value) => short.format(value);

/** Return a part as a percentage; empty if there is nothing to be part of. */
export function share(part, all) {
  if (all <= 0) return "";
  // What is there is never called 0%.
  return part > 0 && part / all < LEAST_SHARE ? `<${percent.format(LEAST_SHARE)}` : percent.format(part / all);
}

export const plural = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;
export const timeOfDay = (date) => clock.format(date);

/** Return the change from one value to another; empty if there is nothing to compare. */
export const change = (before, now) => (before > 0 ? signedPercent.format(now / before - 1) : "");

// Days are in the tracker's time zone. UTC keeps the browser from shifting the date.
const midnight = (day) => new Date(`${day}T00:00:00Z`);
export const longDay = (day) => dayAndYear.format(midnight(day));
export const mediumDay = (day) => dayMonthYear.format(midnight(day));
export const shortDay = (day) => dayAndMonth.format(midnight(day));
export const monthOf = (day) => (day.slice(5, 7) === "01" ? monthAndYear : month).format(midnight(day));
export const dayRange = (from, to) => dayMonthYear.formatRange(midnight(from), midnight(to));

/** Return days as a short text: without the year, if it is the year of the day `now`. */
export function briefDays(from, to, now) {
  const days = from.slice(0, 4) === now.slice(0, 4) ? dayAndMonth : dayMonthYear;
  return days.formatRange(midnight(from), midnight(to));
}

/** Return the weekday of a day. Monday is 0. */
export const weekday = (day) => (midnight(day).getUTCDay() + 6) % 7;

/** Return the day that is `days` days later (negative: earlier). */
export function dayAfter(day, days) {
  const then = midnight(day);
  then.setUTCDate(then.getUTCDate() + days);
  return then.toISOString().slice(0, 10);
}

/** Return how many days one day is after another. */
export const daysBetween = (from, to) => (midnight(to) - midnight(from)) / 86_400_000;

export const siteName = ({ site, name }) => (site === OWN_SITE ? "This tracker" : name ?? site);

// Control characters and direction marks, which could make one path look like another.
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Return a path with its escapes decoded, except those of deceptive characters. */
export function readablePath(path) {
  try {
    return decodeURI(path).replace(DECEPTIVE, encodeURIComponent);
  } catch {
    return path;
  }
}

/** Return the URL of a page: HTTP for local sites, which have no certificates, else HTTPS. */
export function urlOf(site, path = "/") {
  const local = /^(127\.|\[::1\]|([^:]*\.)?localhost(:|$))/.test(site);
  return `${local ? "http" : "https"}://${site}${path}`;
}
