// The list of sites with their numbers.

import { byId, element, syncChildren, setNumber, setText } from "./dom.js";
import { linkTo } from "./route.js";
import { number, plural, siteName } from "./format.js";

// A short list keeps the numbers of the selected site near the top on phones.
const FEW = 6;
let showsAll = false;

/** Show the sites, most viewed first, as links that change the site of the route. */
export function showSites(sites, route) {
  const shown = showsAll ? sites : sites.slice(0, FEW);
  const chosen = sites.find(({ site }) => site === route.site);
  if (chosen && !shown.includes(chosen)) shown.push(chosen);
  syncChildren(byId("sites"), shown, ({ site }) => site, make, (item, totals) =>
    update(item, totals, route),
  );
  const button = byId("all-sites");
  button.hidden = sites.length <= FEW;
  setText(button, showsAll ? "Show fewer" : `Show all ${number(sites.length)}`);
  button.onclick = () => {
    showsAll = !showsAll;
    showSites(sites, route);
  };
}

function make({ site }) {
  return element("li", {},
    element("a", {},
      element("bdi", { className: "name", textContent: siteName(site) }),
      element("span", {}, element("b"), element("span", { className: "visually-hidden", textContent: " views" })),
      element("span", { className: "faint" }),
      element("span", { className: "faint" }),
    ),
  );
}

function update(item, totals, route) {
  const link = item.firstElementChild;
  const [, total, today, pages] = link.children;
  // Keep the period and the day, but not the search text.
  const target = linkTo({ ...route, site: totals.site, search: "" });
  if (link.getAttribute("href") !== target) link.setAttribute("href", target);
  if (totals.site === route.site) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  setNumber(total.firstElementChild, number(totals.views));
  const visitors = plural(totals.visitors_today, "visitor", "visitors");
  setText(today, `Today: ${number(totals.views_today)} (${visitors})`);
  setText(pages, plural(totals.pages, "page", "pages"));
}
