// The bars of a chart: its days, weeks or months, whichever fit; and its scale.

import { monthOf, shortDay, weekday } from "./format.js";

const MIN_BAR_PX = 7;
// A peak is cut if it is this many times as high as the bars below it.
const PEAK = 3;
const MOST_PEAKS = 0.05;
// The room above the bars that are no peaks, so that a cut bar stands out.
const HEADROOM = 1.2;

const UNITS = [
  { unit: "day", begins: () => true },
  { unit: "week", begins: (day) => weekday(day) === 0 },
  { unit: "month", begins: (day) => day.endsWith("-01") },
];

/**
 * Group days, the oldest first, into bars that fit this width. A bar has its first and last
 * day, and the sums of its days. The first and the last bar may have fewer days than others.
 */
export function makeBars(days, width) {
  for (const { unit, begins } of UNITS) {
    const bars = [];
    for (const { day, views, visitors } of days) {
      if (!bars.length || begins(day)) bars.push({ unit, from: day, to: day, views: 0, visitors: 0 });
      const bar = bars.at(-1);
      bar.to = day;
      bar.views += views;
      bar.visitors += visitors ?? 0;
    }
    if (bars.length * MIN_BAR_PX <= width || unit === "month") return bars;
  }
}

/** Return the indexes and texts of the labels of bars, each at least `pixels` from the next. */
export function labelsOf(bars, slot, pixels) {
  const last = bars.length - 1;
  const byMonth = bars.length > 45 || bars[0].unit !== "day";
  const isNamed = ({ from, to }, index) =>
    byMonth ? from.endsWith("-01") || from.slice(0, 7) !== to.slice(0, 7) : (last - index) % 7 === 0;
  const named = bars.map((bar, index) => [index, bar]).filter(([index, bar]) => isNamed(bar, index));
  const apart = (named[1]?.[0] ?? 1) - (named[0]?.[0] ?? 0);
  const thin = Math.max(1, Math.ceil(pixels / (apart * slot)));
  return named
    .filter((_, count) => (named.length - 1 - count) % thin === 0)
    .map(([index, bar]) => [index, byMonth ? monthOf(bar.to) : shortDay(bar.from)]);
}

/**
 * Return the scale for some values: its `top`, and the `step` between its lines. With `cut`, a
 * few values that are far above the others may be beyond the top.
 */
export function makeScale(values, lines, cut) {
  const sorted = [...values].sort((a, b) => b - a);
  const most = sorted[0] ?? 0;
  const highest = Math.max(cut ? highestInFull(sorted) : most, lines);
  const step = niceStep(highest / lines);
  return { top: step * Math.ceil(highest / step), step };
}

/** Return the highest value to draw in full. It is above the values that are no peaks. */
function highestInFull(sorted) {
  const peaks = Math.max(1, Math.floor(sorted.length * MOST_PEAKS));
  for (let count = peaks; count > 0; count -= 1) {
    if (sorted[count] > 0 && sorted[count - 1] >= PEAK * sorted[count]) return sorted[count] * HEADROOM;
  }
  return sorted[0] ?? 0;
}

/** Return the smallest of 1, 2, 5, 10, 20, 25, 50, 100… that is at least `minimum`. */
function niceStep(minimum) {
  const power = 10 ** Math.floor(Math.log10(minimum));
  const factors = power === 1 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  return power * factors.find((factor) => factor * power >= minimum);
}
