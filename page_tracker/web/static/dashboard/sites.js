// The list of sites with their numbers, and a filter.

import { byId, element, syncChildren, setNumber, setText } from "./dom.js";
import { linkTo, replaceRoute } from "./route.js";
import { number, plural, siteName } from "./format.js";

const FEW = 6;
// More would make each update slow. The filter finds the others.
const MANY = 100;
const filter = byId("filter");
const button = byId("all-sites");
const opener = byId("open-sites");
let showsAll = false;
let sites = [];
let route = {};

export function prepareSites() {
  filter.addEventListener("input", () => replaceRoute({ ...route, filter: filter.value.trim() }));
  button.addEventListener("click", () => {
    showsAll = !showsAll;
    draw();
  });
  // Phones show the list on demand only.
  opener.addEventListener("click", () => open(opener.ariaExpanded !== "true"));
  byId("sites").addEventListener("click", () => open(false));
}

/** Show the sites, most viewed first, as links that change the site of the route. */
export function showSites(newSites, newRoute) {
  sites = newSites;
  route = newRoute;
  draw();
}

function open(isOpen) {
  opener.ariaExpanded = String(isOpen);
}

function draw() {
  if (filter.value.trim() !== route.filter) filter.value = route.filter;
  const chosen = sites.find(({ site }) => site === route.site);
  const found = route.filter ? sites.filter((site) => matches(site, route.filter.toLowerCase())) : sites;
  const shown = found.slice(0, showsAll ? MANY : FEW);
  if (chosen && !route.filter && !shown.includes(chosen)) shown.push(chosen);
  syncChildren(byId("sites"), shown, ({ site }) => site, make, update);
  byId("filter-label").hidden = sites.length <= FEW;
  button.hidden = found.length <= FEW;
  setText(button, showsAll ? "Show fewer" : found.length > MANY ? `Show the first ${MANY} of ${number(found.length)}` : `Show all ${number(found.length)}`);
  setText(byId("no-sites"), found.length || !sites.length ? "" : `No site has “${route.filter}” in its name.`);
  opener.hidden = !sites.length;
  setText(opener, plural(sites.length, "site", "sites"));
}

const matches = (site, text) => site.site.includes(text) || siteName(site).toLowerCase().includes(text);

function make(totals) {
  return element("li", {},
    element("a", {},
      element("bdi", { className: "name", textContent: siteName(totals), title: totals.site }),
      element("span", {}, element("b"), element("span", { className: "visually-hidden", textContent: " views" })),
      element("span", { className: "faint" }),
      element("span", { className: "faint" }),
    ),
  );
}

function update(item, totals) {
  const link = item.firstElementChild;
  const [, total, today, pages] = link.children;
  // Keep the span, but not the page and what was searched for on the other site.
  const target = linkTo({ ...route, site: totals.site, page: null, search: "", host: "" });
  if (link.getAttribute("href") !== target) link.setAttribute("href", target);
  if (totals.site === route.site) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  setNumber(total.firstElementChild, number(totals.views));
  const visitors = plural(totals.visitors_today, "visitor", "visitors");
  setText(today, `Today: ${number(totals.views_today)} (${visitors})`);
  setText(pages, plural(totals.pages, "page", "pages"));
}
