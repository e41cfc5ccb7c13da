// The buttons with which the owner corrects, exports and imports counts. What they open is
// loaded on demand.

import { TRACKER } from "./api.js";
import { byId, element, setText } from "./dom.js";
import { setNotice } from "./notices.js";
import { OWN_SITE } from "./format.js";

const corrections = byId("corrections");
let view = {};
let totals = null;
let style;

export function prepareTools() {
  corrections.addEventListener("click", ({ target }) => {
    const { change } = target.dataset;
    if (change) open("Correction", "./corrections.js", change);
  });
  for (const name of ["export", "import"]) {
    byId(`open-${name}`).addEventListener("click", () => open("Files", `./${name}.js`));
  }
}

/** Offer what can be done with the site or page of a view. `totals` is null without a site. */
export function showTools(newView, newTotals) {
  view = newView;
  totals = newTotals;
  const isPage = view.route.page !== null;
  setText(byId("correct-title"), isPage ? "Correct this page" : "Correct this site");
  // The tracker's own site is always its front page.
  const isFixed = view.route.site === OWN_SITE;
  for (const button of corrections.children) {
    const { change, of } = button.dataset;
    button.hidden = (of === "page" && !isPage) || (isFixed && (change === "rename" || change === "merge"));
  }
  byId("correct-pages").hidden = isPage;
}

async function open(title, module, ...options) {
  try {
    style ??= loadStyle();
    const [{ open: begin }] = await Promise.all([import(module), style]);
    await begin(view, totals, ...options);
    setNotice(title, null);
  } catch (error) {
    style = style && (await style.catch(() => undefined));
    // A module that has not arrived.
    setNotice(title, error instanceof TypeError ? "The tracker cannot be reached." : error.message);
  }
}

const loadStyle = () =>
  new Promise((onload, reject) => {
    const onerror = () => reject(new TypeError("The style sheet has not arrived."));
    document.head.append(element("link", { rel: "stylesheet", href: `${TRACKER}dashboard/tools.css`, onload, onerror }));
  });
