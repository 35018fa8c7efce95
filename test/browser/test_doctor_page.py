# SPDX-License-Identifier: MIT
"""The doctor's report as its readers have it: seen, clicked, typed into, read
aloud, printed, and fed with an earlier recording."""
import json

import pytest
from selenium.webdriver.common.keys import Keys

import doctor_data as data

LIMIT = 600000  # bytes, with all of the data

# What is behind an element, as one colour: each layer painted on those below.
CONTRAST = """
const canvas = document.createElement('canvas').getContext('2d',
  {willReadFrequently: true});
const paint = (color) => {
  canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const light = (rgb) => {
  const [r, g, b] = rgb.map((c) => c / 255).map((c) =>
    c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const bad = [];
for (const e of document.querySelectorAll('main *, header *, footer *')) {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 &&
    n.textContent.trim());
  if (!own || !e.getClientRects().length || e.closest('svg, .unseen'))
    continue;
  const chain = [];
  for (let at = e; at; at = at.parentElement) chain.unshift(at);
  paint(getComputedStyle(document.documentElement).colorScheme === 'dark'
    ? '#000' : '#fff');
  for (const at of chain) paint(getComputedStyle(at).backgroundColor);
  const under = light([...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3));
  const over = light(paint(getComputedStyle(e).color));
  const ratio = (Math.max(under, over) + 0.05) / (Math.min(under, over) + 0.05);
  if (ratio < 4.5) bad.push(e.className + ' ' + e.textContent.slice(0, 20) +
    ' ' + ratio.toFixed(2));
}
return bad;
"""


@pytest.fixture(scope="session")
def report(page_maker):
    """The path of a page, by the name of its recording, made once."""
    made = {}

    def of(name, before=None):
        if (name, before) not in made:
            made[name, before] = page_maker(
                "doctor_page", f"{name}-{before}", data.text(name),
                data.text(before) if before else None)
        return made[name, before]

    return of


@pytest.fixture
def open_made(open_page, page_maker):
    """Opens the page of a recording that a test made for itself."""
    def of(recording):
        return open_page(page_maker("doctor_page", "own",
                                    json.dumps(recording)))
    return of


def names(page, selector):
    """All in one moment: a chart that gets its width is drawn anew."""
    return page.run(
        "return [...document.querySelectorAll(arguments[0])].map(e =>"
        " (e.innerText ?? e.textContent).trim().replace(/[ \\t]+/g, ' '))",
        selector)


# --- seen -------------------------------------------------------------------

@pytest.mark.parametrize("share, share_of, says", [
    (0.972, "the loop's time", "97.2 % of the loop's time"),
    (0.06, "the requests", "6.0 % of the requests"),
    (0.0, "the CPU samples", ""),  # none were taken
    (0.5, "", ""),                 # a kind without a share
])
def test_says_of_what_the_share_is(open_made, share, share_of, says):
    one = data.finding("X1", "overload", "Of a kind", share=share,
                       share_of=share_of, function="mend_me")
    record = data.slow()
    record["findings"] = [one]
    record["verdict"] = {"category": "overload", "id": "X1", "title": "X",
                         "sentence": "", "status": 1}
    page = open_made(record)
    assert "mend_me" in page.text("#verdict")
    assert names(page, "#verdict .meter") == ([says] if says else [])


@pytest.mark.parametrize("name", data.ALL)
def test_looks(looks, report, name):
    path = report(name)
    page = looks(path)
    assert path.stat().st_size < LIMIT
    assert page.run(CONTRAST) == []
    color = page.find("body").value_of_css_property("background-color")
    assert color.startswith("rgba(255" if page.theme == "light"
                            else "rgba(20")
    assert page.text("#verdict-title")


def test_what_changed_looks(looks, report):
    page = looks(report("healthy", "slow"))
    assert page.run(CONTRAST) == []


