// The list of all runs, and what is said above the one that is looked at.
import {duration, fixed, gigabytes, make, words} from "./dom.js";
import {swatch} from "./chart.js";
import {lookOf} from "./state.js";

/** Fills the list; onmain is called to look at a run, onchosen to compare it or not. */
export function listRuns(place, state, onmain, onchosen) {
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("data-key") : null;
  const wide = matchMedia("(min-width: 60rem)").matches;
  const before = place.querySelector("details");
  const shown = state.runs.filter((run) => isShown(run, state));
  place.replaceChildren(make("details", {open: before ? before.open || wide : wide},
    make("summary", {}, make("h2", {}, "Runs"), make("span", {class: "count"}, String(shown.length))),
    make("ul", {class: "runs"}, shown.map((run) => item(run, state, onmain, onchosen))),
    state.problems.map((problem) => make("p", {class: "notice"}, words(problem)))));
  if (focused) {
    const again = Array.from(place.querySelectorAll("[data-key]")).find((one) => one.getAttribute("data-key") === focused);
    if (again) {
      again.focus();
    }
  }
}

/** The id of the study that a run is of; null of others. */
function studyOf(run) {
  const at = run.id.lastIndexOf("/raw/");
  return at < 0 ? null : run.id.slice(0, at);
}

/** Runs of a study are listed while one looks at the study or at one of them: there may be dozens. */
function isShown(run, state) {
  const study = studyOf(run);
  return study === null || state.main === study || state.main.startsWith(`${study}/raw/`) || state.chosen.includes(run.id);
}

function item(run, state, onmain, onchosen) {
  const chosen = state.chosen.includes(run.id);
  const main = run.id === state.main;
  const box = make("input", {
    type: "checkbox", "aria-label": `Compare ${run.name}`, "data-key": `box ${run.id}`,
    onchange: () => onchosen(run.id, box.checked),
  });
  box.checked = chosen;
  const name = make("button", {
    type: "button", class: "name", "data-key": `name ${run.id}`, "aria-current": main ? "true" : false,
    onclick: () => onmain(run.id),
  }, words(studyOf(run) === null ? run.name : run.name.slice(run.name.lastIndexOf(" / ") + 3)));
  return make("li", {class: `${main ? "main" : ""} ${studyOf(run) === null ? "" : "inner"}`},
    run.kind === "study" ? make("span", {class: "nobox"}) : box,
    make("div", {class: "what"}, name, make("span", {class: "facts"}, facts(run))),
    chosen && run.kind === "run" ? swatch(lookOf(run.id)) : null);
}

function facts(run) {
  if (run.problem) {
    return "cannot be read";
  }
  if (run.kind === "study") {
    return "Study";
  }
  if (run.kind === "scores") {
    return `scores of ${run.images} images`;
  }
  const held = typeof run.held_out_last === "number" ? run.held_out_last : run.reward;
  const epochs = run.epochs ? `${run.step} of ${run.epochs} epochs` : `${run.step} epochs`;
  return [run.state === "training" ? "training" : null, epochs, typeof held === "number" ? fixed(held) : null]
    .filter((part) => part !== null).join(" · ");
}

/** What stands above the tabs: name, state, and the numbers that one looks for first. */
export function headline(run) {
  const states = {finished: "Finished", training: "Training", stopped: "Not finished"};
  const parts = [make("div", {class: "title"}, make("h2", {}, words(run.name)),
    run.state ? make("span", {class: `state ${run.state}`}, states[run.state]) : null)];
  if (run.question) {
    parts.push(make("p", {class: "question"}, words(run.question)));
  }
  if (run.problem) {
    parts.push(make("p", {class: "notice"}, words(run.problem)));
  }
  if (run.kind === "run" && !run.problem) {
    parts.push(make("p", {class: "about"}, words([run.algorithm, run.checkpoint].filter((one) => one).join(" on "))));
    parts.push(tiles(run));
  }
  return make("div", {class: "headline"}, parts);
}

function tiles(run) {
  const change = typeof run.held_out_first === "number";
  const all = [
    ["Epochs", run.epochs ? `${run.step} of ${run.epochs}` : String(run.step), progress(run)],
    change ? ["Held-out reward", heldOut(run)] : null,
    ["Last reward", fixed(run.reward)],
    run.state === "training" ? ["Time left", duration(run.eta_seconds)] : null,
    run.state === "stopped" ? ["Last sign of life", `${duration(run.age_seconds)} ago`] : null,
    ["Time per epoch", duration(run.seconds_per_epoch)],
    typeof run.memory_bytes === "number" ? ["Memory", gigabytes(run.memory_bytes)] : null,
  ];
  return make("dl", {class: "tiles"}, all.filter((one) => one).map(([name, value, more]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value, more || null))));
}

/** The arrow stays with the number that it leads to. One evaluation is one number. */
function heldOut(run) {
  const [first, last] = [fixed(run.held_out_first), fixed(run.held_out_last)];
  return first === last ? last : `${first} →\u00a0${last}`;
}

function progress(run) {
  return run.epochs ? make("progress", {max: run.epochs, value: Math.min(run.step, run.epochs), "aria-label": "Epochs"}) : null;
}
