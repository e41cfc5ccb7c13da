// Elements: made, and kept in step with what they show. Text goes in as text, never as HTML.

export const byId = (id) => document.getElementById(id);

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// What is as it was stays untouched: a selection in it, and what a screen reader has read.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Show a number, and let it be seen that it has moved. */
export function setNumber(node, text) {
  if (node.textContent === text) return;
  const moved = node.dataset.shown === "true";
  node.textContent = text;
  node.dataset.shown = "true";
  if (moved && !calm.matches) node.animate({ opacity: [0.35, 1] }, 400);
}

/** Tell numbers that come next that they are of something else, and have not moved. */
export function forgetNumbers(...nodes) {
  for (const node of nodes) delete node.dataset.shown;
}

/**
 * Have one child for each item, in this order. Those that stay are the same nodes, so that
 * focus, selection and place on the screen stay, too.
 */
export function keepInStep(parent, items, keyOf, make, update) {
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
  // A node that is moved loses the focus.
  if (focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
}
