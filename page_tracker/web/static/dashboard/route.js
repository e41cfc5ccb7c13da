// The route (site, period, day and search text) is stored in the fragment of the URL, so that
// links and the back button work. Browsers do not send the fragment to servers.

export const PERIODS = [30, 90, 365];

/** Return the route in the URL. `site` is null if none is selected, `day` is null for all days. */
export function currentRoute() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const days = Number(parameters.get("days"));
  const day = parameters.get("day");
  return {
    site: parameters.get("site"),
    days: PERIODS.includes(days) ? days : PERIODS[0],
    day: isDay(day) ? day : null,
    search: parameters.get("search") ?? "",
  };
}

export function linkTo(route) {
  const parameters = new URLSearchParams({ site: route.site });
  if (route.days !== PERIODS[0]) parameters.set("days", route.days);
  if (route.day) parameters.set("day", route.day);
  if (route.search) parameters.set("search", route.search);
  return `#${parameters}`;
}

export function navigate(route) {
  location.hash = linkTo(route);
}

/** Change the URL without a new history entry, for example for each typed letter. */
export function replaceRoute(route) {
  history.replaceState(null, "", linkTo(route));
  dispatchEvent(new Event("hashchange"));
}

function isDay(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
