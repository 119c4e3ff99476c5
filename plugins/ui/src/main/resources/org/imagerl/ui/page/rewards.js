// How rewards lay: a histogram of an epoch, all epochs as a map, prompts, and images that could not be scored.
import {choice, field, make, notice, number, range, words} from "./dom.js";
import {WHOLE, axis, colour, fitting, valueAxis} from "./chart.js";
import {search} from "./curves.js";

const view = {reward: 0, epoch: null, filter: "", order: "change", down: false};
const MAX_ROWS = 300;

/** @param rewards {histograms, prompts, failures} of one run */
export function rewardsOf(place, rewards) {
  const histograms = rewards.histograms || [];
  let plots = [];
  const observer = fitting(() => plots);

  function close() {
    observer.disconnect();
    plots.forEach((one) => one.plot.destroy());
    plots = [];
  }

  function draw(focused) {
    close();
    const parts = [];
    if (histograms.length > 0) {
      parts.push(...distribution());
    }
    parts.push(...failures(rewards.failures || []));
    if ((rewards.prompts || []).length > 0) {
      parts.push(prompts(rewards.prompts));
    }
    if (parts.length === 0) {
      parts.push(notice("No reward has been measured yet. Runs of versions without epochs.jsonl have only their curves."));
    }
    place.replaceChildren(...parts);
    plots.forEach((one) => {
      one.plot = one.draw();
      observer.observe(one.area);
    });
    if (focused) {
      place.querySelector("input[type=range]").focus();
    }
  }

  function distribution() {
    view.reward = Math.min(view.reward, histograms.length - 1);
    const of = histograms[view.reward];
    const last = of.steps.length - 1;
    const at = view.epoch === null ? last : Math.max(0, of.steps.findIndex((step) => step >= view.epoch));
    const controls = make("div", {class: "controls"});
    if (histograms.length > 1) {
      controls.append(field("Reward", choice(histograms.map((one, i) => [String(i), one.name]), String(view.reward),
        (value) => { view.reward = Number(value); draw(); })));
    }
    if (last > 0) {
      const slider = range(0, last, 1, at, (value) => {
        view.epoch = value === last ? null : of.steps[value];
        draw(true);
      });
      slider.setAttribute("aria-valuetext", `epoch ${of.steps[at]}`);
      controls.append(field("Epoch", slider, make("output", {}, String(of.steps[at]))));
    }
    const cards = make("div", {class: "charts wide"}, card(of.name, `${told(of, at)}`, (area) => bars(area, of, at)));
    if (last > 0) {
      cards.append(card(`${of.name} by epoch`, "the stronger the colour, the more images lie there", (area) => heat(area, of, at)));
    }
    return [make("h3", {}, "Scores"), controls, cards];
  }

  function card(title, about, paint) {
    const area = make("div", {class: "plot", role: "img", "aria-label": `${title}: ${about}`});
    plots.push({area, draw: () => paint(area), plot: null});
    return make("article", {class: "card chart"}, make("header", {}, make("h4", {}, words(title))), area,
      make("p", {class: "about"}, about));
  }

  draw(false);
  return {close};
}

function told(of, at) {
  const images = of.counts[at].reduce((sum, count) => sum + count, 0);
  const failed = of.failed[at] ? `, ${of.failed[at]} without a score` : "";
  return `${images} images${failed}; from ${number(of.low[at])} to ${number(of.high[at])}`;
}

/** The bins of an epoch: [lower edge, width]. All scores equal is one bin. */
function bin(of, at, i) {
  const width = (of.high[at] - of.low[at]) / of.counts[at].length || 1;
  return [of.low[at] + i * width, width];
}

/** All of the axis in every epoch, so that a slider moves the bars and not the axis. */
function extent(of) {
  let low = Infinity;
  let high = -Infinity;
  of.counts.forEach((counts, i) => {
    if (counts.length > 0) {
      low = Math.min(low, of.low[i]);
      high = Math.max(high, of.high[i]);
    }
  });
  const margin = (high - low) / 40 || 0.5;
  return low <= high ? [low - margin, high + margin] : [0, 1];
}

function bars(area, of, at) {
  const most = Math.max(1, ...of.counts[at]);
  return new uPlot({
    width: area.clientWidth || 400,
    height: 220,
    legend: {show: false},
    cursor: {show: false},
    scales: {x: {time: false, range: () => extent(of)}, y: {range: () => [0, most * 1.05]}},
    axes: [axis(null, {size: 28, values: (self, ticks) => ticks.map(number)}), axis(null, {size: 44, ...WHOLE})],
    series: [{}, {paths: () => null, points: {show: false}}],
    hooks: {draw: [(plot) => {
      plot.ctx.fillStyle = colour("--run-0");
      of.counts[at].forEach((count, i) => {
        const [x, width] = bin(of, at, i);
        rectangle(plot, x, x + width, 0, count, 1);
      });
    }]},
  }, [extent(of), [0, most]], area);
}

