/* SPDX-License-Identifier: MIT */
/* What changed between an earlier recording and this one: in a sentence, in
 * numbers, by function, and in what was found. */

function median(key) {
  return (record) => spread(judged(record, key))?.median ?? null;
}

function highest(key) {
  return (record) => spread(judged(record, key))?.most ?? null;
}

function summed(...keys) {
  return (record) => {
    const known = keys.map((key) => record.summary[key]).filter(isNumber);

    return known.length ? known.reduce((sum, one) => sum + one, 0) : null;
  };
}

/* `good`: 1 when more is better, -1 when less is, 0 when neither is. */
const MEASURES = [
  { title: "Requests per second", unit: "rate", good: 1, of: summed("rps") },
  { title: "Requests", unit: "count", good: 0, of: summed("requests") },
  { title: "Latency p50", unit: "ms", good: -1, of: summed("p50_ms") },
  { title: "Latency p99", unit: "ms", good: -1, of: summed("p99_ms") },
  { title: "Longest", unit: "ms", good: -1, of: summed("longest_ms") },
  { title: "Failed (5xx)", unit: "count", good: -1, of: summed("s5xx") },
  { title: "Clients gone", unit: "count", good: -1, of: summed("gone") },
  { title: "CPU, median", unit: "percent", good: 0, of: median("cpu_percent") },
  { title: "Loop busy, median", unit: "share", good: -1,
    of: median("utilisation") },
  { title: "Loop delay, median", unit: "ms", good: -1,
    of: median("delay_ms") },
  { title: "Loop delay, longest", unit: "ms", good: -1,
    of: highest("delay_ms") },
  { title: "Memory (RSS), highest", unit: "mb", good: -1,
    of: highest("rss_mb") },
  { title: "Handles, highest", unit: "count", good: 0,
    of: highest("handles") },
];

/* Changes that are no more than noise say nothing. */
const NOISE = 0.05;

/* "× 91", "÷ 29", "+12 %"; "" when there is nothing to say. */
function change(was, now) {
  if (was === null || now === null || was === now) return "";
  if (was <= 0) return "new";
  if (now <= 0) return "none left";

  const ratio = now / was;

  if (ratio >= 2) return `× ${digits(ratio)}`;
  if (ratio <= 0.5) return `÷ ${digits(1 / ratio)}`;
  return `${ratio > 1 ? "+" : "−"}${digits(Math.abs(100 * (ratio - 1)))} %`;
}

function direction(measure, was, now) {
  if (!measure.good || was === null || now === null) return "";
  if (Math.abs(now - was) <= NOISE * Math.max(was, now)) return "";
  return (now - was) * measure.good > 0 ? "better" : "worse";
}

function changeCell(words, way) {
  return make("td", { class: way ? `change ${way}` : "change" }, words,
    way ? " " : null, way ? make("span", { class: "way" }, way) : null);
}

function measureRows(before, now) {
  return MEASURES.map((measure) => {
    const was = measure.of(before);
    const is = measure.of(now);

    if (was === null && is === null) return null;
    return make("tr", {}, make("th", { scope: "row" }, measure.title),
      make("td", {}, said(was, measure.unit)),
      make("td", {}, said(is, measure.unit)),
      changeCell(change(was, is), direction(measure, was, is)));
  }).filter(Boolean);
}

/* Ever looser names for the same handler: lines above it may have come or
 * gone, and it may have moved to another file. */
const SPAN_KEYS = [
  (span) => JSON.stringify([span.kind, span.function,
    span.file.split("/").at(-1), span.method, span.pattern]),
  (span) => JSON.stringify([span.kind, span.function, span.method,
    span.pattern]),
];

/* The time that a handler takes of one request, all its calls together. */
function perRequest(record, span) {
  const { requests } = record.summary;

  return span && isNumber(requests) && requests > 0 && span.self_ms !== null
    ? span.self_ms / requests : null;
}

/* Takes the pairs that this key finds out of both lists. */
function pairBy(key, was, now) {
  const known = new Map(was.map((span) => [key(span), span]));
  const pairs = [];

  for (const span of [...now]) {
    const other = known.get(key(span));

    if (!other) continue;
    known.delete(key(span));
    pairs.push({ was: other, now: span });
    was.splice(was.indexOf(other), 1);
    now.splice(now.indexOf(span), 1);
  }
  return pairs;
}

function spanPairs(before, now) {
  const was = [...before.spans];
  const is = [...now.spans];
  const pairs = SPAN_KEYS.flatMap((key) => pairBy(key, was, is));

  pairs.push(...was.map((span) => ({ was: span })));
  pairs.push(...is.map((span) => ({ now: span })));
  return pairs.map((pair) => ({
    ...pair, before: perRequest(before, pair.was),
    after: perRequest(now, pair.now),
  }));
}

/* Less than so many milliseconds a request is no more than noise. */
const NOISE_MS = 0.01;

function moved(pair) {
  return Math.abs((pair.after || 0) - (pair.before || 0));
}

/* What ran with requests, in one of them at least. */
function servedRequests(pair) {
  return [pair.was, pair.now].some((span) => span && span.per_request >= 0.01);
}

