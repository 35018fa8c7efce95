/* SPDX-License-Identifier: MIT */
/* The cross-hair: one moment in all charts at once, found by the mouse, a
 * finger or the arrow keys, and read out to who listens. */

const hair = { charts: [], at: -1, said: 0 };

function hairTimes() {
  return hair.charts.length ? hair.charts[0].record.series.t : [];
}

/* What the earlier recording has at the same time since its load began. */
function beforeAt(chart, key, t) {
  if (!chart.before) return null;

  const { t: times } = chart.before.series;
  const then = t - shiftOf(chart.record, chart.before);
  const at = nearest(times, then);

  if (at < 0 || then < times[0] || then > times[times.length - 1]) return null;
  return chart.before.series[key][at];
}

function fillBox(chart, t) {
  const { spec, record } = chart;
  const rows = spec.lines.map((line, i) => {
    const was = beforeAt(chart, line.key, t);

    return make("tr", {},
      make("td", {}, swatch(i)),
      make("th", { scope: "row" }, line.label),
      make("td", {}, said(record.series[line.key][hair.at], spec.unit)),
      chart.before && make("td", { class: "faint" },
        isNumber(was) ? `was ${said(was, spec.unit)}` : ""));
  });

  chart.box.replaceChildren(
    make("p", {}, `${t.toFixed(t < 100 ? 2 : 1)} s`),
    make("table", {}, make("tbody", {}, ...rows)));
}

/* Beside the line, on the side where there is room for it. */
function placeBox(chart, x) {
  const { box, plot } = chart;
  const gap = 12;

  box.hidden = false;
  const width = box.offsetWidth;
  const room = plot.clientWidth;
  const flips = x + gap + width > room;
  const left = flips ? x - gap - width : x + gap;

  box.classList.toggle("flipped", flips);
  box.style.left = `${Math.max(0, Math.min(left, room - width))}px`;
}

function drawHair(chart, t) {
  const x = Math.round(chart.x(t)) + 0.5;
  const parts = [drawn("line", {
    x1: x, x2: x, y1: MARGIN.top,
    y2: chart.plot.clientHeight - MARGIN.bottom,
  })];

  for (const { key } of chart.spec.lines) {
    const value = chart.record.series[key][hair.at];

    if (value !== null)
      parts.push(drawn("circle", { cx: x, cy: chart.y(value), r: 3.5 }));
  }
  chart.hair.replaceChildren(...parts);
  chart.hair.setAttribute("visibility", "visible");
  fillBox(chart, t);
  placeBox(chart, x);
}

function showHair(at) {
  hair.at = at;
  hair.charts.forEach((chart) => drawHair(chart, hairTimes()[at]));
}

function hideHair() {
  hair.at = -1;
  for (const chart of hair.charts) {
    chart.hair.setAttribute("visibility", "hidden");
    chart.box.hidden = true;
  }
}

/* Read when the keys rest, or nobody could follow. */
function sayHair(chart) {
  clearTimeout(hair.said);
  hair.said = setTimeout(() => {
    if (hair.at < 0) return;
    const { spec, record } = chart;
    const words = spec.lines.map((line) =>
      `${line.label} ${said(record.series[line.key][hair.at], spec.unit)}`);

    document.getElementById("hair-live").textContent =
      `${hairTimes()[hair.at].toFixed(2)} seconds: ${words.join(", ")}`;
  }, 150);
}

function startOfHair() {
  return Math.max(0, nearest(hairTimes(), hair.charts[0].record.window.from));
}

/* Where a key leads, from a sample to another; null when it is not ours. */
const HAIR_KEYS = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  PageUp: (at, count) => at - Math.ceil(count / 10),
  PageDown: (at, count) => at + Math.ceil(count / 10),
  Home: () => 0,
  End: (at, count) => count - 1,
};

function hairKey(chart, event) {
  const count = hairTimes().length;
  const key = HAIR_KEYS[event.key];

  if (event.key === "Escape") {
    hideHair();
    return;
  }
  if (!key || !count || event.ctrlKey || event.altKey || event.metaKey) return;

  event.preventDefault();
  const to = hair.at < 0 ? startOfHair() : key(hair.at, count);

  showHair(Math.max(0, Math.min(count - 1, to)));
  sayHair(chart);
}

/* Listens on these charts; those before are forgotten. */
function linkHair(charts) {
  hair.charts = charts;
  hair.at = -1;
  for (const chart of charts) {
    chart.plot.addEventListener("pointermove", (event) => {
      const box = chart.plot.getBoundingClientRect();
      const at = nearest(hairTimes(), chart.time(event.clientX - box.left));

      if (at >= 0) showHair(at);
    });
    chart.plot.addEventListener("pointerleave", hideHair);
    chart.plot.addEventListener("blur", hideHair);
    chart.plot.addEventListener("keydown", (event) => hairKey(chart, event));
  }
}
