# SPDX-License-Identifier: MIT
"""The flame graph's page as its readers use it. What is drawn is asked of the
canvas's pixels, and where a frame is, of the page's own layout."""
import json

import pytest

import flame_data as data

LIBRARIES = {"libevent", "openssl", "jansson", "libc", "kernel", "other"}
TOTAL = sum(data.SLOW.values()) - 40000  # without what came before the loop


@pytest.fixture(scope="session")
def pages(page_maker):
    """Each recording as a page."""
    made = {name: page_maker("flame_page", name, getattr(data, name)())
            for name in ("slow", "fast", "empty", "hostile", "large")}
    made["compared"] = page_maker("flame_page", "compared", data.fast(),
                                  before=data.slow())
    return made


class Graph:
    """The graph of an open page."""

    def __init__(self, page):
        self.page = page

    def spot(self, name, side=None):
        """The middle of the widest frame of that name, in the canvas."""
        where = self.page.run("""
            const draw = app.view.drawing;
            let best = null;
            for (const band of draw.bands) {
              if (arguments[1] && band.side !== arguments[1]) continue;
              for (let i = band.from; i < band.tree.count; i++) {
                if (labelOf(band.tree, i) !== arguments[0]) continue;
                const [a, b] = draw.edges(band, i);
                const left = Math.max(a, 0), right = Math.min(b, draw.width);
                if (right - left < 1 || (best && best[2] > right - left))
                  continue;
                best = [(left + right) / 2,
                  draw.top(band, band.tree.depth[i] - band.base) + draw.row / 2,
                  right - left];
              }
            }
            return best;""", name, side)
        assert where, f"no frame '{name}' is drawn"
        return where

    def click(self, name, side=None):
        x, y, _ = self.spot(name, side)
        self.page.click_at("#graph", x, y)

    def width(self, name):
        return self.spot(name)[2]

    def is_shown(self, name):
        return self.page.run(
            "return app.view.drawing.bands.some((band) => Array.from("
            "band.tree.func.keys()).some((i) => i >= band.from &&"
            " labelOf(band.tree, i) === arguments[0]))", name)

    def color(self, name, side=None, up=0):
        """Near a frame's right end, where no text is, as "#rrggbb"."""
        x, y, width = self.spot(name, side)
        return self.page.run("""
            const scale = devicePixelRatio;
            const copy = new OffscreenCanvas(1, 1).getContext("2d");
            copy.drawImage(app.view.drawing.canvas,
              -Math.round(arguments[0] * scale),
              -Math.round(arguments[1] * scale));
            const pixel = copy.getImageData(0, 0, 1, 1).data;
            return "#" + [...pixel.slice(0, 3)].map((v) =>
              v.toString(16).padStart(2, "0")).join("");""",
            x + width / 2 - 5, y + up)

    def still(self):
        """Waits until a zoom has arrived."""
        self.page.wait("JSON.stringify(app.view.drawing.bands[0].view) ==="
                       "JSON.stringify(app.view.range)", "the zoom's end")


@pytest.fixture
def slow(open_page, pages):
    page = open_page(pages["slow"])
    page.graph = Graph(page)
    return page


@pytest.fixture
def compared(open_page, pages):
    page = open_page(pages["compared"])
    page.graph = Graph(page)
    return page


def percent(part, whole=TOTAL):
    return f"{100 * part / whole:.1f} %"


def self_of(name, stacks=None):
    return sum(weight for stack, weight in (stacks or data.SLOW).items()
               if stack.split(";")[-1] == name and "(init)" not in stack)


SHA = data.SLOW[data.AFTER + ";hash_json;hash_json.part.0;EVP_Digest;"
                "EVP_DigestUpdate;sha512_block_data_order"]


@pytest.mark.parametrize("name, hottest", [
    ("slow", "sha512_block_data_order"), ("compared", "sendmsg"),
    ("empty", "all stacks"), ("hostile", "<b>bold</b>"), ("large", "app_")])
