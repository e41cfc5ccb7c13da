// The place (site, period, day and search text) is stored in the fragment of the address, so
// links and the back button work. Browsers do not send the fragment to servers.

export const PERIODS = [30, 90, 365];

/** Return the place in the address. `site` is null if none is selected, `day` for all days. */
export function currentPlace() {
  const fields = new URLSearchParams(location.hash.slice(1));
  const days = Number(fields.get("days"));
  const day = fields.get("day");
  return {
    site: fields.get("site"),
    days: PERIODS.includes(days) ? days : PERIODS[0],
    day: isDay(day) ? day : null,
    search: fields.get("search") ?? "",
  };
}

export function linkTo(place) {
  const fields = new URLSearchParams({ site: place.site });
  if (place.days !== PERIODS[0]) fields.set("days", place.days);
  if (place.day) fields.set("day", place.day);
  if (place.search) fields.set("search", place.search);
  return `#${fields}`;
}

export function goTo(place) {
  location.hash = linkTo(place);
}

/** Change the address without a new history entry, for example for each typed letter. */
export function replacePlace(place) {
  history.replaceState(null, "", linkTo(place));
  dispatchEvent(new Event("hashchange"));
}

function isDay(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
