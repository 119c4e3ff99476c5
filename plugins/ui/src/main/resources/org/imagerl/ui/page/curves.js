// The curves of the chosen runs: a chart for each metric.
import {choice, field, make, notice, number, range} from "./dom.js";
import {grouped, points} from "./series.js";
import {fitting, lineChart} from "./chart.js";

const view = {smooth: 0, axis: "epoch", filter: "", open: {Rewards: true, Training: true, Costs: false}};

/**
 * @param place element to fill
 * @param runs [{id, name, look, numbers}]
 */
export function curves(place, runs) {
  let charts = [];
  const observer = fitting(() => charts);
  const body = make("div", {});
  let drawn = "";

  function lines(metric) {
    return runs.map((run) => ({name: run.name, look: run.look, points: points(run.numbers, metric, view.axis)}))
      .filter((line) => line.points[0].length > 0);
  }

  function names() {
    const all = new Set();
    runs.forEach((run) => Object.keys(run.numbers.columns).forEach((name) => all.add(name)));
    return Array.from(all).filter((name) => name.includes(view.filter) && lines(name).length > 0);
  }

  /** What decides which charts there are; the rest is new data in old charts. */
  function shape() {
    return JSON.stringify([view, runs.map((run) => [run.id, run.look]), names().map((name) => [name, lines(name).length])]);
  }

  function draw() {
    observer.disconnect();
    charts.forEach((chart) => chart.plot.destroy());
    charts = [];
    body.replaceChildren();
    drawn = shape();
    const groups = Object.entries(grouped(names())).filter(([, metrics]) => metrics.length > 0);
    for (const [title, metrics] of groups) {
      const grid = make("div", {class: "charts"});
      const section = make("details", {class: "group", open: view.open[title]},
        make("summary", {}, make("h3", {}, title), make("span", {class: "count"}, String(metrics.length))), grid);
      body.append(section);
      if (view.open[title]) {
        metrics.forEach((metric) => add(grid, metric));
      }
      section.addEventListener("toggle", () => {
        if (view.open[title] !== section.open) {
          view.open[title] = section.open;
          draw();
        }
      });
    }
    if (groups.length === 0) {
      body.append(notice(view.filter ? "No metric has this in its name." : "Nothing has been measured yet."));
    }
  }

  function add(grid, metric) {
    const chart = lineChart(metric, lines(metric), {smooth: view.smooth, label: view.axis, sync: "curves"});
    chart.metric = metric;
    grid.append(chart.card);
    charts.push(chart);
    observer.observe(chart.area);
  }

  const shown = make("output", {}, number(view.smooth));
  const controls = make("div", {class: "controls"},
    field("Smoothing", range(0, 0.98, 0.02, view.smooth, (value) => {
      view.smooth = value;
      shown.textContent = number(value);
      draw();
    }), shown),
    field("Over", choice([["epoch", "epochs"], ["hours", "hours of training"]], view.axis, (value) => {
      view.axis = value;
      draw();
    })),
    field("Metrics", search(view.filter, (value) => {
      view.filter = value;
      draw();
    })));
  place.replaceChildren(controls, body);
  draw();

  return {
    update(changed) {
      runs = changed;
      if (shape() !== drawn) {
        draw();
      } else {
        charts.forEach((chart) => chart.update(lines(chart.metric)));
      }
    },
    close() {
      observer.disconnect();
      charts.forEach((chart) => chart.plot.destroy());
      charts = [];
    },
  };
}

export function search(value, oninput, placeholder = "part of a name") {
  const input = make("input", {type: "search", placeholder, oninput: () => oninput(input.value)});
  input.value = value;
  return input;
}
