// Images in pairs: the same prompt and seed before and after, one over the other, with a slider between them.
import {choice, field, fixed, make, notice, range, speak, words} from "./dom.js";
import {ask, imageUrl} from "./data.js";

const view = {cut: 50, left: null, right: null};

/**
 * Pairs over one slider. Each is {prompt, seed, left: {url, reward}, right: {url, reward}}; a side may be absent, and a left side
 * that is null means that there is one image alone.
 */
export function pairGrid(pairs, labels) {
  const grid = make("ul", {class: "pairs"});
  grid.style.setProperty("--cut", `${view.cut}%`);
  const size = seedsOf(pairs);
  grid.style.setProperty("--together", size);
  for (let first = 0; first < pairs.length; first += size) {
    grid.append(make("li", {}, pairs.slice(first, first + size).map((pair, i) =>
      card(pair, () => enlarge(pairs, first + i, labels)))));
  }
  if (pairs.every(alone)) {
    return [grid];
  }
  const slider = range(0, 100, 1, view.cut, (value) => {
    view.cut = value;
    grid.style.setProperty("--cut", `${value}%`);
  });
  slider.setAttribute("aria-valuetext", "");
  const say = () => slider.setAttribute("aria-valuetext", `${view.cut} % ${labels[0]}, ${100 - view.cut} % ${labels[1]}`);
  slider.addEventListener("input", say);
  say();
  return [make("div", {class: "slider"}, field(labels[0], slider, make("span", {class: "after"}, labels[1]))), grid];
}

/** How many images each prompt has, which then stand together; 1 where prompts have different numbers of images. */
function seedsOf(pairs) {
  const size = pairs.findIndex((pair) => pair.prompt !== pairs[0].prompt);
  const regular = (pair, i) => i === 0 || (pair.prompt === pairs[i - 1].prompt) === (i % size > 0);
  return size > 0 && pairs.length % size === 0 && pairs.every(regular) ? size : 1;
}

function alone(pair) {
  return pair.left === null;
}

function card(pair, open) {
  return make("button", {class: "pair", type: "button", onclick: open, "aria-haspopup": "dialog"},
    stack(pair),
    make("span", {class: "prompt"}, words(pair.prompt || pair.name)), " ",
    make("span", {class: "facts"}, pair.seed === undefined ? "" : words(`seed ${pair.seed}`),
      make("span", {class: "unseen"}, " reward "), rewards(pair)));
}

function spoken(pair) {
  const seed = pair.seed === undefined ? "" : `, seed ${pair.seed}`;
  const before = alone(pair) ? "" : `${reward(pair.left)} and `;
  return `${pair.prompt || pair.name}${seed}, reward ${before}${reward(pair.right)}`;
}

function reward(side) {
  return side && side.reward !== undefined ? fixed(Number(side.reward)) : "–";
}

function rewards(pair) {
  if (alone(pair)) {
    return make("span", {class: "change"}, reward(pair.right));
  }
  const before = Number(pair.left && pair.left.reward);
  const after = Number(pair.right && pair.right.reward);
  const change = after > before ? "better" : after < before ? "worse" : "";
  return make("span", {class: `change ${change}`}, `${reward(pair.left)} → ${reward(pair.right)}`);
}

function stack(pair) {
  const sides = make("span", {class: "stack"});
  for (const [side, name] of alone(pair) ? [[pair.right, "right"]] : [[pair.right, "right"], [pair.left, "left"]]) {
    sides.append(side && side.url ? image(side.url, name) : make("span", {class: `none ${name}`}));
  }
  if (!alone(pair)) {
    sides.append(make("span", {class: "line"}));
  }
  return sides;
}

/** Small images are shown with their pixels, not blurred. */
function image(url, name) {
  const shown = make("img", {src: url, class: name, alt: "", loading: "lazy", decoding: "async"});
  shown.addEventListener("load", () => {
    shown.classList.toggle("small", shown.naturalWidth <= 128);
    if (shown.parentNode && shown.naturalWidth > 0) {
      shown.parentNode.style.aspectRatio = `${shown.naturalWidth} / ${shown.naturalHeight}`;
    }
  });
  return shown;
}

