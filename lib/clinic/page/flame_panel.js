/* SPDX-License-Identifier: MIT */
/* What stands around the graph: facts, filters, the selected frame, the way to
 * the zoomed one, the legend, the table. Each function fills one element. */

function at(id) {
  return document.getElementById(id);
}

/* Microseconds for people. */
function span(microseconds) {
  if (microseconds >= 1e6) return (microseconds / 1e6).toFixed(2) + " s";
  if (microseconds >= 1e3) return (microseconds / 1e3).toFixed(1) + " ms";
  return Math.round(microseconds) + " \u00b5s";
}

/* A frame's time as samples, of which all stand for the same time. */
function samplesOf(recording, microseconds) {
  return Math.round(
    share(microseconds, recording.microseconds) * recording.samples,
  );
}

function points(change) {
  const value = (100 * change).toFixed(1);

  return (value > 0 ? "+" : "") + value.replace("-", "\u2212") + " points";
}

function whereOf(func) {
  return func.file ? func.file + (func.line ? ":" + func.line : "") : "";
}

function kindOf(func) {
  const notes = [func.category];

  if (func.module && func.module !== func.category) notes.unshift(func.module);
  if (func.init) notes.push("before the loop");
  return notes.filter(Boolean).join(" \u00b7 ");
}

function dateOf(recording) {
  return (recording.created || "").replace("T", " ").replace("Z", " UTC");
}

function showFacts(recording) {
  const lost = recording.dropped ? `${grouped(recording.dropped)} dropped` : "";
  const facts = [
    `${grouped(recording.samples)} samples`,
    `${span(recording.microseconds)} of CPU time`,
    recording.seconds ? `in ${recording.seconds.toFixed(1)} s` : "",
    recording.hertz ? `${recording.hertz} Hz` : "",
    lost,
    dateOf(recording),
    recording.libseed ? `libseed ${recording.libseed}` : "",
  ];

  at("title").textContent = recording.title || "Flame graph";
  document.title = (recording.title || "Flame graph") + " \u00b7 flame graph";
  at("facts").textContent = facts.filter(Boolean).join(" \u00b7 ");
}

function chip(id, label, value, color, pressed) {
  const swatch = make("i", { "aria-hidden": "true" });
  const button = make(
    "button",
    {
      type: "button",
      "data-filter": id,
      "aria-pressed": String(pressed),
    },
    swatch,
    label,
    value ? make("b", {}, value) : "",
  );

  if (color) swatch.style.background = color;
  return button;
}

function showFilters(recording, state, palette) {
  const { shares, start } = categoriesOf(recording, state.init);
  const focus = document.activeElement?.dataset?.filter;
  const chips = CATEGORIES.filter(
    (name) =>
      shares.get(name) > 0 ||
      recording.frames.some((_, i) => frameOf(recording, i).category === name),
  ).map((name) =>
    chip(
      name,
      name === "span" ? "spans" : name,
      name === "span" ? "" : percent(shares.get(name)),
      palette.category(name),
      !state.hidden.includes(name),
    ),
  );

  if (start > 0) chips.push(chip("init", "init", span(start), "", state.init));
  at("filters").replaceChildren(...chips);
  if (focus) document.querySelector(`[data-filter="${focus}"]`)?.focus();
}

function number(value, note) {
  return [value, make("small", {}, note)];
}

/* `row` has the times that are shown: of one frame, or in the sandwich of a
 * function wherever it is called. */
function showInfo(recording, func, row, whole, comparing) {
  const note = (value, was) =>
    comparing
      ? points(share(value, whole.now) - share(was, whole.was))
      : `${span(value)} \u00b7 ${grouped(samplesOf(recording, value))} samples`;

  at("name").textContent = func.name + (func.tag || "");
  at("where").textContent = whereOf(func);
  at("place").hidden = !func.file;
  at("kind").textContent = kindOf(func);
  at("self").replaceChildren(
    ...number(percent(share(row.self, whole.now)), note(row.self, row.was)),
  );
  at("total").replaceChildren(
    ...number(
      percent(share(row.total, whole.now)),
      note(row.total, row.wasTotal),
    ),
  );
}

function showRank(ranked, node) {
  const place = ranked.indexOf(node);
  const ends = {
    first: place === 0,
    previous: place <= 0,
    next: place === ranked.length - 1,
    last: place === ranked.length - 1,
  };

  at("rank").textContent = ranked.length
    ? `${place < 0 ? "\u2013" : "#" + (place + 1)} of ${ranked.length}`
    : "\u2013";
  for (const button of document.querySelectorAll("[data-walk]"))
    button.disabled = !ranked.length || ends[button.dataset.walk];
}

function showPath(tree, node, zoomTo) {
  const parts = [];

  for (const step of pathTo(tree, node)) {
    if (parts.length)
      parts.push(make("span", { "aria-hidden": "true" }, "\u203a"));
    parts.push(
      make(
        "button",
        {
          type: "button",
          title: labelOf(tree, step),
          "aria-current": step === node ? "true" : null,
          onclick: () => zoomTo(step),
        },
        labelOf(tree, step),
      ),
    );
  }
  at("path").replaceChildren(...parts);
}

