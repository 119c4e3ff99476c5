// Tables: settings of runs side by side, the tables of studies and scores, two files of scores against each other, the log.
import {field, make, notice, number, words} from "./dom.js";
import {ask, imageUrl} from "./data.js";
import {search} from "./curves.js";
import {pairGrid} from "./images.js";

const view = {filter: "", differences: true};

function table(label, header, rows) {
  return make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": label},
    make("table", {},
      make("thead", {}, make("tr", {}, header.map((cell) => make("th", {scope: "col"}, words(cell))))),
      make("tbody", {}, rows.map((row) => make("tr", {class: row.class || false},
        row.map((cell, i) => make(i === 0 ? "th" : "td", i === 0 ? {scope: "row"} : {}, words(cell))))))));
}

/** @param runs [{name, config, provenance}] */
export function settingsOf(place, runs) {
  const several = runs.length > 1;
  const body = make("div", {});

  function draw() {
    const keys = new Set();
    runs.forEach((run) => Object.keys(run.config).forEach((key) => keys.add(key)));
    const rows = Array.from(keys).sort()
      .filter((key) => key.includes(view.filter))
      .map((key) => [key, ...runs.map((run) => run.config[key] ?? "–")])
      .filter((row) => !several || !view.differences || new Set(row.slice(1)).size > 1);
    const about = runs.flatMap((run) => Object.entries(run.provenance || {}).map(([key, value]) =>
      [several ? `${run.name}: ${key}` : key, Array.isArray(value) ? value.join(" ") : String(value)]));
    body.replaceChildren(
      rows.length > 0 ? table("Settings", ["key", ...runs.map((run) => run.name)], rows)
        : notice(several && view.differences ? "These runs have the same settings." : "There is no such setting."),
      make("h3", {}, "Made with"), about.length > 0 ? table("Made with", ["what", "value"], about) : notice("Nothing is recorded."));
  }

  const controls = make("div", {class: "controls"}, field("Keys", search(view.filter, (value) => {
    view.filter = value;
    draw();
  })));
  if (several) {
    const only = make("input", {type: "checkbox", onchange: () => {
      view.differences = only.checked;
      draw();
    }});
    only.checked = view.differences;
    controls.append(field("Only differences", only));
  } else {
    controls.append(make("p", {class: "about"}, "Choose a second run to see what differs."));
  }
  place.replaceChildren(controls, body);
  draw();
}

/** @param tables [{title, header, rows}] */
export function tablesOf(place, tables) {
  place.replaceChildren(...(tables.length === 0 ? [notice("There are no tables yet.")]
    : tables.map((one) => make("section", {class: "tables"}, make("p", {}, words(one.title)),
      table(one.title, one.header, one.rows)))));
}

/** @param lines of the log, the oldest first */
export function logOf(place, lines) {
  const text = make("pre", {class: "log", tabindex: 0, role: "region", "aria-label": "Log"}, lines.join("\n"));
  place.replaceChildren(lines.length > 0 ? text : notice("There is no log."));
  text.scrollTop = text.scrollHeight;
}

/** Two files of scores: what imagerl compare says, and the pairs that differ most. */
export async function comparisonOf(place, a, b) {
  try {
    const comparison = await ask("compare", a.id, b.id);
    const share = (value) => `${number(100 * value)} %`;
    const rows = comparison.lines.map((line) => [line.reward, line.n, number(line.meanA), number(line.meanB),
      share(line.winRate), `${share(line.low)} to ${share(line.high)}`, number(line.spearman)]);
    const pairs = comparison.pairs.map((pair) => ({
      name: pair.nameA,
      prompt: pair.prompt,
      left: {url: imageUrl(a.id, "pair", pair.nameA), reward: pair.a},
      right: {url: imageUrl(b.id, "pair", pair.nameB), reward: pair.b},
    }));
    place.replaceChildren(
      table("Comparison", ["reward", "pairs", `mean of ${a.name}`, `mean of ${b.name}`, "second wins",
        "95 % confidence", "Spearman"], rows),
      make("p", {class: "about"}, comparison.unpaired ? `${comparison.unpaired} images have no counterpart.` : ""),
      make("h3", {}, "Pairs that differ most: first what the second wins, then what it loses"),
      ...pairGrid(pairs, [a.name, b.name]));
  } catch (problem) {
    place.replaceChildren(notice(problem.message));
  }
}
