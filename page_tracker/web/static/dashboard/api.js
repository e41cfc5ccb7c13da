// What the tracker is asked.

import { OWN } from "./words.js";

// Where the tracker is, below whatever path. Not the page's own URL: there may be a token
// in it, with which browsers refuse to fetch.
export const TRACKER = location.origin + new URL("..", import.meta.url).pathname;

/**
 * Fetch JSON. Throws an Error that says in words what was wrong, and an AbortError if the
 * signal ends it.
 */
export async function ask(path, parameters = {}, signal = undefined) {
  const url = new URL(path, TRACKER);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== "") url.searchParams.set(name, value);
  }
  let response;
  try {
    response = await fetch(url, { signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The tracker cannot be reached.");
  }
  if (response.ok) return response.json();
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `The tracker answered ${response.status} ${response.statusText}`);
}

/** Ask one thing at a time: a new question takes the place of the one before. */
export function asker() {
  let last = new AbortController();
  return (path, parameters) => {
    last.abort();
    last = new AbortController();
    return ask(path, parameters, last.signal);
  };
}

/** Where the API has this of a site. */
export const ofSite = (site, what) => `api/sites/${encodeURIComponent(site)}/${what}`;

/** An answer's sites, with a name for the tracker's own. */
export const named = (sites) => sites.map((site) => ({ ...site, site: site.site || OWN }));
