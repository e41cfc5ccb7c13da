// What went wrong, in words, for as long as it does; and what was done.

import { byId, element, setText } from "./dom.js";

const wrong = new Map();

/** Do something, and say that this (a text) failed, until it succeeds. */
export async function attempt(what, action) {
  try {
    await action();
  } catch (error) {
    // Something newer took its place.
    if (error.name === "AbortError") return;
    note(what, error.message);
    return;
  }
  note(what, null);
}

/** Show what is wrong with this (a text); null: nothing any more. */
export function note(what, reason) {
  if ((wrong.get(what) ?? null) === reason) return;
  if (reason) wrong.set(what, reason);
  else wrong.delete(what);
  byId("notices").replaceChildren(
    ...[...wrong].map(([of, why]) => element("p", {}, element("strong", {}, `${of}: `), why)),
  );
}

/** Tell those who do not see it. */
export function say(text) {
  setText(byId("said"), "");
  setTimeout(() => setText(byId("said"), text), 50);
}
