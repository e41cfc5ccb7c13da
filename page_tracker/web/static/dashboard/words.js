// How numbers, days, sites and paths are written for people.

/** Stands for the tracker's own site, which has no name, as it does in the API. */
export const OWN = "~";

// The page is in English, whatever the browser is in.
const LANGUAGE = "en-GB";
const whole = new Intl.NumberFormat(LANGUAGE);
const short = new Intl.NumberFormat(LANGUAGE, { notation: "compact" });
const percent = new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 1 });
const format = (options) => new Intl.DateTimeFormat(LANGUAGE, { timeZone: "UTC", ...options });
const dayAndYear = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const dayAndMonth = format({ day: "numeric", month: "short" });
const month = format({ month: "short" });
const monthAndYear = format({ month: "short", year: "numeric" });

export const number = (value) => whole.format(value);
export const shortNumber = (value) => short.format(value);
export const share = (part, all) => (all > 0 ? percent.format(part / all) : "");
export const plural = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;

// A day is a label of the tracker's; in the browser's time zone it might be another.
const midnight = (day) => new Date(`${day}T00:00:00Z`);
export const longDay = (day) => dayAndYear.format(midnight(day));
export const shortDay = (day) => dayAndMonth.format(midnight(day));
export const monthOf = (day) => (day.slice(5, 7) === "01" ? monthAndYear : month).format(midnight(day));

/** The day that is so many after another, or before it. */
export function dayAfter(day, days) {
  const then = midnight(day);
  then.setUTCDate(then.getUTCDate() + days);
  return then.toISOString().slice(0, 10);
}

export const siteName = (site) => (site === OWN ? "This tracker" : site);

// They could make one path look like another: controls, and what changes the direction.
const DECEIVING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A path as people write it: unescaped, where nothing becomes ambiguous by that. */
export function readable(path) {
  try {
    return decodeURI(path).replace(DECEIVING, encodeURIComponent);
  } catch {
    return path;
  }
}

/** Where a page is; sites on one's own machine have no certificates. */
export function addressOf(site, path = "/") {
  const local = /^(127\.|\[::1\]|([^:]*\.)?localhost(:|$))/.test(site);
  return `${local ? "http" : "https"}://${site}${path}`;
}