def test_every_look(looks, pages, name, hottest):
    page = looks(pages[name])
    assert page.text("#name").startswith(hottest)
    assert page.run("return document.documentElement.dataset.theme") == \
        page.theme
    drawn = page.run("const c = app.view.drawing;"
                     "return c.width > 0 && c.context.getImageData(0, 0,"
                     " c.canvas.width, c.canvas.height).data.some((v) => v)") \
        if name != "empty" else True
    assert drawn


def test_begins_with_the_hottest(slow):
    assert slow.text("#title") == "seed-server slow"
    assert slow.driver.title == "seed-server slow · flame graph"
    assert "976 samples" in slow.text("#facts")
    assert "99 Hz" in slow.text("#facts")
    assert slow.text("#name") == "sha512_block_data_order"
    assert slow.text("#rank") == "#1 of 14"
    assert slow.text("#self").split("\n")[0] == percent(SHA)
    assert slow.text("#self").split("\n")[1] == "4.65 s · 460 samples"
    assert slow.text("#kind") == "libcrypto.so.3 · openssl"
    assert not slow.find("#place").is_displayed()


def test_walks_from_hot_to_cool(slow):
    assert not slow.find("[data-walk=previous]").is_enabled()
    seen = []
    for _ in range(14):
        seen.append(slow.text("#name"))
        last = not slow.find("[data-walk=next]").is_enabled()
        if not last:
            slow.click("[data-walk=next]")
    assert last and slow.text("#rank") == "#14 of 14"
    # hash_json has its inlined helper's time, being merged.
    assert seen[:5] == ["sha512_block_data_order", "do_dump", "etagger_after",
                        "hash_json", "strlen"]
    assert set(seen) == {stack.split(";")[-1] for stack in data.SLOW
                         if "(init)" not in stack and "to_hex" not in stack}
    slow.click("[data-walk=first]")
    assert slow.text("#rank") == "#1 of 14"
    slow.click("[data-walk=last]")
    assert slow.text("#rank") == "#14 of 14"
    slow.click("[data-walk=previous]")
    assert slow.text("#rank") == "#13 of 14"
    assert "number 13 of 14" in slow.run("return at('live').textContent")


def test_heat_is_the_share_at_the_top(slow):
    ramp = slow.run("return RAMPS.light.heat")
    assert slow.graph.color("sha512_block_data_order") == ramp[3]
    assert slow.graph.color("main") == ramp[0]
    assert slow.text("#legend").split("\n") == [
        "At the top of the stack", "cold, 0 %", "luke, 1 %", "warm, 3 %",
        "hot, 10 % or more"]
    steps = slow.run("return [0, 0.01, 0.03, 0.1, 0.9].map((v) =>"
                     " onRamp(RAMPS.light.heat, v))")
    assert steps == ramp + ramp[3:]


def test_text_is_legible_on_every_colour(slow):
    worst = slow.run("""
        const worst = {};
        for (const name of ["light", "dark"]) {
          document.documentElement.dataset.theme = name;
          const palette = new Palette(name);
          const colors = CATEGORIES.map((one) => palette.tier(one));
          for (let i = -1000; i <= 1000; i++)
            colors.push(palette.heat(Math.abs(i) / 8000),
              palette.change(i / 8000));
          colors.push(...colors.map((one) => palette.faded(one)));
          worst[name] = Math.min(...colors.map((one) =>
            contrast(one, palette.ink(one))));
        }
        return worst;""")
    assert worst["light"] >= 4.5 and worst["dark"] >= 4.5, worst