def test_the_culprit_is_in_the_first_window(open_page, report):
    for width, height in ((1400, 900), (400, 800)):
        page = open_page(report("slow"), width=width, height=height)
        for selector, words in ((".culprit-block .name", "store_etag"),
                                (".culprit-block .at",
                                 "examples/seed-server/slow.c:28"),
                                (".meter", "97.2 %"),
                                (".kicker", "Event loop issue"),
                                ("#verdict-title", "Listener leak")):
            assert words in page.text(selector)
            assert page.run("return document.querySelector(arguments[0])"
                            ".getBoundingClientRect().bottom",
                            selector) < height
    assert page.run("return document.title") == \
        "seed-server slow: Event loop issue"


@pytest.mark.parametrize("name,tone,title,sentence", [
    ("slow", "bad", "Listener leak", "every one of them runs"),
    ("healthy", "good", "No issue found", "5,866 requests per second"),
    ("not_enough", "calm", "Not enough to judge", "38 more"),
    ("empty", "calm", "No load seen", "No request came"),
    ("goals_missed", "warn", "No issue found", "5,866"),
])
def test_verdicts(open_page, report, name, tone, title, sentence):
    page = open_page(report(name))
    assert page.find("#verdict").get_attribute("class") == f"banner {tone}"
    assert page.text("#verdict-title") == title
    assert sentence in page.text(".sentence")


def test_a_missed_goal_is_said(open_page, report):
    page = open_page(report("goals_missed"))
    assert "a goal was missed" in page.text(".kicker")
    assert names(page, "#goal-list li.met code") == ["rps>=4000"]
    assert "3.9 ms too slow" in page.text("#goal-list li.missed")
    assert not open_page(report("healthy")).find("#goals").is_displayed()


def test_numbers(open_page, report):
    tiles = names(open_page(report("slow")), ".tile")
    assert tiles[:5] == ["Requests\n546", "Per second\n53",
                         "Latency p50\n1.52 s", "Latency p99\n4.87 s",
                         "Longest\n5.55 s"]
    assert tiles[-1] == "Sent\n5.64 MB"
    assert "0.4 %" in open_page(report("slow")).text("#overhead")


def test_hostile_strings_are_text(open_page, report):
    page = open_page(report("hostile"), theme="dark")
    assert page.run("return document.querySelector('#title').textContent"
                    ) == data.HOSTILE
    assert page.all("main img, main script, header img") == []
    assert page.run("return document.scripts.length") == 2
    page.click("#browse")
    for tab in page.all("[role=tab]"):
        tab.click()
    page.hover("#chart-delay .plot", 200, 80)


def test_what_is_missing_is_a_dash(open_page, report):
    page = open_page(report("empty"))
    assert set(names(page, ".tile dd")) == {"–"}
    assert "no samples" in page.text("#chart-cpu .plot")
    assert not page.find("#profile").is_displayed()
    assert "No route" in page.text("#span-table")
    page.hover("#chart-cpu .plot", 200, 80)
    page.find("#chart-cpu .plot").send_keys(Keys.ARROW_RIGHT)
    assert not page.find("#chart-cpu .hair-box").is_displayed()


# --- charts -----------------------------------------------------------------

def drawn(page, chart, line):
    """The path of a line, or of an earlier one: "line-0", "was-1"."""
    return page.run("return document.querySelector(arguments[0])"
                    ".getAttribute('d')",
                    f"#chart-{chart} .{line}:not(.dots)")


def test_what_jumps_has_its_mean_before_it(open_made):
    """Every other sample is 0 and 80 %; the mean is 40 % all along."""
    times = [i / 100 for i in range(1001)]
    own = data.recording(
        seconds=10.0, window={"from": 0, "to": 10}, summary={},
        verdict={"category": "none"}, series={
            "t": times, "cpu_percent": [80 * (i % 2) for i in range(1001)],
            "delay_ms": [80 * (i % 2) for i in range(1001)]})
    page = open_made(own)
    heights = page.run(
        "const h = (s) => [...document.querySelector(s).getAttribute('d')"
        ".matchAll(/[ML][0-9.]+ ([0-9.]+)/g)].map((m) => Number(m[1]));"
        "return [h('#chart-cpu .line-0.raw'), h('#chart-cpu .line-0.mean')]")
    height = page.find("#chart-cpu .plot").size["height"] - 32
    middle = 10 + 0.6 * height
    assert len(heights[0]) == len(heights[1]) == 1001
    assert max(heights[0]) - min(heights[0]) == pytest.approx(
        0.8 * height, abs=1)
    assert all(abs(one - middle) < 0.06 * height for one in heights[1])
    assert page.all("#chart-delay .mean, #chart-delay .raw") == []


