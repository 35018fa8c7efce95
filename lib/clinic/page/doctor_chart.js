/* SPDX-License-Identifier: MIT */
/* One chart: a figure with its title, lines over time, legend, and the same
 * in words for who does not see it. Colour says fine or at fault, the stroke
 * says which line it is. */

/* The article's four first. A line or chart "ifAny" is there when it has
 * other numbers than 0. `least`: the axis reaches so far at least. `smooth`:
 * what is measured over 10 ms jumps, so that its mean stands before it. */
const CHARTS = [
  { id: "cpu", title: "CPU usage", unit: "percent", least: 100,
    smooth: true, lines: [
    { key: "cpu_percent", label: "process" },
    { key: "loop_cpu_percent", label: "loop's thread" }] },
  { id: "memory", title: "Memory", unit: "mb", least: 1, lines: [
    { key: "heap_mb", label: "heap in use" },
    { key: "mapped_mb", label: "heap mapped" },
    { key: "rss_mb", label: "resident (RSS)" }] },
  { id: "delay", title: "Event loop delay", unit: "ms", least: 10,
    steps: true, lines: [
      { key: "delay_ms", label: "longest turn" },
      { key: "delay_mean_ms", label: "mean" }] },
  { id: "handles", title: "Active handles", unit: "count", least: 10,
    steps: true, lines: [
      { key: "handles", label: "handles" },
      { key: "connections", label: "connections" },
      { key: "in_flight", label: "requests in flight" },
      { key: "fds", label: "open files" }] },
  { id: "utilisation", title: "Event loop utilisation", unit: "share",
    least: 1, smooth: true, lines: [{ key: "utilisation", label: "busy" }] },
  { id: "requests", title: "Requests", unit: "rate", least: 1,
    smooth: true, lines: [
    { key: "rps", label: "answered" },
    { key: "errors", label: "failed", ifAny: true },
    { key: "shed", label: "shed", ifAny: true }] },
  { id: "latency", title: "Latency", unit: "ms", least: 1, lines: [
    { key: "p50_ms", label: "p50" },
    { key: "p99_ms", label: "p99" }] },
  { id: "backlog", title: "Output backlog", unit: "kb", least: 1,
    ifAny: true, lines: [{ key: "backlog_kb", label: "not taken yet" }] },
];

const MARGIN = { left: 56, right: 12, top: 10, bottom: 22 };

/* What an axis counts in, from the largest that its top reaches. */
const AXES = {
  percent: [[1, "%"]],
  share: [[0.01, "%"]],
  ms: [[60000, "min"], [1000, "s"], [1, "ms"]],
  mb: [[1000, "GB"], [1, "MB"]],
  kb: [[1e6, "GB"], [1000, "MB"], [1, "kB"]],
  rate: [[1, "/s"]],
  count: [[1, ""]],
};

function drawn(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);

  for (const [key, value] of Object.entries(attributes))
    element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function hasAny(record, key) {
  return record.series[key].some((value) => value);
}

/* The charts that this recording needs, each with the lines that it has. */
function chartsOf(record) {
  return CHARTS.filter(
    (spec) => !spec.ifAny || hasAny(record, spec.lines[0].key),
  ).map((spec) => ({
    ...spec,
    lines: spec.lines.filter((line) => !line.ifAny || hasAny(record, line.key)),
  }));
}

/* Whether a finding points at a chart, by its id or by one of its lines. */
function concerns(finding, spec) {
  return [spec.id, ...spec.lines.map(({ key }) => key)].some((name) =>
    finding.charts.includes(name));
}

/* The gravest finding that points at a chart, or null. */
function faultOf(record, spec) {
  const at = record.findings.filter(
    (one) => one.severity !== "note" && concerns(one, spec),
  );

  return at.find((one) => one.severity === "issue") || at[0] || null;
}

