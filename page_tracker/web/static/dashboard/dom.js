// Helpers that create and update elements. They insert text as text, never as HTML.

export const byId = (id) => document.getElementById(id);

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

export function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

// Unchanged text is not written again: that would clear a selection and make screen readers
// repeat the text.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Show a number, and animate it if it has changed. */
export function setNumber(node, text) {
  if (node.textContent === text) return;
  const wasShown = node.dataset.shown === "true";
  node.textContent = text;
  node.dataset.shown = "true";
  if (wasShown && !reducedMotion.matches) node.animate({ opacity: [0.35, 1] }, 400);
}

/** Show the next numbers without an animation, because they belong to another site. */
export function forgetNumbers(...nodes) {
  for (const node of nodes) delete node.dataset.shown;
}

/**
 * Make the children of `parent` match the items and their order. Nodes of known items are
 * reused, so that focus, selection and scroll position are kept.
 */
export function syncChildren(parent, items, keyOf, make, update) {
  const wanted = new Set(items.map(keyOf));
  const known = new Map();
  for (const child of [...parent.children]) {
    if (wanted.has(child.dataset.key)) known.set(child.dataset.key, child);
    else child.remove();
  }
  const focused = document.activeElement;
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const child = known.get(key) ?? make(item);
    child.dataset.key = key;
    update(child, item);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  // Moving a node removes its focus.
  if (focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
}