def ink(page, chart):
    return page.run("return getComputedStyle(document.querySelector("
                    "arguments[0])).stroke", f"#chart-{chart} .line-0")


def test_charts_and_their_colours(open_page, report):
    page = open_page(report("slow"))
    assert names(page, ".chart h3") == [
        "CPU usage", "Memory", "Event loop delay", "Active handles",
        "Event loop utilisation", "Requests", "Latency"]
    assert ink(page, "delay") == ink(page, "cpu") != ink(page, "memory")
    assert [one.get_attribute("id") for one in page.all(".chart.issue")] == [
        "chart-cpu", "chart-delay", "chart-latency"]
    page = open_page(report("several"))
    assert names(page, ".chart h3")[-1] == "Output backlog"
    assert names(page, "#chart-requests .legend li") == [
        "answered", "failed", "shed"]
    assert page.all("#chart-backlog.warning")
    assert page.all("#chart-requests.issue, #chart-requests.warning") == []


def test_lines_are_where_the_numbers_are(open_made):
    """0, 50 and 100 % at the beginning, the middle and the end."""
    own = data.recording(
        seconds=10.0, window={"from": 2.5, "to": 7.5}, summary={},
        verdict={"category": "none"}, series={
            "t": [0, 5, 10], "cpu_percent": [0, 50, 100],
            "loop_cpu_percent": [0, None, 100]})
    page = open_made(own)
    box = page.run("const s = document.querySelector('#chart-cpu svg');"
                   "return [s.clientWidth, s.clientHeight]")
    left, right, top, bottom = 56, box[0] - 12, 10, box[1] - 22
    middle = (left + right) / 2
    assert drawn(page, "cpu", "line-0") == (
        f"M{left:.1f} {bottom:.1f}L{middle:.1f} {(top + bottom) / 2:.1f}"
        f"L{right:.1f} {top:.1f}")
    # Two numbers with a gap between them are two dots.
    dots = page.run("return document.querySelector("
                    "'#chart-cpu .line-1.dots').getAttribute('d')")
    assert dots.count("M") == 2
    window = page.run("const w = document.querySelector('#chart-cpu .window');"
                      "return [w.x.baseVal.value, w.width.baseVal.value]")
    assert window == pytest.approx([(left + middle) / 2, (right - left) / 2])
    ticks = names(page, "#chart-cpu .tick")
    assert ticks[:5] == ["0", "25 %", "50 %", "75 %", "100 %"]
    assert ticks[-1] == "10 s"


def test_a_long_run_counts_in_minutes(open_page, report):
    page = open_page(report("long_run"))
    assert "40 min" in names(page, "#chart-cpu .tick")
    assert "44.5 min" in page.text("#charts-hint")
    assert len(drawn(page, "cpu", "line-0").split("L")) == 1200


def sample_of(recording, t):
    times = recording["series"]["t"]
    return min(range(len(times)), key=lambda i: abs(times[i] - t))


def test_cross_hair_by_mouse(open_page, report):
    page = open_page(report("slow"))
    slow = data.slow()
    width = page.find("#chart-delay .plot").size["width"]
    for share in (0.1, 0.5, 0.95):
        x = 56 + share * (width - 56 - 12)
        page.hover("#chart-delay .plot", x, 60)
        page.wait("!document.querySelector('#chart-delay .hair-box').hidden")
        at = sample_of(slow, 12 * share)
        boxes = page.all(".hair-box")
        assert len([box for box in boxes if box.is_displayed()]) == 7
        time = f"{slow['series']['t'][at]:.2f} s"
        assert {box.text.split("\n")[0] for box in boxes} == {time}
        assert f"handles {slow['series']['handles'][at]}" in \
            page.text("#chart-handles .hair-box")
        # The box stays inside, and flips where it would not.
        assert page.run(
            "const b = arguments[0].getBoundingClientRect(),"
            " p = arguments[0].parentNode.getBoundingClientRect();"
            "return b.left >= p.left && b.right <= p.right + 0.5",
            page.find("#chart-delay .hair-box"))
        flipped = page.all("#chart-delay .hair-box.flipped")
        assert bool(flipped) is (share > 0.9)
    page.hover("#title", 2, 2)
    page.wait("document.querySelector('#chart-delay .hair-box').hidden")