function showSides(name) {
  at("path").replaceChildren(
    make("span", {}, "\u25b2 called by"),
    make("code", {}, name),
    make("span", {}, "calls \u25bc"),
  );
}

function legendOf(palette, color, comparing, shown) {
  if (color === "tiers") return shown.map((name) => [palette.tier(name), name]);
  if (color === "change" && comparing)
    return [
      [palette.change(-0.1), "shrank by 10 points or more"],
      [palette.change(-0.03), "by 3"],
      [palette.change(0), "as before"],
      [palette.change(0.03), "by 3"],
      [palette.change(0.1), "grew by 10 or more"],
    ];
  return [
    [palette.heat(0), "cold, 0 %"],
    [palette.heat(0.01), "luke, 1 %"],
    [palette.heat(0.03), "warm, 3 %"],
    [palette.heat(0.1), "hot, 10 % or more"],
  ];
}

function showLegend(palette, state, comparing, shown) {
  const title = {
    heat: "At the top of the stack",
    tiers: "Library",
    change: "Share at the top of the stack",
  }[state.color];
  const parts = legendOf(palette, state.color, comparing, shown);

  at("legend").replaceChildren(
    make("span", { class: "faint" }, title),
    ...parts.map(([color, text]) => {
      const swatch = make("i", { "aria-hidden": "true" });

      swatch.style.background = color;
      return make("span", {}, swatch, text);
    }),
  );
}

const COLUMNS = [
  ["self", "Top of stack"],
  ["total", "On stack"],
  ["change", "Change"],
  ["name", "Function"],
  ["module", "Library"],
  ["where", "Where"],
];
const SHORT = 25;

function cellsOf(row, whole, pick) {
  const changed = share(row.self, whole.now) - share(row.was, whole.was);

  return {
    self: percent(share(row.self, whole.now)),
    total: percent(share(row.total, whole.now)),
    change: points(changed),
    name: make(
      "button",
      { type: "button", onclick: () => pick(row) },
      row.func.name + (row.func.tag || ""),
    ),
    module: row.func.module || row.func.category,
    where: whereOf(row.func),
  };
}

/* What a column is sorted by: numbers from the largest, words from a. */
function sortedRows(rows, by, whole) {
  const keys = {
    self: (row) => -row.self,
    total: (row) => -row.total,
    change: (row) =>
      -Math.abs(share(row.self, whole.now) - share(row.was, whole.was)),
    name: (row) => row.func.name,
    module: (row) => row.func.module || row.func.category,
    where: (row) => whereOf(row.func) || "\uffff",
  };
  const key = keys[by];

  return rows
    .slice()
    .sort((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
}

function isNumber(column) {
  return ["self", "total", "change"].includes(column) ? "number" : null;
}

function showTable(rows, table, whole, actions) {
  const columns = COLUMNS.filter(([key]) => key !== "change" || whole.was > 0);
  const sorted = sortedRows(rows, table.by, whole);
  const shown = table.all ? sorted : sorted.slice(0, SHORT);

  at("heads").replaceChildren(
    ...columns.map(([key, text]) =>
      make(
        "th",
        {
          scope: "col",
          class: isNumber(key),
          "aria-sort":
            table.by === key
              ? isNumber(key)
                ? "descending"
                : "ascending"
              : null,
        },
        make(
          "button",
          {
            type: "button",
            "data-sort": key,
            onclick: () => actions.sort(key),
          },
          text +
            (table.by === key ? (isNumber(key) ? " \u25be" : " \u25b4") : ""),
        ),
      ),
    ),
  );
  at("rows").replaceChildren(
    ...shown.map((row) => {
      const cells = cellsOf(row, whole, actions.pick);

      return make(
        "tr",
        {
          "data-func": row.index,
          "aria-selected": String(row.index === table.selected),
        },
        ...columns.map(([key]) =>
          make("td", { class: isNumber(key) }, cells[key]),
        ),
      );
    }),
  );
  at("more").hidden = rows.length <= SHORT;
  at("more").textContent = table.all
    ? `Show the first ${SHORT}`
    : `Show all ${grouped(rows.length)}`;
}

/* Near the pointer, within the window. */
function showTip(x, y, lines) {
  const tip = at("tip");

  tip.replaceChildren(
    make("b", {}, lines[0]),
    ...lines
      .slice(1)
      .filter(Boolean)
      .map((line) => make("div", {}, line)),
  );
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = x + 14 + width > innerWidth ? x - width - 14 : x + 14;
  const top = y + 18 + height > innerHeight ? y - height - 12 : y + 18;

  tip.style.left = Math.max(4, Math.min(left, innerWidth - width - 4)) + "px";
  tip.style.top = Math.max(4, top) + "px";
}
