// The parts of the page, and its pulse: a page that is served asks every two seconds what is new.
import {make, notice, redraw} from "./dom.js";
import {ask, live} from "./data.js";
import {curves} from "./curves.js";
import {imagesOf} from "./images.js";
import {rewardsOf} from "./rewards.js";
import {comparisonOf, logOf, settingsOf, tablesOf} from "./tables.js";
import {headline, listRuns} from "./runs.js";
import {choose, chosen, compareWith, lookOf, recall, remember, state, summary} from "./state.js";

const PULSE_MS = 2000;
const TITLES = {
  compare: "Compare", tables: "Tables", curves: "Curves", images: "Images", rewards: "Rewards", settings: "Settings", log: "Log",
};

const kept = {metrics: new Map(), details: new Map()};
const place = {head: make("div", {}), problems: make("div", {}), tabs: make("div", {role: "tablist", "aria-label": "Views", class: "tabs"}), panel: null};
let panel = {shape: "", stamps: "", inner: null};
let turn = 0;
let repaints = 0;

/** What the server says of a run, asked again when its files have changed. */
function load(question, run) {
  const known = kept[question].get(run.id);
  if (known && known.stamp === run.stamp) {
    return known.answer;
  }
  const answer = ask(question, run.id);
  kept[question].set(run.id, {stamp: run.stamp, answer});
  answer.catch(() => kept[question].delete(run.id)); // the next pulse asks again
  return answer;
}

function tabNames(main, details) {
  const names = [];
  if (main.kind === "scores" && chosen("scores").length === 2) {
    names.push("compare");
  }
  if (details.tables) {
    names.push("tables");
  }
  if (chosen("run").length > 0) {
    names.push("curves", "images");
  } else if (main.kind === "scores") {
    names.push("images");
  }
  if (main.kind !== "study") {
    names.push("rewards");
  }
  return main.kind === "run" ? [...names, "settings", "log"] : names;
}

function drawTabs(names) {
  const focused = place.tabs.contains(document.activeElement);
  place.tabs.replaceChildren(...names.map((name) => make("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(name === state.tab), "aria-controls": "panel",
    tabindex: name === state.tab ? 0 : -1, onclick: () => turnTo(name),
  }, TITLES[name])));
  place.tabs.onkeydown = (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step) {
      event.preventDefault();
      turnTo(names[(names.indexOf(state.tab) + step + names.length) % names.length]);
    }
  };
  const selected = document.getElementById(`tab-${state.tab}`);
  if (focused) {
    selected.focus();
  } else if (place.tabs.scrollWidth > place.tabs.clientWidth) {
    place.tabs.scrollLeft = selected.offsetLeft - place.tabs.offsetLeft;
  }
}

function turnTo(name) {
  state.tab = name;
  remember();
  refresh();
}

/** Draws what has changed, and only that: whoever reads or types is not disturbed. */
async function refresh() {
  turn += 1;
  const now = turn;
  [...chosen("run"), ...state.chosen.map(summary)].forEach((run) => lookOf(run.id)); // the first colour for the first run
  const list = document.getElementById("runs");
  redraw(list, [state.runs, state.problems, state.chosen, state.main, repaints], () => listRuns(list, state, (id) => {
    choose(id);
    refresh();
  }, (id, on) => {
    compareWith(id, on);
    refresh();
  }));
  const main = summary(state.main);
  if (!main) {
    document.getElementById("main").replaceChildren(notice("There are no runs here yet. A run is shown as soon as it begins."));
    return;
  }
  if (!place.head.isConnected) {
    place.panel = make("div", {role: "tabpanel", id: "panel"});
    document.getElementById("main").replaceChildren(place.head, place.problems, place.tabs, place.panel);
  }
  document.title = `${main.name} – imagerl`;
  redraw(place.head, main, () => place.head.replaceChildren(headline(main)));
  try {
    if (state.tab === null || state.tab === "curves") {
      chosen("run").forEach((run) => load("metrics", run)); // at the same time, for this is what one waits for
    }
    const details = main.problem ? {} : await load("details", main);
    if (now !== turn) {
      return;
    }
    redraw(place.problems, details.problems || [], () =>
      place.problems.replaceChildren(...(details.problems || []).map(notice)));
    const names = tabNames(main, details);
    state.tab = names.includes(state.tab) ? state.tab : names[0];
    redraw(place.tabs, [names, state.tab], () => drawTabs(names));
    place.panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
    await fill(now, main, details);
  } catch (problem) {
    redraw(place.problems, problem.message, () => place.problems.replaceChildren(notice(problem.message)));
  }
}

async function fill(now, main, details) {
  const of = main.kind === "scores" ? chosen("scores") : chosen("run");
  const shape = JSON.stringify([main.id, state.tab, of.map((run) => run.id)]);
  const stamps = JSON.stringify([main, ...of].map((run) => run.stamp));
  if (shape === panel.shape && stamps === panel.stamps) {
    return;
  }
  const same = shape === panel.shape;
  const data = await collect(of);
  if (now !== turn) {
    return;
  }
  if (same && panel.inner && panel.inner.update) {
    panel.inner = panel.inner.update(data) || panel.inner;
  } else if (!same || !place.panel.contains(document.activeElement)) {
    if (panel.inner) {
      panel.inner.close();
    }
    panel.inner = (await show(place.panel, data, details)) || null;
  } else {
    return; // somebody reads or types there: later
  }
  panel.shape = shape;
  panel.stamps = stamps;
}

/** What the tab needs of each run. */
function collect(runs) {
  return Promise.all(runs.map(async (run) => {
    const details = await load("details", run);
    const numbers = state.tab === "curves" ? (await load("metrics", run)).numbers : null;
    return {
      id: run.id, name: run.name, stamp: run.stamp, look: lookOf(run.id), numbers: numbers || {step: [], columns: {}},
      sets: details.image_sets || [], config: details.config || {}, provenance: details.provenance,
    };
  }));
}

function show(at, data, details) {
  switch (state.tab) {
    case "curves": return curves(at, data);
    case "images": return imagesOf(at, data);
    case "rewards": return rewardsOf(at, details.rewards || {});
    case "settings": return settingsOf(at, data);
    case "tables": return tablesOf(at, details.tables);
    case "compare": return comparisonOf(at, ...state.chosen.map(summary));
    default: return logOf(at, details.log || []);
  }
}

/** Colours of charts are painted, so that another scheme needs other charts. */
function repaint() {
  panel.shape = "";
  repaints += 1;
  refresh();
}

async function pulse() {
  const status = document.getElementById("status");
  try {
    const answer = await ask("runs");
    const first = state.main === null;
    state.runs = answer.runs;
    state.problems = answer.problems;
    if (first || !summary(state.main)) {
      recall();
    }
    status.textContent = live ? "" : "Report";
    await refresh();
  } catch (problem) {
    status.textContent = "The server does not answer; what is shown is the last that was known.";
  }
  if (live) {
    setTimeout(pulse, PULSE_MS);
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
matchMedia("(min-width: 60rem)").addEventListener("change", repaint);
pulse();
