/* SPDX-License-Identifier: MIT */
/* Colours of frames. Between the legend's steps they blend; the text on them
 * is black or white, whichever is read more easily. */

const STEPS = [0, 0.01, 0.03, 0.1];
const RAMPS = {
  light: {
    heat: ["#f1ede4", "#fcd98a", "#f79a4b", "#d2281c"],
    grown: ["#eceef1", "#fbd0c8", "#f0897a", "#c8261d"],
    shrunk: ["#eceef1", "#cbdcf7", "#7fabec", "#1f5fbf"],
  },
  dark: {
    heat: ["#2b313c", "#5b4527", "#a85a1e", "#ff6f47"],
    grown: ["#2b313c", "#5f3437", "#a34640", "#ff7b70"],
    shrunk: ["#2b313c", "#2d456b", "#3f6cae", "#7fb0ff"],
  },
};

function channels(color) {
  const number = parseInt(color.slice(1), 16);

  return [number >> 16, (number >> 8) & 255, number & 255];
}

function blend(from, to, part) {
  const a = channels(from);
  const b = channels(to);
  const mixed = a.map((value, i) => Math.round(value + (b[i] - value) * part));

  return "#" + mixed.map((v) => v.toString(16).padStart(2, "0")).join("");
}

/* The colour of a share on a ramp whose stops are STEPS. */
function onRamp(ramp, value) {
  for (let i = 1; i < STEPS.length; i++) {
    if (value < STEPS[i])
      return blend(
        ramp[i - 1],
        ramp[i],
        (value - STEPS[i - 1]) / (STEPS[i] - STEPS[i - 1]),
      );
  }
  return ramp[STEPS.length - 1];
}

/* Relative luminance and contrast, as WCAG 2 defines them. */
function luminance(color) {
  const [r, g, b] = channels(color).map((value) => {
    const part = value / 255;

    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });

  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort(
    (a, b) => a - b,
  );

  return (light + 0.05) / (dark + 0.05);
}

function inkOn(color) {
  return contrast("#000000", color) > contrast("#ffffff", color)
    ? "#000000"
    : "#ffffff";
}

/* Colours and inks are asked for at each frame of each drawing. */
class Palette {
  constructor(theme) {
    const style = getComputedStyle(document.documentElement);

    this.theme = theme;
    this.ramps = RAMPS[theme];
    this.known = new Map();
    this.inks = new Map();
    this.category = (name) => style.getPropertyValue("--" + name).trim();
    this.page = this.category("page");
    this.text = this.category("text");
    this.faint = this.category("faint");
    this.accent = this.category("accent");
    this.mark = this.category("found");
    this.mono = this.category("mono");
  }

  remember(key, find) {
    if (!this.known.has(key)) this.known.set(key, find());
    return this.known.get(key);
  }

  heat(value) {
    const step = Math.round(Math.min(value, 0.1) * 2000);

    return this.remember(step, () => onRamp(this.ramps.heat, step / 2000));
  }

  change(value) {
    const step = Math.round(Math.max(-0.1, Math.min(value, 0.1)) * 2000);
    const ramp = step < 0 ? this.ramps.shrunk : this.ramps.grown;

    return this.remember("d" + step, () => onRamp(ramp, Math.abs(step) / 2000));
  }

  /* A library's colour, softened so that a row of them stays quiet. */
  tier(name) {
    return this.remember(name, () =>
      name
        ? blend(
            this.page,
            this.category(name),
            this.theme === "dark" ? 0.5 : 0.34,
          )
        : this.ramps.heat[0],
    );
  }

  /* What a search passes over stays legible, and steps back. */
  faded(color) {
    return this.remember("f" + color, () => blend(this.page, color, 0.22));
  }

  ink(color) {
    if (!this.inks.has(color)) this.inks.set(color, inkOn(color));
    return this.inks.get(color);
  }
}
