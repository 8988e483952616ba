"""The builder of image templates, used by its form and in headless Chromium."""

import concurrent.futures
import contextlib
import fcntl
import itertools
import os
import re
import urllib.parse

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import media
import procs
from browser import DESKTOP, PHONE, browser, said, screen, shoot
from console import Console
from instance import SLOW, program
from pagetools import PageTools
from test_picture import form, text_area

PASSWORD = "secret-1"
NUMBER = itertools.count(1)


@pytest.fixture(scope="module")
def place(new_instance):
    return new_instance({"console-checks": "200"}).serve()


@pytest.fixture
def person(place):
    def make(**settings):
        caller = place.caller(**settings)
        place.run("account", "set", caller.account, "--password", PASSWORD)
        console = Console(place.port, headers={"X-Forwarded-For": f"198.51.100.{next(NUMBER)}"}, source="127.0.0.3")
        assert console.sign_in(caller.account).status == 303
        return caller, console
    return make


def press(console, answer, button, path="pictures/new", files=None, **fields):
    values = {**answer.form(path)["fields"], **fields, "do": button}
    return console.post_files(path, values, files) if files else console.post(path, values)


def begin(console, samples, **fields):
    """Opens a new image template with its background."""
    return press(console, console.get("pictures/new"), "look", files={"file": ("b.jpg", "image/jpeg", samples["jpg"])}, name="Card",
                 **fields)


def id_of(answer):
    assert answer.status == 303, wrong(answer)
    return re.fullmatch(r"(?:\.\./|\./)+pictures/(\d+)\?said=picture", answer.headers["location"])[1]


def wrong(answer):
    found = re.search(r'<p class="wrong" role="alert">(.*?)</p>', answer.body.decode())
    return found and found[1]


def preview_of(console, answer, path="pictures/new"):
    """Returns the bytes of the preview on a page without script."""
    url = re.search(r'id="stage".*?<img src="([^"]*)"', answer.body.decode(), re.S)[1]
    got = console.get(urllib.parse.urljoin(f"/console/{path}", url))
    assert got.status == 200 and got.headers["content-type"] == "image/jpeg"
    return got.body


def test_by_the_form_alone(person, place, samples):
    caller, console = person()
    assert "No image templates yet" in console.get("pictures").page.text
    page = console.get("pictures/new")
    assert "area_1_text" not in page.form("pictures/new")["fields"]
    answer = begin(console, samples)
    fields = answer.form("pictures/new")["fields"]
    assert wrong(answer) is None and fields["areas"] == "1" and fields["area_1_text"] == "Hello {$name|friend}"
    first = preview_of(console, answer)
    answer = press(console, answer, "code")
    assert preview_of(console, answer) != first and first.startswith(b"\xff\xd8")
    answer = press(console, answer, "add", area_1_text="Dear\n{$name|friend}")
    answer = press(console, answer, "remove-2")
    assert answer.form("pictures/new")["fields"]["areas"] == "1"
    ident = id_of(press(console, answer, "save"))
    shown = place.run("image-template", "show", ident)
    assert "Dear\\n{$name|friend}" in shown and "type = qr" in shown
    assert "Card" in console.get("pictures").page.text and f"TEMPLATE-ID {ident}" in console.get("pictures").page.text

    # It is changed in place, and saved as a new one.
    path = f"pictures/{ident}"
    page = console.get(path)
    assert page.form(path)["fields"]["area_1_text"] == "Dear\n{$name|friend}"
    before = preview_of(console, page, path)
    assert id_of(press(console, page, "save", path, area_1_text="Changed", name="Other")) == ident
    page = console.get(path)
    assert page.form(path)["fields"]["name"] == "Other" and preview_of(console, page, path) != before
    again = id_of(press(console, page, "save-new", path, name="Third"))
    assert again != ident and "Third" in console.get("pictures").page.text
    assert "Other" in console.get("pictures").page.text
    # With another background, the old one is removed when nothing needs it.
    assert id_of(press(console, console.get(path), "save", path, files={"file": ("c.png", "image/png", samples["png"])})) == ident

    # The composer offers it in its list.
    mms = console.get("compose").form("compose")["fields"]
    answer = console.post("compose", {**mms, "name": "n", "subject": "s", "slide_1_picture": ident, "do": "save"})
    assert answer.status == 303, answer.page.text
    assert ">Other</option>" in console.get("compose").body.decode()

    answer = console.send(f"{path}/delete", "delete")
    assert answer.status == 303 and console.get(path).status == 404
    assert console.send(f"pictures/{again}/delete", "delete").status == 303
    assert "No image templates yet" in console.get("pictures").page.text
    assert "faults: 0" in place.run("check") or place.command("check")[0] == 0


