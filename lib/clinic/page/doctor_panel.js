/* SPDX-License-Identifier: MIT */
/* Recommendations: a tab for each finding, gravest first, and on request one
 * for each category that was not found. */

const panel = { tabs: [], browsing: false };

/* Copies by the clipboard's API, or by the old way where that is forbidden. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "unseen" });
    const back = document.activeElement;

    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");

    area.remove();
    if (back) back.focus();
    return done;
  }
}

function copyButton(text, what) {
  const button = make("button", {
    type: "button", class: "copy", "aria-label": `Copy ${what}`,
  }, "Copy");
  const live = make("span", { class: "unseen", role: "status" });

  button.addEventListener("click", async () => {
    const done = await copyText(text);

    button.textContent = done ? "Copied" : "Select it";
    live.textContent = done ? "Copied" : "Copying is not allowed here";
    setTimeout(() => {
      button.textContent = "Copy";
      live.textContent = "";
    }, 1500);
  });
  return make("span", { class: "copier" }, button, live);
}

/* "make check   (what it does)": what is copied has no remark behind it. */
function command(text) {
  const [, line, remark] = /^(.*?)(?: {2,}\((.*)\))?$/s.exec(text);

  return make("div", { class: "command" },
    make("p", {}, make("code", {}, line),
      remark ? make("span", { class: "faint" }, remark) : null),
    copyButton(line, "the command"));
}

function list(items, name) {
  return make("ul", { class: name || null },
    ...items.map((item) => make("li", {}, ...prose(item))));
}

/* The parts of the long text, with a way to jump to each. */
function readMore(advice, id) {
  const parts = [
    ["Understanding the analysis", "understanding"],
    ["Next steps", "next"],
    ["Reference", "reference"],
  ];
  const jumps = parts.map(([title, key]) =>
    make("a", { href: `#${id}-${key}` }, title));
  const texts = parts.map(([title, key]) =>
    make("section", { id: `${id}-${key}` }, make("h4", {}, title),
      list(advice[key])));
  const more = make("div", { class: "more", id: `${id}-more`, hidden: true },
    make("nav", { class: "jumps", "aria-label": "Sections" }, ...jumps),
    ...texts);
  const button = make("button", {
    type: "button", class: "read-more", "aria-expanded": "false",
    "aria-controls": `${id}-more`,
  }, "Read more");

  button.addEventListener("click", () => {
    more.hidden = !more.hidden;
    button.setAttribute("aria-expanded", String(!more.hidden));
    button.textContent = more.hidden ? "Read more" : "Read less";
  });
  return [button, more];
}

/* Who is to be mended: function, file:line, and where it is in the server. */
function culprit(finding) {
  if (!finding.function && !finding.file) return null;

  const at = place(finding);

  return make("p", { class: "culprit-line" },
    finding.function ? make("code", { class: "name" }, finding.function) : null,
    at ? make("span", { class: "at" }, make("code", {}, at),
      copyButton(at, "file and line")) : null,
    finding.where ? make("span", { class: "faint" }, finding.where) : null,
    finding.route ? make("span", { class: "faint" }, finding.route) : null);
}

function chartLinks(finding) {
  const known = CHARTS.filter((spec) => concerns(finding, spec) &&
    document.getElementById(`chart-${spec.id}`));

  if (!known.length) return null;
  const links = known.map(({ id, title }) => {
    const light = (on) => () => {
      const chart = document.getElementById(`chart-${id}`);

      if (chart) chart.classList.toggle("lit", on);
    };

    return make("a", {
      href: `#chart-${id}`, onmouseenter: light(true), onfocus: light(true),
      onmouseleave: light(false), onblur: light(false),
    }, title);
  });

  return make("p", { class: "chart-links" },
    make("span", { class: "faint" }, "See "),
    ...links.flatMap((link, i) => (i ? [", ", link] : [link])));
}

