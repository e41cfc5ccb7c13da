// Formats numbers, days, sites and paths for display.

/** The API's name for the tracker's own site, which has no host name. */
export const OWN_SITE = "~";

// The page is always in English, so the browser's language is not used.
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

// Days are in the tracker's time zone. UTC keeps the browser from shifting the date.
const midnight = (day) => new Date(`${day}T00:00:00Z`);
export const longDay = (day) => dayAndYear.format(midnight(day));
export const shortDay = (day) => dayAndMonth.format(midnight(day));
export const monthOf = (day) => (day.slice(5, 7) === "01" ? monthAndYear : month).format(midnight(day));

/** Return the day that is `days` days later (negative: earlier). */
export function dayAfter(day, days) {
  const then = midnight(day);
  then.setUTCDate(then.getUTCDate() + days);
  return then.toISOString().slice(0, 10);
}

export const siteName = (site) => (site === OWN_SITE ? "This tracker" : site);

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
