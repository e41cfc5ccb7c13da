// Notices about current problems, and announcements for screen readers.

import { byId, element, setText } from "./dom.js";

const notices = new Map();
const failed = new Map();

/** Run an action. If it fails, show a notice with this title until the action succeeds. */
export async function attempt(title, action) {
  // This attempt replaces an earlier one, which must not be repeated.
  failed.delete(title);
  try {
    await action();
    setNotice(title, null);
  } catch (error) {
    // A newer request has replaced this one.
    if (error.name === "AbortError") return;
    failed.set(title, action);
    setNotice(title, error.message);
  }
}

/** Try all failed actions again. */
export function retryFailed() {
  for (const [title, action] of failed) attempt(title, action);
}

/** Show a notice with this title, or remove the notice if the reason is null. */
export function setNotice(title, reason) {
  if ((notices.get(title) ?? null) === reason) return;
  if (reason) notices.set(title, reason);
  else notices.delete(title);
  byId("notices").replaceChildren(
    ...[...notices].map(([name, text]) => element("p", {}, element("strong", {}, `${name}: `), text)),
  );
}

/** Announce a text to screen readers. */
export function announce(text) {
  setText(byId("announcement"), "");
  setTimeout(() => setText(byId("announcement"), text), 50);
}