def test_cross_hair_by_keys(open_page, report):
    page = open_page(report("slow"))
    times = data.slow()["series"]["t"]
    plot = page.find("#chart-cpu .plot")
    begin = sample_of(data.slow(), 0.8)

    def at():
        return page.text("#chart-memory .hair-box").split("\n")[0]

    for key, want in (("ARROW_RIGHT", begin), ("ARROW_RIGHT", begin + 1),
                      ("ARROW_LEFT", begin), ("PAGE_DOWN", begin + 60),
                      ("END", len(times) - 1), ("ARROW_RIGHT", 599),
                      ("PAGE_UP", 539), ("HOME", 0), ("ARROW_LEFT", 0)):
        plot.send_keys(getattr(Keys, key))
        assert at() == f"{times[want]:.2f} s", key
    plot.send_keys(Keys.ARROW_RIGHT)
    page.wait("document.querySelector('#hair-live').textContent.includes("
              "'0.02 seconds: process 0.4 %')")
    plot.send_keys(Keys.ESCAPE)
    assert not page.find("#chart-cpu .hair-box").is_displayed()


def test_charts_in_words(open_page, report):
    page = open_page(report("slow"))
    plot = page.find("#chart-handles .plot")
    assert plot.accessible_name == "Active handles"
    words = page.run("return document.getElementById(arguments[0])."
                     "textContent", plot.get_attribute("aria-describedby"))
    assert words.startswith("handles: lowest 103, median 103, highest 103.")
    words = page.run("return document.getElementById('chart-delay-words')"
                     ".textContent")
    assert "At fault: Listener leak." in words
    page.click("#chart-numbers summary")
    rows = page.all("#chart-numbers tbody tr")
    assert 20 <= len(rows) <= 25
    assert rows[0].text.startswith("0.00 s 0.4 %")


def test_grid_or_column(open_page, report):
    page = open_page(report("slow"))
    wide = page.find("#chart-grid").size["width"]
    assert page.find("#chart-cpu").size["width"] < wide / 2
    page.click("#layout-column")
    assert page.find("#chart-latency").size["width"] == wide
    assert page.find("#layout-column").get_attribute("aria-pressed") == "true"
    assert page.run("const s = document.querySelector('#chart-latency svg');"
                    "return s.viewBox.baseVal.width === s.clientWidth")
    page.click("#layout-grid")
    assert page.find("#chart-cpu").size["width"] < wide / 2


def test_charts_follow_the_window(open_page, report):
    page = open_page(report("slow"))
    page.tell("Emulation.setDeviceMetricsOverride", width=500, height=800,
              deviceScaleFactor=1, mobile=False)
    page.wait("(s => s.clientWidth < 500 && s.viewBox.baseVal.width ==="
              " s.clientWidth)(document.querySelector('#chart-cpu svg'))")
    assert page.overflow() <= 0


def test_theme(open_page, report):
    page = open_page(report("slow"))
    light = ink(page, "memory")
    page.click("#theme")
    assert page.find("html").get_attribute("data-theme") == "dark"
    assert ink(page, "memory") != light
    page.click("#theme")
    assert ink(page, "memory") == light


# --- recommendations --------------------------------------------------------

def shown_panel(page):
    shown = [panel for panel in page.all("[role=tabpanel]")
             if panel.is_displayed()]
    assert len(shown) == 1
    return shown[0].text


def shown_tabs(page):
    return [tab.text for tab in page.all("[role=tab]") if tab.is_displayed()]


