# SPDX-License-Identifier: MIT
"""The harness sees what it is there to see: each of these pages is bad, and
must be found so."""
import pytest

POLICY = '<meta http-equiv="Content-Security-Policy" content="%s">'

BAD = {
    "console": ("", "<script>console.error('it broke')</script>", "it broke"),
    "exception": ("", "<script>null.x</script>", "TypeError"),
    "rejection": ("", "<script>Promise.reject(new Error('late'))</script>",
                  "late"),
    "policy": (POLICY % "default-src 'none'",
               "<script>document.title = 'ran'</script>",
               "Content Security Policy"),
    "image": ("", "<img src='missing.png'>", "missing.png"),
}


@pytest.fixture
def write(tmp_path):
    def write_one(head, body):
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html><html lang=en><meta charset=utf-8>"
                        f"<title>t</title>{head}<body>{body}</body></html>",
                        encoding="utf-8")
        return path
    return write_one


@pytest.mark.parametrize("name", BAD)
def test_complaints_are_seen(open_page, write, name):
    head, body, want = BAD[name]
    page = open_page(write(head, body))
    page.wait(lambda: page.console(), "a complaint")
    assert want in page.console()[0]
    page.console().clear()
    page.fetched()
    page.requests.clear()


def test_fetching_is_seen(open_page, write, tmp_path):
    (tmp_path / "style.css").write_text("p { color: red }")
    page = open_page(write("<link rel=stylesheet href=style.css>", "<p>p"))
    assert [url[-10:] for url in page.fetched()] == ["/style.css"]
    page.requests.clear()


def test_widths_and_themes(open_page, write):
    style = ("<style>p { color: black; width: 500px }"
             "@media (prefers-color-scheme: dark) { p { color: white } }"
             "</style>")
    for width, theme, color, over in ((1400, "light", "0, 0, 0", False),
                                      (400, "dark", "255, 255, 255", True)):
        page = open_page(write(style, "<p>p"), width=width, theme=theme)
        assert page.run("return innerWidth") == width
        assert page.find("p").value_of_css_property("color").startswith(
            f"rgba({color}")
        assert (page.overflow() > 0) is over


def test_keys_and_the_mouse_arrive(open_page, write):
    page = open_page(write("", (
        "<input><p id=seen></p><script>"
        "addEventListener('keydown', (e) => { seen.textContent += e.key });"
        "addEventListener('click', (e) => {"
        " seen.textContent += e.clientX + ',' + e.clientY });</script>")))
    page.click("input")
    page.run("seen.textContent = ''")
    page.press("a", "ESCAPE")
    assert page.text("#seen") == "aEscape"
    assert page.run("return document.querySelector('input').value") == "a"
    page.run("seen.textContent = ''; seen.style.position = 'absolute';"
             "seen.style.left = '30px'; seen.style.top = '60px';"
             "seen.style.margin = 0")
    page.click_at("#seen", 5, 7)
    page.wait("seen.textContent === '35,67'")
