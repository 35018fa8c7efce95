/* SPDX-License-Identifier: MIT */
/* What both pages need: the recording that the page carries, the theme, and
 * numbers for people. */
"use strict";

/* The JSON in the <script type="application/json"> of that id, or null. */
function recording(id) {
  const element = document.getElementById(id);

  return element ? JSON.parse(element.textContent) : null;
}

/* Follows the system until the reader chooses; the choice lasts for this page,
 * and for others where storage is allowed (file:// may not). */
function themeButton(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;

  function show() {
    const dark = chosen ? chosen === "dark" : system.matches;

    document.documentElement.dataset.theme = dark ? "dark" : "light";
    button.textContent = dark ? "Light" : "Dark";
    document.dispatchEvent(new CustomEvent("theme"));
  }
  try {
    chosen = localStorage.getItem("seed-theme");
  } catch {
    chosen = null;
  }
  button.addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme === "dark";

    chosen = dark ? "light" : "dark";
    try {
      localStorage.setItem("seed-theme", chosen);
    } catch {
      /* It lasts for this page alone. */
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}

/* An element with attributes and children; text becomes text, never HTML. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);

  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/* 0.1234 -> "12.3 %" */
function percent(share) {
  const value = 100 * share;

  return (value && value < 0.1 ? "< 0.1" : value.toFixed(1)) + " %";
}

/* 1234567 -> "1,234,567" */
function grouped(number) {
  return Math.round(number).toLocaleString("en-US");
}
