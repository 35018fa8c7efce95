/* SPDX-License-Identifier: MIT */
/* The page: one object that knows what is shown, and what each control does
 * with it. A change of settings grows the tree anew; all else only draws. */

class App {
  constructor(own, before) {
    this.recording = own;
    this.before = before;
    this.table = { by: "self", all: false, selected: -1 };
    this.palette = new Palette(theme());
    this.view = new View(this);
    this.state = stateOf(location.hash);
    if (before && !location.hash) this.state.color = "change";
    if (before) this.table.by = "change";
  }

  /* From settings to tree, and what is asked of it. */
  grow() {
    this.tree = showTree(this.recording, this.before, this.state);
    this.whole = { now: this.tree.total[0], was: this.tree.wasTotal[0] };
    this.ranked = hottest(this.tree);
    this.rows = tableOf(this.tree);
    this.heats = heatsOf(this.tree);
    this.zoom = Math.max(0, this.tree.hash.indexOf(this.state.zoom));
    this.selected = this.tree.hash.indexOf(this.state.selected);
    if (this.selected < 0) this.selected = this.ranked[0] ?? 0;
    this.turnTo();
  }

  /* The sandwich is of the selected frame's function. */
  turnTo() {
    const func = this.tree.func[this.selected];

    this.sides =
      this.state.view === "sandwich" && func > 0
        ? sandwich(this.tree, func, this.isByBefore())
        : null;
    this.found = search(this.tree, this.state.search);
  }

  isByBefore() {
    return this.before !== null && this.state.widths === "before";
  }

  /* All that is shown, from the state. */
  showAll() {
    this.grow();
    this.showControls();
    this.view.show(false);
    this.showPanels();
    this.view.home();
    this.view.reveal(this.selected);
  }

  showControls() {
    const { state } = this;

    for (const button of document.querySelectorAll("[data-set]"))
      button.setAttribute(
        "aria-pressed",
        String(state[button.dataset.set] === button.dataset.value),
      );
    document.querySelector("[data-value=change]").hidden = !this.before;
    at("merge").setAttribute("aria-pressed", String(state.merged));
    at("fold").setAttribute("aria-pressed", String(this.isFolded()));
    if (at("search").value !== state.search) at("search").value = state.search;
    showFilters(this.recording, state, this.palette);
    this.showEarlier();
  }

  showEarlier() {
    const { before } = this;

    at("earlier").hidden = !before;
    if (!before) return;
    const facts = [
      before.samples ? `${grouped(before.samples)} samples` : "",
      dateOf(before),
    ]
      .filter(Boolean)
      .join(", ");

    at("earlier-text").textContent =
      `Compared with \u201c${before.title || "an earlier recording"}\u201d` +
      (facts ? ` (${facts})` : "") +
      ". Shares, not times, are compared.";
  }

  showPanels() {
    const { tree, palette, state } = this;
    const shown = CATEGORIES.filter((name) =>
      tree.functions.some((func) => func.category === name),
    );

    this.showSelected();
    this.showWay();
    showLegend(palette, state, this.before !== null, shown);
    this.showFound();
    this.showList();
    at("empty").hidden = this.whole.now > 0 || this.whole.was > 0;
    at("spacer").hidden = !at("empty").hidden;
    at("list").hidden = !this.rows.length;
    at("empty").textContent = this.recording.samples
      ? "Everything is filtered out."
      : "No samples: the program used no CPU time while it was recorded.";
  }

  showSelected() {
    const { tree, selected } = this;
    const func = tree.functions[tree.func[selected]];
    const own = {
      self: tree.self[selected],
      total: tree.total[selected],
      was: tree.was[selected],
      wasTotal: tree.wasTotal[selected],
    };
    const all = this.rows.find((row) => row.index === tree.func[selected]);

    showInfo(
      this.recording,
      func,
      this.sides ? all : own,
      this.whole,
      this.before !== null,
    );
    showRank(this.ranked, selected);
    this.table.selected = tree.func[selected];
    for (const row of at("rows").children)
      row.setAttribute(
        "aria-selected",
        String(Number(row.dataset.func) === this.table.selected),
      );
  }

  showFound() {
    const { found } = this;

    at("found").textContent = found
      ? `${percent(found.share)} in ${grouped(found.count)} frame` +
        (found.count === 1 ? "" : "s")
      : "";
  }

