// The top pages of a site, of all time or of one day.

import { makeLatestFetch, sitePath } from "./api.js";
import { byId, element, syncChildren, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { replaceRoute, navigate, linkTo } from "./route.js";
import { OWN_SITE, urlOf, dayAfter, longDay, number, readablePath, share } from "./format.js";

const FIRST_ROWS = 12;
const MORE_ROWS = 50;
const MAX_ROWS = 1000;
const PAUSE_MS = 150;
// The tracker keeps daily counts for this number of days.
const DAYS_KEPT = 400;

const fetchJson = makeLatestFetch();
const search = byId("search");
const dayInput = byId("day");
const ranking = byId("ranking");
const more = byId("more");
let route = {};
let rows = [];
let next = null;
let shareBase;
let busy = false;
let typing = 0;

search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => replaceRoute({ ...route, search: search.value.trim() }), PAUSE_MS);
});
dayInput.addEventListener("change", () => navigate({ ...route, day: dayInput.value || null }));
more.addEventListener("click", () => {
  if (!busy) load(MORE_ROWS, next);
});

/** Load and show the top pages of a route. */
export function showPages(newRoute) {
  route = newRoute;
  // Cancel a pending search, because it belongs to the previous route.
  clearTimeout(typing);
  if (search.value.trim() !== route.search) search.value = route.search;
  dayInput.value = route.day ?? "";
  dayInput.max = route.today;
  dayInput.min = dayAfter(route.today, 1 - DAYS_KEPT);
  setText(byId("pages-title"), route.day ? `Top pages, ${longDay(route.day)}` : "Top pages");
  byId("all-time").hidden = !route.day;
  byId("all-time").href = linkTo({ ...route, day: null });
  return load(FIRST_ROWS, null);
}

/** Update all rows that are shown. */
export async function refreshPages() {
  if (busy) return;
  await attempt("Top pages", async () => {
    const answer = await fetchJson(sitePath(route.site, "pages"), {
      ...filters(), limit: Math.min(Math.max(rows.length, FIRST_ROWS), MAX_ROWS),
    });
    if (rows.length <= MAX_ROWS) next = answer.next;
    const fresh = new Set(answer.pages.map(({ path }) => path));
    // Keep rows beyond the limit of one request as they are.
    const beyond = rows.slice(MAX_ROWS).filter(({ path }) => !fresh.has(path));
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

const filters = () => ({ day: route.day, search: route.search });

async function load(limit, cursor) {
  busy = true;
  ranking.setAttribute("aria-busy", "true");
  const mine = route;
  await attempt("Top pages", async () => {
    const answer = await fetchJson(sitePath(route.site, "pages"), { ...filters(), limit, cursor });
    const known = new Set(cursor ? rows.map(({ path }) => path) : []);
    // The ranking may have changed between two requests, so a page may appear in both.
    rows = cursor ? [...rows, ...answer.pages.filter(({ path }) => !known.has(path))] : answer.pages;
    next = answer.next;
    draw();
  });
  if (mine !== route) return;
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
  const nothing = route.search ? `No page has “${route.search}” in its path` : "No page views";
  setText(byId("no-pages"), rows.length ? "" : `${nothing}${route.day ? " on this day" : ""}.`);
}

function makeRow({ path }) {
  const text = element("bdi", { className: "path", textContent: readablePath(path), title: readablePath(path) });
  const shown = route.site === OWN_SITE ? text : element("a", {
    href: urlOf(route.site, path), target: "_blank", rel: "noopener noreferrer",
  }, text);
  return element("tr", {},
    element("td", { className: "page" }, element("span", { className: "bar" }), shown),
    element("td"),
    element("td"),
  );
}
