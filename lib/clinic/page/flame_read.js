/* SPDX-License-Identifier: MIT */
/* Recordings, from whatever a reader has: this page's own, an earlier page, its
 * JSON, or folded stacks. They leave here in the shape of our JSON. */

const CATEGORIES = [
  "app",
  "libseed",
  "libevent",
  "openssl",
  "jansson",
  "libc",
  "kernel",
  "other",
  "span",
];
const LIBRARIES = ["libevent", "openssl", "jansson", "libc", "kernel", "other"];
const FLAG = { inlined: 1, clone: 2, init: 8 };

/* A frame of a recording, by the names of what stands at each place. */
function frameOf(recording, index) {
  const [name, file, module, line, category, flags] = recording.frames[index];
  const string = (at) => (at < 0 ? "" : (recording.strings[at] ?? ""));

  return {
    name: string(name),
    file: string(file),
    module: string(module),
    line,
    category: CATEGORIES.includes(category) ? category : "other",
    inlined: (flags & FLAG.inlined) !== 0,
    clone: (flags & FLAG.clone) !== 0,
    init: (flags & FLAG.init) !== 0,
  };
}

/* Frames by their names, for files that have nothing else. A function that is
 * inlined here and called there counts as called. */
function namesOf(recording) {
  const known = new Map();

  recording.frames.forEach((_, i) => {
    const frame = frameOf(recording, i);
    const other = known.get(frame.name);

    if (!other || other.inlined) known.set(frame.name, frame);
  });
  return known;
}

function flagsOf(frame) {
  return (frame.inlined ? FLAG.inlined : 0) | (frame.clone ? FLAG.clone : 0);
}

/* "main;seed_run;write 12", a line a stack, where 12 may be samples or time.
 * It has neither files nor categories: those of a frame of the same name in
 * `known` are taken. */
function readFolded(text, title, known) {
  const strings = [];
  const frames = [];
  const nodes = [[-1, -1, 0, 0]];
  const atFrame = new Map();
  const atNode = new Map();

  function frame(name) {
    if (!atFrame.has(name)) {
      const same = known.get(name);
      const at = (string) => strings.push(string) - 1;

      atFrame.set(name, frames.length);
      frames.push([
        at(name),
        same && same.file ? at(same.file) : -1,
        at(same ? same.module : ""),
        same ? same.line : 0,
        same ? same.category : "other",
        same ? flagsOf(same) : 0,
      ]);
    }
    return atFrame.get(name);
  }
  function child(parent, name) {
    const key = parent + ";" + name;

    if (!atNode.has(key)) {
      atNode.set(key, nodes.length);
      nodes.push([parent, frame(name), 0, 0]);
    }
    return atNode.get(key);
  }
  let total = 0;

  for (const line of text.split(/\r?\n/)) {
    const parts = /^(.+) (\d+)$/.exec(line);

    if (!parts) continue;
    const weight = Number(parts[2]);
    let at = 0;

    for (const name of parts[1].split(";")) at = child(at, name);
    nodes[at][2] += weight;
    total += weight;
  }
  if (!total) throw new Error("it has no stack");
  return {
    kind: "seed-flame",
    version: 1,
    title,
    created: "",
    samples: 0,
    microseconds: total,
    hertz: 0,
    seconds: 0,
    strings,
    frames,
    nodes,
  };
}

/* The recording in a page of ours; nothing of that page runs. */
function readPage(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const element = page.getElementById("seed-flame");

  if (!element) throw new Error("it is a page, but not a flame graph of ours");
  return readJson(element.textContent);
}

function readJson(text) {
  const read = JSON.parse(text);
  const whole = ["strings", "frames", "nodes"].every((part) =>
    Array.isArray(read[part]),
  );

  if (read.kind !== "seed-flame" || !whole || !read.nodes.length)
    throw new Error("it is not a flame graph of ours");
  return read;
}

/* By what the text looks like: a file's name may say anything. */
function readRecording(text, title, known) {
  const start = text.trimStart().slice(0, 1);

  if (start === "<") return readPage(text);
  if (start === "{") return readJson(text);
  return readFolded(text, title, known);
}
