// Import of a file: what it would do is shown first.

import { closeDialog, makeFacts, makeField, makeHint, makeMenu, makeStep, makeTable, openDialog, showStep } from "./dialog.js";
import { element } from "./dom.js";
import { send, tellOfChanges } from "./send.js";
import { DAYS_KEPT } from "./span.js";
import { OWN_SITE, dayRange, number, plural, siteName } from "./format.js";

const MAX_BYTES = 64 * 2 ** 20;
const MANY = 100;
const HEADERS = { "Content-Type": "application/octet-stream" };
const MODES = [
  ["", "Import nothing"],
  ["add", "Add to them"],
  ["replace", "Replace them"],
];

export function open({ today }) {
  const file = element("input", { type: "file", id: "import-file", required: true });
  const mode = makeMenu(MODES);
  const text = (properties) => element("input", { autocomplete: "off", spellcheck: false, ...properties });
  const options = {
    site: text({ placeholder: "example.com", maxLength: 253 }),
    timezone: text({ placeholder: "Europe/Berlin", maxLength: 64 }),
    from: element("input", { type: "date", max: today }),
    until: element("input", { type: "date", max: today }),
  };
  const visits = element("input", { type: "checkbox" });
  const form = makeStep({
    title: "Import",
    content: [
      makeHint("An export of this or of another counter, or an access log, also compressed. Nothing is imported before you have seen what is in it."),
      element("div", { className: "fields" },
        makeField("File", file, "wide"),
        makeField("If the sites have counts of these days already", mode, "wide")),
      element("details", {},
        element("summary", { textContent: "Options" }),
        element("div", { className: "fields" },
          makeField("Only this site, or that of the file", options.site),
          makeField("Time zone of the file", options.timezone),
          makeField("First day", options.from),
          makeField("Last day", options.until),
          element("label", { className: "check wide" }, visits, "Count visits as views, if the file has no views"))),
    ],
    buttons: [
      { label: "Check the file", look: "primary", act: check },
      { label: "Cancel", act: closeDialog },
    ],
  });
  openDialog(form);

  async function check() {
    const chosen = file.files[0];
    if (chosen.size > MAX_BYTES) {
      throw new Error(`The file has more than ${MAX_BYTES / 2 ** 20} MiB. Compress it with gzip, or use the command page-tracker import.`);
    }
    const parameters = { mode: mode.value, count_visits: visits.checked && "true" };
    for (const [name, field] of Object.entries(options)) parameters[name] = field.value.trim();
    let answer;
    try {
      answer = await send("api/import", { ...parameters, dry_run: "true" }, HEADERS, chosen);
    } catch (error) {
      // Errors of the file come with what is in it, if it could be read.
      if (!error.answer?.files) throw error;
      return showStep(makeRefusal(error));
    }
    const isEmpty = !answer.sites.length;
    const importIt = async () => showStep(makeResult(await send("api/import", parameters, HEADERS, chosen)));
    return showStep(makeStep({
      title: isEmpty ? "There is nothing to import" : "Import these views?",
      content: describe(answer, chosen.name),
      buttons: [
        ...(isEmpty ? [] : [{ label: "Import", look: "primary", act: importIt }]),
        { label: "Back", act: () => showStep(form) },
      ],
    }));
  }

  const makeRefusal = (error) =>
    makeStep({
      title: "The file cannot be imported like this",
      content: [
        ...describe(error.answer, file.files[0].name),
        !mode.value && makeHint("Go back to choose what happens to counts that are there already."),
      ],
      problem: error.message,
      buttons: [{ label: "Back", look: "primary", act: () => showStep(form) }, { label: "Cancel", act: closeDialog }],
    });

  function makeResult(answer) {
    tellOfChanges();
    return makeStep({
      title: answer.added ? "Imported" : "Nothing was imported",
      content: answer.added
        ? describe(answer, file.files[0].name)
        : [makeHint("These counts have been imported before.")],
      buttons: [{ label: "Close", look: "primary", act: closeDialog }],
    });
  }
}

/** Return what is in the files, what is left out, and what each site gets. */
function describe({ files, skipped, sites }, name) {
  return [
    ...files.flatMap((file) => describeFile(file, files.length === 1 ? name : file.file)),
    makeList("Skipped", Object.entries(skipped).map(([skippedName, reason]) => `${skippedName} ${reason}`)),
    sites.length > 0 && element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "What each site gets" },
      makeTable(["Site", "Views", "Pages", "Days"], sites.slice(0, MANY).map(({ site, views, pages, days }) =>
        [element("bdi", { textContent: siteName({ site: site || OWN_SITE }) }), number(views), number(pages), number(days)]))),
    sites.length > MANY && makeHint(`And ${plural(sites.length - MANY, "further site", "further sites")}.`),
    sites.some(({ days }) => days > 0) && makeHint(`Days are kept for ${DAYS_KEPT} days. The views of earlier ones count in the totals.`),
  ];
}

function describeFile({ format, first_day: first, last_day: last, views, notes, left_out: leftOut }, name) {
  const facts = [["File", element("bdi", { className: "path", textContent: name })], ["Format", format], ["Views", number(views)]];
  if (first) facts.push(["Days", dayRange(first, last)]);
  return [
    makeFacts(facts),
    makeList("Notes", notes),
    makeList("Left out", Object.entries(leftOut).map(([reason, times]) => `${reason} (${number(times)})`)),
  ];
}

const makeList = (title, items) =>
  items.length > 0 && element("div", {}, element("h3", { textContent: title }),
    element("ul", {}, ...items.map((textContent) => element("li", { textContent }))));