/* A line's stroke, as the legend shows it. */
function swatch(index) {
  const line = drawn("line", {
    x1: 1, y1: 5, x2: 23, y2: 5, class: `line line-${index}`,
  });

  return drawn("svg", {
    width: 24, height: 10, viewBox: "0 0 24 10", "aria-hidden": "true",
  }, line);
}

function legend(spec, before) {
  const items = spec.lines.map((line, i) =>
    make("li", {}, swatch(i), line.label));

  if (before) {
    const line = drawn("line", { x1: 1, y1: 5, x2: 23, y2: 5, class: "was" });

    items.push(make("li", { class: "was-item" }, drawn("svg", {
      width: 24, height: 10, viewBox: "0 0 24 10", "aria-hidden": "true",
    }, line), "before"));
  }
  return make("ul", { class: "legend" }, ...items);
}

/* "median 98 %, highest 101 %" of the line that the title stands for. */
function chartSummary(record, spec) {
  const values = spread(judged(record, spec.lines[0].key));

  if (!values) return "";
  if (values.most === values.least)
    return `${said(values.most, spec.unit)} throughout`;
  return (
    `median ${said(values.median, spec.unit)}, ` +
    `highest ${said(values.most, spec.unit)}`
  );
}

/* The chart in a few sentences. */
function chartWords(record, spec, fault) {
  const sentences = spec.lines.map((line) => {
    const values = spread(judged(record, line.key));

    if (!values) return `${line.label}: not recorded.`;
    return (
      `${line.label}: lowest ${said(values.least, spec.unit)}, ` +
      `median ${said(values.median, spec.unit)}, ` +
      `highest ${said(values.most, spec.unit)}.`
    );
  });

  if (fault)
    sentences.push(`${fault.severity === "issue" ? "At fault" : "Warning"}: ` +
      `${fault.title}.`);
  sentences.push("Left and right arrow keys read the samples.");
  return sentences.join(" ");
}

/* A figure without its drawing; drawChart() does that, at any size. */
function makeChart(record, before, spec) {
  const fault = faultOf(record, spec);
  const id = `chart-${spec.id}`;
  const box = make("div", { class: "hair-box", hidden: true });
  const svg = drawn("svg", { "aria-hidden": "true" });
  const plot = make("div", {
    class: "plot", tabindex: 0, role: "application",
    "aria-roledescription": "chart", "aria-label": spec.title,
    "aria-describedby": `${id}-words`,
  });
  const mark = fault && make("a", { class: "at-fault", href: "#advice" },
    fault.severity === "issue" ? "at fault" : "warning");

  plot.append(svg, box);
  const figure = make("figure", {
    id, class: fault ? `chart ${fault.severity}` : "chart",
  },
    make("figcaption", {}, make("h3", {}, spec.title), mark,
      make("span", { class: "sum" }, chartSummary(record, spec))),
    make("p", { class: "unseen", id: `${id}-words` },
      chartWords(record, spec, fault)),
    plot, legend(spec, before));

  if (mark) mark.addEventListener("click", () => showFinding(fault));
  return { spec, record, before, figure, plot, svg, box, x: null, y: null };
}

/* How far the earlier recording moves so that both loads begin together. */
function shiftOf(record, before) {
  return record.window.from - before.window.from;
}

function topOf(chart) {
  const { spec, record, before } = chart;
  let top = spec.least;

  for (const { key } of spec.lines) {
    for (const one of before ? [record, before] : [record])
      for (const value of one.series[key]) if (value > top) top = value;
  }
  return top;
}

function endOf(record) {
  const { t } = record.series;

  return Math.max(record.seconds, t.length ? t[t.length - 1] : 0) || 1;
}

/* Functions from seconds and values to pixels. */
function setScales(chart, width, height, top) {
  const end = endOf(chart.record);
  const wide = Math.max(1, width - MARGIN.left - MARGIN.right);
  const high = Math.max(1, height - MARGIN.top - MARGIN.bottom);

  chart.x = (t) => MARGIN.left + (wide * t) / end;
  chart.y = (value) => MARGIN.top + high * (1 - value / top);
  chart.time = (px) => ((px - MARGIN.left) / wide) * end;
}