def test_a_slow_decode_locks_nothing(new_instance, samples, tmp_path):
    """While a background is decoded, a delete gets the lock of the media, and saves behind it go on."""
    slow = tmp_path / "slow-transcode"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nsleep {1.5 * SLOW}\nexec {program('savemms-transcode')} \"$@\"\n")
    slow.chmod(0o755)
    instance = new_instance({"transcode-program": slow}).serve("--module", "proxy_fcgi", server="apache")
    caller = instance.caller()
    instance.run("account", "set", caller.account, "--password", PASSWORD)
    console = Console(instance.port)
    assert console.sign_in(caller.account).status == 303
    page = console.get("pictures/new").form("pictures/new")["fields"]
    (tmp_path / "form").write_text(form(text_area("Hello")))
    (tmp_path / "a.jpg").write_bytes(samples.image(640, 1138))
    ways = (lambda: console.post_files("pictures/new", {**page, "name": "n", "do": "look"},
                                       {"file": ("a.jpg", "image/jpeg", samples["jpg"])}),
            lambda: instance.command("image-template", "add", caller.account, "n", "--background", tmp_path / "a.jpg",
                                     "--from", tmp_path / "form"))
    for way in ways:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(tmp_path / "begun")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            made = pool.submit(way)
            assert procs.wait_for(lambda: os.path.exists(tmp_path / "begun"), 10 * SLOW)
            with open(os.path.join(instance.folder, "media", "lock"), "rb+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)    # what a delete takes
            assert not made.done()
        assert not isinstance(made.result(), tuple) or made.result()[0] == 0, made.result()
    instance.stop()


def test_what_addresses_lead_to_is_not_told(person):
    """The builder says the same of a private address, a closed port and a name that nobody has."""
    _, console = person()
    said = set()
    for url in ("http://192.0.2.1/a.jpg", "http://localhost:9/a.jpg", "http://no.such.name.invalid/a.jpg"):
        page = console.get("pictures/new").form("pictures/new")["fields"]
        answer = console.post_files("pictures/new", {**page, "name": "n", "url": url, "do": "look"}, {})
        said.add(re.search(r'<p class="wrong"[^>]*>(.*?)</p>', answer.body.decode())[1])
    assert said == {"the background cannot be fetched"}, said


def test_what_is_wrong_is_told_and_kept(person, samples):
    caller, console = person()
    good = begin(console, samples)
    good = press(console, good, "code")
    for fields, words in (({"area_1_x": "600"}, "text area 1 lies outside of the background"),
                          ({"area_1_x": "-4"}, "text area 1: expected a number of pixels"),
                          ({"area_1_text": " "}, "text area 1 has no text"), ({"area_1_size": "1000"}, "text area 1: the size must be 6 to 400"),
                          ({"area_1_color": "red"}, "text area 1: expected a color of the form #rrggbb"),
                          ({"area_1_align": "up"}, "left, center or right"), ({"area_1_text": "x" * 1001}, "longer than 1000"),
                          ({"code_type": "dots"}, "the barcode: expected aztec"), ({"name": ""}, "name"),
                          ({"code_color": "#eeeeee"}, "barcode"), ({"kept": ""}, "the background is missing")):
        answer = press(console, good, "save", **fields)
        assert answer.status == 400 and words in answer.page.text, (fields, wrong(answer))
        kept = answer.form("pictures/new")["fields"]
        assert all(kept.get(k, "") == v for k, v in fields.items() if v not in ("up", "dots")), fields
        assert console.get("pictures").page.text.count("TEMPLATE-ID ") == 0
    # Line breaks and brackets in a text do not create another part.
    evil = "a\n[text]\nx = 1\n[barcode]"
    assert press(console, good, "look", area_1_text=evil).form("pictures/new")["fields"]["areas"] == "1"
    assert wrong(press(console, good, "look", area_1_x="1\n[text]")) is not None


def test_backgrounds(person, put, samples):
    caller, console = person()
    page = console.get("pictures/new")
    assert wrong(press(console, page, "look", url=put("jpg"))) is None
    assert "cannot be fetched" in wrong(press(console, page, "look", url=put("jpg", status=404)))
    assert "cannot be fetched" in wrong(press(console, page, "look", url="http://192.0.2.1/x.jpg"))
    for name, data in (("a.jpg", b"no image"), ("a.pdf", samples["pdf"]), ("a.jpg", samples["jpg"][:300])):
        assert wrong(press(console, page, "look", files={"file": (name, "image/jpeg", data)})) is not None
    moving = samples.path("moving.gif")
    media.ffmpeg(moving, "-f", "lavfi", "-i", "testsrc=size=100x100:rate=5:duration=1")
    assert "animation" in wrong(press(console, page, "look", files={"file": ("a.gif", "image/gif", media.read(moving))}))


def test_an_account_sees_only_its_own(person, samples):
    caller, console = person()
    other, others = person()
    ident = id_of(press(console, begin(console, samples), "save"))
    path = f"pictures/{ident}"
    fields = console.get(path).form(path)["fields"]
    assert others.get(path).status == 404 and others.get(f"{path}/delete").status == 404
    token = others.get("settings").form("settings")["fields"]["token"]
    assert others.post(f"{path}/delete", {"token": token}).status == 404
    mine = begin(others, samples).form("pictures/new")["fields"]
    assert others.post(path, {**fields, **mine, "do": "save"}).status == 404
    assert "missing" in others.post(path, {**fields, "token": token, "do": "save"}).page.text    # it is another account's
    assert console.get(path).status == 200 and "Card" not in others.get("pictures").page.text
    mms = others.get("compose").form("compose")["fields"]
    assert "E1130" in others.post("compose", {**mms, "name": "n", "subject": "s", "slide_1_picture": ident, "do": "save"}).page.text


def test_previews_for_the_script(person, samples):
    caller, console = person()
    fields = begin(console, samples).form("pictures/new")["fields"]
    answer = console.post("pictures/preview", fields)
    assert answer.status == 200 and answer.headers["content-type"] == "image/jpeg" and answer.body.startswith(b"\xff\xd8")
    answer = console.post("pictures/preview", {**fields, "area_1_x": "9999"})
    assert answer.status == 400 and answer.body == b"text area 1 lies outside of the background, which has 640x480 pixels\n"
    assert console.post("pictures/preview", {**fields, "token": "0" * 64}).status == 403


# --- in Chromium ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    return PageTools(tmp_path_factory.mktemp("tools"))


def on_disk(samples):
    """Writes an image that a browser can upload."""
    path = samples.path("chosen.jpg")
    with open(path, "wb") as f:
        f.write(samples["jpg"])
    return path


def wait(driver, what):
    return WebDriverWait(driver, 15 * SLOW, ignored_exceptions=[StaleElementReferenceException]).until(what)


def enter(driver, place, caller, samples):
    """Signs in and uploads the background of a new image template."""
    driver.delete_all_cookies()
    driver.get(f"http://127.0.0.1:{place.port}/console/sign-in")
    driver.find_element(By.NAME, "name").send_keys(caller.account)
    driver.find_element(By.NAME, "password").send_keys(PASSWORD + Keys.ENTER)
    wait(driver, lambda d: "sign-in" not in d.current_url)
    driver.get(f"http://127.0.0.1:{place.port}/console/pictures/new")
    driver.find_element(By.ID, "name").send_keys("Dragged")
    driver.find_element(By.ID, "file").send_keys(on_disk(samples))
    wait(driver, lambda d: d.find_elements(By.CSS_SELECTOR, ".frame"))


def number(driver, ident):
    return int(driver.find_element(By.ID, ident).get_attribute("value"))


def drawn(driver):
    """Returns a few of the preview's pixels, or None while it is not drawn."""
    return driver.execute_script("""const c = document.querySelector('#stage canvas');
        return c && !document.querySelector('#stage[aria-busy]') && String(c.getContext('2d').getImageData(0, 0, c.width, c.height).data);""")


def test_dragged_and_by_keys(person, place, chromium, samples):
    caller, console = person()
    screen(chromium, DESKTOP)
    enter(chromium, place, caller, samples)
    frame = chromium.find_element(By.CSS_SELECTOR, ".frame")
    x, y, w, h = (number(chromium, f"area_1_{k}") for k in ("x", "y", "width", "height"))
    scale = 640 / chromium.execute_script("return document.getElementById('stage').clientWidth")
    ActionChains(chromium).move_to_element(frame).click_and_hold().move_by_offset(20, 40).release().perform()
    assert abs(number(chromium, "area_1_x") - (x + 20 * scale)) <= 2 and abs(number(chromium, "area_1_y") - (y + 40 * scale)) <= 2
    before = wait(chromium, drawn)
    corner = chromium.find_element(By.CSS_SELECTOR, ".frame span")
    ActionChains(chromium).move_to_element(corner).click_and_hold().move_by_offset(-30, 20).release().perform()
    assert abs(number(chromium, "area_1_width") - (w - 30 * scale)) <= 2 and number(chromium, "area_1_height") > h
    x, y, w = (number(chromium, f"area_1_{k}") for k in ("x", "y", "width"))
    frame.send_keys(Keys.ARROW_LEFT * 3, Keys.ARROW_DOWN)
    assert (number(chromium, "area_1_x"), number(chromium, "area_1_y")) == (x - 3, y + 1)
    frame.send_keys(Keys.SHIFT, Keys.ARROW_RIGHT)
    assert number(chromium, "area_1_width") == w + 1
    # The frame cannot leave the background.
    ActionChains(chromium).move_to_element(frame).click_and_hold().move_by_offset(-300, 10).release().perform()
    assert number(chromium, "area_1_x") == 0
    # The fields move the frame, and the server draws their contents.
    field = chromium.find_element(By.ID, "area_1_x")
    field.clear()
    field.send_keys("5")
    text = chromium.find_element(By.ID, "area_1_text")
    text.clear()
    text.send_keys("WWWW")
    assert chromium.find_element(By.CSS_SELECTOR, ".frame").location["x"] < chromium.find_element(By.ID, "stage").location["x"] + 30
    wait(chromium, lambda d: drawn(d) not in (None, before))
    field.clear()
    field.send_keys("9999")
    wait(chromium, lambda d: "lies outside" in d.find_element(By.ID, "verdict").text)
    field.clear()
    field.send_keys("5")
    wait(chromium, lambda d: d.find_element(By.ID, "verdict").text == "")
    chromium.find_element(By.CSS_SELECTOR, "button[value=save]").click()
    wait(chromium, lambda d: "said=picture" in d.current_url)
    shown = place.run("image-template", "show", re.search(r"pictures/(\d+)", chromium.current_url)[1])
    assert "x = 5" in shown and "text = WWWW" in shown
    assert not [line for line in said(chromium) if line.startswith(("SEVERE", "WARNING")) and "400" not in line
                and "willReadFrequently" not in line]


def test_the_pages_at_both_widths(person, place, chromium, tools, samples):
    caller, console = person()
    shots = os.environ.get("SAVEMMS_SHOTS")
    enter(chromium, place, caller, samples)
    chromium.find_element(By.ID, "code").click()
    wait(chromium, lambda d: len(d.find_elements(By.CSS_SELECTOR, ".frame")) == 2)
    said(chromium)
    for path in (None, "pictures", "pictures/new"):
        if path == "pictures":
            chromium.find_element(By.CSS_SELECTOR, "button[value=save]").click()
            wait(chromium, lambda d: "said=picture" in d.current_url)
        if path:
            chromium.get(f"http://127.0.0.1:{place.port}/console/{path}")
        for size in (PHONE, DESKTOP):
            screen(chromium, size)
            assert chromium.execute_script("return document.documentElement.scrollWidth") <= size[0]
            if shots:
                shoot(chromium, os.path.join(shots, f"{(path or 'builder').replace('/', '-')}-{size[0]}.png"), whole=True)
            assert not [line for line in said(chromium) if line.startswith(("SEVERE", "WARNING"))]
            assert tools.axe(chromium) == []
            said(chromium)
    answer = press(console, begin(console, samples), "code")
    ident = id_of(press(console, answer, "save"))
    pages = {"new": console.get("pictures/new").body.decode(), "builder": answer.body.decode(),
             "pictures": console.get("pictures").body.decode(), "picture": console.get(f"pictures/{ident}").body.decode(),
             "delete": console.get(f"pictures/{ident}/delete").body.decode()}
    assert tools.invalid(pages) == []
    for text in pages.values():
        assert "style=" not in text and "onclick" not in text and 'action="/' not in text