def test_click_zooms_and_back_again(slow):
    graph = slow.graph
    whole = graph.width("main")
    graph.click("json_dumps")
    graph.still()
    assert graph.width("json_dumps") == pytest.approx(whole, abs=1)
    assert graph.width("main") == pytest.approx(whole, abs=1)
    assert slow.text("#name") == "json_dumps"
    assert [b.text for b in slow.all("#path button")][-2:] == [
        "hash_json", "json_dumps"]
    slow.all("#path button")[-2].click()
    graph.still()
    assert graph.width("hash_json") == pytest.approx(whole, abs=1)
    assert graph.width("json_dumps") < whole / 2
    slow.press("ESCAPE")
    graph.still()
    assert [b.text for b in slow.all("#path button")] == ["all stacks"]
    assert graph.width("hash_json") < whole - 10
    slow.driver.back()
    slow.wait(lambda: len(slow.all("#path button")) > 1, "the zoom before")
    graph.still()
    assert graph.width("hash_json") == pytest.approx(whole, abs=1)
    slow.driver.forward()
    slow.wait(lambda: len(slow.all("#path button")) == 1, "all stacks")
    graph.click("json_dumps")
    graph.still()
    graph.click("all stacks")
    graph.still()
    assert graph.width("json_dumps") < whole / 2


def test_zoom_is_animated_unless_the_reader_minds(slow):
    slow.run("const paint = app.view.drawing.paint; window.painted = 0;"
             "app.view.drawing.paint = function () { painted++;"
             " paint.call(this); }")
    slow.graph.click("json_dumps")
    slow.graph.still()
    slow.wait("painted > 2", "steps of the way")
    slow.tell("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-reduced-motion", "value": "reduce"}])
    slow.run("painted = 0; app.zoomTo(0)")
    assert slow.run("return painted") == 1


def test_search_tells_the_share_it_matches(slow):
    slow.type("#search", "JSON_")
    matched = sum(weight for stack, weight in data.SLOW.items()
                  if "json_" in stack)
    assert slow.text("#found") == f"{percent(matched)} in 2 frames"
    mark = slow.run("return app.palette.mark")
    assert slow.graph.color("json_dumps", up=9) == mark
    assert slow.graph.color("EVP_Digest", up=9) != mark
    ramp = slow.run("return RAMPS.light.heat")
    assert slow.graph.color("etagger_after") not in ramp
    slow.press("ESCAPE")
    assert slow.text("#found") == ""
    assert slow.graph.color("json_dumps", up=9) != mark
    slow.type("#search", "libcrypto")
    crypto = sum(w for s, w in data.SLOW.items() if "EVP_Digest" in s)
    assert slow.text("#found") == f"{percent(crypto)} in 6 frames"
    slow.type("#search", "no such function")
    assert slow.text("#found") == "0.0 % in 0 frames"


def test_folding_libraries_heats_their_callers(slow):
    slow.click("#fold")
    assert slow.find("#fold").get_attribute("aria-pressed") == "true"
    for name in ("EVP_Digest", "json_dumps", "strlen", "event_base_loop"):
        assert not slow.graph.is_shown(name)
    for name in ("main", "seed_run", "etagger_after", "GET /seed/v1"):
        assert slow.graph.is_shown(name)
    assert slow.text("#name") == "hash_json"
    assert slow.text("#rank").startswith("#1 of")
    under = sum(w for s, w in data.SLOW.items()
                if s.startswith(data.AFTER + ";hash_json"))
    assert slow.text("#self").split("\n")[0] == percent(under)
    pressed = {b.get_attribute("data-filter"): b.get_attribute("aria-pressed")
               for b in slow.all("[data-filter]")}
    assert {n for n, p in pressed.items() if p == "false"} == \
        (LIBRARIES & set(pressed)) | {"init"}
    slow.click("#fold")
    assert slow.graph.is_shown("EVP_Digest")
    assert slow.text("#name") == "sha512_block_data_order"


def test_one_filter_alone(slow):
    chip = slow.find("[data-filter=openssl]")
    assert chip.text.split("\n")[-1].endswith(
        percent(self_of("sha512_block_data_order")))
    slow.click("[data-filter=openssl]")
    assert not slow.graph.is_shown("EVP_Digest")
    assert slow.graph.is_shown("json_dumps")
    # The keyboard stays where it was, though the chips are new.
    assert slow.run("return document.activeElement.dataset.filter") == "openssl"
    slow.click("[data-filter=openssl]")
    assert slow.graph.is_shown("EVP_Digest")


