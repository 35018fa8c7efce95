/* SPDX-License-Identifier: MIT */
/* Draws trees on a canvas that is as large as the window on them: it stays in
 * place while its parent scrolls, and paints what is in view. A drawing is a
 * list of bands, each a tree whose rows go up or down from a place. */

const ROW = { near: 22, far: 34 }; /* far: on a wall, seen by many */
const LETTERS = { near: 12, far: 18 };
const GAP = 1;
const SLIVER = 0.3; /* pixels: thinner frames are not looked into */

class Drawing {
  constructor(scroller, canvas, spacer) {
    this.scroller = scroller;
    this.canvas = canvas;
    this.spacer = spacer;
    this.context = canvas.getContext("2d");
    this.bands = [];
    this.look = null;
    this.row = ROW.near;
    this.letter = 7;
  }

  /* `bands`: { tree, from, row, up } each, where `from` is the node that is
   * as wide as the canvas, in row `row`. */
  show(bands, look) {
    this.bands = bands;
    this.look = look;
    this.measure();
  }

  /* How many rows there are, and room for them. */
  measure() {
    const { rows, distance } = this.look;

    this.row = ROW[distance];
    const height = rows * this.row + 2 * GAP;

    this.spacer.style.height = height + "px";
    this.width = this.scroller.clientWidth;
    this.height = this.look.whole
      ? height
      : Math.min(
          this.scroller.clientHeight || height,
          Math.max(height, this.row),
        );
    this.offset = Math.max(0, this.height - height);
    const scale = window.devicePixelRatio || 1;

    this.canvas.style.width = this.width + "px";
    this.canvas.style.height = this.height + "px";
    this.canvas.width = Math.round(this.width * scale);
    this.canvas.height = Math.round(this.height * scale);
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.context.font = `${LETTERS[distance]}px ${this.look.palette.mono}`;
    this.context.textBaseline = "middle";
    this.letter = this.context.measureText("mmmmmmmmmm").width / 10;
  }

  /* Where the row of a node of a band begins, in the canvas. */
  top(band, depth) {
    const row = band.up ? band.row - depth : band.row + depth;

    return (
      row * this.row +
      GAP +
      this.offset -
      (this.look.whole ? 0 : this.scroller.scrollTop)
    );
  }

  /* Left and right edge in pixels; what a zoomed frame is part of is as wide
   * as the canvas. */
  edges(band, node) {
    const [low, high] = band.view;
    const scale = this.width / (high - low || 1);
    const left = (band.tree.start[node] - low) * scale;

    return [left, left + band.tree.width[node] * scale];
  }

  paint() {
    this.context.clearRect(0, 0, this.width, this.height);
    for (const band of this.bands) this.paintBand(band);
  }

  paintBand(band) {
    const stack = [band.from];

    while (stack.length) {
      const node = stack.pop();
      const [left, right] = this.edges(band, node);

      if (right - left < SLIVER || right <= SLIVER) continue;
      if (left >= this.width) continue;
      this.paintNode(band, node, left, right);
      for (const child of childrenOf(band.tree, node)) stack.push(child);
    }
    if (this.look.selected(band) >= 0) this.outline(band);
  }

  paintNode(band, node, left, right) {
    const y = this.top(band, band.tree.depth[node] - band.base);

    if (y + this.row < 0 || y > this.height) return;
    const x = Math.max(left, 0);
    const width = Math.min(right, this.width) - x;
    const color = this.look.color(band, node);
    const context = this.context;

    context.fillStyle = color;
    context.fillRect(
      x,
      y,
      Math.max(width - (width > 3 ? GAP : 0), SLIVER),
      this.row - GAP,
    );
    if (this.look.marked(band, node)) this.markNode(x, y, width);
    if (width > 3 * this.letter) this.write(band, node, x, y, width, color);
  }

  markNode(x, y, width) {
    this.context.fillStyle = this.look.palette.mark;
    this.context.fillRect(
      x,
      y + this.row - GAP - 3,
      Math.max(width - GAP, 1),
      3,
    );
  }

  write(band, node, x, y, width, color) {
    const room = Math.floor((width - 10) / this.letter);
    const text = this.look.label(band.tree, node, room);

    if (!text) return;
    this.context.fillStyle = this.look.palette.ink(color);
    this.context.fillText(text, x + 5, y + (this.row - GAP) / 2 + 0.5);
  }

  outline(band) {
    const node = this.look.selected(band);
    const [left, right] = this.edges(band, node);
    const y = this.top(band, band.tree.depth[node] - band.base);
    const x = Math.max(left, 0);
    const width = Math.max(Math.min(right, this.width) - x - GAP, 3);

    if (right < 0 || left > this.width) return;
    this.context.lineWidth = 2;
    this.context.strokeStyle = this.look.palette.text;
    this.context.strokeRect(
      x + 1,
      y + 1,
      Math.max(width - 2, 1),
      this.row - GAP - 2,
    );
  }

  /* The band and node at a place of the canvas, or null. */
  hit(x, y) {
    for (const band of this.bands) {
      const line = Math.floor((y - this.top(band, 0)) / this.row);
      const depth = (band.up ? -line : line) + band.base;
      const node = depth < 0 ? -1 : this.find(band, depth, x);

      if (node >= 0) return { band, node };
    }
    return null;
  }

  find(band, depth, x) {
    let at = band.from;

    if (band.tree.depth[at] > depth) return -1;
    while (at >= 0) {
      const [left, right] = this.edges(band, at);

      if (x < left || x > right || right - left < SLIVER) return -1;
      if (band.tree.depth[at] === depth) return at;
      at = this.childAt(band, at, x);
    }
    return -1;
  }

  childAt(band, node, x) {
    for (const child of childrenOf(band.tree, node)) {
      const [left, right] = this.edges(band, child);

      if (x >= left && x < Math.max(right, left + SLIVER)) return child;
    }
    return -1;
  }

  /* Scrolls so that a row is in view. */
  reveal(band, node) {
    const y = this.top(band, band.tree.depth[node] - band.base);

    if (y < 0) this.scroller.scrollTop += y - this.row;
    if (y + this.row > this.height)
      this.scroller.scrollTop += y + 2 * this.row - this.height;
  }
}

/* As much of a name as fits: the end may go, but never in silence. */
function cut(text, room) {
  if (text.length <= room) return text;
  return room < 4 ? "" : text.slice(0, room - 1) + "\u2026";
}