/** One pair, large, with its own slider. */
function enlarge(pairs, first, labels) {
  let index = first;
  const body = make("div", {});
  const dialog = make("dialog", {class: "large", "aria-label": "Image"}, body);
  const show = (step) => {
    index = (index + step + pairs.length) % pairs.length;
    const pair = pairs[index];
    const big = stack(pair);
    big.style.setProperty("--cut", `${view.cut}%`);
    const slider = range(0, 100, 1, view.cut, (value) => big.style.setProperty("--cut", `${value}%`));
    body.replaceChildren(big,
      alone(pair) ? "" : make("div", {class: "slider"}, field(labels[0], slider, make("span", {class: "after"}, labels[1]))),
      make("p", {class: "prompt"}, words(pair.prompt || pair.name)),
      make("p", {class: "facts"}, pair.seed === undefined ? "" : words(`seed ${pair.seed}`), rewards(pair)),
      make("div", {class: "buttons"},
        make("button", {type: "button", onclick: () => show(-1)}, "Previous"),
        make("button", {type: "button", onclick: () => show(1)}, "Next"),
        make("button", {type: "button", onclick: () => dialog.close()}, "Close")));
    speak(spoken(pair));
  };
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  show(0);
  dialog.showModal();
}

/**
 * The images of runs.
 *
 * @param place element to fill
 * @param runs [{id, name, sets: [{key, title}], stamp}], the one that is looked at first
 */
export function imagesOf(place, runs) {
  const having = runs.filter((run) => run.sets.length > 0);
  if (having.length === 0) {
    place.replaceChildren(notice("There are no sample images."));
    return {update: (changed) => changed.some((run) => run.sets.length > 0) ? imagesOf(place, changed) : null, close() {}};
  }
  let shown = "";

  function settle() {
    const main = having[0];
    const known = (side) => side && having.some((run) => run.id === side.id && run.sets.some((set) => set.key === side.key));
    if (!known(view.right) || view.right.follow) {
      view.right = {id: main.id, key: main.sets[main.sets.length - 1].key, follow: true};
    }
    if (!known(view.left) || view.left.follow) {
      view.left = {id: view.right.id, key: runOf(view.right).sets[0].key, follow: true};
    }
  }

  function runOf(side) {
    return having.find((run) => run.id === side.id);
  }

  function picker(label, side) {
    const entries = having.flatMap((run) => run.sets.map((set) => [`${run.id}\n${set.key}`, titleOf(run, set)]));
    return field(label, choice(entries, `${view[side].id}\n${view[side].key}`, (value) => {
      const [id, key] = value.split("\n");
      view[side] = {id, key};
      draw();
    }));
  }

  function titleOf(run, set) {
    return having.length > 1 ? `${run.name}: ${set.title}` : set.title;
  }

  /** The epochs of the run on the right, as a slider. */
  function epochs() {
    const run = runOf(view.right);
    const at = run.sets.findIndex((set) => set.key === view.right.key);
    const slider = range(0, run.sets.length - 1, 1, at, (value) => {
      view.right = {id: run.id, key: run.sets[value].key};
      draw(true);
    });
    slider.setAttribute("aria-valuetext", run.sets[at].title);
    return field("Epoch", slider, make("output", {}, run.sets[at].title));
  }

  async function draw(keepFocus) {
    settle();
    const sides = [view.left, view.right];
    const labels = sides.map((side) => titleOf(runOf(side), runOf(side).sets.find((set) => set.key === side.key)));
    shown = JSON.stringify(sides);
    const now = shown;
    try {
      const [left, right] = await Promise.all(sides.map((side) => ask("images", side.id, side.key)));
      if (now !== shown) {
        return; // something else was chosen meanwhile
      }
      const same = view.left.id === view.right.id && view.left.key === view.right.key;
      const pairs = right.map((image, i) =>
        pairOf(image, same ? null : left.find((other) => other.name === image.name) || left[i]));
      place.replaceChildren(
        make("div", {class: "controls"}, having.length === 1 && having[0].sets.length === 1 ? words(labels[1])
          : [picker("Before", "left"), picker("After", "right"), epochs()]),
        ...pairGrid(pairs, labels));
      if (keepFocus) {
        place.querySelector(".controls input[type=range]").focus();
      }
    } catch (problem) {
      place.replaceChildren(notice(problem.message));
    }
  }

  function pairOf(right, left) {
    return {
      name: right.name,
      prompt: right.prompt,
      seed: right.seed,
      left: left && {url: imageUrl(view.left.id, view.left.key, left.name, runOf(view.left).stamp), reward: left.reward},
      right: {url: imageUrl(view.right.id, view.right.key, right.name, runOf(view.right).stamp), reward: right.reward},
    };
  }

  draw();
  return {
    update(changed) {
      const sets = (list) => JSON.stringify(list.map((run) => [run.id, run.sets]));
      if (sets(changed) !== sets(runs)) {
        return imagesOf(place, changed);
      }
      return null;
    },
    close() { shown = ""; },
  };
}