def test_everything_can_be_filtered_out(slow):
    for name in data.FRAMES.values():
        if slow.find(f"[data-filter={name[0]}]").get_attribute(
                "aria-pressed") == "true":
            slow.click(f"[data-filter={name[0]}]")
    assert slow.text("#rank") == "–"
    assert slow.text("#name") == "all stacks"
    assert slow.run("return app.tree.count") == 1
    assert slow.run("return app.tree.self[0]") == TOTAL


def test_the_start_of_the_program_is_hidden_at_first(slow):
    assert not slow.graph.is_shown("load_plugins")
    assert slow.run("return app.tree.total[0]") == TOTAL
    assert slow.text("[data-filter=init]").endswith("40.0 ms")
    slow.click("[data-filter=init]")
    assert slow.graph.is_shown("load_plugins")
    assert slow.run("return app.tree.total[0]") == TOTAL + 40000


def test_merge_folds_inlined_functions_and_clones(slow):
    shown = slow.graph.is_shown
    assert not shown("to_hex") and not shown("hash_json.part.0")
    merged = data.SLOW[data.AFTER + ";hash_json"] + \
        data.SLOW[data.AFTER + ";hash_json;to_hex"]
    assert slow.run("return app.tree.self[app.rows.find((row) =>"
                    " row.func.name === 'hash_json').node]") == merged
    slow.click("#merge")
    assert slow.find("#merge").get_attribute("aria-pressed") == "false"
    assert shown("to_hex [INLINED]") and shown("hash_json.part.0 [CLONE]")
    slow.click("#merge")
    assert not shown("to_hex [INLINED]")


def test_tiers_colour_by_library(slow):
    slow.click("[data-value=tiers]")
    for name, category in (("main", "app"), ("EVP_Digest", "openssl"),
                           ("json_dumps", "jansson")):
        assert slow.graph.color(name) == slow.run(
            "return app.palette.tier(arguments[0])", category)
    assert "openssl" in slow.text("#legend")


def test_views_put_the_root_where_they_should(slow):
    flame = slow.graph.spot("all stacks")[1] - slow.graph.spot("main")[1]
    assert flame > 0
    slow.click("[data-value=icicle]")
    icicle = slow.graph.spot("all stacks")[1] - slow.graph.spot("main")[1]
    assert icicle == -flame


def test_sandwich_has_callers_above_and_callees_below(slow):
    slow.run("app.select(app.rows.find((row) =>"
             " row.func.name === 'hash_json').node)")
    slow.click("[data-value=sandwich]")
    graph = slow.graph
    middle = graph.spot("hash_json", "callees")
    assert middle[2] == pytest.approx(slow.run("return app.view.drawing.width"))
    assert graph.spot("etagger_after", "callers")[1] < middle[1]
    assert graph.spot("etagger", "callers")[1] < middle[1]
    assert graph.spot("json_dumps", "callees")[1] > middle[1]
    everywhere = sum(w for s, w in data.SLOW.items() if "hash_json" in s)
    assert slow.text("#total").split("\n")[0] == percent(everywhere)
    assert slow.text("#path") == "▲ called by\nhash_json\ncalls ▼"
    from_after = sum(w for s, w in data.SLOW.items()
                     if s.startswith(data.AFTER + ";hash_json"))
    assert graph.spot("etagger_after", "callers")[2] == pytest.approx(
        middle[2] * from_after / everywhere, abs=1)

    graph.click("etagger_after", "callers")
    assert slow.text("#name") == "etagger_after"
    assert graph.spot("hash_json", "callees")[1] > \
        graph.spot("etagger_after", "callees")[1]
    slow.driver.back()
    slow.wait(lambda: slow.text("#name") == "hash_json", "the sandwich before")
    slow.click("[data-value=flame]")
    assert slow.text("#name") == "hash_json"


