// A bar chart of views and visitors. A visitor bar stands within its view bar, and is narrower.

import { labelsOf, makeBars, makeScale } from "./bars.js";
import { element } from "./dom.js";
import { number, shortNumber } from "./format.js";

const MARGIN = { top: 20, right: 2, bottom: 24, left: 46 };
const LABEL_PX = 64;
const GRID_LINES = 5;
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7 };
const WIDTHS = { views: 1, visitors: 0.5 };
const CUT_PX = 14;
const DIGIT_PX = 8;

/**
 * Make a chart in an SVG element. `describe(bar)` returns the title and the lines of a bar, to
 * be shown at the pointer and read aloud. `onPick(bar)` is called for a bar that is clicked.
 */
export function makeChart(svg, tip, describe, onPick) {
  const parts = {};
  const tags = { grid: "g", picked: "rect", pointed: "rect", views: "path", visitors: "path", cuts: "path", peaks: "g" };
  for (const [name, tag] of Object.entries(tags)) {
    parts[name] = createSvg(tag, { class: name });
    svg.append(parts[name]);
  }
  let days = [];
  let options = {};
  let bars = [];
  let pointed = null;

  const room = () => svg.clientWidth - MARGIN.left - MARGIN.right;
  const slot = () => room() / bars.length;
  const middle = (index) => MARGIN.left + (index + 0.5) * slot();

  function draw() {
    const { clientWidth: width, clientHeight: height } = svg;
    if (!width || !days.length) return;
    const day = bars[pointed]?.from;
    bars = makeBars(days, room());
    pointed = indexToPoint(day);
    const baseline = height - MARGIN.bottom;
    const { top, step } = makeScale(bars.map(({ views }) => views), GRID_LINES, options.cut);
    const y = (value) => baseline - (Math.min(value, top) / top) * (baseline - MARGIN.top);
    parts.grid.replaceChildren(
      ...gridValues(step, top).flatMap((value) => gridLine(value, y(value), width)),
      ...labelsOf(bars, slot(), LABEL_PX).map(([index, text]) => barLabel(text, index, height, width)),
    );
    for (const name of Object.keys(WIDTHS)) parts[name].setAttribute("d", shapes(name, y, baseline));
    const peaks = bars.flatMap(({ views }, index) => (views > top ? [[index, views]] : []));
    parts.cuts.setAttribute("d", peaks.map(([index]) => cutMark(middle(index), slot())).join(""));
    parts.peaks.replaceChildren(...apart(peaks).map(([index, views]) => peakLabel(views, index, width)));
    options.onScale?.(peaks.length > 0);
    mark();
  }

  /** Return the bar to point at after a change: the one below the pointer, or that of a day. */
  function indexToPoint(day) {
    if (svg.matches(":hover") && pointed < bars.length) return pointed;
    const index = bars.findIndex(({ from, to }) => from <= day && day <= to);
    return index < 0 ? null : index;
  }

  function barLabel(text, index, height, width) {
    return createSvg("text", { ...position(index, width), y: height - 6 }, text);
  }

  /** Return the peaks whose numbers fit beside those of higher peaks. */
  function apart(peaks) {
    const labelled = [];
    for (const peak of [...peaks].sort((a, b) => b[1] - a[1])) {
      const pixels = DIGIT_PX * (number(peak[1]).length + 1);
      if (labelled.every(([index]) => Math.abs(index - peak[0]) * slot() >= pixels)) labelled.push(peak);
    }
    return labelled;
  }

  function peakLabel(views, index, width) {
    return createSvg("text", { ...position(index, width), y: MARGIN.top - 6 }, number(views));
  }

  function position(index, width) {
    const x = middle(index);
    return x > width - LABEL_PX / 2 ? { x: width, "text-anchor": "end" } : { x, "text-anchor": "middle" };
  }

  function shapes(name, y, baseline) {
    const gap = slot() > 5 ? slot() * 0.26 : slot() > 3 ? 0.8 : 0;
    const barWidth = (slot() - gap) * WIDTHS[name];
    return bars
      .map((bar, index) => {
        if (!bar[name]) return "";
        const left = middle(index) - barWidth / 2;
        // Small values stay visible.
        const barHeight = Math.max(baseline - y(bar[name]), 1.5);
        return shape(left, baseline, barWidth, barHeight, Math.min(barWidth / 4, 3, barHeight));
      })
      .join("");
  }

  function mark() {
    highlight(parts.picked, bars.findIndex(({ from, to }) => from === to && from === options.picked));
    highlight(parts.pointed, pointed ?? -1);
    const last = bars.length - 1;
    const read = pointed ?? last;
    svg.setAttribute("aria-valuemax", bars.length);
    svg.setAttribute("aria-valuenow", read + 1);
    const { title, lines } = describe(bars[read]);
    svg.setAttribute("aria-valuetext", `${title}: ${lines.join(", ")}`);
    tip.hidden = pointed === null;
    if (pointed === null) return;
    tip.replaceChildren(element("b", { textContent: title }), ...lines.map((text) => element("span", { textContent: text })));
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(middle(pointed), half), svg.clientWidth - half)}px`;
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
    if (bars.length) mark();
  }

  function indexAt(event) {
    const x = event.clientX - svg.getBoundingClientRect().left - MARGIN.left;
    return Math.min(Math.max(Math.floor(x / slot()), 0), bars.length - 1);
  }

  svg.addEventListener("pointermove", (event) => pointAt(indexAt(event)));
  svg.addEventListener("pointerleave", () => pointAt(null));
  svg.addEventListener("click", (event) => onPick(bars[indexAt(event)]));
  svg.addEventListener("blur", () => pointAt(null));
  svg.addEventListener("keydown", (event) => {
    const last = bars.length - 1;
    const at = pointed ?? last;
    if (event.key === "Enter" || event.key === " ") onPick(bars[at]);
    else if (event.key === "Home") pointAt(0);
    else if (event.key === "End") pointAt(last);
    else if (event.key === "Escape") pointAt(null);
    else if (event.key in STEPS) pointAt(Math.min(Math.max(at + STEPS[event.key], 0), last));
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(svg);

  /**
   * Show these days, oldest first. The options: `picked`, a day to mark; `cut`, whether peaks may
   * be cut; `onScale(isCut)`, which learns whether any is.
   */
  return (shownDays, shownOptions) => {
    days = shownDays;
    options = shownOptions;
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
function shape(left, baseline, width, height, radius) {
  const [from, to, top, side] = [left, left + width, baseline - height, baseline - height + radius].map((px) => px.toFixed(2));
  const [bend, end] = [left + radius, left + width - radius].map((px) => px.toFixed(2));
  return `M${from} ${baseline}V${side}Q${from} ${top} ${bend} ${top}H${end}Q${to} ${top} ${to} ${side}V${baseline}Z`;
}

/** Return the path commands of two lines across a bar that goes on beyond the chart. */
function cutMark(middle, width) {
  const half = Math.max(width / 2, 4);
  return [0, 5].map((down) =>
    `M${(middle - half).toFixed(2)} ${MARGIN.top + CUT_PX + down}l${(2 * half).toFixed(2)} -6`).join("");
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
