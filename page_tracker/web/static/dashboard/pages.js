// The most viewed pages of a site in a span.

import { TRACKER, sitePath } from "./api.js";
import { byId, element } from "./dom.js";
import { makeRanking } from "./ranking.js";
import { linkTo } from "./route.js";
import { OWN_SITE, urlOf, readablePath } from "./format.js";

export const { show: showPages, refresh: refreshPages } = makeRanking(byId("pages"), {
  title: "Top pages",
  parameter: "search",
  path: ({ site }) => sitePath(site, "pages"),
  rowsOf: ({ pages }) => pages.map(({ path, views }) => ({ key: path, path, views })),
  makeName,
  nothing: (search) => (search ? `No page has “${search}” in its path.` : "No page was viewed."),
});

/** Return the URL of a page of a site. */
export const pageUrl = (site, path) => (site === OWN_SITE ? TRACKER : urlOf(site, path));

function makeName({ path }, { route }) {
  const name = readablePath(path);
  return element("span", { className: "links" },
    element("a", { href: linkTo({ ...route, page: path, search: "", host: "" }) },
      element("bdi", { className: "path", textContent: name, title: name })),
    element("a", {
      className: "out", href: pageUrl(route.site, path), target: "_blank", rel: "noopener noreferrer",
      ariaLabel: `Open ${name}`, title: "Open the page", textContent: "↗",
    }),
  );
}