def test_recursion_counts_once(open_page, page_maker):
    stacks = {"main;strlen;strlen;strlen;malloc": 700, "main;strlen": 300}
    page = open_page(page_maker("flame_page", "recursive",
                                data.recording("r", stacks)))
    rows = page.run("return Object.fromEntries(app.rows.map((row) =>"
                    " [row.func.name, [row.self, row.total]]))")
    assert rows == {"malloc": [700, 700], "strlen": [300, 1000],
                    "main": [0, 1000]}
    page.run("app.select(app.rows.find((row) =>"
             " row.func.name === 'strlen').node)")
    page.click("[data-value=sandwich]")
    assert page.run("return [app.sides.callees.total[1],"
                    "app.sides.callers.total[1]]") == [1000, 1000]


def test_comparison_in_the_page(compared):
    page, graph = compared, compared.graph
    assert "seed-server slow" in page.text("#earlier-text")
    assert page.find("[data-value=change]").get_attribute(
        "aria-pressed") == "true"
    ramps = page.run("return RAMPS.light")
    assert graph.color("sendmsg") == ramps["grown"][3]
    assert graph.color("main") == ramps["grown"][0]
    assert graph.color("etagger_after").startswith("#3")  # it shrank by 8
    grown = self_of("sendmsg", data.FAST) / (sum(data.FAST.values()) - 40000) \
        - self_of("sendmsg") / TOTAL
    assert f"+{100 * grown:.1f} points" in page.text("#self")
    first = [row.text for row in page.all("#rows tr")][:2]
    assert "sendmsg" in first[0] and "sha512_block_data_order" in first[1]

    page.click("[data-value=before]")
    assert graph.color("EVP_Digest") == ramps["grown"][0]
    assert graph.color("sha512_block_data_order") == ramps["shrunk"][3]
    assert graph.width("sha512_block_data_order") == pytest.approx(
        page.run("return app.view.drawing.width") * SHA / TOTAL, abs=1)
    page.click("#forget")
    assert not page.find("#earlier").is_displayed()
    assert not page.find("[data-value=change]").is_displayed()
    assert not graph.is_shown("sha512_block_data_order")
    heat = page.run("return RAMPS.light.heat")
    assert graph.color("sendmsg") == heat[3]


@pytest.mark.parametrize("kind", ["html", "json", "folded"])
def test_comparison_with_a_file(slow, pages, tmp_path, kind):
    path = pages["fast"]
    if kind == "json":
        path = tmp_path / "fast.json"
        path.write_text(data.fast())
    if kind == "folded":
        path = tmp_path / "fast.folded"
        path.write_text(data.folded({
            stack: weight for stack, weight in data.FAST.items()
            if "(init)" not in stack}))
    slow.find("#file").send_keys(str(path))
    slow.wait(lambda: slow.find("#earlier").is_displayed(), "the comparison")
    before = self_of("sendmsg", data.FAST) / (sum(data.FAST.values()) - 40000)
    change = self_of("sendmsg") / TOTAL - before
    row = next(row.text for row in slow.all("#rows tr")
               if "sendmsg" in row.text)
    assert f"−{abs(100 * change):.1f} points" in row
    # One sendmsg, now and before: the folded one got its library from ours.
    assert slow.run("return app.rows.filter((row) =>"
                    " row.func.name === 'sendmsg').length") == 1


def test_folded_stacks_get_their_flags_from_ours(slow, tmp_path):
    path = tmp_path / "before.folded"
    path.write_text(data.folded({
        stack: weight for stack, weight in data.SLOW.items()
        if "(init)" not in stack}))
    slow.find("#file").send_keys(str(path))
    slow.wait(lambda: slow.find("#earlier").is_displayed(), "the comparison")
    assert "samples" not in slow.text("#earlier-text")
    assert not slow.graph.is_shown("to_hex")
    # The same stacks: nothing has changed, in any frame of any view.
    for setting in ("#merge", "[data-value=sandwich]", "#fold"):
        assert slow.run("return app.rows.every((row) => row.self === row.was &&"
                        " row.total === row.wasTotal)")
        slow.click(setting)


