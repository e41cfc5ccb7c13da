// A bar chart of daily views and visitors. Each visitor bar is drawn in front of the view bar.

import { monthOf, shortDay, shortNumber } from "./format.js";

const MARGIN = { top: 8, right: 2, bottom: 24, left: 42 };
const LABEL_PX = 64;
const GRID_LINES = 5;
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7 };

/**
 * Make a chart in this SVG element. It calls `onPoint(index)` with the index of the day under
 * the pointer, or null, and `onPick(index)` with the index of a day that is clicked.
 */
export function makeChart(svg, onPoint, onPick) {
  const parts = {};
  const tags = { grid: "g", picked: "rect", pointed: "rect", views: "path", visitors: "path" };
  for (const [name, tag] of Object.entries(tags)) {
    parts[name] = createSvg(tag, { class: name });
    svg.append(parts[name]);
  }
  let days = [];
  let picked = -1;
  let pointed = null;

  const slot = () => (svg.clientWidth - MARGIN.left - MARGIN.right) / days.length;

  function draw() {
    const { clientWidth: width, clientHeight: height } = svg;
    if (!width || !days.length) return;
    const baseline = height - MARGIN.bottom;
    const most = Math.max(GRID_LINES, ...days.map(({ views }) => views));
    const step = niceStep(most / GRID_LINES);
    const top = step * Math.ceil(most / step);
    const y = (value) => baseline - (value / top) * (baseline - MARGIN.top);
    parts.grid.replaceChildren(
      ...gridValues(step, top).flatMap((value) => gridLine(value, y(value), width)),
      ...dayLabels(days, slot()).map(([index, text]) => dayLabel(text, index, height, width)),
    );
    for (const name of ["views", "visitors"]) parts[name].setAttribute("d", bars(name, y, baseline));
    mark();
  }

  function dayLabel(text, index, height, width) {
    const x = MARGIN.left + (index + 0.5) * slot();
    const position = x > width - LABEL_PX / 2 ? { x: width, "text-anchor": "end" } : { x, "text-anchor": "middle" };
    return createSvg("text", { ...position, y: height - 6 }, text);
  }

  function bars(name, y, baseline) {
    const gap = slot() > 5 ? slot() * 0.26 : slot() > 3 ? 0.8 : 0;
    const barWidth = slot() - gap;
    return days
      .map((day, index) => {
        if (!day[name]) return "";
        const left = MARGIN.left + index * slot() + gap / 2;
        // Small values stay visible.
        const barHeight = Math.max(baseline - y(day[name]), 1.5);
        return bar(left, baseline, barWidth, barHeight, Math.min(barWidth / 4, 3, barHeight));
      })
      .join("");
  }

  function mark() {
    highlight(parts.picked, picked);
    highlight(parts.pointed, pointed ?? -1);
  }

  function highlight(part, index) {
    part.setAttribute("visibility", index < 0 ? "hidden" : "visible");
    part.setAttribute("x", MARGIN.left + Math.max(index, 0) * slot());
    part.setAttribute("width", Math.max(slot(), 2));
    part.setAttribute("y", MARGIN.top);
    part.setAttribute("height", Math.max(svg.clientHeight - MARGIN.bottom - MARGIN.top, 0));
  }

  function pointAt(index) {
    pointed = index;
    mark();
    onPoint(index);
  }

  function indexAt(event) {
    const x = event.clientX - svg.getBoundingClientRect().left - MARGIN.left;
    return Math.min(Math.max(Math.floor(x / slot()), 0), days.length - 1);
  }

  svg.addEventListener("pointermove", (event) => pointAt(indexAt(event)));
  svg.addEventListener("pointerleave", () => pointAt(null));
  svg.addEventListener("click", (event) => onPick(indexAt(event)));
  svg.addEventListener("blur", () => pointAt(null));
  svg.addEventListener("keydown", (event) => {
    const last = days.length - 1;
    const at = pointed ?? (picked < 0 ? last : picked);
    if (event.key === "Enter" || event.key === " ") onPick(at);
    else if (event.key === "Home") pointAt(0);
    else if (event.key === "End") pointAt(last);
    else if (event.key === "Escape") pointAt(null);
    else if (event.key in STEPS) pointAt(Math.min(Math.max(at + STEPS[event.key], 0), last));
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(svg);

  /** Show these days, oldest first, and mark the day at this index (-1: none). */
  return (shown, pickedIndex) => {
    if (shown.length !== days.length) pointed = null;
    days = shown;
    picked = pickedIndex;
    draw();
  };
}

function createSvg(name, attributes = {}, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  node.textContent = text;
  return node;
}

/** Return the path commands of a bar with rounded upper corners. */
function bar(left, baseline, width, height, radius) {
  const [from, to, top, side] = [left, left + width, baseline - height, baseline - height + radius].map((px) => px.toFixed(2));
  const [bend, end] = [left + radius, left + width - radius].map((px) => px.toFixed(2));
  return `M${from} ${baseline}V${side}Q${from} ${top} ${bend} ${top}H${end}Q${to} ${top} ${to} ${side}V${baseline}Z`;
}

/** Return the smallest of 1, 2, 5, 10, 20, 25, 50, 100… that is at least `minimum`. */
function niceStep(minimum) {
  const power = 10 ** Math.floor(Math.log10(minimum));
  const factors = power === 1 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  return power * factors.find((factor) => factor * power >= minimum);
}

function gridValues(step, top) {
  return Array.from({ length: Math.round(top / step) + 1 }, (_, count) => count * step);
}

function gridLine(value, y, width) {
  return [
    createSvg("line", { x1: MARGIN.left, x2: width, y1: y, y2: y }),
    createSvg("text", { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, shortNumber(value)),
  ];
}

/** Return the indexes and texts of the day labels: as many as fit, or first days of months. */
function dayLabels(days, slot) {
  const last = days.length - 1;
  const every = days.length > 45 ? 14 : 7;
  const named = days.map(({ day }, index) => [index, day]).filter(([index, day]) =>
    days.length > 100 ? day.endsWith("-01") : (last - index) % every === 0,
  );
  const thin = Math.ceil(LABEL_PX / ((named[1]?.[0] - named[0]?.[0] || 1) * slot));
  return named
    .filter((_, count) => (named.length - 1 - count) % thin === 0)
    .map(([index, day]) => [index, days.length > 100 ? monthOf(day) : shortDay(day)]);
}
