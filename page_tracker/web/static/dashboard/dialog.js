// The dialog of the owner, which shows one step after another.

import { element, setText } from "./dom.js";

const WAIT_MS = 500;

const dialog = element("dialog");
dialog.setAttribute("aria-labelledby", "dialog-title");
document.body.append(dialog);
let isBusy = false;
let afterwards = () => {};

// What has been sent is not taken back by closing: the answer says what became of it.
dialog.addEventListener("cancel", (event) => {
  if (isBusy) event.preventDefault();
});
dialog.addEventListener("close", () => {
  // It may be open again already.
  if (!dialog.open) dialog.replaceChildren();
  afterwards();
});

/** Open the dialog with a step. `onClose()` is called when it has been closed. */
export function openDialog(step, onClose = () => {}) {
  // What was asked for earlier, and took longer, must not appear under the owner's hands.
  if (dialog.open) return;
  afterwards = onClose;
  dialog.replaceChildren(step);
  dialog.showModal();
  begin(step);
}

/** Show another step. A step that is shown again is as it was left. */
export function showStep(step) {
  dialog.replaceChildren(step);
  dialog.scrollTop = 0;
  begin(step);
}

export const closeDialog = () => dialog.close();

/** Begin with the first field of a step, or read it out from its title. */
function begin(step) {
  const field = step.querySelector("input, select");
  (field ?? step.firstElementChild).focus();
  // What is typed replaces what is proposed.
  field?.select?.();
}

/**
 * Make a step: a `title`, its `content`, and `buttons`, each with a `label`, `act()` and a
 * `look`. Enter presses the first one. What `act()` throws is shown above the buttons, as is a
 * `problem` from before.
 */
export function makeStep({ title, content, buttons, problem = "" }) {
  const heading = element("h2", { id: "dialog-title", tabIndex: -1, textContent: title });
  const failure = element("p", { className: "problem", role: "alert", textContent: problem });
  const wait = element("p", { className: "hint wait", role: "status" });
  const form = element("form", {}, heading, ...content.filter(Boolean), failure, wait,
    element("p", { className: "actions" }, ...buttons.map(({ label, act, look = "" }, index) => {
      const button = element("button", { type: index ? "button" : "submit", className: look, textContent: label });
      if (index) button.addEventListener("click", () => run(act));
      return button;
    })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(buttons[0].act);
  });

  async function run(act) {
    if (isBusy) return;
    setText(failure, "");
    const answer = act();
    if (!(answer instanceof Promise)) return;
    isBusy = true;
    form.setAttribute("aria-busy", "true");
    // Most answers come before a reader could read this.
    const late = setTimeout(() => setText(wait, "Please wait."), WAIT_MS);
    try {
      await answer;
    } catch (error) {
      setText(failure, error.message);
      failure.scrollIntoView({ block: "nearest" });
    } finally {
      isBusy = false;
      clearTimeout(late);
      form.removeAttribute("aria-busy");
      setText(wait, "");
    }
  }

  return form;
}

/** Make a field with its label. */
export function makeField(label, field, className = "") {
  return element("label", { className }, `${label} `, field);
}

/** Make a menu of options, each with a value and a text. */
export const makeMenu = (options) =>
  element("select", {}, ...options.map(([value, textContent]) => element("option", { value, textContent })));

/** Make a list of names and values. A value is a text or a node. */
export const makeFacts = (facts) =>
  element("dl", { className: "facts" },
    ...facts.flatMap(([name, value]) => [element("dt", { textContent: name }), element("dd", {}, value)]));

export const makeHint = (...children) => element("p", { className: "hint" }, ...children);

/** Make a table with a heading of its own for each row. */
export function makeTable(columns, rows) {
  return element("table", {},
    element("thead", {}, element("tr", {}, ...columns.map((textContent) => element("th", { scope: "col", textContent })))),
    element("tbody", {}, ...rows.map(([name, ...cells]) =>
      element("tr", {}, element("th", { scope: "row" }, name), ...cells.map((textContent) => element("td", { textContent }))))));
}