def test_files_that_are_none_of_ours(slow, tmp_path):
    for name, text in (("a.json", '{"kind": "seed-doctor"}'),
                       ("b.json", "{"), ("c.html", "<p>hello"),
                       ("d.folded", "nothing here\n"), ("e.txt", "")):
        path = tmp_path / name
        path.write_text(text)
        slow.find("#file").send_keys(str(path))
        slow.wait(lambda: name in slow.run("return at('notice').textContent"),
                  "the refusal")
        assert "cannot be compared" in slow.text("#notice")
        assert not slow.find("#earlier").is_displayed()


def test_a_file_can_be_dropped(slow):
    slow.run("""
        const carried = new DataTransfer();
        carried.items.add(new File([arguments[0]], "fast.json"));
        const event = { dataTransfer: carried, bubbles: true,
          cancelable: true };
        document.body.dispatchEvent(new DragEvent("dragover", event));
        document.body.dispatchEvent(new DragEvent("drop", event));""",
        data.fast())
    slow.wait(lambda: slow.find("#earlier").is_displayed(), "the comparison")
    assert "seed-server fast" in slow.text("#earlier-text")


def test_keyboard_alone(slow):
    slow.run("at('graph').focus()")
    slow.press("HOME")
    assert slow.text("#name") == "all stacks"
    slow.press("ARROW_UP", "ARROW_UP", "ARROW_UP", "ARROW_UP")
    assert slow.text("#name") == "event_process_active"
    slow.press("ARROW_RIGHT")
    assert slow.text("#name") == "epoll_dispatch"
    slow.press("ARROW_LEFT", "ARROW_DOWN")
    assert slow.text("#name") == "event_base_loop"
    assert "event_base_loop, 0.0 % at the top" in slow.run(
        "return at('live').textContent")
    slow.press("ARROW_UP", "ARROW_UP", "ENTER")
    assert slow.all("#path button")[-1].text.startswith("after:")
    slow.press("ESCAPE", "n")
    assert slow.text("#rank") == "#1 of 14"
    slow.press("n", "n", "p")
    assert slow.text("#rank") == "#2 of 14"
    slow.press("/")
    slow.press("s", "h", "a")
    assert slow.find("#search").get_attribute("value") == "sha"
    assert slow.text("#found").endswith("frames")
    slow.press("ESCAPE")
    assert slow.find("#search").get_attribute("value") == ""
    assert slow.run("return document.activeElement.id") != "search"


def test_tab_reaches_every_control(slow):
    reached = set()
    for _ in range(80):
        slow.press("TAB")
        reached.add(slow.run("const e = document.activeElement;"
                             "return e.id || e.dataset.value ||"
                             " e.dataset.filter || e.dataset.walk || ''"))
    assert reached >= {"compare", "present", "theme", "flame", "icicle",
                       "sandwich", "heat", "tiers", "merge", "fold", "search",
                       "app", "init", "next", "graph"}


def test_everything_has_a_name(slow):
    slow.tell("Accessibility.enable")
    nodes = slow.tell("Accessibility.getFullAXTree")["nodes"]
    named = {}
    for node in nodes:
        role = node.get("role", {}).get("value")
        if not node.get("ignored"):
            named.setdefault(role, []).append(
                node.get("name", {}).get("value", ""))
    for role in ("button", "searchbox", "application", "columnheader",
                 "region"):
        assert named.get(role) and all(named[role]), (role, named.get(role))
    assert "Next hottest frame" in named["button"]
    assert any(role == "status" for role in named)


def test_state_is_in_the_address(slow, open_page, pages):
    slow.click("[data-value=icicle]")
    slow.click("#merge")
    slow.click("[data-filter=libc]")
    slow.graph.click("json_dumps")
    slow.type("#search", "do_dump")
    fragment = slow.run("return location.hash")
    again = open_page(pages["slow"], fragment=fragment)
    again.graph = Graph(again)
    again.graph.still()
    assert again.find("#search").get_attribute("value") == "do_dump"
    assert again.text("#name") == "json_dumps"
    assert again.graph.width("json_dumps") == pytest.approx(
        again.run("return app.view.drawing.width"))
    assert not again.graph.is_shown("strlen")
    assert again.graph.is_shown("to_hex [INLINED]")
    assert again.graph.spot("main")[1] < again.graph.spot("json_dumps")[1]