def test_tabs(open_page, report):
    page = open_page(report("several"))
    found = ["Listener leak", "Amplification", "Memory leak", "Slow clients",
             "Shedding"]
    assert shown_tabs(page) == found
    assert "guard the registration" in shown_panel(page)
    page.all("[role=tab]")[2].click()
    assert "Bound the cache." in shown_panel(page)
    assert "shop/cache.c:112" in shown_panel(page)
    page.click("#browse")
    assert shown_tabs(page) == found + ["Handles", "Unknown", "Not enough"]
    page.all("[role=tab]")[5].click()
    assert "Connection churn (H2)" in shown_panel(page)
    page.click("#browse")
    assert shown_tabs(page) == found
    assert "guard the registration" in shown_panel(page)


def test_tabs_by_keys(open_page, report):
    page = open_page(report("several"))
    page.click("[role=tab]")
    for key, title in (("ARROW_RIGHT", "Amplification"), ("END", "Shedding"),
                       ("ARROW_RIGHT", "Listener leak"),
                       ("ARROW_LEFT", "Shedding"), ("HOME", "Listener leak")):
        page.press(key)
        assert page.run("return document.activeElement.textContent") == title
        assert shown_panel(page).startswith(title)
    assert len(page.all("[role=tab][tabindex='0']")) == 1


def test_each_category_says_what_to_do(open_page, report):
    page = open_page(report("healthy"))
    page.click("#browse")
    assert shown_tabs(page) == ["No issue", "Event loop", "Memory", "Waiting",
                                "Handles", "Overload", "Unknown",
                                "Not enough"]
    for tab in page.all("[role=tab]"):
        tab.click()
        button = next(one for one in page.all(".read-more")
                      if one.is_displayed())
        before = shown_panel(page)
        button.click()
        for part in ("UNDERSTANDING THE ANALYSIS", "NEXT STEPS", "REFERENCE"):
            assert part not in before and part in shown_panel(page)
        assert button.get_attribute("aria-expanded") == "true"
        button.click()
        assert shown_panel(page) == before


def test_from_a_chart_to_its_finding_and_back(open_page, report):
    page = open_page(report("several"))
    page.click("#chart-memory .at-fault")
    assert "Bound the cache." in shown_panel(page)
    assert page.run("return location.hash") == "#advice"
    link = next(one for one in page.all(".chart-links a")
                if one.is_displayed() and one.text == "Memory")
    link.click()
    assert page.run("return location.hash") == "#chart-memory"
    page.click(".call")
    assert "guard the registration" in shown_panel(page)


def test_copying(open_page, report):
    page = open_page(report("slow"))
    button = page.find(".command .copy")
    button.click()
    page.wait(lambda: button.text == "Copied", "the copy")
    page.find("#span-search").send_keys(Keys.CONTROL + "v")
    assert page.run("return document.querySelector('#span-search').value") \
        == "SEED_TRACE_WARNINGS=1 ./seed-server slow"
    page.find("#span-search").clear()
    page.click("#verdict .copy")
    page.wait(lambda: page.text("#verdict .copy") == "Copied", "the copy")
    page.find("#span-search").send_keys(Keys.CONTROL + "v")
    assert page.run("return document.querySelector('#span-search').value") \
        == "examples/seed-server/slow.c:28"


def test_copying_where_the_clipboard_is_forbidden(open_page, report):
    page = open_page(report("slow"))
    page.run("Object.defineProperty(navigator, 'clipboard',"
             " {value: undefined})")
    page.click("#verdict .copy")
    page.wait(lambda: page.text("#verdict .copy") == "Copied", "the copy")
    page.find("#span-search").send_keys(Keys.CONTROL + "v")
    assert page.run("return document.querySelector('#span-search').value") \
        == "examples/seed-server/slow.c:28"


# --- the ledger and the samples ---------------------------------------------

def functions(page):
    return names(page, "#span-table tbody .name")


