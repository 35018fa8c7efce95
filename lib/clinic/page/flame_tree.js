/* SPDX-License-Identifier: MIT */
/* The tree that is shown. A recording's nodes are walked once; a frame that is
 * hidden gives its time to what called it. Nodes are rows of typed arrays, a
 * parent before its children, and row 0 is "all stacks". */

const CLONE = /\.(part|isra|constprop|cold|lto_priv|localalias)(\.\d+)?/g;

/* The functions of all recordings, by what makes two frames the same one. */
class Functions {
  constructor(settings, comparing) {
    this.settings = settings;
    this.comparing = comparing;
    this.list = [{ name: "all stacks", category: "", hash: 1, file: "" }];
    this.byKey = new Map();
  }

  /* The name that a frame goes by: a clone's is its function's when merged,
   * and a span of another build is registered at another line. */
  name(frame) {
    if (this.settings.merged && frame.clone)
      return frame.name.replace(CLONE, "");
    if (this.comparing && frame.category === "span")
      return frame.name.replace(/ \([^()]*:\d+\)$/, "");
    return frame.name;
  }

  intern(frame) {
    const name = this.name(frame);
    const tag = this.settings.merged ? "" : tagOf(frame);
    const key = [name, frame.category, tag, frame.init ? "init" : ""].join(
      "\n",
    );

    if (!this.byKey.has(key)) {
      this.byKey.set(key, this.list.length);
      this.list.push({ ...frame, name, tag, hash: hashOf(key) });
    }
    return this.byKey.get(key);
  }
}

function tagOf(frame) {
  return (frame.inlined ? " [INLINED]" : "") + (frame.clone ? " [CLONE]" : "");
}

/* FNV-1a: a name for a function, and for a path of them, that stays the same
 * when the page is opened again. */
function hashOf(string) {
  let hash = 0x811c9dc5;

  for (let i = 0; i < string.length; i++)
    hash = Math.imul(hash ^ string.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/* Grows a tree; `self` is time now, `was` that of the earlier recording. */
class Grower {
  constructor(functions) {
    this.functions = functions;
    this.parent = [-1];
    this.func = [0];
    this.depth = [0];
    this.hash = [1];
    this.weights = [[0], [0]];
    this.places = new Map();
  }

  child(parent, func) {
    const key = parent * 1048576 + func;
    const found = this.places.get(key);

    if (found !== undefined) return found;
    const made = this.parent.length;
    const own = this.functions.list[func].hash;

    this.places.set(key, made);
    this.parent.push(parent);
    this.func.push(func);
    this.depth.push(this.depth[parent] + 1);
    this.hash.push(Math.imul(this.hash[parent] ^ own, 0x01000193) >>> 0);
    this.weights[0].push(0);
    this.weights[1].push(0);
    return made;
  }

  done() {
    const tree = {
      count: this.parent.length,
      functions: this.functions.list,
      parent: Int32Array.from(this.parent),
      func: Int32Array.from(this.func),
      depth: Int32Array.from(this.depth),
      hash: Uint32Array.from(this.hash),
      self: Float64Array.from(this.weights[0]),
      was: Float64Array.from(this.weights[1]),
    };

    tree.total = sums(tree, tree.self);
    tree.wasTotal = sums(tree, tree.was);
    tree.deepest = tree.depth.reduce((a, b) => Math.max(a, b), 0);
    return tree;
  }
}

/* What each node and all below it have: children stand behind their parents. */
function sums(tree, weights) {
  const total = Float64Array.from(weights);

  for (let i = tree.count - 1; i > 0; i--) total[tree.parent[i]] += total[i];
  return total;
}

/* Puts one recording's nodes into a tree. Returns the microseconds that were
 * left out because they belong to the program's start. */
function grow(grower, recording, which, settings) {
  const frames = recording.frames.map((_, i) => frameOf(recording, i));
  const funcs = frames.map((frame) => grower.functions.intern(frame));
  const place = new Int32Array(recording.nodes.length);
  const hidden = new Set(settings.hidden);
  let dropped = 0;

  function stays(frame, parent, func) {
    if (hidden.has(frame.category)) return false;
    if (!settings.merged) return true;
    return !frame.inlined && !(frame.clone && grower.func[parent] === func);
  }
  recording.nodes.forEach(([parent, index, self], i) => {
    const above = i ? place[parent] : 0;

    if (index < 0 || above < 0) {
      place[i] = above;
    } else if (frames[index].init && !settings.init) {
      place[i] = -1;
    } else {
      place[i] = stays(frames[index], above, funcs[index])
        ? grower.child(above, funcs[index])
        : above;
    }
    if (place[i] < 0) dropped += self;
    else grower.weights[which][place[i]] += self;
  });
  return dropped;
}

/* The tree of a recording, and of an earlier one beside it or null. */
function showTree(recording, before, settings) {
  const grower = new Grower(new Functions(settings, before !== null));
  const dropped = grow(grower, recording, 0, settings);

  if (before) grow(grower, before, 1, settings);
  return layOut(
    Object.assign(grower.done(), { dropped }),
    before !== null && settings.widths === "before",
  );
}

/* Gives each node its children, the largest first, and the place at which it
 * begins, in the unit of the weights that make the widths. */
function layOut(tree, byBefore) {
  const width = byBefore ? tree.wasTotal : tree.total;
  const first = new Int32Array(tree.count + 1);
  const children = new Int32Array(Math.max(tree.count - 1, 0));
  const start = new Float64Array(tree.count);

  for (let i = 1; i < tree.count; i++) first[tree.parent[i] + 1]++;
  for (let i = 0; i < tree.count; i++) first[i + 1] += first[i];
  const at = first.slice();

  for (let i = 1; i < tree.count; i++) children[at[tree.parent[i]]++] = i;
  for (let i = 0; i < tree.count; i++) {
    const own = children.subarray(first[i], first[i + 1]);
    let from = start[i];

    own.sort((a, b) => width[b] - width[a] || tree.hash[a] - tree.hash[b]);
    for (const child of own) {
      start[child] = from;
      from += width[child];
    }
  }
  return Object.assign(tree, { first, children, start, width });
}

function childrenOf(tree, node) {
  return tree.children.subarray(tree.first[node], tree.first[node + 1]);
}

/* Nodes from "all stacks" down to this one. */
function pathTo(tree, node) {
  const path = [];

  for (let at = node; at >= 0; at = tree.parent[at]) path.unshift(at);
  return path;
}

function isBelow(tree, node, above) {
  while (node > above) node = tree.parent[node];
  return node === above;
}

function labelOf(tree, node) {
  const func = tree.functions[tree.func[node]];

  return func.name + (func.tag || "");
}