@pytest.mark.parametrize("fragment", [
    "#view=nonsense&zoom=zz&selected=ffffffff&hidden=a,b&merged=7&color=",
    "#%", "#search=%3Cb%3E&zoom=1&widths=before&color=change"])
def test_malformed_addresses_do_no_harm(open_page, pages, fragment):
    page = open_page(pages["slow"], fragment=fragment)
    assert page.text("#name") == "sha512_block_data_order"
    assert page.run("return app.tree.total[0]") == TOTAL


def test_the_tip_follows_the_pointer(slow):
    x, y, _ = slow.graph.spot("etagger_after")
    slow.hover("#graph", x, y)
    slow.wait(lambda: slow.find("#tip").is_displayed(), "the tip")
    tip = slow.text("#tip")
    assert tip.startswith("etagger_after\nexamples/slow.c:22")
    assert percent(900000) in tip
    slow.hover("#title", 2, 2)
    slow.wait(lambda: not slow.find("#tip").is_displayed(), "it to go")


def test_copies_file_and_line(slow):
    slow.graph.click("etagger_after")
    assert slow.text("#where") == "examples/slow.c:22"
    slow.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    slow.click("#copy")
    slow.wait(lambda: slow.text("#copy") == "Copied", "the copy")
    slow.find("#search").click()
    slow.tell("Input.dispatchKeyEvent", type="keyDown", key="v", modifiers=2,
              commands=["paste"])
    slow.wait("at('search').value === 'examples/slow.c:22'", "the paste")


def test_full_screen_and_back(slow):
    before = slow.run("return app.view.drawing.width")
    slow.click("#present")
    slow.wait("document.body.classList.contains('presenting')")
    assert not slow.find("#list").is_displayed()
    assert slow.run("return app.view.drawing.width") >= before
    assert slow.run("return app.view.drawing.row") > 22
    slow.press("ESCAPE")
    slow.wait("!document.body.classList.contains('presenting')")
    slow.wait("!document.fullscreenElement")
    assert slow.find("#list").is_displayed()
    assert slow.run("return app.view.drawing.row") == 22


def test_theme_button_draws_anew(slow):
    light = slow.graph.color("main")
    slow.click("#theme")
    dark = slow.graph.color("main")
    assert (light, dark) == tuple(slow.run(
        "return [RAMPS.light.heat[0], RAMPS.dark.heat[0]]"))
    assert slow.text("#theme") == "Light"
    slow.click("#theme")
    assert slow.graph.color("main") == light
    slow.run("try { localStorage.clear() } catch {}")


def test_is_crisp_and_follows_the_window(open_page, pages):
    page = open_page(pages["slow"], scale=2)
    canvas = "const c = at('graph'); return [c.width, c.clientWidth]"
    drawn, seen = page.run(canvas)
    assert drawn == 2 * seen
    page.tell("Emulation.setDeviceMetricsOverride", width=700, height=800,
              deviceScaleFactor=1.5, mobile=False)
    page.wait("at('graph').clientWidth < 700", "the smaller window")
    drawn, seen = page.run(canvas)
    assert drawn == round(1.5 * seen)
    assert page.overflow() <= 0


def test_table_sorts_and_finds(slow):
    def names():
        return [cell.text for cell in slow.all("#rows td button")]

    assert names()[0] == "sha512_block_data_order"
    slow.click("[data-sort=total]")
    assert names()[:2] == ["main", "seed_run"]
    assert slow.find("th[aria-sort]").text.startswith("On stack")
    slow.click("[data-sort=name]")
    assert names() == sorted(names())
    slow.find("[data-func='%d'] button" % slow.run(
        "return app.rows.find((row) => row.func.name === 'strlen').index")
              ).click()
    assert slow.text("#name") == "strlen"
    assert slow.find("tr[aria-selected=true]").text.count("strlen") == 1


