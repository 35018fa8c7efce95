/* SPDX-License-Identifier: MIT */
/* From numbers to places and words: units, axes that end at round numbers,
 * and the paths of lines. */

/* Digits that tell, and no more of them: three. */
function digits(value) {
  const size = Math.abs(value);

  if (size >= 100 || value === 0) return grouped(value);
  if (size >= 10) return value.toFixed(1).replace(/\.0$/, "");
  if (size >= 0.01) return value.toFixed(2).replace(/\.?0+$/, "");
  return value.toPrecision(1);
}

/* 1517 -> "1.52 s" */
function duration(ms) {
  if (ms >= 60000) return `${digits(ms / 60000)} min`;
  if (ms >= 1000) return `${digits(ms / 1000)} s`;
  return `${digits(ms)} ms`;
}

/* 52428800 -> "52.4 MB" */
function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;

  for (; count >= 1000 && at < units.length - 1; at++) count /= 1000;
  return `${at ? digits(count) : grouped(count)} ${units[at]}`;
}

const units = {
  percent: (value) => `${digits(value)} %`,
  share: (value) => `${digits(100 * value)} %`,
  ms: duration,
  mb: (value) => bytes(1e6 * value),
  kb: (value) => bytes(1e3 * value),
  rate: (value) => `${digits(value)}/s`,
  count: (value) => digits(value),
};

/* A value for people; what nobody knows is a dash. */
function said(value, unit) {
  return isNumber(value) ? units[unit](value) : "–";
}

/* Round marks from 0 to about `most`: 1, 2, 2.5 or 5 times a power. A value
 * that is a little above a mark does not ask for another. */
function marks(most, wanted) {
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    power * [1, 2, 2.5, 5, 10].find((times) => times * power >= rough * 0.97);
  const list = [];

  for (let i = 0; i === 0 || (i - 1) * step < most * 0.96; i++)
    list.push(i * step);
  return list;
}

/* Seconds on an axis, without the last mark beyond its end. */
function timeMarks(end, wanted) {
  return end > 0 ? marks(end, wanted).filter((mark) => mark <= end) : [0];
}

/* The index of the time nearest to t; -1 when there is none. */
function nearest(times, t) {
  let low = 0;
  let high = times.length - 1;

  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;

    if (times[middle] <= t) low = middle;
    else high = middle;
  }
  return t - times[low] <= times[high] - t ? low : high;
}

/* A path with a gap for each null. In steps, a value holds until the next. */
function linePath(times, values, x, y, steps) {
  const parts = [];
  let open = false;

  values.forEach((value, i) => {
    if (value === null) {
      open = false;
      return;
    }
    const px = x(times[i]).toFixed(1);
    const py = y(value).toFixed(1);

    if (!open) parts.push(`M${px} ${py}`);
    else if (steps) parts.push(`H${px}V${py}`);
    else parts.push(`L${px} ${py}`);
    open = true;
  });
  return parts.join("");
}

/* Numbers that are alone between two gaps, each a dot. */
function dotPath(times, values, x, y) {
  const none = (i) => i < 0 || i >= values.length || values[i] === null;
  const parts = [];

  values.forEach((value, i) => {
    if (value !== null && none(i - 1) && none(i + 1))
      parts.push(`M${x(times[i]).toFixed(1)} ${y(value).toFixed(1)}h0`);
  });
  return parts.join("");
}

/* The mean of what is known within `half` seconds of each sample, or null when
 * so few samples are near that there is nothing to smooth. Gaps stay gaps. */
function smoothed(times, values, half) {
  const step = (times[times.length - 1] - times[0]) / (times.length - 1);

  if (!(half / step >= 2)) return null;
  let from = 0;
  let to = 0;
  let sum = 0;
  let known = 0;
  const count = (value, sign) => {
    sum += sign * (value || 0);
    known += value === null ? 0 : sign;
  };

  return values.map((value, i) => {
    while (to < times.length && times[to] <= times[i] + half)
      count(values[to++], 1);
    while (times[from] < times[i] - half) count(values[from++], -1);
    return value === null ? null : sum / known;
  });
}
