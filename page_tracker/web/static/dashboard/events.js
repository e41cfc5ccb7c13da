// Server-sent events, read with fetch: an EventSource cannot send the key of a link.

import { TRACKER } from "./api.js";
import { SITE, credentials } from "./access.js";

/** The tracker does not send events to this reader. */
export class NoEventsError extends Error {}

/**
 * Call `onOpen()`, and then `onEvent(name, data)` with each event, until the connection ends.
 * Throws NoEventsError if the tracker refuses, or another error if the connection is lost.
 */
export async function readEvents(signal, onOpen, onEvent) {
  const url = new URL("api/events", TRACKER);
  if (SITE) url.searchParams.set("site", SITE);
  const response = await fetch(url, { signal, cache: "no-store", ...credentials() });
  const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
  if (!response.ok || !isStream) throw new NoEventsError();
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    // The last part is the beginning of the next event.
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) dispatch(event, onEvent);
  }
}

function dispatch(event, onEvent) {
  const fields = new Map(event.split("\n").map((line) => line.split(/: (.*)/, 2)));
  if (fields.has("event")) onEvent(fields.get("event"), JSON.parse(fields.get("data")));
}