function findingPanel(finding, id) {
  const advice = adviceOf(finding.category);

  return [
    make("h3", {}, finding.title,
      make("span", { class: `tag ${toneOf(finding.severity)}` },
        finding.severity)),
    culprit(finding),
    make("p", {}, ...prose(finding.sentence)),
    finding.fix ? make("div", { class: "fix" }, make("h4", {}, "What to do"),
      make("p", {}, ...prose(finding.fix))) : null,
    finding.evidence.length ? make("div", { class: "evidence" },
      make("h4", {}, "Evidence"), list(finding.evidence)) : null,
    finding.next.length ? make("div", { class: "run-next" },
      make("h4", {}, "Run next"), ...finding.next.map(command)) : null,
    chartLinks(finding),
    ...readMore(advice, id),
  ].filter(Boolean);
}

function categoryPanel(key, id, found) {
  const advice = ADVICE[key];
  const rules = advice.rules.map(([rule, title, text]) =>
    make("li", {}, make("b", {}, title), rule ? ` (${rule})` : "",
      `: ${text}.`));

  return [
    make("h3", {}, advice.banner,
      found ? null : make("span", { class: "tag" }, "not found")),
    make("p", {}, advice.short),
    rules.length ? make("div", {}, make("h4", {}, "What it looks for"),
      make("ul", {}, ...rules)) : null,
    ...readMore(advice, id),
  ].filter(Boolean);
}

function toneOf(severity) {
  return { issue: "bad", warning: "warn" }[severity] || "note";
}

function selectTab(tab, focus) {
  for (const one of panel.tabs) {
    const chosen = one === tab;

    one.button.setAttribute("aria-selected", String(chosen));
    one.button.tabIndex = chosen ? 0 : -1;
    one.panel.hidden = !chosen;
  }
  if (focus) tab.button.focus();
}

function seenTabs() {
  return panel.tabs.filter((tab) => !tab.button.hidden);
}

const TAB_KEYS = {
  ArrowLeft: (at, count) => (at + count - 1) % count,
  ArrowUp: (at, count) => (at + count - 1) % count,
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowDown: (at, count) => (at + 1) % count,
  Home: () => 0,
  End: (at, count) => count - 1,
};

function tabKey(tab, event) {
  const tabs = seenTabs();
  const key = TAB_KEYS[event.key];

  if (!key) return;
  event.preventDefault();
  selectTab(tabs[key(tabs.indexOf(tab), tabs.length)], true);
}

/* `content` makes it, for the id that its parts begin with. */
function addTab(label, tone, finding, content) {
  const id = `advice-${panel.tabs.length}`;
  const button = make("button", {
    type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id,
    class: tone,
  }, label);
  const body = make("div", {
    role: "tabpanel", id, "aria-labelledby": `${id}-tab`, tabindex: 0,
    class: finding ? "found" : null,
  }, ...content(id));
  const tab = { button, panel: body, finding };

  button.addEventListener("click", () => selectTab(tab));
  button.addEventListener("keydown", (event) => tabKey(tab, event));
  panel.tabs.push(tab);
  document.getElementById("tabs").append(button);
  document.getElementById("tab-panels").append(body);
}

/* From a chart or the banner to what is said about it. */
function showFinding(finding) {
  const tab = panel.tabs.find((one) => one.finding === finding);

  if (tab) selectTab(tab);
}

function browse(on) {
  const button = document.getElementById("browse");

  panel.browsing = on;
  for (const tab of panel.tabs)
    if (tab.other) tab.button.hidden = !on;
  button.setAttribute("aria-expanded", String(on));
  button.textContent = on ? "Hide what was not found"
    : "Browse what was not found";
  if (!on && panel.tabs.some((tab) => tab.other && !tab.panel.hidden))
    selectTab(panel.tabs[0]);
}

function showAdvice(record) {
  const own = categoryOf(record.verdict.category);
  const found = new Set(record.findings.map((one) => one.category));

  for (const finding of record.findings)
    addTab(finding.title, toneOf(finding.severity), finding,
      (id) => findingPanel(finding, id));
  if (!record.findings.length) {
    found.add(own);
    addTab(ADVICE[own].name, "note", null,
      (id) => categoryPanel(own, id, true));
  }
  for (const key of Object.keys(ADVICE)) {
    if (found.has(key) || key === "none") continue;
    addTab(ADVICE[key].name, "other", null, (id) => categoryPanel(key, id));
    panel.tabs.at(-1).other = true;
  }
  selectTab(panel.tabs[0]);
  browse(false);
  document.getElementById("browse").addEventListener("click", () =>
    browse(!panel.browsing));
}
