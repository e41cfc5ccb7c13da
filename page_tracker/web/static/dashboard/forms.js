// The forms of corrections. Each has a title, its content, and `values()`: its part of the change.

import { makeField, makeHint } from "./dialog.js";
import { element, setText } from "./dom.js";
import { DAYS_KEPT } from "./span.js";
import { viewsOf } from "./subject.js";
import { dayAfter, mediumDay, plural, readablePath } from "./format.js";

const MAX_VIEWS = Number.MAX_SAFE_INTEGER;

export const FORMS = { set: setForm, subtract: floodForm, rename: renameForm, merge: mergeForm };

const numberField = (min, value) =>
  element("input", { type: "number", min, max: MAX_VIEWS, step: 1, required: true, inputMode: "numeric", autocomplete: "off", value });

function setForm(_subject, { views }) {
  const field = numberField(0, views);
  return {
    title: "Set the number of views",
    content: [
      element("div", { className: "fields" }, makeField("Views of all time", field)),
      makeHint(`It has ${plural(views, "view", "views")} now.`),
    ],
    values: () => ({ views: field.valueAsNumber }),
  };
}

/** The form to take out views: all of the chosen day at first, or of the best day in the span. */
function floodForm(subject, { days, today, chosen }) {
  const best = days.reduce((most, had) => (had.views > (most?.views ?? 0) ? had : most), null);
  const day = element("input", { type: "date", min: dayAfter(today, 1 - DAYS_KEPT), max: today, value: chosen ?? best?.day ?? today });
  const views = numberField(1, "");
  const hint = makeHint();
  hint.setAttribute("role", "status");
  let isTyped = false;
  views.addEventListener("input", () => {
    isTyped = true;
  });
  day.addEventListener("change", showDay);
  showDay();

  async function showDay() {
    const asked = day.value;
    // Until its own number is known, that of another day must not be taken out of it.
    if (!isTyped) views.value = "";
    setText(hint, "");
    const had = days.find((each) => each.day === asked) ?? (asked && (await findDay(asked)));
    if (day.value !== asked) return;
    if (!isTyped) views.value = had?.views || "";
    if (!day.value) setText(hint, "Without a day, the views leave the totals only.");
    else if (had) setText(hint, `It had ${plural(had.views, "view", "views")} on ${mediumDay(day.value)}.`);
  }

  /** Return the views on a day that is not shown; null if they cannot be read. */
  async function findDay(asked) {
    const found = await viewsOf(subject, asked, asked).catch(() => ({ days: [] }));
    days.push(...found.days);
    return found.days[0] ?? null;
  }

  return {
    title: "Take out views",
    content: [
      makeHint("For example, those of a robot that nobody recognized."),
      element("div", { className: "fields" }, makeField("Day", day), makeField("Views to take out", views)),
      hint,
    ],
    values: () => ({ views: views.valueAsNumber, ...(day.value && { day: day.value }) }),
  };
}

function renameForm(subject) {
  // A path with an escaped percent sign means another page without its escapes.
  const isClear = subject.path?.includes("%25") === false;
  const now = isClear ? readablePath(subject.path) : (subject.path ?? subject.site);
  return nameForm(subject, { title: "Rename", label: "New name", key: "to", value: now });
}

function mergeForm(subject) {
  return nameForm(subject, { title: `Merge into another ${subject.kind}`, label: "Merge into", key: "into", value: "" });
}

function nameForm({ site, path }, { title, label, key, value }) {
  const isPage = path !== null;
  const field = element("input", { required: true, maxLength: 2048, autocomplete: "off", spellcheck: false, dir: "auto", value });
  if (isPage) Object.assign(field, { pattern: "\\s*/.*", title: "A path, which begins with /" });
  return {
    title,
    content: [
      element("div", { className: "fields" }, makeField(label, field, "wide")),
      makeHint(isPage ? "The path of a page of this site, such as /blog/post." : "The name of a site, such as example.com."),
    ],
    values: () => ({ [key]: isPage ? `${site}${field.value.trim()}` : field.value.trim().toLowerCase() }),
  };
}
