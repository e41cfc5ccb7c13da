// The route says what the page shows: a site or one of its pages, a span, and searches. It is
// stored in the fragment of the URL, so that links and the back button work. Browsers do not
// send the fragment to servers.

import { DEFAULT_SPAN, isSpan } from "./span.js";

// The parts of the route, with their values in a URL that does not name them.
const DEFAULTS = { site: null, page: null, span: DEFAULT_SPAN, search: "", host: "", filter: "", scale: "cut", key: null };

/** Return the route in the URL. `site` is null if none is selected, `page` if all are shown. */
export function currentRoute() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  // Links of earlier versions name a number of days, or a day.
  const span = parameters.get("span") ?? parameters.get("day") ?? parameters.get("days") ?? "";
  const named = Object.entries(DEFAULTS).map(([name, value]) => [name, parameters.get(name) || value]);
  return { ...Object.fromEntries(named), span: isSpan(span) ? span : DEFAULT_SPAN };
}

export function linkTo(route) {
  const named = Object.entries(DEFAULTS).filter(([name, value]) => (route[name] ?? value) !== value);
  // Paths and names of spans stay readable.
  return `#${named.map(([name]) => `${name}=${encodeURIComponent(route[name]).replaceAll("%2F", "/")}`).join("&")}`;
}

export function navigate(route) {
  location.hash = linkTo(route);
}

/** Change the URL without a new history entry, for example for each typed letter. */
export function replaceRoute(route) {
  history.replaceState(null, "", linkTo(route));
  dispatchEvent(new Event("hashchange"));
}
