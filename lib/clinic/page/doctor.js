/* SPDX-License-Identifier: MIT */
/* The report: verdict, goals, numbers, charts, recommendations, table, samples;
 * each is drawn once, the charts again when the window or the earlier
 * recording changes. */

function slot(id) {
  return document.getElementById(id);
}

/* Not all kinds of findings have one, and samples need not have been taken. */
function hasShare(finding) {
  return finding !== null && finding.share > 0 && finding.shareOf !== "";
}

/* What the banner's colour and sign say. */
function toneOfVerdict(record) {
  const category = categoryOf(record.verdict.category);
  const missed = record.goals.some((goal) => !goal.met);
  const [first] = record.findings;

  if (category === "none") return missed ? "warn" : "good";
  if (category === "unknown" || category === "not-enough") return "calm";
  return first && first.severity !== "issue" ? "warn" : "bad";
}

const SIGNS = { good: "✓", warn: "!", bad: "!", calm: "?" };

/* The share that the culprit has, of what the finding says: time of the loop,
 * samples, requests. */
function shareMeter(finding) {
  if (!hasShare(finding)) return null;

  const fill = make("span", { class: "fill" });

  fill.style.width = `${100 * Math.max(0, Math.min(1, finding.share))}%`;
  return make("div", { class: "meter" },
    make("p", {}, make("b", {}, percent(finding.share)),
      ` of ${finding.shareOf}`),
    make("span", { class: "track", "aria-hidden": "true" }, fill));
}

/* The one thing to know: which function to mend, and where it is. */
function culpritBlock(finding) {
  if (!finding || (!finding.function && !finding.file)) return null;

  const at = place(finding);
  const around = [finding.where, finding.route].filter(Boolean).join(" · ");

  return make("div", { class: "culprit-block" },
    make("p", { class: "faint" }, "Mend"),
    make("p", { class: "name" },
      make("code", {}, finding.function || finding.file)),
    at ? make("p", { class: "at" }, make("code", {}, at),
      copyButton(at, "file and line")) : null,
    around ? make("p", { class: "faint" }, around) : null);
}

function bannerLinks(finding) {
  const link = make("a", { class: "call", href: "#advice" },
    finding ? "What to do" : "What next");

  if (finding) link.addEventListener("click", () => showFinding(finding));
  return make("div", { class: "banner-links" }, link,
    finding ? chartLinks(finding) : null);
}

function showVerdict(record) {
  const { verdict } = record;
  const tone = toneOfVerdict(record);
  const advice = adviceOf(verdict.category);
  const first = tone === "good" ? null
    : record.findings.find((one) => one.id === verdict.id) ||
      record.findings[0] || null;
  const missed = record.goals.filter((goal) => !goal.met).length;
  const title = verdict.title || (first && first.title) || advice.banner;
  const kicker = verdict.category === "none" && missed
    ? "No issue found, but a goal was missed"
    : tone === "good" ? title : advice.banner;
  const named = first && (first.function || first.file);

  slot("verdict").className = `banner ${tone}`;
  slot("verdict").replaceChildren(...[
    make("div", { class: "banner-head" },
      make("span", { class: "sign", "aria-hidden": "true" }, SIGNS[tone]),
      make("div", {},
        title === kicker ? null : make("p", { class: "kicker" }, kicker),
        make("h2", { id: "verdict-title" }, title))),
    named || hasShare(first)
      ? make("div", { class: "banner-core" }, culpritBlock(first),
        shareMeter(first)) : null,
    make("p", { class: "sentence" },
      ...prose(verdict.sentence || (first && first.sentence) ||
        advice.short)),
    bannerLinks(first),
  ].filter(Boolean));
}

function showGoals(record) {
  slot("goals").hidden = !record.goals.length;
  slot("goal-list").replaceChildren(...record.goals.map((goal) =>
    make("li", { class: goal.met ? "met" : "missed" },
      make("span", { class: `tag ${goal.met ? "good" : "bad"}` },
        goal.met ? "met" : "missed"),
      make("code", {}, goal.text),
      goal.got === null ? null : make("span", {}, `got ${digits(goal.got)}`),
      goal.met || !goal.shortfall ? null
        : make("span", { class: "shortfall" }, goal.shortfall))));
}

/* Of the summary; `bad` ones stand out when they are not 0. */
const TILES = [
  { key: "requests", title: "Requests", unit: "count" },
  { key: "rps", title: "Per second", unit: "count" },
  { key: "p50_ms", title: "Latency p50", unit: "ms" },
  { key: "p99_ms", title: "Latency p99", unit: "ms" },
  { key: "longest_ms", title: "Longest", unit: "ms" },
  { key: "s5xx", title: "Failed (5xx)", unit: "count", bad: true },
  { key: "gone", title: "Clients gone", unit: "count" },
  { key: "sent", title: "Sent", unit: "bytes" },
];

units.bytes = bytes;

function showTiles(record) {
  slot("tiles").replaceChildren(...TILES.map((tile) => {
    const value = record.summary[tile.key];

    return make("div", { class: tile.bad && value > 0 ? "tile bad" : "tile" },
      make("dt", {}, tile.title), make("dd", {}, said(value, tile.unit)));
  }));
}

function showCharts(record, before) {
  const specs = chartsOf(record);
  const charts = specs.map((spec) => makeChart(record, before, spec));
  const { from, to } = record.window;

  slot("chart-grid").classList.toggle("seven", charts.length === 7);
  slot("chart-grid").replaceChildren(...charts.map((one) => one.figure));
  slot("charts-hint").textContent = record.series.t.length
    ? `Judged are the ${duration(1000 * (to - from))} with load, shaded.` : "";
  slot("chart-numbers").querySelector(".scroller").replaceChildren(
    chartTable(record, specs));
  charts.forEach(drawChart);
  linkHair(charts);
}

