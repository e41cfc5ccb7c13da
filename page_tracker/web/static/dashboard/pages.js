// The most viewed pages of a site, of all time or of a day.

import { asker, ofSite } from "./api.js";
import { byId, element, keepInStep, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { amend, goTo, linkTo } from "./place.js";
import { OWN, addressOf, dayAfter, longDay, number, readable, share } from "./words.js";

const FIRST = 12;
const MORE = 50;
const MOST = 1000;
const PAUSE_MS = 150;
// So long does the tracker remember days.
const DAYS_KEPT = 400;

const ask = asker();
const search = byId("search");
const dayInput = byId("day");
const ranking = byId("ranking");
const more = byId("more");
let place = {};
let rows = [];
let next = null;
let all;
let busy = false;
let typing = 0;

search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => amend({ ...place, search: search.value.trim() }), PAUSE_MS);
});
dayInput.addEventListener("change", () => goTo({ ...place, day: dayInput.value || null }));
more.addEventListener("click", () => {
  if (!busy) load(MORE, next);
});

/** Show the pages of a place, from the most viewed. */
export function showPages(newPlace) {
  place = newPlace;
  // What is being typed was meant for another place.
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

/** Bring up to date what is shown, however much that is. */
export async function refreshPages() {
  if (busy) return;
  await attempt("Top pages", async () => {
    const answer = await ask(ofSite(place.site, "pages"), {
      ...asked(), limit: Math.min(Math.max(rows.length, FIRST), MOST),
    });
    if (rows.length <= MOST) next = answer.next;
    const fresh = new Set(answer.pages.map(({ path }) => path));
    // Who has looked further than can be asked for at once keeps what is there.
    const beyond = rows.slice(MOST).filter(({ path }) => !fresh.has(path));
    rows = [...answer.pages, ...beyond];
    draw();
  });
}

/** Tell of how many views the pages have their shares; undefined: unknown. */
export function shareOf(views) {
  if (views === all) return;
  all = views;
  draw();
}

const asked = () => ({ day: place.day, search: place.search });

async function load(limit, cursor) {
  busy = true;
  ranking.setAttribute("aria-busy", "true");
  const mine = place;
  await attempt("Top pages", async () => {
    const answer = await ask(ofSite(place.site, "pages"), { ...asked(), limit, cursor });
    const known = new Set(cursor ? rows.map(({ path }) => path) : []);
    // A page that was overtaken meanwhile may come twice.
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
  keepInStep(byId("rows"), rows, ({ page }) => page, makeRow, (row, page) => {
    const [name, views, part] = row.children;
    name.firstElementChild.style.width = `${(100 * page.views) / most}%`;
    setText(views, number(page.views));
    setText(part, share(page.views, all));
  });
  more.hidden = next === null;
  const nothing = place.search ? `No page has “${place.search}” in its path` : "No page was viewed";
  setText(byId("no-pages"), rows.length ? "" : `${nothing}${place.day ? " on this day" : ""}.`);
}

function makeRow({ path }) {
  const text = element("bdi", { className: "path", textContent: readable(path), title: readable(path) });
  const shown = place.site === OWN ? text : element("a", {
    href: addressOf(place.site, path), target: "_blank", rel: "noopener noreferrer",
  }, text);
  return element("tr", {},
    element("td", { className: "page" }, element("span", { className: "bar" }), shown),
    element("td"),
    element("td"),
  );
}
