// Requests of the owner that change something.

import { TRACKER } from "./api.js";

/**
 * Send a request, and return its JSON answer. Throws an Error whose message describes the
 * problem, and whose `answer` is what the tracker has answered, if it has.
 */
export async function send(path, parameters, headers, body) {
  const url = new URL(path, TRACKER);
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value);
  }
  let response;
  try {
    response = await fetch(url, { method: "POST", headers, body, cache: "no-store" });
  } catch {
    throw new Error("The tracker cannot be reached. Try again: nothing is done twice.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const reason = answer.error ?? `the tracker responded with ${response.status} ${response.statusText}`;
  throw Object.assign(new Error(sentence(reason)), { answer });
}

/** Send a change. With the key of an earlier attempt, it is not made twice. */
export const sendChange = (change, key) =>
  send("api/changes", {}, { "Content-Type": "application/json", "Idempotency-Key": key }, JSON.stringify(change));

/** Return a new key. Over plain HTTP, browsers have no randomUUID(). */
export const makeKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Tell the page that any number may differ now. */
export const tellOfChanges = () => dispatchEvent(new Event("corrected"));

// A name at the beginning stays as it is.
const sentence = (text) => `${text.replace(/^[a-z]+(?=[ ,:])/, (word) => word[0].toUpperCase() + word.slice(1))}${text.endsWith(".") ? "" : "."}`;
