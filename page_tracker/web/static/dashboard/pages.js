// The top pages of a site, of all time or of one day.

import { makeLatestFetch, sitePath } from "./api.js";
import { byId, element, syncChildren, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { replacePlace, goTo, linkTo } from "./place.js";
import { OWN_SITE, addressOf, dayAfter, longDay, number, readable, share } from "./words.js";

const FIRST = 12;
const MORE = 50;
const MOST = 1000;
const PAUSE_MS = 150;
// The tracker keeps daily counts for this number of days.
const DAYS_KEPT = 400;

const fetchJson = makeLatestFetch();
const search = byId("search");
const dayInput = byId("day");
const ranking = byId("ranking");
const more = byId("more");
let place = {};
let rows = [];
let next = null;
let shareBase;
let busy = false;
let typing = 0;

search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => replacePlace({ ...place, search: search.value.trim() }), PAUSE_MS);
});
dayInput.addEventListener("change", () => goTo({ ...place, day: dayInput.value || null }));
more.addEventListener("click", () => {
  if (!busy) load(MORE, next);
});

/** Load and show the top pages of a place. */
export function showPages(newPlace) {
  place = newPlace;
  // Cancel a pending search, because it belongs to the previous place.
  clearTimeout(typing);
  if (search.value.trim() !== place.search) search.value = place.search;
  dayInput.value = place.day ?? "";
  dayInput.max = place.today;
  dayInput.min = dayAfter(place.today, 1 - DAYS_KEPT);
  setText(byId("pages-title"), place.day ? `Top pages, ${longDay(place.day)}` : "Top pages");
  byId("all-time").hidden = !place.day;
  byId("all-time").href = linkTo({ ...place, day: null });
  return load(FIRST, null);
}

/** Update all rows that are shown. */
export async function refreshPages() {
  if (busy) return;
  await attempt("Top pages", async () => {
    const answer = await fetchJson(sitePath(place.site, "pages"), {
      ...filters(), limit: Math.min(Math.max(rows.length, FIRST), MOST),
    });
    if (rows.length <= MOST) next = answer.next;
    const fresh = new Set(answer.pages.map(({ path }) => path));
    // Keep rows beyond the limit of one request as they are.
    const beyond = rows.slice(MOST).filter(({ path }) => !fresh.has(path));
    rows = [...answer.pages, ...beyond];
    draw();
  });
}

/** Set the number of views that the shares refer to (undefined: unknown). */
export function setShareBase(views) {
  if (views === shareBase) return;
  shareBase = views;
  draw();
}

const filters = () => ({ day: place.day, search: place.search });

async function load(limit, cursor) {
  busy = true;
  ranking.setAttribute("aria-busy", "true");
  const mine = place;
  await attempt("Top pages", async () => {
    const answer = await fetchJson(sitePath(place.site, "pages"), { ...filters(), limit, cursor });
    const known = new Set(cursor ? rows.map(({ path }) => path) : []);
    // The ranking may have changed between two requests, so a page may appear in both.
    rows = cursor ? [...rows, ...answer.pages.filter(({ path }) => !known.has(path))] : answer.pages;
    next = answer.next;
    draw();
  });
  if (mine !== place) return;
  busy = false;
  ranking.removeAttribute("aria-busy");
}

function draw() {
  const most = rows[0]?.views ?? 0;
  syncChildren(byId("rows"), rows, ({ page }) => page, makeRow, (row, page) => {
    const [name, views, part] = row.children;
    name.firstElementChild.style.width = `${(100 * page.views) / most}%`;
    setText(views, number(page.views));
    setText(part, share(page.views, shareBase));
  });
  more.hidden = next === null;
  const nothing = place.search ? `No page has “${place.search}” in its path` : "No page views";
  setText(byId("no-pages"), rows.length ? "" : `${nothing}${place.day ? " on this day" : ""}.`);
}

function makeRow({ path }) {
  const text = element("bdi", { className: "path", textContent: readable(path), title: readable(path) });
  const shown = place.site === OWN_SITE ? text : element("a", {
    href: addressOf(place.site, path), target: "_blank", rel: "noopener noreferrer",
  }, text);
  return element("tr", {},
    element("td", { className: "page" }, element("span", { className: "bar" }), shown),
    element("td"),
    element("td"),
  );
}
