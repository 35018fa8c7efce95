/* SPDX-License-Identifier: MIT */
/* The ledger: what each route, middleware and hook took of the loop's time;
 * sorted by what one clicks on. Also the charts as a table. */

/* A share as a bar with its number. */
function bar(share, name) {
  const fill = make("span", { class: "fill" });

  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return make("span", { class: `bar ${name || ""}` },
    make("span", { class: "track", "aria-hidden": "true" }, fill),
    make("span", { class: "amount" }, percent(share)));
}

function routeOf(span) {
  return [span.method, span.pattern].filter(Boolean).join(" ");
}

function amount(unit) {
  return (value) => (value === null ? "–" : said(value, unit));
}

/* Widest meaning first, as a narrow window shows only some of them. */
const COLUMNS = [
  { key: "function", title: "Function", text: true },
  { key: "share", title: "Share of loop", cell: (value) =>
    (value === null ? "–" : bar(value)) },
  { key: "per_request", title: "Per request", cell: amount("count") },
  { key: "calls", title: "Calls", cell: amount("count") },
  { key: "self_ms", title: "Time", cell: amount("ms") },
  { key: "cpu_ms", title: "CPU", cell: amount("ms") },
  { key: "p50_ms", title: "p50", cell: amount("ms") },
  { key: "p99_ms", title: "p99", cell: amount("ms") },
  { key: "longest_ms", title: "Longest", cell: amount("ms") },
  { key: "waits", title: "Waits", cell: amount("count") },
  { key: "waited_ms", title: "Waited", cell: amount("ms") },
];

const ledger = { record: null, by: "share", down: true, words: "" };

function isCulprit(span, record) {
  const [first] = record.findings;

  return Boolean(first && first.severity === "issue" && first.function &&
    first.function === span.function &&
    (!first.file || (first.file === span.file && first.line === span.line)));
}

/* Where it stands and what it serves, in pieces that stay whole. */
function whereLine(...parts) {
  return make("span", { class: "faint where" },
    ...parts.filter(Boolean).flatMap((part, i) => {
      const piece = make("span", {}, part);

      return i ? [" · ", piece] : [piece];
    }));
}

function nameCell(span, record) {
  return make("th", { scope: "row" },
    make("span", { class: "kind" }, span.kind || "–"),
    make("code", { class: "name" }, span.function || "(no name)"),
    isCulprit(span, record)
      ? make("span", { class: "tag bad" }, "mend this") : null,
    whereLine(place(span), routeOf(span)));
}

function spanRow(span, record) {
  const cells = COLUMNS.slice(1).map((column) =>
    make("td", {}, column.cell(span[column.key])));

  return make("tr", { class: isCulprit(span, record) ? "culprit" : null },
    nameCell(span, record), ...cells);
}

function matches(span, words) {
  const text = [span.kind, span.function, place(span), routeOf(span)]
    .join(" ").toLowerCase();

  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/* What is not known comes last, whichever way. */
function compareSpans(a, b) {
  const x = a[ledger.by];
  const y = b[ledger.by];
  const sign = ledger.down ? -1 : 1;

  if (x === null || y === null) return (x === null) - (y === null);
  if (typeof x === "string") return sign * x.localeCompare(y);
  return sign * (x - y);
}

function fillSpans() {
  const { record } = ledger;
  const list = record.spans.filter((span) => matches(span, ledger.words));
  const body = document.querySelector("#span-table tbody");

  body.replaceChildren(...list.sort(compareSpans).map((span) =>
    spanRow(span, record)));
  if (!list.length)
    body.append(make("tr", {}, make("td", { colspan: COLUMNS.length,
      class: "faint nothing" }, record.spans.length
      ? "Nothing of that name." : "No route, middleware or hook ran.")));
  document.getElementById("span-count").textContent = ledger.words
    ? `${list.length} of ${record.spans.length}` : `${list.length} in all`;
  for (const head of document.querySelectorAll("#span-table thead th"))
    head.setAttribute("aria-sort", head.dataset.key !== ledger.by ? "none"
      : ledger.down ? "descending" : "ascending");
}

function sortBy(column) {
  ledger.down = ledger.by === column.key ? !ledger.down : !column.text;
  ledger.by = column.key;
  fillSpans();
}

function showSpans(record) {
  const search = document.getElementById("span-search");
  const heads = COLUMNS.map((column) =>
    make("th", { scope: "col", "data-key": column.key, "aria-sort": "none" },
      make("button", { type: "button", onclick: () => sortBy(column) },
        column.title)));

  ledger.record = record;
  document.getElementById("span-table").append(
    make("caption", { class: "unseen" },
      "Routes, middleware and hooks, with their share of the loop's time"),
    make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}));
  search.addEventListener("input", () => {
    ledger.words = search.value.trim();
    fillSpans();
  });
  fillSpans();
}

/* At most 25 rows, each a sample of all charts. */
function chartTable(record, specs) {
  const { t } = record.series;
  const step = Math.max(1, Math.ceil(t.length / 25));
  const lines = specs.flatMap((spec) => spec.lines.map((line) => (
    { ...line, unit: spec.unit, title: `${spec.title}: ${line.label}` })));
  const rows = [];

  for (let i = 0; i < t.length; i += step)
    rows.push(make("tr", {},
      make("th", { scope: "row" }, `${t[i].toFixed(2)} s`),
      ...lines.map((line) =>
        make("td", {}, said(record.series[line.key][i], line.unit)))));
  return make("table", { class: "samples" },
    make("caption", { class: "unseen" }, "Samples of all charts"),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Time"),
      ...lines.map((line) => make("th", { scope: "col" }, line.title)))),
    make("tbody", {}, ...rows));
}
