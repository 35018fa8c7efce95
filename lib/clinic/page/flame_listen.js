/* SPDX-License-Identifier: MIT */
/* From what a reader does to what the page does. */

/* Keys of the graph, by what they do to the selected frame; up is away from
 * the reader's feet, wherever "all stacks" is. */
const GRAPH_KEYS = {
  ArrowUp: (app) => app.select(step(app, app.state.view === "flame")),
  ArrowDown: (app) => app.select(step(app, app.state.view !== "flame")),
  ArrowLeft: (app) => app.select(sibling(app, -1)),
  ArrowRight: (app) => app.select(sibling(app, 1)),
  Enter: (app) => app.zoomTo(app.selected),
  Home: (app) => app.select(0),
};
const PAGE_KEYS = {
  Escape: (app) => {
    if (document.body.classList.contains("presenting")) present(false);
    else app.zoomTo(0);
  },
  "/": () => at("search").focus(),
  n: (app) => app.walk("next"),
  p: (app) => app.walk("previous"),
};

/* To the widest child, or to the parent. */
function step(app, outward) {
  const { tree, selected } = app;

  return outward
    ? (childrenOf(tree, selected)[0] ?? -1)
    : tree.parent[selected];
}

/* The next frame in the same row, a cousin also. */
function sibling(app, by) {
  const { tree, selected } = app;
  const row = [];

  for (let i = 0; i < tree.count; i++)
    if (tree.depth[i] === tree.depth[selected] && tree.width[i] > 0)
      row.push(i);
  row.sort((a, b) => tree.start[a] - tree.start[b]);
  return row[row.indexOf(selected) + by] ?? -1;
}

function listenToKeys(app) {
  at("graph").addEventListener("keydown", (event) => {
    const act = GRAPH_KEYS[event.key];

    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(app);
  });
  document.addEventListener("keydown", (event) => {
    const act = PAGE_KEYS[event.key];
    const typing = event.target.tagName === "INPUT";

    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing && event.key !== "Escape") return;
    if (typing) {
      event.target.blur();
      if (app.state.search) {
        app.search((event.target.value = ""));
        return;
      }
    }
    event.preventDefault();
    act(app);
  });
}

function listenToPointer(app) {
  const graph = at("graph");
  const hit = (event) => {
    const box = graph.getBoundingClientRect();

    return app.view.drawing.hit(
      event.clientX - box.left,
      event.clientY - box.top,
    );
  };

  graph.addEventListener("click", (event) => {
    at("tip").hidden = true;
    app.pick(hit(event));
  });
  graph.addEventListener("pointermove", (event) => {
    const found = event.pointerType === "touch" ? null : hit(event);

    at("tip").hidden = !found;
    if (found) app.tip(found, event.clientX, event.clientY);
  });
  graph.addEventListener("pointerleave", () => {
    at("tip").hidden = true;
  });
  at("scroller").addEventListener("scroll", () => app.view.drawing.paint());
}

function listenToControls(app) {
  for (const button of document.querySelectorAll("[data-set]"))
    button.addEventListener("click", () =>
      app.set({ [button.dataset.set]: button.dataset.value }),
    );
  for (const button of document.querySelectorAll("[data-walk]"))
    button.addEventListener("click", () => app.walk(button.dataset.walk));
  at("filters").addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter]");

    if (button) app.filter(button.dataset.filter);
  });
  at("merge").addEventListener("click", () =>
    app.set({ merged: !app.state.merged }),
  );
  at("fold").addEventListener("click", () => app.fold());
  at("search").addEventListener("input", (event) =>
    app.search(event.target.value),
  );
  at("more").addEventListener("click", () => {
    app.table.all = !app.table.all;
    app.showList();
  });
  at("copy").addEventListener("click", () => copy(at("where").textContent));
  at("present").addEventListener("click", () =>
    present(!document.body.classList.contains("presenting")),
  );
}

/* The clipboard may be closed to a file; a selection is not. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(at("where"));
    document.execCommand("copy");
  }
  at("copy").textContent = "Copied";
  setTimeout(() => {
    at("copy").textContent = "Copy";
  }, 1500);
}

/* The graph alone, on the whole screen where that is allowed. */
function present(on) {
  document.body.classList.toggle("presenting", on);
  at("present").setAttribute("aria-pressed", String(on));
  if (on) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
  dispatchEvent(new Event("resize"));
  if (on) at("graph").focus({ preventScroll: true });
}

async function compareFile(app, file) {
  const known = namesOf(app.recording);

  try {
    app.compareWith(readRecording(await file.text(), file.name, known));
    at("notice").hidden = true;
  } catch (error) {
    at("notice").textContent =
      `${file.name} cannot be compared: ${error.message}.`;
    at("notice").hidden = false;
  }
}

function listenToFiles(app) {
  at("compare").addEventListener("click", () => at("file").click());
  at("file").addEventListener("change", (event) => {
    if (event.target.files.length) compareFile(app, event.target.files[0]);
    event.target.value = "";
  });
  at("forget").addEventListener("click", () => app.compareWith(null));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", () =>
    document.body.classList.remove("dropping"),
  );
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    if (event.dataTransfer.files.length)
      compareFile(app, event.dataTransfer.files[0]);
  });
}

function listenToWindow(app) {
  let onPaper = "light";

  addEventListener("popstate", () => {
    app.state = stateOf(location.hash);
    app.showAll();
  });
  addEventListener("resize", () => app.view.show(false));
  document.addEventListener("theme", () => {
    app.palette = new Palette(theme());
    app.showControls();
    app.view.show(false);
    app.showPanels();
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement) present(false);
  });
  addEventListener("beforeprint", () => {
    onPaper = theme();
    document.documentElement.dataset.theme = "light";
    app.palette = new Palette("light");
    app.view.print(true);
    app.showPanels();
  });
  addEventListener("afterprint", () => {
    document.documentElement.dataset.theme = onPaper;
    app.palette = new Palette(onPaper);
    app.view.print(false);
    app.showPanels();
  });
}

function listen(app) {
  listenToKeys(app);
  listenToPointer(app);
  listenToControls(app);
  listenToFiles(app);
  listenToWindow(app);
}