/* Redrawn at another width, once a frame. */
function watchWidth() {
  let asked = false;
  const again = () => {
    asked = false;
    hideHair();
    hair.charts.forEach(drawChart);
  };

  new ResizeObserver(() => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(again);
  }).observe(slot("chart-grid"));
  addEventListener("beforeprint", () => hair.charts.forEach(drawChart));
}

function listenForLayout() {
  const choose = (column) => {
    slot("chart-grid").classList.toggle("column", column);
    slot("layout-grid").setAttribute("aria-pressed", String(!column));
    slot("layout-column").setAttribute("aria-pressed", String(column));
    hair.charts.forEach(drawChart);
  };

  slot("layout-grid").addEventListener("click", () => choose(false));
  slot("layout-column").addEventListener("click", () => choose(true));
}

/* Which kinds of code the CPU was in, as one bar, and its legend. */
function categoryBar(flame) {
  const order = [...flame.categories].sort((a, b) => b[1] - a[1]);
  const color = (name) =>
    `var(--${/^[a-z]+$/.test(name) ? name : "other"}, var(--other))`;
  const parts = order.map(([name, share]) => {
    const part = make("span", { title: `${name} ${percent(share)}` });

    part.style.flexGrow = String(share);
    part.style.background = color(name);
    return part;
  });
  const items = order.map(([name, share]) => {
    const dot = make("span", { class: "dot" });

    dot.style.background = color(name);
    return make("li", {}, dot, `${name} `, make("b", {}, percent(share)));
  });

  return [
    make("div", { class: "category-bar", "aria-hidden": "true" }, ...parts),
    make("ul", { class: "category-list" }, ...items),
  ];
}

function topRow(one) {
  const fill = bar(one.self);
  const inner = fill.querySelector(".fill");

  inner.style.background =
    `var(--${/^[a-z]+$/.test(one.category) ? one.category : "other"}, ` +
    "var(--other))";
  return make("tr", {}, make("th", { scope: "row" },
    make("code", { class: "name" }, one.name || "(no name)"),
    whereLine(one.category, place(one))),
  make("td", {}, fill));
}

function showProfile(record) {
  const { flame } = record;

  slot("profile").hidden = !flame.samples;
  if (!flame.samples) return;
  slot("profile-hint").textContent =
    `${grouped(flame.samples)} samples: what the CPU did, by its own time.`;
  slot("profile-body").append(
    ...categoryBar(flame),
    make("div", { class: "pair" },
      scroller("Functions with the most samples", make("table",
        { id: "top-table" }, headRow("Function", "At the top"),
        make("tbody", {}, ...flame.top.map(topRow)))),
      make("div", { class: "full-flame" },
        make("h3", {}, "The whole flame graph"),
        make("p", {}, "The same run again, with every stack in it:"),
        command("SEED_FLAME=flame.html SEED_ON_PORT='wrk -c100 -d10 " +
          "http://localhost:$PORT/' ./app"),
        make("p", {}, "Or of a server that runs, by its admin listener:"),
        command("curl -o flame.html " +
          "'http://localhost:ADMIN_PORT/flame?seconds=10&format=html'"))));
}

function showFoot(record) {
  const { share, watchers_cpu_ms: watching, handlers_ms: handlers } =
    record.overhead;

  if (isNumber(share))
    slot("overhead").textContent =
      `Watching took ${percent(share)} of the process's CPU time` +
      (isNumber(watching) && isNumber(handlers)
        ? ` (threads ${duration(watching)}, handlers ${duration(handlers)}).`
        : ".");
  slot("made").textContent =
    `Made by libseed ${record.libseed}. This file is all there is: it asks ` +
    "nothing of the network.";
}

function showHead(record) {
  const title = record.title || "Doctor's report";
  const about = [
    record.created && when(record.created),
    `${duration(1000 * record.seconds)} recorded`,
    record.interval === null ? null : `every ${digits(record.interval)} ms`,
    record.pid === null ? null : `process ${record.pid}`,
  ];

  document.title = `${title}: ${adviceOf(record.verdict.category).banner}`;
  slot("title").textContent = title;
  slot("about").textContent = about.filter(Boolean).join(" · ");
}

/* As it is in the page, for other tools and for a later comparison. */
function download(record) {
  const text = slot("seed-doctor").textContent;
  const url = URL.createObjectURL(
    new Blob([text], { type: "application/json" }));
  const name = (record.title || "recording").replace(/[^\w.-]+/g, "-");
  const link = make("a", { href: url, download: `${name}.doctor.json` });

  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function compareWith(record, before) {
  showCharts(record, before);
  showChanges(before, record);
}

/* The earlier recording that the page carries; one that is none of ours must
 * not cost the report itself. */
function embedded() {
  const raw = recording("seed-before");

  if (!raw) return null;
  try {
    return normalised(raw);
  } catch (error) {
    complain(`The earlier recording: ${error.message}`);
    return null;
  }
}

/* Charts come first: the others have links to those that are there. */
function start() {
  const record = normalised(recording("seed-doctor"));

  themeButton(slot("theme"));
  showHead(record);
  compareWith(record, embedded());
  showVerdict(record);
  showGoals(record);
  showTiles(record);
  showAdvice(record);
  showSpans(record);
  showProfile(record);
  showFoot(record);
  watchWidth();
  listenForLayout();
  listenForFiles((other) => compareWith(record, other));
  slot("download").addEventListener("click", () => download(record));
  slot("print").addEventListener("click", () => print());
}

start();