  showList() {
    showTable(this.rows, this.table, this.whole, {
      sort: (by) => {
        this.table.by = by;
        this.showList();
        document.querySelector(`[data-sort=${by}]`).focus();
      },
      pick: (row) => {
        this.select(row.node, true);
        at("graph").focus({ preventScroll: true });
        at("info").scrollIntoView({ block: "nearest" });
      },
    });
  }

  /* Changes settings; the tree is another one afterwards. */
  set(changes) {
    Object.assign(this.state, changes);
    rememberState(this.state, true);
    this.showAll();
  }

  select(node, isStep) {
    if (node < 0) return;
    this.selected = node;
    this.state.selected = this.tree.hash[node];
    this.turnTo();
    if (!isBelow(this.tree, node, this.zoom)) this.zoomTo(0);
    rememberState(this.state, isStep && this.state.view === "sandwich");
    this.view.show(false);
    this.view.reveal(node);
    this.showWay();
    this.showSelected();
    this.say(node);
  }

  say(node) {
    const { tree, whole } = this;
    const place = this.ranked.indexOf(node);

    at("live").textContent =
      `${labelOf(tree, node)}, ` +
      `${percent(share(tree.self[node], whole.now))} at the top of the stack, ` +
      `${percent(share(tree.total[node], whole.now))} on stack` +
      (place < 0 ? "" : `, number ${place + 1} of ${this.ranked.length}`);
  }

  zoomTo(node) {
    const changed = node !== this.zoom;

    this.zoom = node;
    this.state.zoom = node ? this.tree.hash[node] : 0;
    rememberState(this.state, changed);
    this.view.show(changed);
    this.showWay();
  }

  showWay() {
    const { tree, selected } = this;

    if (this.sides) showSides(labelOf(tree, selected));
    else showPath(tree, this.zoom, (node) => this.zoomTo(node));
  }

  walk(where) {
    const last = this.ranked.length - 1;
    const place = this.ranked.indexOf(this.selected);
    const to = { first: 0, previous: place - 1, next: place + 1, last }[where];

    if (last >= 0) this.select(this.ranked[Math.max(0, Math.min(to, last))]);
  }

  search(text) {
    this.state.search = text;
    this.found = search(this.tree, text);
    rememberState(this.state, false);
    this.view.show(false);
    this.showFound();
  }

  isFolded() {
    return LIBRARIES.every((name) => this.state.hidden.includes(name));
  }

  fold() {
    const others = this.state.hidden.filter(
      (name) => !LIBRARIES.includes(name),
    );

    this.set({ hidden: this.isFolded() ? others : [...others, ...LIBRARIES] });
  }

  filter(name) {
    const { hidden, init } = this.state;

    if (name === "init") this.set({ init: !init });
    else if (hidden.includes(name))
      this.set({ hidden: hidden.filter((other) => other !== name) });
    else this.set({ hidden: [...hidden, name] });
  }

  compareWith(before) {
    this.before = before;
    this.table.by = before ? "change" : "self";
    this.set({ color: before ? "change" : "heat", widths: "now" });
  }

  /* A click in the graph: zooms, or turns the sandwich to another function. */
  pick(hit) {
    if (!hit) return;
    if (!hit.band.side) {
      this.select(hit.node, false);
      this.zoomTo(hit.node);
      return;
    }
    const func = hit.band.tree.func[hit.node];

    this.select(this.rows.find((row) => row.index === func)?.node ?? -1, true);
  }

  tip(hit, x, y) {
    const { tree } = hit.band;
    const { node } = hit;
    const func = tree.functions[tree.func[node]];
    const line = (name, value, was) =>
      `${name}: ${percent(share(value, this.whole.now))}` +
      (this.before
        ? `, ${points(share(value, this.whole.now) - share(was, this.whole.was))}`
        : ` \u00b7 ${span(value)}`);

    showTip(x, y, [
      labelOf(tree, node),
      whereOf(func),
      hit.band.side === "callers"
        ? ""
        : line("top of stack", tree.self[node], tree.was[node]),
      line(
        hit.band.side === "callers" ? "this way" : "on stack",
        tree.total[node],
        tree.wasTotal[node],
      ),
      kindOf(func),
    ]);
  }
}

function theme() {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

function begin() {
  themeButton(at("theme"));
  const own = recording("seed-flame");
  const before = recording("seed-before");

  showFacts(own);
  const app = new App(
    own,
    before && before.kind === "seed-flame" ? before : null,
  );

  app.showAll();
  listen(app);
  return app;
}

const app = begin();
