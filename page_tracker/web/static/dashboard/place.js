// What is looked at stands in the fragment of the address: links and the back button lead
// there, and no server or log learns what was searched for.

export const PERIODS = [30, 90, 365];

/** What the address says: a site (null: none chosen), a period, a day (null: all) and a text. */
export function here() {
  const said = new URLSearchParams(location.hash.slice(1));
  const days = Number(said.get("days"));
  const day = said.get("day");
  return {
    site: said.get("site"),
    days: PERIODS.includes(days) ? days : PERIODS[0],
    day: isDay(day) ? day : null,
    search: said.get("search") ?? "",
  };
}

export function linkTo(place) {
  const said = new URLSearchParams({ site: place.site });
  if (place.days !== PERIODS[0]) said.set("days", place.days);
  if (place.day) said.set("day", place.day);
  if (place.search) said.set("search", place.search);
  return `#${said}`;
}

export function goTo(place) {
  location.hash = linkTo(place);
}

/** Change the address without a new entry in the history, as for each letter typed. */
export function amend(place) {
  history.replaceState(null, "", linkTo(place));
  dispatchEvent(new Event("hashchange"));
}

function isDay(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
