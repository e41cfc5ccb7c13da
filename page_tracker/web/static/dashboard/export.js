// Export of one site or of all, which the browser downloads.

import { TRACKER } from "./api.js";
import { closeDialog, makeField, makeHint, makeMenu, makeStep, openDialog } from "./dialog.js";
import { element, setText } from "./dom.js";
import { siteName } from "./format.js";

const HINTS = {
  json: "All that is kept, also of each day: a backup, and a file for an import.",
  csv: "The total views of each page, for a spreadsheet.",
};

export function open({ route }, totals) {
  const sites = makeMenu([...(totals ? [[route.site, siteName(totals)]] : []), ["", "All sites"]]);
  const format = makeMenu([["json", "JSON"], ["csv", "CSV"]]);
  const hint = makeHint();
  // A link, so that the browser stores the file while it arrives.
  const link = element("a", { className: "button primary", id: "export", download: "", textContent: "Download" });

  function update() {
    const query = new URLSearchParams({ format: format.value, ...(sites.value && { site: sites.value }) });
    link.href = `${TRACKER}api/export?${query}`;
    setText(hint, HINTS[format.value]);
  }

  for (const menu of [sites, format]) menu.addEventListener("change", update);
  update();
  openDialog(makeStep({
    title: "Export",
    content: [
      element("div", { className: "fields" }, makeField("Sites", sites), makeField("Format", format)),
      hint,
      element("p", { className: "actions" }, link),
    ],
    buttons: [{ label: "Close", act: closeDialog }],
  }));
}
