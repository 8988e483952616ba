"""A headless Chromium with the window of a given screen, and the messages of its console."""

import base64
import contextlib

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic", "--disable-dev-shm-usage",
         "--disable-extensions", "--mute-audio")
PHONE, DESKTOP = (390, 844), (1280, 800)


@contextlib.contextmanager
def browser(folder, log=None):
    """Starts Chromium with a fresh profile in the folder. It ends with the block."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver", log_output=str(log or "/dev/null")), options=options)
    driver.set_page_load_timeout(30)
    driver.set_script_timeout(30)
    try:
        yield driver
    finally:
        driver.quit()


def screen(driver, size, mobile=None):
    """Sets the screen from now on: (width, height) in CSS pixels. It is a phone unless it is wide."""
    mobile = size[0] < 600 if mobile is None else mobile
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": size[0], "height": size[1], "deviceScaleFactor": 2 if mobile else 1, "mobile": mobile})


def said(driver):
    """Returns the console's messages up to now, as text. Those about favicons and about axe-core's own drawing are left
    out."""
    return [f"{e['level']} {e['message']}" for e in driver.get_log("browser")
            if "/favicon.ico" not in e["message"] and "willReadFrequently" not in e["message"]]


def shoot(driver, path, whole=False):
    """Saves a screenshot of the window or of the whole page."""
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
    with open(path, "wb") as f:
        f.write(base64.b64decode(shot["data"]))
