// What the reader of this page may see: everything as the owner of the tracker, or one site.

// The server marks the page that shows one site to others.
export const IS_SHARED = "shared" in document.documentElement.dataset;

const given = named();

/** The site that is shown to others; null on the owner's page. */
export const SITE = IS_SHARED ? given.site : null;

// Browsers do not send the fragment to servers, so no log has the key.
function named() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  return { site: parameters.get("site"), key: parameters.get("key") };
}

/** Return the options of a request that carry the right to read what is shown. */
export function credentials() {
  if (!IS_SHARED) return {};
  const headers = given.key ? { Authorization: `Bearer ${given.key}` } : {};
  // Without this, the browser would send a password that it knows, or ask for one.
  return { credentials: "omit", headers };
}

/** Begin again if the address names another site or has another key. */
export function followAddress() {
  if (!IS_SHARED) return;
  addEventListener("hashchange", () => {
    const { site, key } = named();
    if (site !== given.site || key !== given.key) location.reload();
  });
}
