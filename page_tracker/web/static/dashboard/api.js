// Requests to the tracker's API.

import { credentials } from "./access.js";
import { OWN_SITE } from "./format.js";

// The base URL of the tracker, including its base path. It is not derived from the page's
// URL, which may contain the token: browsers refuse to fetch URLs that contain credentials.
export const TRACKER = location.origin + new URL("..", import.meta.url).pathname;

/**
 * Fetch JSON. Throws an Error whose message describes the problem, or an AbortError if the
 * signal aborts the request.
 */
export async function fetchJson(path, parameters = {}, signal = undefined) {
  const url = new URL(path, TRACKER);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== "") url.searchParams.set(name, value);
  }
  let response;
  try {
    response = await fetch(url, { signal, cache: "no-store", ...credentials() });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The tracker cannot be reached.");
  }
  if (response.ok) return response.json();
  const answer = await response.json().catch(() => ({}));
  const error = new Error(answer.error ?? `The tracker responded with ${response.status} ${response.statusText}`);
  error.isRefused = response.status === 401 || response.status === 403;
  throw error;
}

/** Return a function that fetches JSON and aborts its previous request. */
export function makeLatestFetch() {
  let last = new AbortController();
  return (path, parameters) => {
    last.abort();
    last = new AbortController();
    return fetchJson(path, parameters, last.signal);
  };
}

/** Return the API path of a site's resource. */
export const sitePath = (site, what) => `api/sites/${encodeURIComponent(site)}/${what}`;

/** Return the sites with a name for the tracker's own site. */
export const withOwnName = (sites) => sites.map((site) => ({ ...site, site: site.site || OWN_SITE }));