def test_hostile_names_are_text(open_page, pages):
    page = open_page(pages["hostile"])
    assert page.text("#title") == data.HOSTILE
    assert page.all("img") == [] and page.all("b:not(#filters b)") == []
    names = page.run("return app.rows.map((row) => row.func.name)")
    known = json.loads(data.hostile())["strings"]
    assert data.HOSTILE in names and "__proto__" in names
    assert set(names) <= set(known)
    page.type("#search", "<B>")
    assert page.text("#found") == "60.0 % in 1 frame"
    page.run("app.select(app.rows.find((row) =>"
             " row.func.name.startsWith('aaa')).node)")
    assert page.overflow() <= 0


def test_an_idle_program(open_page, pages):
    page = open_page(pages["empty"])
    assert "used no CPU time" in page.text("#empty")
    assert not page.find("[data-walk=next]").is_enabled()
    for control in ("[data-value=sandwich]", "#fold", "#merge",
                    "[data-value=tiers]", "[data-value=flame]"):
        page.click(control)
    page.type("#search", "main")
    assert page.text("#found") == "0.0 % in 0 frames"
    page.press("ESCAPE", "ESCAPE", "n")
    assert page.text("#rank") == "–"


def test_thirty_thousand_nodes(open_page, pages):
    page = open_page(pages["large"])
    page.graph = Graph(page)
    assert page.run("return app.recording.nodes.length") >= 30000
    whole = page.run("return app.view.drawing.width")
    wide = page.run("const t = app.tree; return labelOf(t,"
                    " childrenOf(t, childrenOf(t, 0)[0])[0])")
    page.graph.click(wide)
    page.graph.still()
    assert page.graph.width(wide) == pytest.approx(whole, abs=1)
    page.click("[data-value=sandwich]")
    page.click("[data-value=icicle]")
    page.click("#fold")
    page.type("#search", "app_function_1")
    assert page.text("#found").endswith("frames")
    assert page.find("#more").text.startswith("Show all")
    page.click("#more")
    assert len(page.all("#rows tr")) == page.run("return app.rows.length")


def test_a_deep_graph_scrolls(open_page, page_maker):
    frames = {f"f{i}": ("app", "m", "f.c", i, 0) for i in range(400)}
    stack = ";".join(frames)
    page = open_page(page_maker("flame_page", "deep", data.recording(
        "deep", {stack: 100}, frames)))
    graph = Graph(page)
    view = "const s = at('scroller'); return [s.scrollTop, s.scrollHeight," \
           " s.clientHeight]"
    top, height, seen = page.run(view)
    assert height > 400 * 22 and seen < 1000
    # The hottest is the outermost, and it is in view; then the root is.
    assert 0 <= graph.spot("f399")[1] <= seen
    page.run("at('graph').focus({preventScroll: true})")
    page.press("HOME")
    assert 0 <= graph.spot("all stacks")[1] <= seen
    assert page.run(view)[0] > top


def test_prints_all_rows_in_light(open_page, pages):
    page = open_page(pages["large"], theme="dark")
    page.run("addEventListener('beforeprint', () => { window.paper = ["
             "document.documentElement.dataset.theme,"
             "getComputedStyle(document.querySelector('#legend i'))"
             ".backgroundColor, app.view.drawing.height,"
             "at('scroller').scrollHeight] })")
    pdf = page.tell("Page.printToPDF", printBackground=True)["data"]
    assert len(pdf) > 10000
    theme, cold, height, rows = page.run("return paper")
    assert theme == "light" and cold == "rgb(241, 237, 228)"
    assert height >= rows - 2
    assert page.run("return document.documentElement.dataset.theme") == "dark"
    page.tell("Emulation.setEmulatedMedia", media="print")
    for gone in ("#compare", "#search", "#fold", "[data-walk=next]"):
        assert not page.find(gone).is_displayed()
    assert page.find("#rows").is_displayed()
