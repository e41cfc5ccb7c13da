// What went wrong, in words, for as long as it does; and what was done.

import { byId, element, setText } from "./dom.js";

const wrong = new Map();
const failed = new Map();

/** Do something, and say that this (a text) failed, until it succeeds. */
export async function attempt(what, action) {
  try {
    await action();
    failed.delete(what);
    note(what, null);
  } catch (error) {
    // Something newer took its place.
    if (error.name === "AbortError") return;
    failed.set(what, action);
    note(what, error.message);
  }
}

/** Do again what failed, now that the tracker has been heard of. */
export function attemptAgain() {
  for (const [what, action] of failed) attempt(what, action);
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