function spanRows(before, now) {
  return spanPairs(before, now).filter(servedRequests)
    .sort((a, b) => moved(b) - moved(a))
    .slice(0, 12).map((pair) => {
      const span = pair.now || pair.was;
      const calls = (one) => said(one ? one.per_request : null, "count");
      const words = !pair.was ? "new" : !pair.now ? "gone"
        : change(pair.before, pair.after);
      const way = !pair.was || !pair.now || moved(pair) < NOISE_MS ? ""
        : direction({ good: -1 }, pair.before, pair.after);

      return make("tr", {}, nameCell(span, { findings: [] }),
        make("td", {}, `${calls(pair.was)} → ${calls(pair.now)}`),
        make("td", {}, said(pair.before, "ms")),
        make("td", {}, said(pair.after, "ms")), changeCell(words, way));
    });
}

function findingKey(one) {
  return JSON.stringify([one.id, one.function]);
}

/* Findings of the one that the other has not. */
function onlyIn(one, other) {
  const known = new Set(other.findings.map(findingKey));

  return one.findings.filter((finding) => !known.has(findingKey(finding)));
}

function findingItem(finding, tag, tone) {
  const who = [finding.function, place(finding)].filter(Boolean).join(" at ");

  return make("li", {}, make("span", { class: `tag ${tone}` }, tag),
    make("b", {}, finding.title), who ? make("code", {}, who) : null);
}

function findingItems(before, now) {
  const gone = onlyIn(before, now);
  const fresh = onlyIn(now, before);

  return [
    ...fresh.map((one) => findingItem(one, "new", "bad")),
    ...now.findings.filter((one) => !fresh.includes(one))
      .map((one) => findingItem(one, "still there", "warn")),
    ...gone.map((one) => findingItem(one, "gone", "good")),
  ];
}

function times(ratio, more, less) {
  if (ratio >= 1.05) return `${digits(ratio)} times ${more}`;
  if (ratio <= 0.95) return `${digits(1 / ratio)} times ${less}`;
  return "";
}

function countOf(findings, word) {
  return findings.length === 1 ? `“${findings[0].title}” is ${word}`
    : `${findings.length} findings are ${word}`;
}

/* "110 times more requests per second, p99 45 times shorter; …" */
function changeSentence(before, now) {
  const ratio = (key) => {
    const was = before.summary[key];
    const is = now.summary[key];

    return isNumber(was) && isNumber(is) && was > 0 && is > 0 ? is / was : 1;
  };
  const parts = [
    times(ratio("rps"), "more requests per second",
      "fewer requests per second"),
    times(ratio("p99_ms"), "longer at p99", "shorter at p99"),
  ].filter(Boolean);
  const gone = onlyIn(before, now);
  const fresh = onlyIn(now, before);

  if (!parts.length) parts.push("About as fast as before");
  if (gone.length) parts.push(countOf(gone, "gone"));
  if (fresh.length) parts.push(countOf(fresh, "new"));
  return `${parts.join("; ")}.`;
}

function headRow(...titles) {
  return make("thead", {}, make("tr", {}, ...titles.map((title) =>
    make("th", { scope: "col" }, title))));
}

function scroller(label, table) {
  return make("div", { class: "scroller", tabindex: 0, role: "region",
    "aria-label": label }, table);
}

function changesBody(before, now) {
  const items = findingItems(before, now);

  return [
    make("p", { class: "lead" }, changeSentence(before, now)),
    make("p", { class: "faint" }, `Before: ${before.title || "a recording"}` +
      `${before.created ? `, ${when(before.created)}` : ""}. Its curves are ` +
      "the grey ones below, moved so that both loads begin together."),
    items.length ? make("ul", { class: "finding-changes" }, ...items) : null,
    make("div", { class: "pair" },
      scroller("What changed, in numbers", make("table",
        { id: "measure-table" },
        headRow("Whole recording", "Before", "Now", "Change"),
        make("tbody", {}, ...measureRows(before, now)))),
      scroller("What changed, by function", make("table",
        { id: "change-table" },
        headRow("Function", "Calls per request", "Time before",
          "Time now", "Change"),
        make("tbody", {}, ...spanRows(before, now))))),
    make("p", { class: "faint" },
      "Times of functions are those of one request, all calls together."),
  ].filter(Boolean);
}

function showChanges(before, now) {
  document.getElementById("changes").hidden = !before;
  document.getElementById("changes-body").replaceChildren(
    ...(before ? changesBody(before, now) : []));
}

function complain(words) {
  const alert = document.getElementById("alert");

  alert.textContent = words;
  alert.hidden = false;
}

/* Takes an earlier recording from a file, chosen or dropped. */
async function takeFile(file, use) {
  const alert = document.getElementById("alert");

  alert.hidden = true;
  try {
    use(recordingOf(await file.text()));
    document.getElementById("changes").scrollIntoView();
  } catch (error) {
    complain(`${file.name}: ${error.message}`);
    alert.scrollIntoView({ block: "center" });
  }
}

function listenForFiles(use) {
  const chosen = document.getElementById("compare-file");
  const drop = document.getElementById("drop");

  document.getElementById("compare-choose").addEventListener("click", () =>
    chosen.click());
  chosen.addEventListener("change", () => {
    if (chosen.files.length) takeFile(chosen.files[0], use);
    chosen.value = "";
  });
  document.getElementById("compare-end").addEventListener("click", () => {
    use(null);
    document.getElementById("compare-choose").focus();
  });
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.hidden = true;
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.hidden = true;
    if (event.dataTransfer.files.length)
      takeFile(event.dataTransfer.files[0], use);
  });
}
