// Snippets to copy into a page. They contain the public URL of this tracker, if it is known.

import { TRACKER } from "./api.js";
import { byId, element, setText } from "./dom.js";
import { announce } from "./notices.js";
import { OWN_SITE } from "./format.js";

const PUBLIC = document.querySelector('meta[name="public-url"]').content || TRACKER;
const COLORS = ["blue", "brightgreen", "green", "yellowgreen", "yellow", "orange", "red", "lightgrey", "grey", "black", "white"];
const STYLES = ["flat", "flat-square", "plastic", "for-the-badge", "social"];
// The numbers that a badge can show, with the labels that it has for them.
const LABELS = {
  total: "views",
  today: "views today",
  "7-days": "views in 7 days",
  "30-days": "views in 30 days",
  site: "views",
  "visitors-today": "visitors today",
};
const PAUSE_MS = 200;
const COPIED_MS = 2000;

const page = byId("badge-page");
const show = byId("badge-show");
const label = byId("badge-label");
const color = byId("badge-color");
const style = byId("badge-style");
let typed = 0;

export function prepareSnippets() {
  byId("front-page").href = TRACKER;
  byId("script-code").textContent =
    `<script defer src="${PUBLIC}track.js"></script>\n` +
    "<p>Seen <span data-page-views>…</span> times</p>";
  show.append(...Object.keys(LABELS).map((name) => element("option", { textContent: name })));
  show.addEventListener("input", () => {
    // A label of one's own stays.
    if (Object.values(LABELS).includes(label.value)) label.value = LABELS[show.value];
  });
  color.append(...COLORS.map((name) => element("option", { textContent: name })));
  style.append(...STYLES.map((name) => element("option", { textContent: name })));
  for (const input of [page, show, label, color, style]) {
    input.addEventListener("input", () => {
      clearTimeout(typed);
      typed = setTimeout(draw, PAUSE_MS);
    });
  }
  prepareCopying(byId("copy-script"), byId("script-code"));
  prepareCopying(byId("copy-badge"), byId("badge-code"));
}

/** Show the badge of a page, or of a site's front page, until another page is entered. */
export function showSnippets(site, path) {
  page.value = site === OWN_SITE ? "example.com" : `${site}${path ?? ""}`;
  draw();
}

function draw() {
  const chosen = new Map([["page", page.value.trim()]]);
  // Leave out parameters that have the tracker's default value.
  if (show.value !== "total") chosen.set("show", show.value);
  if (label.value !== LABELS[show.value]) chosen.set("label", label.value);
  if (color.value !== COLORS[0]) chosen.set("color", color.value);
  if (style.value !== STYLES[0]) chosen.set("style", style.value);
  const query = [...chosen].map(([name, value]) => `${name}=${escaped(value)}`).join("&");
  const alternative = label.value.replace(/[[\]\\\n]/g, "") || "views";
  setText(byId("badge-code"), `![${alternative}](${PUBLIC}hit.svg?${query})`);
  const preview = byId("preview");
  preview.alt = `Preview of the badge: ${alternative}`;
  const source = `${TRACKER}views.svg?${query}`;
  if (preview.src !== source) preview.src = source;
}

// Slashes stay readable. Parentheses are escaped because they would end the Markdown link.
const escaped = (text) =>
  encodeURIComponent(text).replaceAll("%2F", "/").replace(/[()]/g, (bracket) => (bracket === "(" ? "%28" : "%29"));

function prepareCopying(button, code) {
  button.addEventListener("click", async () => {
    const done = await copy(code);
    setText(button, done ? "Copied" : "Press Ctrl+C");
    announce(done ? "Copied to the clipboard" : "Selected. Press Ctrl+C to copy.");
    setTimeout(() => setText(button, "Copy"), COPIED_MS);
  });
}

async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    // Over plain HTTP, browsers offer the clipboard API only to pages of localhost.
    getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  }
}
