# SPDX-License-Identifier: MIT
"""One headless Chromium, and a page in it as a reader has it: a window of some
width, light or dark, keys and the mouse. What the page says on the console, and
what its policy forbade, is kept."""
import contextlib
import json
import os
import pathlib
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--force-device-scale-factor=1")
PROGRAMS = {"CHROMIUM": "/usr/bin/chromium",
            "CHROMEDRIVER": "/usr/bin/chromedriver"}
PATIENCE = 20  # seconds; a machine under load, not a target


def program(name):
    return os.environ.get(name, PROGRAMS[name])


@contextlib.contextmanager
def chromium():
    """A driver whose profile is new, and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="seed-browser-") as folder:
        options = webdriver.ChromeOptions()
        options.binary_location = program("CHROMIUM")
        for flag in FLAGS + (f"--user-data-dir={folder}/profile",):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {
            "browser": "ALL", "performance": "ALL"})
        options.add_experimental_option("prefs", {
            "download.default_directory": f"{folder}/downloads"})
        driver = webdriver.Chrome(service=Service(program("CHROMEDRIVER")),
                                  options=options)
        try:
            yield driver
        finally:
            driver.quit()


class Page:
    """An open page. Elements are found by CSS selectors."""

    def __init__(self, driver, path, width=1400, height=900, theme="light",
                 media="", fragment="", scale=1):
        self.driver = driver
        self.complaints = []
        self.requests = []
        self.tell("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=scale, mobile=False)
        self.tell("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "no-preference"}])
        self.url = pathlib.Path(path).resolve().as_uri()
        # Nothing of the page before is kept: neither its log nor its history.
        driver.get("about:blank")
        driver.get_log("browser")
        driver.get_log("performance")
        driver.get(self.url + fragment)

    def tell(self, command, **what):
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, what)

    def run(self, script, *arguments):
        """What the script returns, in the page."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def text(self, selector):
        """As a reader sees it; "" when it is hidden."""
        return self.find(selector).text

    def click(self, selector):
        self.find(selector).click()

    def click_at(self, selector, x, y):
        """At so many pixels from the element's upper left corner."""
        left, top = self.corner(selector)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.tell("Input.dispatchMouseEvent", type=kind, x=left + x,
                      y=top + y, button="none" if kind == "mouseMoved"
                      else "left", clickCount=0 if kind == "mouseMoved" else 1)

    def hover(self, selector, x, y):
        left, top = self.corner(selector)
        self.tell("Input.dispatchMouseEvent", type="mouseMoved", x=left + x,
                  y=top + y)

    def corner(self, selector):
        """Scrolls there, and says where in the window it begins."""
        box = self.run(
            "const e = document.querySelector(arguments[0]);"
            "const r = e.getBoundingClientRect();"
            "if (r.bottom > innerHeight || r.top < 0)"
            " e.scrollIntoView({block: 'nearest', behavior: 'instant'});"
            "const b = e.getBoundingClientRect(); return [b.left, b.top];",
            selector)
        return box[0], box[1]

    def type(self, selector, text):
        element = self.find(selector)
        element.clear()
        element.send_keys(text)

    def press(self, *keys):
        """Keys for what has the focus: "a", "TAB", "ESCAPE", "ARROW_UP"."""
        chain = ActionChains(self.driver)
        for key in keys:
            chain.send_keys(getattr(Keys, key, key))
        chain.perform()

    def wait(self, condition, what="the page", seconds=PATIENCE):
        """Until condition() is true; it may also be a script's expression."""
        ask = condition if callable(condition) else \
            lambda: self.run(f"return {condition}")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = ask()
            if got:
                return got
            time.sleep(0.02)
        raise AssertionError(f"waited {seconds} s for {what}: {condition}")

    def console(self):
        """Warnings, errors, exceptions and breaches of the policy so far."""
        self.complaints += [
            entry["message"] for entry in self.driver.get_log("browser")
            if entry["level"] in ("WARNING", "SEVERE")]
        return self.complaints

    def fetched(self):
        """What the page asked for beside itself; offline it is nothing."""
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                self.requests.append(event["params"]["request"]["url"])
        return [url for url in self.requests if not url.startswith(
            (self.url, "about:", "data:", "blob:"))]

    def overflow(self):
        """By how many pixels the page is wider than its window."""
        return self.run("const e = document.documentElement;"
                        "return e.scrollWidth - e.clientWidth")

    def screenshot(self, path, whole=False):
        if whole:
            height = self.run("return document.documentElement.scrollHeight")
            width = self.run("return innerWidth")
            self.tell("Emulation.setDeviceMetricsOverride", width=width,
                      height=height, deviceScaleFactor=1, mobile=False)
        self.driver.save_screenshot(str(path))
