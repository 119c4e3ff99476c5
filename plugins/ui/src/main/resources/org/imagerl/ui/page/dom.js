// Elements, and words for numbers. Texts of runs become text nodes or attributes, and never HTML.

/** Makes an element: make("td", {class: "number"}, "0.5"). Keys that begin with "on" are listeners. */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) {
      element.addEventListener(key.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A text of a run, whose direction of writing changes nothing around it. */
export function words(text, attributes) {
  return make("bdi", attributes, String(text));
}

/** Four digits: 0.4115, 1.234e-7, 12,340. */
export function number(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return "–";
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value.toExponential(2);
  }
  return value.toLocaleString("en", {maximumSignificantDigits: 4});
}

/** A number as written where a column must stay still: three decimals. */
export function fixed(value) {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(3) : "–";
}

/** 40 s, 8 min, 5.2 h, 12 days. */
export function duration(seconds) {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) {
    return "–";
  }
  if (seconds < 100) {
    return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
  }
  if (seconds < 6000) {
    return `${Math.round(seconds / 60)} min`;
  }
  return seconds < 172800 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86400)} days`;
}

export function gigabytes(bytes) {
  return typeof bytes === "number" ? `${(bytes / 1e9).toFixed(1)} GB` : "–";
}

/** Says something to those who listen to the page. */
export function speak(text) {
  document.getElementById("spoken").textContent = text;
}

const drawn = new WeakMap();

/** Draws a place anew if what it shows has changed: a pulse must not take away what somebody is about to click. */
export function redraw(place, shown, draw) {
  const key = JSON.stringify(shown);
  if (drawn.get(place) !== key) {
    drawn.set(place, key);
    draw();
  }
}

let ids = 0;

/** An id for a label. */
export function freshId() {
  ids += 1;
  return `x${ids}`;
}

/** A labelled control: the label stands before it. */
export function field(label, control, after) {
  control.id = control.id || freshId();
  return make("div", {class: "field"}, make("label", {for: control.id}, label), control, after);
}

/** A list to choose from; entries are [value, text]. */
export function choice(entries, chosen, onchange) {
  const select = make("select", {onchange: () => onchange(select.value)});
  for (const [value, text] of entries) {
    select.append(make("option", {value, selected: value === chosen}, text));
  }
  return select;
}

export function range(low, high, step, value, oninput) {
  const input = make("input", {type: "range", min: low, max: high, step, oninput: () => oninput(Number(input.value))});
  input.value = value;
  return input;
}

export function notice(text) {
  return make("p", {class: "notice"}, words(text));
}
