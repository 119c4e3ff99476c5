// What is looked at: the run, those that are compared with it, and the tab.
import {runLook} from "./chart.js";

const CHOSEN_AT_MOST = 12;

export const state = {runs: [], problems: [], chosen: [], main: null, tab: null, colours: new Map()};

export function summary(id) {
  return state.runs.find((run) => run.id === id);
}

/** The chosen ones of a kind, the one that is looked at first. */
export function chosen(kind) {
  return [state.main, ...state.chosen.filter((id) => id !== state.main)]
    .map(summary).filter((run) => run && run.kind === kind);
}

/** The look of a run, which stays with it while it is chosen. */
export function lookOf(id) {
  for (const one of Array.from(state.colours.keys())) {
    if (!state.chosen.includes(one)) {
      state.colours.delete(one);
    }
  }
  if (!state.colours.has(id)) {
    const taken = new Set(state.colours.values());
    let place = 0;
    while (taken.has(place)) {
      place += 1;
    }
    state.colours.set(id, place);
  }
  return runLook(state.colours.get(id));
}

/** Looks at a run; at a study with all its runs. */
export function choose(id) {
  state.main = id;
  if (summary(id).kind === "study") {
    state.chosen = state.runs.filter((run) => run.id.startsWith(`${id}/raw/`)).slice(0, CHOSEN_AT_MOST).map((run) => run.id);
  } else if (!state.chosen.includes(id)) {
    state.chosen = [id];
  }
  remember();
}

/** Adds a run to those that are compared, or takes it away; one stays. */
export function compareWith(id, on) {
  state.chosen = state.chosen.filter((one) => one !== id);
  if (on) {
    state.chosen = [...state.chosen, id].slice(-CHOSEN_AT_MOST);
  }
  if (summary(state.main).kind !== "study") {
    if (state.chosen.length === 0) {
      state.chosen = [state.main];
    } else if (!state.chosen.includes(state.main)) {
      state.main = state.chosen[0];
    }
  }
  remember();
}

/** The address of what is looked at, so that a page that is loaded again shows the same. */
export function remember() {
  const parts = new URLSearchParams({run: state.main || "", tab: state.tab || ""});
  state.chosen.forEach((id) => parts.append("with", id));
  history.replaceState(null, "", `#${parts}`);
}

/** Takes up what the address says, as far as it is there. */
export function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const known = (id) => summary(id) !== undefined;
  state.chosen = parts.getAll("with").filter((id) => known(id) && summary(id).kind !== "study");
  state.tab = parts.get("tab") || null;
  const first = state.runs.find((run) => run.state === "training") || state.runs[0];
  const main = known(parts.get("run")) ? parts.get("run") : first ? first.id : null;
  if (main !== null && state.chosen.length > 0) {
    state.main = main;
  } else if (main !== null) {
    choose(main);
  }
}
