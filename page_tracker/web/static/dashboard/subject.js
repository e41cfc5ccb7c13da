// What a correction is about: a site, or a page of a site.

import { fetchJson, sitePath, withOwnName } from "./api.js";
import { element } from "./dom.js";
import { OWN_SITE, readablePath, siteName } from "./format.js";

/** Return the site, or with a path the page, with the names that it has here and in the API. */
export function makeSubject(site, path, name) {
  const isPage = path !== null;
  const shown = siteName({ site, name });
  return {
    site,
    path,
    kind: isPage ? "page" : "site",
    // The own site has no other page, and no host to begin with.
    name: isPage && site !== OWN_SITE ? `${shown}${readablePath(path)}` : shown,
    key: isPage ? `${site}${path}` : site,
  };
}

export const makeName = ({ name }) => element("bdi", { className: "path", textContent: name, title: name });

/** Return the subject with this name in the API. `totals` has another name of one site. */
export function subjectOf(key, totals = {}) {
  const slash = key.indexOf("/");
  const site = slash < 0 ? key : key.slice(0, slash);
  return makeSubject(site, slash < 0 ? null : key.slice(slash), site === totals.site ? totals.name : undefined);
}

/**
 * Return the views of a subject, and the views of a page by day, from one day to another. The
 * views are null if it has no counts.
 */
export async function viewsOf({ site, path }, from = null, to = null) {
  if (path === null) {
    const { sites } = await fetchJson("api/sites");
    return { views: withOwnName(sites).find((known) => known.site === site || known.name === site)?.views ?? null, days: [] };
  }
  const { views, days } = await fetchJson(sitePath(site, "history"), { path, from, to });
  return { views: views || null, days };
}
