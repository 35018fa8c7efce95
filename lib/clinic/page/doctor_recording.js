/* SPDX-License-Identifier: MIT */
/* A recording as the page wants it: nothing missing, whatever it was read
 * from, and what the numbers of a series come to. */

const SERIES = [
  "cpu_percent", "loop_cpu_percent", "rss_mb", "heap_mb", "mapped_mb",
  "delay_ms", "delay_mean_ms", "utilisation", "handles", "connections",
  "in_flight", "fds", "rps", "p50_ms", "p99_ms", "backlog_kb", "shed",
  "errors",
];

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function asText(value) {
  return typeof value === "string" ? value : "";
}

function asList(value) {
  return Array.isArray(value)
    ? value.filter((one) => one && typeof one === "object")
    : [];
}

function asObject(value) {
  return value && typeof value === "object" && !Array.isArray(value)
    ? value
    : {};
}

function texts(value) {
  return Array.isArray(value)
    ? value.filter((one) => typeof one === "string" && one)
    : [];
}

/* Times in order, and beside each a number or null. */
function normalisedSeries(raw) {
  const given = asObject(raw);
  const times = Array.isArray(given.t) ? given.t : [];
  const keep = [];

  times.forEach((t, i) => {
    const last = keep.length ? times[keep[keep.length - 1]] : -Infinity;

    if (isNumber(t) && t >= last) keep.push(i);
  });
  const series = { t: keep.map((i) => times[i]) };

  for (const key of SERIES) {
    const values = Array.isArray(given[key]) ? given[key] : [];

    series[key] = keep.map((i) => (isNumber(values[i]) ? values[i] : null));
  }
  return series;
}

function normalisedFinding(raw) {
  return {
    id: asText(raw.id),
    category: asText(raw.category),
    severity: asText(raw.severity) || "issue",
    title: asText(raw.title) || asText(raw.id) || "Finding",
    sentence: asText(raw.sentence),
    share: isNumber(raw.share) ? raw.share : null,
    shareOf: asText(raw.share_of),
    function: asText(raw.function),
    file: asText(raw.file),
    line: isNumber(raw.line) ? raw.line : 0,
    where: asText(raw.where),
    route: asText(raw.route),
    evidence: texts(raw.evidence),
    fix: asText(raw.fix),
    next: texts(raw.next),
    charts: texts(raw.charts),
  };
}

function normalisedSpan(raw) {
  const span = {};

  for (const key of ["kind", "function", "file", "method", "pattern"])
    span[key] = asText(raw[key]);
  for (const key of [
    "line", "calls", "per_request", "wall_ms", "self_ms", "cpu_ms",
    "longest_ms", "p50_ms", "p99_ms", "waits", "waited_ms", "share",
  ])
    span[key] = isNumber(raw[key]) ? raw[key] : null;
  return span;
}

function normalisedGoal(raw) {
  return {
    text: asText(raw.text),
    got: isNumber(raw.got) ? raw.got : null,
    met: raw.met === true,
    shortfall: asText(raw.shortfall),
  };
}

function normalisedFlame(raw) {
  const flame = asObject(raw);

  return {
    samples: isNumber(flame.samples) ? flame.samples : 0,
    categories: Object.entries(asObject(flame.categories)).filter(
      ([, share]) => isNumber(share) && share > 0,
    ),
    top: asList(flame.top).map((one) => ({
      name: asText(one.name),
      file: asText(one.file),
      line: isNumber(one.line) ? one.line : 0,
      category: asText(one.category),
      self: isNumber(one.self) ? one.self : 0,
    })),
  };
}

/* Throws a sentence when it is none of the doctor's recordings. */
function normalised(raw) {
  if (asObject(raw).kind !== "seed-doctor")
    throw new Error("This is no recording of the doctor.");
  if (raw.version !== 1)
    throw new Error("This recording is of another version of libseed.");

  const series = normalisedSeries(raw.series);
  const end = series.t.length ? series.t[series.t.length - 1] : 0;
  const window = asObject(raw.window);
  const verdict = asObject(raw.verdict);

  return {
    title: asText(raw.title),
    created: asText(raw.created),
    libseed: asText(raw.libseed),
    pid: isNumber(raw.pid) ? raw.pid : null,
    seconds: isNumber(raw.seconds) ? raw.seconds : end,
    interval: isNumber(raw.interval_ms) ? raw.interval_ms : null,
    window: {
      from: isNumber(window.from) ? window.from : 0,
      to: isNumber(window.to) ? window.to : end,
    },
    verdict: {
      category: asText(verdict.category) || "unknown",
      id: asText(verdict.id),
      title: asText(verdict.title),
      sentence: asText(verdict.sentence),
    },
    findings: asList(raw.findings).map(normalisedFinding),
    goals: asList(raw.goals).map(normalisedGoal),
    series,
    spans: asList(raw.spans).map(normalisedSpan),
    summary: asObject(raw.summary),
    flame: normalisedFlame(raw.flame),
    overhead: asObject(raw.overhead),
  };
}

/* What a chosen file holds: JSON, or a report of ours around it. */
function recordingOf(text) {
  let json = text;

  if (!text.trimStart().startsWith("{")) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const element = page.getElementById("seed-doctor");

    if (!element) throw new Error("There is no recording in this file.");
    json = element.textContent;
  }
  let raw = null;

  try {
    raw = JSON.parse(json);
  } catch {
    throw new Error("The recording in this file is broken.");
  }
  return normalised(raw);
}

/* The numbers of a series inside of the window; all, when none are there. */
function judged(record, key) {
  const { t } = record.series;
  const values = record.series[key];
  const { from, to } = record.window;
  const inside = values.filter(
    (value, i) => value !== null && t[i] >= from && t[i] <= to,
  );

  return inside.length ? inside : values.filter((value) => value !== null);
}

/* Lowest, median and highest, or null when there are no numbers. */
function spread(values) {
  if (!values.length) return null;

  const sorted = [...values].sort((a, b) => a - b);

  return {
    least: sorted[0],
    median: sorted[Math.floor((sorted.length - 1) / 2)],
    most: sorted[sorted.length - 1],
  };
}

/* "slow.c:22", "" when nothing is known. */
function place(one) {
  if (!one.file) return "";
  return one.line ? `${one.file}:${one.line}` : one.file;
}

/* "2026-11-28T02:00:00Z" -> "28 November 2026, 02:00:00 UTC" */
function when(created) {
  const date = new Date(created);

  if (Number.isNaN(date.getTime())) return created;
  const day = date.toLocaleDateString("en-GB", {
    day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
  });

  return `${day}, ${date.toISOString().slice(11, 19)} UTC`;
}
