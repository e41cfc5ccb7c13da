// The menu of spans, and the fields for any two days.

import { byId, element } from "./dom.js";
import { navigate } from "./route.js";
import { DAYS_KEPT, NAMED_SPANS, nameOf } from "./span.js";
import { dayAfter } from "./format.js";

const OTHER = "other";
const menu = byId("span");
const [first, last] = [byId("first-day"), byId("last-day")];
let view = {};

export function prepareSpans() {
  const names = [...NAMED_SPANS, [OTHER, "Other days"]];
  menu.append(...names.map(([value, textContent]) => element("option", { value, textContent })));
  menu.addEventListener("change", () => {
    if (menu.value === OTHER) first.focus();
    else navigate({ ...view.route, span: menu.value });
  });
  for (const field of [first, last]) {
    field.addEventListener("change", pick);
    // A day without numbers gives way to the day that is shown.
    field.addEventListener("blur", () => showSpan(view));
  }
}

/** Show the span of a view in the menu and the fields. */
export function showSpan(newView) {
  view = newView;
  const { span, today } = view;
  menu.value = NAMED_SPANS.has(span.name) ? span.name : OTHER;
  for (const field of [first, last]) {
    set(field, "min", dayAfter(today, 1 - DAYS_KEPT));
    set(field, "max", today);
  }
  if (first !== document.activeElement) set(first, "value", span.from ?? "");
  if (last !== document.activeElement) set(last, "value", span.from === null ? "" : span.to);
}

function pick({ target }) {
  // Between two keys, a date that is typed is incomplete, or in a year such as 0002.
  if (!target.value || !target.validity.valid) return;
  const [from, to] = [first.value || target.value, last.value || target.value];
  // The day that was picked counts if it is beyond the other one.
  if (from > to) navigate({ ...view.route, span: target.value });
  else navigate({ ...view.route, span: nameOf(from, to) });
}

// What stays the same is not set again: that would interrupt typing.
function set(field, name, value) {
  if (field[name] !== value) field[name] = value;
}