def test_ledger(open_page, report):
    page = open_page(report("slow"))
    assert functions(page) == ["store_etag", "send_seed", "etagger",
                               "count_requests"]
    row = page.text("#span-table tbody tr")
    assert "mend this" in row and "97.2 %" in row and "149,331" in row
    assert "examples/seed-server/slow.c:28" in row
    assert len(page.all("#span-table tr.culprit")) == 1
    bar = page.run("return document.querySelector('#span-table .fill')"
                   ".style.width")
    assert bar == "97.2%"


def test_ledger_sorts(open_page, report):
    page = open_page(report("slow"))
    by = {button.text: button for button in
          page.all("#span-table thead button")}
    by["Function"].click()
    assert functions(page) == sorted(functions(page))
    by["Function"].click()
    assert functions(page) == sorted(functions(page), reverse=True)
    by["Calls"].click()
    assert functions(page)[0] == "store_etag"
    heads = [head.get_attribute("aria-sort") for head in
             page.all("#span-table thead th")]
    assert heads == ["none"] * 3 + ["descending"] + ["none"] * 7
    by["Calls"].click()
    assert functions(page)[-1] == "store_etag"


def test_ledger_searches(open_page, report):
    page = open_page(report("several"))
    assert page.text("#span-count") == "28 in all"
    page.type("#span-search", "HANDLE_1")
    assert len(functions(page)) == 10
    assert page.text("#span-count") == "10 of 28"
    page.type("#span-search", "slow.c use")
    assert functions(page) == ["etagger"]
    page.type("#span-search", "get /seed")
    assert functions(page) == ["send_seed"]
    page.type("#span-search", "nobody")
    assert "Nothing of that name" in page.text("#span-table tbody")


def test_samples(open_page, report):
    page = open_page(report("slow"))
    assert "1,003 samples" in page.text("#profile-hint")
    assert names(page, ".category-list li")[0] == "openssl 61.3 %"
    assert names(page, "#top-table tbody .name")[0] == \
        "sha512_block_data_order"
    parts = page.run("return [...document.querySelectorAll('.category-bar "
                     "span')].map((e) => e.offsetWidth)")
    assert parts[0] / sum(parts) == pytest.approx(0.613, abs=0.02)
    assert "SEED_FLAME=flame.html" in page.text(".full-flame")


# --- before and after -------------------------------------------------------

def measures(page):
    """Title -> before, now, change."""
    return {cells[0]: cells[1:] for cells in (
        [cell.text for cell in row.find_elements("css selector", "th,td")]
        for row in page.all("#measure-table tbody tr"))}


def test_what_changed(open_page, report):
    page = open_page(report("healthy", "slow"))
    lead = page.text("#changes .lead")
    assert "111 times more requests per second" in lead
    assert "204 times shorter at p99" in lead
    assert "2 findings are gone" in lead
    table = measures(page)
    assert table["Requests per second"] == ["53/s", "5,866/s",
                                            "× 111 better"]
    assert table["Latency p99"] == ["4.87 s", "23.9 ms", "÷ 204 better"]
    assert table["Failed (5xx)"] == ["0", "0", ""]
    assert table["Handles, highest"] == ["103", "103", ""]
    assert [row.split("\n")[0] for row in names(page, ".finding-changes li")
            ] == ["gone", "gone"]
    rows = names(page, "#change-table tbody tr")
    assert "store_etag" in rows[0] and "274 → 1" in rows[0]
    assert any("count_requests" in row and row.endswith("gone")
               for row in rows)


def test_what_got_worse(open_page, report):
    page = open_page(report("slow", "healthy"))
    assert measures(page)["Requests per second"] == ["5,866/s", "53/s",
                                                     "÷ 111 worse"]
    assert {row.split("\n")[0] for row in
            names(page, ".finding-changes li")} == {"new"}
    page = open_page(report("several", "slow"))
    assert [row.split("\n")[0] for row in names(page, ".finding-changes li")
            ] == ["new", "new", "new", "still there", "still there"]


def test_earlier_curves(open_page, report):
    page = open_page(report("healthy", "slow"))
    assert drawn(page, "delay", "was-0").count("H") > 500
    assert "before" in names(page, "#chart-delay .legend li")
    page.find("#chart-delay .plot").send_keys(Keys.ARROW_RIGHT)
    assert "was" in page.text("#chart-delay .hair-box")
    page.click("#compare-end")
    assert page.all("path.was") == []
    assert not page.find("#changes").is_displayed()


