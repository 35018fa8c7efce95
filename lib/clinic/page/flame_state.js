/* SPDX-License-Identifier: MIT */
/* What the reader chose, as it stands in the address: a page can be linked to
 * in a state, and back and forward work. Only what is not usual is written. */

const USUAL = {
  view: "flame",
  color: "heat",
  merged: true,
  init: false,
  hidden: [],
  search: "",
  zoom: 0,
  selected: 0,
  widths: "now",
};
const CHOICES = {
  view: ["flame", "icicle", "sandwich"],
  color: ["heat", "tiers", "change"],
  widths: ["now", "before"],
};

/* How each kind of value is read; what is malformed is as if not there. */
function readValue(name, text) {
  if (typeof USUAL[name] === "boolean") return text === "1";
  if (typeof USUAL[name] === "number") return parseInt(text, 16) || 0;
  if (Array.isArray(USUAL[name]))
    return text.split(",").filter((part) => CATEGORIES.includes(part));
  if (CHOICES[name] && !CHOICES[name].includes(text)) return USUAL[name];
  return text;
}

function writeValue(value) {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number") return value.toString(16);
  return Array.isArray(value) ? value.join(",") : value;
}

function stateOf(fragment) {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const state = { ...USUAL };

  for (const name of Object.keys(USUAL))
    if (given.has(name)) state[name] = readValue(name, given.get(name));
  return state;
}

function fragmentOf(state) {
  const given = new URLSearchParams();

  for (const name of Object.keys(USUAL)) {
    const text = writeValue(state[name]);

    if (text !== writeValue(USUAL[name])) given.set(name, text);
  }
  return "#" + given.toString();
}

/* A step is something that "back" takes back; the rest, such as letters of a
 * search, changes the step that the reader is in. */
function rememberState(state, isStep) {
  const fragment = fragmentOf(state);

  if (fragment === (location.hash || "#")) return;
  if (isStep) history.pushState(null, "", fragment);
  else history.replaceState(null, "", fragment);
}