/** A column per epoch; the stronger the colour, the more of the epoch's images lie there. */
function heat(area, of, at) {
  const [low, high] = extent(of);
  return new uPlot({
    width: area.clientWidth || 400,
    height: 220,
    legend: {show: false},
    cursor: {show: false},
    scales: {x: {time: false, range: () => [of.steps[0] - 0.5, of.steps[of.steps.length - 1] + 0.5]}, y: {range: () => [low, high]}},
    axes: [axis(null, {size: 28, ...WHOLE}), valueAxis()],
    series: [{}, {paths: () => null, points: {show: false}}],
    hooks: {draw: [(plot) => {
      of.steps.forEach((step, column) => {
        const next = of.steps[column + 1] ?? step + 1;
        const sum = of.counts[column].reduce((total, count) => total + count, 0);
        of.counts[column].forEach((count, i) => {
          if (count > 0) {
            const [y, height] = bin(of, column, i);
            plot.ctx.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / sum);
            plot.ctx.fillStyle = colour("--run-0");
            rectangle(plot, step - 0.5, next - 0.5, y, y + height, 0);
          }
        });
      });
      plot.ctx.globalAlpha = 1;
      plot.ctx.fillStyle = colour("--ink");
      const x = plot.valToPos(of.steps[at], "x", true);
      plot.ctx.fillRect(x - 1, plot.bbox.top, 2, plot.bbox.height);
    }]},
  }, [of.steps, of.low], area);
}

function rectangle(plot, x0, x1, y0, y1, gap) {
  const left = plot.valToPos(x0, "x", true) + gap;
  const right = plot.valToPos(x1, "x", true);
  const top = plot.valToPos(y1, "y", true);
  const bottom = plot.valToPos(y0, "y", true);
  plot.ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
}

/** What could not be scored comes before the prompts: it is what somebody must do something about. */
function failures(all) {
  if (all.length === 0) {
    return [];
  }
  return [make("section", {}, make("h3", {}, "Images without a score"),
    make("ul", {class: "scroll failures", tabindex: 0, "aria-label": "Images without a score"}, all.map(failure)))];
}

/** Of a run an epoch and a reward; of a file of scores an image. */
function failure(one) {
  const images = one.failed === 1 ? "1 image" : `${one.failed} images`;
  return make("li", {},
    one.image === undefined ? [`Epoch ${one.step}: ${images} by `, words(one.reward)] : words(one.image),
    one.reasons.map((reason) => make("div", {class: "about"}, words(reason.text), reason.count > 1 ? ` (${reason.count} times)` : "")));
}

const COLUMNS = [
  ["prompt", "Prompt"], ["epochs", "Epochs"], ["first", "First mean"], ["last", "Last mean"], ["change", "Change"],
  ["failed", "Failed"],
];

function prompts(all) {
  const rows = all.map((one) => ({...one, change: one.first === null || one.epochs < 2 ? null : one.last - one.first}));
  const body = make("tbody", {});
  const count = make("p", {class: "about"});
  const heads = COLUMNS.map(([key, title]) => make("th", {scope: "col"},
    make("button", {type: "button", onclick: () => {
      view.down = view.order === key ? !view.down : key !== "prompt";
      view.order = key;
      fill();
    }}, title)));

  function fill() {
    const sign = view.down ? -1 : 1;
    const chosen = rows.filter((row) => row.prompt.toLowerCase().includes(view.filter.toLowerCase()));
    chosen.sort((a, b) => sign * compare(a[view.order], b[view.order]));
    heads.forEach((head, i) => head.setAttribute("aria-sort",
      COLUMNS[i][0] !== view.order ? "none" : view.down ? "descending" : "ascending"));
    body.replaceChildren(...chosen.slice(0, MAX_ROWS).map((row) => make("tr", {},
      make("th", {scope: "row"}, words(row.prompt)),
      ["epochs", "first", "last", "change", "failed"].map((key) => make("td", {
        class: key === "change" && row.change ? (row.change > 0 ? "better" : "worse") : false,
      }, key === "change" && row.change > 0 ? `+${number(row.change)}` : number(row[key]))))));
    count.textContent = chosen.length > MAX_ROWS ? `${MAX_ROWS} of ${chosen.length} prompts` : `${chosen.length} prompts`;
  }

  fill();
  return make("section", {}, make("h3", {}, "Prompts"),
    make("div", {class: "controls"}, field("Prompts with", search(view.filter, (value) => {
      view.filter = value;
      fill();
    }, "part of a prompt")), count),
    make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Prompts"},
      make("table", {}, make("thead", {}, make("tr", {}, heads)), body)));
}

function compare(a, b) {
  if (typeof a === "string") {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return (a ?? -Infinity) - (b ?? -Infinity) || 0;
}