def test_comparing_by_file(open_page, report, tmp_path):
    page = open_page(report("healthy"))
    assert not page.find("#changes").is_displayed()
    own = tmp_path / "slow.json"
    own.write_text(data.text("slow"))
    for path in (report("slow"), own):
        page.find("#compare-file").send_keys(str(path))
        page.wait(lambda: page.find("#changes").is_displayed(), "changes")
        assert "seed-server slow" in page.text("#changes")
        page.click("#compare-end")


def test_comparing_by_dropping(open_page, report):
    page = open_page(report("healthy"))
    page.run("const d = new DataTransfer();"
             "d.items.add(new File([arguments[0]], 'was.json'));"
             "const e = (name) => document.body.dispatchEvent(new DragEvent("
             "name, {dataTransfer: d, bubbles: true, cancelable: true}));"
             "e('dragover'); window.seen = !document.querySelector('#drop')"
             ".hidden; e('drop');", data.text("slow"))
    page.wait(lambda: page.find("#changes").is_displayed(), "changes")
    assert page.run("return window.seen")
    assert not page.find("#drop").is_displayed()
    assert "204 times shorter" in page.text("#changes .lead")


@pytest.mark.parametrize("text,words", [
    ("", "no recording"),
    ("<p>a page</p>", "no recording"),
    ("{", "broken"),
    ('{"kind":"seed-flame","version":1}', "no recording of the doctor"),
    ('{"kind":"seed-doctor","version":2}', "another version"),
    ('<script type="application/json" id="seed-doctor">[</script>', "broken"),
])
def test_a_file_that_is_none(open_page, report, tmp_path, text, words):
    page = open_page(report("healthy"))
    path = tmp_path / "other.html"
    path.write_text(text)
    page.find("#compare-file").send_keys(str(path))
    page.wait(lambda: page.find("#alert").is_displayed(), "the alert")
    assert page.text("#alert").startswith("other.html: ")
    assert words in page.text("#alert")
    assert not page.find("#changes").is_displayed()


# --- away from the window ---------------------------------------------------

def test_download(open_page, report, tmp_path):
    page = open_page(report("slow"))
    page.tell("Browser.setDownloadBehavior", behavior="allow",
              downloadPath=str(tmp_path))
    page.click("#download")
    path = tmp_path / "seed-server-slow.doctor.json"
    page.wait(path.exists, "the download")
    assert json.loads(path.read_text()) == data.slow()


def test_print(open_page, report):
    page = open_page(report("several"), theme="dark", media="print")
    color = page.find("body").value_of_css_property("background-color")
    assert color == "rgba(255, 255, 255, 1)"
    for selector in (".tools", "#tabs", "#span-search", ".copy", "#browse"):
        assert not page.find(selector).is_displayed()
    found = page.all("[role=tabpanel].found")
    assert len(found) == 5 and all(one.is_displayed() for one in found)
    assert page.find("#chart-cpu").is_displayed()


def test_nothing_is_cut_off_on_paper(open_page, report):
    """A4 within its margins is some 700 px wide."""
    page = open_page(report("several", "slow"), width=700, media="print")
    assert page.overflow() <= 0
    assert page.run("return [...document.querySelectorAll('table')].filter("
                    "(t) => t.offsetParent && t.getBoundingClientRect().right"
                    " > innerWidth).map((t) => t.id)") == []


def test_everything_is_reached_by_tab(open_page, report):
    page = open_page(report("slow"))
    seen = []
    for _ in range(60):
        page.press("TAB")
        seen.append(page.run(
            "const e = document.activeElement; return e.id || "
            "(e.closest('figure') || {}).id || e.textContent.trim()"))
        if seen[-1] == "BODY":
            break
    for want in ("compare-choose", "download", "theme", "What to do",
                 "layout-column", "chart-cpu", "chart-latency", "browse",
                 "advice-0-tab", "Read more", "span-search"):
        assert want in seen, want