function drawAxes(chart, width, height, list) {
  const top = list[list.length - 1];
  const [by, word] =
    AXES[chart.spec.unit].find(([least]) => top >= least) ||
    AXES[chart.spec.unit].at(-1);
  const end = endOf(chart.record);
  const minutes = end >= 180 ? 60 : 1;
  const parts = list.map((value) => {
    const y = Math.round(chart.y(value)) + 0.5;
    const space = word && word !== "/s" ? " " : "";
    const text = value ? digits(value / by) + space + word : "0";

    return drawn("g", {},
      drawn("line", { class: value ? "mesh" : "ground", x1: MARGIN.left,
        x2: width - MARGIN.right, y1: y, y2: y }),
      drawn("text", { class: "tick", x: MARGIN.left - 8, y: y + 4,
        "text-anchor": "end" }, text));
  });

  for (const mark of timeMarks(end / minutes, width < 420 ? 4 : 6)) {
    const x = chart.x(mark * minutes);
    const near = x > width - 40;

    parts.push(drawn("text", { class: "tick", x: near ? width - MARGIN.right
      : x, y: height - 5, "text-anchor": near ? "end" : "middle" },
      `${digits(mark)} ${minutes === 60 ? "min" : "s"}`));
  }
  return parts;
}

function drawWindow(chart, height) {
  const { from, to } = chart.record.window;
  const left = chart.x(from);

  return drawn("rect", {
    class: "window", x: left, y: MARGIN.top,
    width: Math.max(0, chart.x(to) - left),
    height: height - MARGIN.top - MARGIN.bottom,
  });
}

/* A line from below to the top: its samples, their mean, those alone. */
function drawLine(chart, times, values, x, name) {
  const { steps, smooth } = chart.spec;
  const mean = smooth && smoothed(times, values, endOf(chart.record) / 100);
  const path = (kind, d) => drawn("path", { class: `${name} ${kind}`, d });

  return [
    path(mean ? "raw" : "all", linePath(times, values, x, chart.y, steps)),
    mean && path("mean", linePath(times, mean, x, chart.y)),
    path("dots", dotPath(times, values, x, chart.y)),
  ].filter(Boolean);
}

/* The first line last, in front of the others. */
function drawLines(chart, record, shift, name) {
  const x = (t) => chart.x(t + shift);

  return chart.spec.lines.map((line, i) => drawLine(chart, record.series.t,
    record.series[line.key], x, `${name} ${name}-${i}`)).reverse().flat();
}

/* What of the earlier recording lies beyond the axes is cut off. */
function drawBefore(chart, width, height) {
  const id = `cut-${chart.spec.id}`;
  const shape = drawn("rect", {
    x: MARGIN.left, y: 0, height, width: width - MARGIN.left - MARGIN.right,
  });

  return [
    drawn("clipPath", { id }, shape),
    drawn("g", { "clip-path": `url(#${id})` }, ...drawLines(chart,
      chart.before, shiftOf(chart.record, chart.before), "was")),
  ];
}

function drawChart(chart) {
  const width = chart.plot.clientWidth;
  const height = chart.plot.clientHeight;
  const top = topOf(chart);
  const list = marks(top, height < 160 ? 3 : 4);
  const empty = chart.spec.lines.every(
    ({ key }) => !chart.record.series[key].some((value) => value !== null),
  );

  setScales(chart, width, height, Math.max(top, list[list.length - 1]));
  chart.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.svg.replaceChildren(
    drawWindow(chart, height),
    ...drawAxes(chart, width, height, list),
    ...(chart.before ? drawBefore(chart, width, height) : []),
    ...drawLines(chart, chart.record, 0, "line"),
  );
  if (empty)
    chart.svg.append(drawn("text", { class: "none", x: width / 2,
      y: height / 2, "text-anchor": "middle" }, "no samples"));
  chart.hair = drawn("g", { class: "hair", visibility: "hidden" });
  chart.svg.append(chart.hair);
}
