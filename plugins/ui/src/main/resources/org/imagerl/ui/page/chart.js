// One chart: lines of several runs over one axis, with what a pointer or the arrow keys point at.
import {make, number, speak, words} from "./dom.js";
import {joined, smoothed} from "./series.js";

const HEIGHT = 190;

/** There is no epoch 1.5. */
export const WHOLE = {incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6]};

/** A colour of the style sheet. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The colour of a run by its place among the chosen ones; after six they come again, with dashes. */
export function runLook(index) {
  return {colour: colour(`--run-${index % 6}`), dashed: index >= 6};
}

export function axis(label, more) {
  return {
    stroke: colour("--muted"),
    grid: {stroke: colour("--line"), width: 1},
    ticks: {stroke: colour("--line"), width: 1, size: 4},
    font: "12px system-ui, sans-serif",
    label,
    labelFont: "12px system-ui, sans-serif",
    labelSize: 16,
    ...more,
  };
}

/** An axis of numbers, as wide as the longest of them. */
export function valueAxis() {
  return axis(null, {
    size: (self, texts) => 18 + 7 * Math.max(5, ...(texts || []).map((text) => text.length)),
    values: (self, ticks) => ticks.map(number),
  });
}

/**
 * Draws a metric.
 *
 * @param title of the chart
 * @param lines [{name, look, points: [xs, ys]}]
 * @param options smooth from 0 to 1, label of the x axis, sync with other charts
 */
export function lineChart(title, lines, options) {
  const values = lines.map((line) => make("output", {}, number(line.points[1][line.points[1].length - 1])));
  const legend = make("ul", {class: "legend"}, lines.map((line, i) => make("li", {},
    swatch(line.look), words(line.name, {class: "name"}), values[i])));
  const at = make("span", {class: "at"});
  const area = make("div", {
    class: "plot", tabindex: 0, role: "group", "aria-label": spoken(title, lines),
  });
  const card = make("article", {class: "card chart", "data-metric": title},
    make("header", {}, make("h4", {}, words(title)), at), area, legend);
  const show = (index, data) => {
    const x = index === null ? null : data[0][index];
    at.textContent = x === null ? "" : `${options.label} ${number(x)}`;
    lines.forEach((line, i) => {
      const column = data[1 + i];
      values[i].textContent = number(index === null ? column.findLast((y) => y !== null) : nearest(column, index));
    });
  };
  const plot = draw(area, lines, options, show);
  area.addEventListener("keydown", (event) => walk(event, plot, title, lines, options));
  return {card, plot, area, update: (changed) => {
    plot.setData(dataOf(changed, options));
    show(plot.cursor.idx ?? null, plot.data);
    area.setAttribute("aria-label", spoken(title, changed));
  }};
}

export function swatch(look) {
  const mark = make("span", {class: look.dashed ? "swatch dashed" : "swatch", "aria-hidden": "true"});
  mark.style.color = look.colour;
  return mark;
}

/** The value there, or the last one before: metrics of evaluations are not there in every epoch. */
function nearest(column, index) {
  for (let i = index; i >= 0; i -= 1) {
    if (column[i] !== null) {
      return column[i];
    }
  }
  return null;
}

/** Columns of the lines as they are and, if they are smoothed, of the average before them. */
function dataOf(lines, options) {
  const raw = joined(lines.map((line) => line.points));
  if (!options.smooth) {
    return raw;
  }
  return [raw[0], ...raw.slice(1).map((ys) => smoothed(ys, options.smooth)), ...raw.slice(1)];
}

function draw(area, lines, options, onpoint) {
  const series = lines.map((line) => ({
    stroke: line.look.colour, dash: line.look.dashed ? [6, 4] : undefined, width: line.points[0].length > 300 ? 1.25 : 2, spanGaps: true, points: {show: line.points[0].length <= 40, size: 5},
  }));
  const raw = lines.map((line) => ({
    stroke: line.look.colour, width: 1, spanGaps: true, alpha: 0.3, points: {show: false},
  }));
  const plot = new uPlot({
    width: Math.max(200, area.clientWidth || 320),
    height: HEIGHT,
    legend: {show: false},
    cursor: {sync: {key: options.sync}, points: {size: 7}, y: false},
    scales: {x: {time: false, range: across}, y: {range: around}},
    axes: [axis(null, {size: 28, ...(options.label === "epoch" ? WHOLE : {})}), valueAxis()],
    series: [{}, ...series, ...(options.smooth ? raw : [])],
    hooks: {setCursor: [(self) => onpoint(self.cursor.idx ?? null, self.data)]},
  }, dataOf(lines, options), area);
  return plot;
}

/** Where all points have one x, one more on either side, and never less than 0: uPlot would draw an axis to 100. */
function across(self, low, high) {
  return low === high && low !== null ? [Math.max(0, low - 1), high + 1] : [low, high];
}

/** The values with a margin; zeros alone lie at the bottom of an axis to 1. */
function around(self, low, high) {
  if (low === null) {
    return [null, null];
  }
  return low === 0 && high === 0 ? [0, 1] : uPlot.rangeNum(low, high, 0.1, true);
}

function spoken(title, lines) {
  const parts = lines.map((line) => {
    const [xs, ys] = line.points;
    const last = ys.length - 1;
    return last < 0 ? `${line.name} has no values`
      : `${line.name} from ${number(ys[0])} at ${number(xs[0])} to ${number(ys[last])} at ${number(xs[last])}`;
  });
  return `${title}: ${parts.join("; ")}. The left and right arrow keys read the values.`;
}

/** Arrow keys move the cursor from point to point. */
function walk(event, plot, title, lines, options) {
  const xs = plot.data[0];
  const now = plot.cursor.idx ?? -1;
  const steps = {ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: xs.length - 1};
  if (!(event.key in steps) || xs.length === 0) {
    return;
  }
  event.preventDefault();
  const index = Math.min(xs.length - 1, Math.max(0, steps[event.key]));
  plot.setCursor({left: plot.valToPos(xs[index], "x"), top: 0});
  speak(`${options.label} ${number(xs[index])}: ${lines.map((line, i) =>
    `${line.name} ${number(nearest(plot.data[1 + i], index))}`).join(", ")}`);
}

/** Keeps charts as wide as their places. */
export function fitting(charts) {
  const observer = new ResizeObserver((entries) => {
    for (const entry of entries) {
      const chart = charts().find((one) => one.area === entry.target);
      const width = Math.floor(entry.contentRect.width);
      if (chart && width > 0 && width !== chart.plot.width) {
        chart.plot.setSize({width, height: chart.plot.height});
      }
    }
  });
  return observer;
}
