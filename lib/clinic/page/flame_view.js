/* SPDX-License-Identifier: MIT */
/* The graph as it is seen: which trees, from where to where, in what colours;
 * and the way there when the zoom changes. */

const MOVE = 260; /* milliseconds */

class View {
  constructor(app) {
    this.app = app;
    this.drawing = new Drawing(at("scroller"), at("graph"), at("spacer"));
    this.range = null;
    this.moving = 0;
    this.whole = false;
  }

  /* The part of a tree's width that a node takes: a node of no width has the
   * whole. */
  rangeOf(tree, node) {
    const from = tree.width[node] > 0 ? node : 0;

    return [tree.start[from], tree.start[from] + tree.width[from]];
  }

  bands() {
    const { tree, state, sides } = this.app;

    if (state.view !== "sandwich" || !sides) {
      const up = state.view !== "icicle";

      return [{ tree, from: 0, base: 0, up, row: up ? tree.deepest : 0 }];
    }
    return ["callers", "callees"].map((side) => ({
      tree: sides[side],
      from: 1,
      base: 1,
      up: side === "callers",
      side,
      row: Math.max(sides.callers.deepest - 1, 0),
    }));
  }

  rows(bands) {
    return bands.length === 1
      ? bands[0].tree.deepest + 1
      : bands[0].row + Math.max(bands[1].tree.deepest, 1);
  }

  look(bands) {
    const { palette } = this.app;

    return {
      palette,
      rows: this.rows(bands),
      distance: document.body.classList.contains("presenting") ? "far" : "near",
      whole: this.whole,
      color: (band, node) =>
        this.app.found && !this.isMatch(band, node)
          ? palette.faded(this.color(band, node))
          : this.color(band, node),
      label: (tree, node, room) => cut(labelOf(tree, node), room),
      selected: (band) => this.selected(band),
      marked: (band, node) => this.isMatch(band, node),
    };
  }

  isMatch(band, node) {
    const { found } = this.app;

    return found !== null && found.funcs[band.tree.func[node]] === 1;
  }

  selected(band) {
    if (band.side) return band.side === "callees" ? 1 : -1;
    return this.app.selected;
  }

  /* In a sandwich a function is as hot as it is everywhere: what is at the top
   * of the stack in its trees is the function between them. */
  color({ tree, side }, node) {
    const { palette, state, whole, heats } = this.app;
    const func = tree.func[node];
    const [now, was] = side
      ? [heats.now[func], heats.was[func]]
      : [tree.self[node], tree.was[node]];

    if (state.color === "tiers")
      return palette.tier(tree.functions[func].category);
    if (state.color === "change" && whole.was > 0)
      return palette.change(share(now, whole.now) - share(was, whole.was));
    return palette.heat(share(now, whole.now));
  }

  /* Draws anew; `glide` moves there from where the view is. */
  show(glide) {
    const bands = this.bands();
    const target = bands[0].side
      ? null
      : this.rangeOf(this.app.tree, this.app.zoom);
    const from = this.range;

    cancelAnimationFrame(this.moving);
    this.range = target;
    for (const band of bands)
      band.view = target || this.rangeOf(band.tree, band.from);
    this.drawing.show(bands, this.look(bands));
    if (glide && target && from && !this.still()) this.glide(from, target);
    else this.drawing.paint();
  }

  still() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  glide(from, to) {
    const begun = performance.now();
    const step = (now) => {
      const part = Math.min(1, Math.max(0, (now - begun) / MOVE));
      const eased = 1 - (1 - part) ** 3;

      this.drawing.bands[0].view = to.map((value, i) =>
        part === 1 ? value : from[i] + (value - from[i]) * eased,
      );
      this.drawing.paint();
      if (part < 1) this.moving = requestAnimationFrame(step);
    };

    step(begun);
  }

  /* For paper all rows are drawn, in ink for white. */
  print(whole) {
    this.whole = whole;
    this.show(false);
  }

  reveal(node) {
    const [band] = this.drawing.bands;

    if (band && !band.side) this.drawing.reveal(band, node);
    this.drawing.paint();
  }

  /* A new tree or layout begins where its root is. */
  home() {
    const scroller = at("scroller");
    const { state } = this.app;

    if (state.view === "flame") scroller.scrollTop = scroller.scrollHeight;
    if (state.view === "icicle") scroller.scrollTop = 0;
    if (state.view === "sandwich")
      scroller.scrollTop =
        this.drawing.bands[0].row * this.drawing.row -
        scroller.clientHeight / 2;
    this.drawing.paint();
  }
}
