/* SPDX-License-Identifier: MIT */
/* Questions to a tree: what is hot, what matches, who calls and is called. */

function share(value, whole) {
  return whole > 0 ? value / whole : 0;
}

/* Nodes that were at the top of the stack, the hottest first. */
function hottest(tree) {
  const nodes = [];

  for (let i = 1; i < tree.count; i++) if (tree.self[i] > 0) nodes.push(i);
  return nodes.sort(
    (a, b) =>
      tree.self[b] - tree.self[a] || tree.total[b] - tree.total[a] || a - b,
  );
}

/* Calls `visit(node, nested)` for each node, parents first; `nested` tells
 * that a node above it is of the same function. */
function eachNested(tree, visit) {
  const open = new Int32Array(tree.functions.length);
  const stack = [0];

  while (stack.length) {
    const node = stack.pop();

    if (node < 0) {
      open[tree.func[~node]]--;
      continue;
    }
    visit(node, open[tree.func[node]] > 0);
    open[tree.func[node]]++;
    stack.push(~node);
    for (const child of childrenOf(tree, node)) stack.push(child);
  }
}

function isHotter(tree, node, other) {
  return (
    tree.self[node] > tree.self[other] ||
    (tree.self[node] === tree.self[other] && tree.was[node] > tree.was[other])
  );
}

/* One row a function: time on stack counts once where it calls itself. */
function tableOf(tree) {
  const rows = tree.functions.map((func, index) => ({
    func,
    index,
    self: 0,
    total: 0,
    was: 0,
    wasTotal: 0,
    node: -1,
  }));

  eachNested(tree, (node, nested) => {
    const row = rows[tree.func[node]];

    row.self += tree.self[node];
    row.was += tree.was[node];
    row.total += nested ? 0 : tree.total[node];
    row.wasTotal += nested ? 0 : tree.wasTotal[node];
    if (row.node < 0 || isHotter(tree, node, row.node)) row.node = node;
  });
  return rows
    .filter((row) => row.index && row.node >= 0)
    .sort((a, b) => b.self - a.self || b.total - a.total || a.index - b.index);
}

/* The nodes whose function, file or library has the text in it, and the time
 * of all stacks that go through one of them. */
function search(tree, text) {
  const wanted = text.trim().toLowerCase();
  const inside = new Uint8Array(tree.count);
  let count = 0;
  let time = 0;

  if (!wanted) return null;
  const funcs = Uint8Array.from(
    tree.functions,
    (func, index) =>
      index > 0 &&
      [func.name + (func.tag || ""), func.file, func.module].some((part) =>
        part.toLowerCase().includes(wanted),
      ),
  );

  for (let i = 1; i < tree.count; i++) {
    const fits = funcs[tree.func[i]];

    count += fits;
    inside[i] = inside[tree.parent[i]] | fits;
    if (fits && !inside[tree.parent[i]]) time += tree.total[i];
  }
  return { funcs, count, share: share(time, tree.total[0]) };
}

function copyBelow(grower, tree, node, at) {
  const stack = [[node, at]];

  while (stack.length) {
    const [from, to] = stack.pop();

    grower.weights[0][to] += tree.self[from];
    grower.weights[1][to] += tree.was[from];
    for (const child of childrenOf(tree, from))
      stack.push([child, grower.child(to, tree.func[child])]);
  }
}

function copyAbove(grower, tree, node, at) {
  for (let up = tree.parent[node]; up > 0; up = tree.parent[up])
    at = grower.child(at, tree.func[up]);
  grower.weights[0][at] += tree.total[node];
  grower.weights[1][at] += tree.wasTotal[node];
}

/* What a function calls and what calls it: two trees whose root's only child
 * is that function. */
function sandwich(tree, func, byBefore) {
  const functions = { list: tree.functions };
  const callees = new Grower(functions);
  const callers = new Grower(functions);
  const below = callees.child(0, func);
  const above = callers.child(0, func);

  eachNested(tree, (node, nested) => {
    if (tree.func[node] !== func || nested) return;
    copyBelow(callees, tree, node, below);
    copyAbove(callers, tree, node, above);
  });
  return {
    callees: layOut(callees.done(), byBefore),
    callers: layOut(callers.done(), byBefore),
  };
}

/* The time at the top of the stack of each function, wherever it is called. */
function heatsOf(tree) {
  const heats = {
    now: new Float64Array(tree.functions.length),
    was: new Float64Array(tree.functions.length),
  };

  for (let i = 1; i < tree.count; i++) {
    heats.now[tree.func[i]] += tree.self[i];
    heats.was[tree.func[i]] += tree.was[i];
  }
  return heats;
}

/* The share of each category at the top of the stack, in all that was
 * recorded, whatever is hidden. */
function categoriesOf(recording, init) {
  const shares = new Map(CATEGORIES.map((name) => [name, 0]));
  const frames = recording.frames.map((_, i) => frameOf(recording, i));
  const hidden = new Uint8Array(recording.nodes.length);
  let whole = 0;
  let start = 0;

  recording.nodes.forEach(([parent, index, self], i) => {
    const frame = index < 0 ? null : frames[index];

    hidden[i] = frame && (frame.init || hidden[parent]) ? 1 : 0;
    if (hidden[i]) start += self;
    if (hidden[i] && !init) return;
    whole += self;
    if (frame) shares.set(frame.category, shares.get(frame.category) + self);
  });
  for (const [name, value] of shares) shares.set(name, share(value, whole));
  return { shares, start };
}
