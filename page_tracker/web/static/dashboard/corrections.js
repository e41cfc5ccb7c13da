// Corrections of a site or a page: a form, what it will do, and what it has done.

import { TRACKER } from "./api.js";
import { FORMS } from "./forms.js";
import { closeDialog, makeFacts, makeHint, makeStep, makeTable, openDialog, showStep } from "./dialog.js";
import { byId, element } from "./dom.js";
import { navigate } from "./route.js";
import { makeKey, sendChange, tellOfChanges } from "./send.js";
import { makeName, makeSubject, subjectOf, viewsOf } from "./subject.js";
import { mediumDay, number } from "./format.js";

const NO_WAY_BACK = "This cannot be undone, except from an export or a backup that was made before.";
const CAN_BE_UNDONE = "You can undo this.";
const LINKS_END = "Links that show this site to others end for good.";

// For each change: its question, its buttons and titles, what it does, and whether it is final.
const CHANGES = {
  set: {
    question: "Set this number?", action: "Set the number", done: "The number is set",
    effect: () => "The views of the site change as much. Those of single days stay as they are.",
  },
  subtract: {
    question: "Take these views out?", action: "Take them out", done: "The views are taken out",
    effect: ({ day }) =>
      `They leave the page and the site${day ? ", in total and on this day" : " in total, but no day"}. Visitors and referrers stay as they are.`,
  },
  rename: {
    question: "Rename it?", action: "Rename", done: "Renamed",
    effect: () => "All counts move to the new name. Further views of the old name count under the old name again.",
  },
  merge: {
    question: "Merge both?", action: "Merge", done: "Merged", isFinal: true,
    effect: () => "All counts move to the other name, and the views of each day are added.",
  },
  delete: {
    question: "Delete it?", action: "Delete", done: "Deleted", isFinal: true,
    effect: () => "All its counts are deleted. Further views count from 1 again.",
  },
};

const NONE = { text: "", key: "" };
// The change whose answer has not come. It keeps its key, even if the dialog was closed.
let attempt = NONE;

/** Open the dialog for a change of the site or page of a view. */
export async function open(view, totals, kind) {
  const { site, page } = view.route;
  const subject = makeSubject(site, page, totals.name);
  const { views, days } = await viewsOf(subject, ...view.span.shown);
  const now = { views: views ?? 0, days, today: view.today, chosen: view.span.from === view.span.to ? view.span.from : null };
  // Where to go when the dialog is closed, if the change has moved or deleted what is shown.
  let target = null;

  if (FORMS[kind]) openDialog(makeForm(), goOn);
  else openDialog(await makeQuestion({}, null), goOn);

  function makeForm() {
    const form = FORMS[kind](subject, now);
    const step = makeStep({
      title: form.title,
      content: [makeFacts([named()]), ...form.content],
      buttons: [
        { label: "Continue", look: "primary", act: async () => showStep(await makeQuestion(form.values(), step)) },
        { label: "Cancel", act: closeDialog },
      ],
    });
    return step;
  }

  async function makeQuestion(values, form) {
    const { question, action, effect, done, isFinal } = CHANGES[kind];
    const change = { change: kind, [subject.kind]: subject.key, ...values };
    const other = values.to ?? values.into;
    const there = other === undefined ? null : await viewsOf(subjectOf(other));
    const text = JSON.stringify(change);
    // The same change is the same attempt, also after a look at the form.
    if (text !== attempt.text) attempt = { text, key: makeKey() };
    const { key } = attempt;
    return makeStep({
      title: question,
      content: [
        makeFacts(factsOf(change, there)),
        makeHint(effect(change)),
        makeHint(isFinal ? NO_WAY_BACK : CAN_BE_UNDONE),
        subject.kind === "site" && makeHint(LINKS_END),
        isFinal && element("p", { className: "actions" }, ...exportsOf(other, there)),
      ],
      buttons: [
        { label: action, look: isFinal ? "danger" : "primary", act: () => make(change, key, done) },
        form ? { label: "Back", act: () => showStep(form) } : { label: "Cancel", act: closeDialog },
      ],
    });
  }

  function named() {
    return [subject.kind === "page" ? "Page" : "Site", makeName(subject)];
  }

  function factsOf(change, there) {
    const facts = [named()];
    const other = change.to ?? change.into;
    if (other !== undefined) facts.push([change.to === undefined ? "Into" : "New name", makeName(subjectOf(other, totals))]);
    const onDay = now.days.find(({ day }) => day === change.day);
    if (change.day) facts.push(["Day", mediumDay(change.day)]);
    if (kind === "subtract") facts.push(["Views to take out", number(change.views)]);
    facts.push(["Views now", number(now.views)]);
    if (kind === "set") facts.push(["Views then", number(change.views)]);
    if (kind === "subtract") facts.push(["Views then", number(now.views - change.views)]);
    if (change.day && onDay) facts.push(["On this day", `${number(onDay.views)}, then ${number(onDay.views - change.views)}`]);
    if (kind === "merge") facts.push(["Views there now", number(there.views ?? 0)]);
    return facts;
  }

  /** Return links to exports of all that the change makes disappear. */
  function exportsOf(other, there) {
    const sites = new Set([site]);
    if (there?.views) sites.add(subjectOf(other).site);
    return [...sites].map((each) => {
      const { name } = subjectOf(each, totals);
      const href = `${TRACKER}api/export?${new URLSearchParams({ format: "json", site: each })}`;
      return element("a", { className: "button", href, download: "" }, "Export ", element("bdi", { textContent: name }), " first");
    });
  }

  async function make(change, key, title) {
    const made = await sendChange(change, key);
    attempt = NONE;
    showResult(made, title, true);
  }

  function showResult(made, title, canUndo) {
    target = targetOf(made.change, view.route);
    tellOfChanges();
    const key = makeKey();
    const isSame = made.change.change === "set" && !made.undo;
    showStep(makeStep({
      title: isSame ? "The number was the same before" : title,
      content: [
        makeFacts([named()]),
        makeTable(["Views", "Before", "After"], Object.keys(made.after).map((name) =>
          [labelOf(name, made.change), number(made.before[name] ?? 0), number(made.after[name])])),
        canUndo && !isSame && !made.undo && makeHint(`To undo it: ${made.how_to_undo}.`),
      ],
      buttons: [
        { label: "Close", look: "primary", act: closeDialog },
        ...(canUndo && made.undo
          ? [{ label: "Undo", act: async () => showResult(await sendChange(made.undo, key), "The change is undone", false) }]
          : []),
      ],
    }));
  }

  function goOn() {
    if (target === null) return;
    navigate({ ...view.route, ...target });
    // The button that opened the dialog may have gone.
    byId("main").focus({ preventScroll: true });
  }

  function labelOf(name, { to, day }) {
    const names = {
      views: subject.kind,
      views_of_site: "site",
      views_on_day: `page on ${day && mediumDay(day)}`,
      views_of_site_on_day: `site on ${day && mediumDay(day)}`,
      views_of_target: to === undefined ? "other name" : "new name",
    };
    return `Of the ${names[name]}`;
  }
}

/** Return what to show after a change; null if that is what is shown already. */
function targetOf(change, route) {
  const other = change.to ?? change.into;
  if (other !== undefined) {
    const { site, path } = subjectOf(other);
    return site === route.site && path === route.page ? null : { site, page: path };
  }
  if (change.change !== "delete") return null;
  return change.page === undefined ? { site: null } : { page: null };
}
