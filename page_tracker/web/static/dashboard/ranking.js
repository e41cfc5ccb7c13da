// A ranking of names by their views, with a search and more rows on demand.

import { makeLatestFetch } from "./api.js";
import { element, syncChildren, setText } from "./dom.js";
import { attempt } from "./notices.js";
import { replaceRoute } from "./route.js";
import { number, share } from "./format.js";

const FIRST_ROWS = 12;
const MORE_ROWS = 50;
const MAX_ROWS = 1000;
const PAUSE_MS = 150;

/**
 * Make a ranking in a section. The `source` says what it shows: `title`, the name in notices;
 * `parameter`, the part of the route with its search; `path(route)`, where its answers are;
 * `rowsOf(answer)`, their rows, each with `key` and `views`; `makeName(row)`, the element of
 * a name; `nothing(search)`, the text without rows; `hint(answer)`, if there is a hint.
 */
export function makeRanking(section, source) {
  const part = (name) => section.querySelector(name);
  const [search, more, table] = ["[type=search]", ".more", ".ranking"].map(part);
  const fetchJson = makeLatestFetch();
  let view = {};
  let shown = "";
  let rows = [];
  let views = 0;
  let next = null;
  let busy = false;
  let typing = 0;

  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => replaceRoute({ ...view.route, [source.parameter]: search.value.trim() }), PAUSE_MS);
  });
  more.addEventListener("click", () => {
    if (!busy) load(MORE_ROWS, next);
  });

  const filters = () => ({ ...view.span.days, search: view.route[source.parameter] });
  const request = (parameters) => fetchJson(source.path(view.route), { ...filters(), ...parameters });

  /** Load and show the ranking of a view, if another one is shown. */
  function show(newView) {
    view = newView;
    const key = JSON.stringify([source.path(view.route), filters()]);
    if (key === shown) return;
    shown = key;
    // Until the rows are those of this view. They never are if the request fails.
    table.setAttribute("aria-busy", "true");
    // Cancel a pending search, because it belongs to the previous view.
    clearTimeout(typing);
    const text = view.route[source.parameter];
    if (search.value.trim() !== text) search.value = text;
    return load(FIRST_ROWS, null);
  }

  /** Update all rows that are shown. */
  async function refresh() {
    if (busy) return;
    const mine = shown;
    await attempt(source.title, async () => {
      const answer = await request({ limit: Math.min(Math.max(rows.length, FIRST_ROWS), MAX_ROWS) });
      if (mine !== shown) return;
      if (rows.length <= MAX_ROWS) next = answer.next;
      const fresh = source.rowsOf(answer, view);
      const known = new Set(fresh.map(({ key }) => key));
      // Keep rows beyond the limit of one request as they are.
      rows = [...fresh, ...rows.slice(MAX_ROWS).filter(({ key }) => !known.has(key))];
      views = answer.views;
      draw();
    });
  }

  async function load(limit, cursor) {
    busy = true;
    const mine = shown;
    await attempt(source.title, async () => {
      const answer = await request({ limit, cursor });
      if (mine !== shown) return;
      const known = new Set(cursor ? rows.map(({ key }) => key) : []);
      // The ranking may have changed between two requests, so a name may appear in both.
      const found = source.rowsOf(answer, view).filter(({ key }) => !known.has(key));
      if (source.hint) setText(part(".hint"), source.hint(answer));
      rows = cursor ? [...rows, ...found] : found;
      views = answer.views;
      next = answer.next;
      draw();
    });
    if (mine === shown) busy = false;
  }

  function draw() {
    table.removeAttribute("aria-busy");
    const most = Math.max(...rows.map((row) => row.views));
    syncChildren(part("tbody"), rows, ({ key }) => `${shown} ${key}`, makeRow, (row, { views: count }) => {
      const [name, total, ofAll] = row.children;
      name.firstElementChild.style.width = `${(100 * count) / most}%`;
      setText(total, number(count));
      setText(ofAll, share(count, views));
    });
    more.hidden = next === null;
    setText(part(".none"), rows.length ? "" : source.nothing(view.route[source.parameter]));
  }

  function makeRow(row) {
    return element("tr", {},
      element("td", { className: "ranked" }, element("span", { className: "bar" }), source.makeName(row, view)),
      element("td"),
      element("td"),
    );
  }

  return { show, refresh };
}
