"""The composer, used by its form without script and in headless Chromium."""

import glob
import hashlib
import html
import itertools
import os
import re
import subprocess
import time

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import procs
from browser import DESKTOP, PHONE, browser, said, screen, shoot
from console import Console
from expected import TEXT
from instance import SLOW, program
from pagetools import PageTools

PASSWORD = "secret-1"
NUMBER = itertools.count(1)
FILES = {"jpg": "image/jpeg", "gif": "image/gif", "mp3": "audio/mpeg", "amr": "application/octet-stream", "mp4": "video/mp4",
         "vcf": "text/x-vcard", "ics": "text/plain", "pdf": "application/pdf"}     # the types that browsers send


@pytest.fixture(scope="module")
def place(new_instance):
    return new_instance({"console-upload-kb": "2048", "console-checks": "12"}).serve()


@pytest.fixture
def person(place):
    """person(settings) returns a caller and its console, signed in."""
    def make(**settings):
        caller = place.caller(**settings)
        place.run("account", "set", caller.account, "--password", PASSWORD)
        console = Console(place.port, headers={"X-Forwarded-For": f"198.51.100.{next(NUMBER)}"}, source="127.0.0.3")
        assert console.sign_in(caller.account).status == 303
        return caller, console
    return make


def press(console, answer, button, files=None, **fields):
    """Sends the composer's form again, with these fields changed and that button."""
    values = {**answer.form("compose")["fields"], **fields, "do": button}
    if files:
        return console.post_files("compose", values, files)
    return console.post("compose", values)


def start(console, **fields):
    """Opens the composer and sets name and subject, and slides by their fields."""
    answer = console.get("compose")
    n = max([int(k.split("_")[1]) for k in fields if k.startswith("slide_")] + [1])
    for _ in range(n - 1):
        answer = press(console, answer, "add")
    return press(console, answer, "look", name="A name", subject="A subject", **fields)


def told(answer):
    """Returns the code and text of the failure on the page, or None if there is none."""
    found = re.search(r'<p class="wrong"><strong>(E\d+)</strong> (.*?)(?: <a|</p>)', answer.body.decode(), re.S)
    return found and (found[1], html.unescape(found[2]))


def request_of(answer):
    return html.unescape(re.search(r'<textarea class="code" id="xml"[^>]*>\n(.*?)</textarea>', answer.body.decode(), re.S)[1])


def upload(samples, fmt, name=None, data=None):
    return (name or f"m.{fmt}", FILES[fmt], samples[fmt] if data is None else data)


def mmsid_of(answer):
    assert answer.status == 303, told(answer) or answer.page.text[:500]
    return re.fullmatch(r"\./templates/(\d+)\?said=composed", answer.headers["location"])[1]


# --- without script ---------------------------------------------------------------------


def test_by_the_form_alone(person, put):
    caller, console = person()
    answer = console.get("compose")
    assert told(answer) == ("E311", "The 'name' is required.") and len(answer.body) < 100000
    answer = start(console, slide_1_text="one", slide_2_text="two", slide_3_text="three {$who|you}", slide_3_duration="7")
    assert told(answer) is None
    answer = press(console, answer, "up-3")
    assert 'id="up-2"' in answer.body.decode() and re.search(r'id="up-2"[^>]*autofocus', answer.body.decode())
    answer = press(console, answer, "down-1")
    answer = press(console, answer, "remove-3")
    fields = answer.form("compose")["fields"]
    assert fields["slides"] == "2" and fields["slide_1_text"] == "three {$who|you}" and fields["slide_1_duration"] == "7"
    assert fields["slide_2_text"] == "one"
    answer = press(console, answer, "medium-2")
    answer = press(console, answer, "look", slide_2_url_1=put("jpg"), slide_2_url_2=put("mp3"), disablefallbacksms="yes",
                   client_reference="ref-9")
    assert told(answer) is None and "default “you”" in answer.page.text
    details = caller.details(mmsid_of(press(console, answer, "save")))
    assert details.findtext("NAME") == "A name" and details.findtext("CLIENT_REFERENCE") == "ref-9"
    first, second = details.findall("SLIDE")
    assert first.findtext("TEXT") == "three {$who|you}" and second.findtext("TEXT") == "one"
    assert second.find("IMAGE") is not None and second.find("AUDIO") is not None
    # Buttons with impossible values do nothing.
    for button in ("up-1", "down-9", "remove-99", "medium-0", "drop-1-9", "up-x", "nothing", "remove-18446744073709551617"):
        assert press(console, answer, button).form("compose")["fields"] == answer.form("compose")["fields"], button


U = "http://127.0.0.1:1/m."
BROKEN = [
    ("E311", {"name": " "}), ("E228", {"name": "x" * 256}), ("E228", {"client_reference": "x" * 65}),
    ("E622", {"subject": "", "slide_1_text": "t"}), ("E313", {"slide_1_text": "t", "slide_2_text": ""}),
    ("E334", {"slide_1_text": "t", "slide_2_text": "x" * 5001}),
    ("E226", {"slide_1_url_1": U + "mp3", "slide_1_url_2": U + "mp4"}),
    ("E227", {"slide_1_url_1": U + "jpg", "slide_1_url_2": U + "mp4"}),
    ("E224", {"slide_1_url_1": U + "pdf", "slide_1_url_2": U + "jpg"}),
    ("E223", {"slide_1_url_1": U + "pdf", "slide_1_url_2": U + "ics"}),
    ("E225", {f"slide_{n}_text": "t" for n in range(1, 11)}),
    ("E1130", {"slide_1_picture": "77"}),
]


@pytest.mark.parametrize("code,fields", BROKEN, ids=[f"{i}-{c}" for i, (c, _) in enumerate(BROKEN)])
def test_the_texts_are_the_api_s(person, code, fields):
    caller, console = person()
    slides = max([int(k.split("_")[1]) for k in fields if k.startswith("slide_")] + [1])
    values = {"token": console.get("compose").form("compose")["fields"]["token"], "name": "n", "subject": "s",
              "slides": str(slides), **{f"slide_{n}_media": "2" for n in range(1, slides + 1)},
              "slide_1_text": "t" if "slide_1_url_1" in fields else "", **fields}
    answer = console.post("compose", {**values, "do": "save"})
    assert answer.status == 400 and told(answer)[0] == code
    api = caller.post(request_of(answer).replace("YOUR-API-KEY", caller.key))
    assert (api.code, api.get("ERRORINFO")) == told(answer)
    # The live check gives the same answer and keeps all input.
    live = console.post("compose/check", values)
    assert told(live) == told(answer) and "<html" not in live.body.decode()
    kept = answer.form("compose")["fields"]
    assert {k: v for k, v in values.items() if v and kept.get(k) != v} == {}
    if "slide_2_text" in fields and slides == 2:
        assert re.search(r'class="slide faulty" id="slide-2"', answer.body.decode()) and '"#slide-2"' in answer.body.decode()
    assert caller.ids() == []


@pytest.mark.parametrize("fmt,kind", [("jpg", "IMAGE"), ("amr", "AUDIO"), ("mp4", "VIDEO"), ("vcf", "VCARD"), ("ics", "ICAL"),
                                      ("pdf", "PDF")])
def test_files(person, samples, fmt, kind):
    caller, console = person()
    answer = press(console, start(console), "look", {"slide_1_file_1": upload(samples, fmt)}, slide_1_text="with a file")
    assert told(answer) is None and f"m.{fmt}" in answer.page.text
    assert f"<{kind}><URL>upload:m.{fmt}</URL></{kind}>" in request_of(answer)
    answer = press(console, answer, "add")                       # the file is sent with the form
    answer = press(console, answer, "remove-2")
    details = caller.details(mmsid_of(press(console, answer, "save")))
    medium = details.find(f"SLIDE/{kind}")
    assert int(medium.findtext("BYTES")) == len(samples[fmt]) and medium.findtext("URL")
    if fmt == "jpg":
        assert medium.find("RENDITION") is not None
    other, elsewhere = person()
    assert elsewhere.get(f"templates/{details.findtext('MMSID')}").status == 404


def test_files_are_judged_like_media_that_are_fetched(person, samples):
    caller, console = person(max_image_kb="20", max_gif_kb="1", max_vcard_kb="1")
    noise = os.urandom(30000)
    for code, file in (("E331", ("big.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + noise)), ("E331", upload(samples, "gif")),
                       ("E341", ("no.jpg", "image/jpeg", b"no image at all")), ("E341", upload(samples, "jpg", data=samples["jpg"][:400])),
                       ("E335", ("a.vcf", "text/vcard", samples["vcf"] + noise[:2000])), ("E229", ("a.pdf", "application/pdf", b"no pdf")),
                       ("E229", ("a.exe", "application/x-msdownload", b"MZ" + noise[:100])), ("E351", ("empty.jpg", "image/jpeg", b""))):
        answer = press(console, start(console), "look", {"slide_1_file_1": file})
        assert told(answer) is None, (code, told(answer))
        answer = press(console, answer, "save")
        assert answer.status == 400 and told(answer)[0] == code, (code, file[0], told(answer))
        assert file[0] in answer.page.text                      # the file is still listed
    assert caller.ids() == []


def test_what_a_ticket_is_good_for(person, place, samples):
    caller, console = person()
    other, others = person()
    answer = press(console, start(console), "look", {"slide_1_file_1": upload(samples, "jpg")})
    ticket = answer.form("compose")["fields"]["slide_1_kept_1"]
    theirs = start(others, slide_1_text="mine")
    for stolen in (ticket, ticket.replace("upload ", "upload 0"), "x", "0" * 64 + ticket[64:], ticket[:65]):
        got = press(others, theirs, "look", slide_1_kept_1=stolen)
        assert "Choose it again" in got.page.text and "upload:" not in request_of(got), stolen
    # A file that nobody has examined is no background of an image template, and a background is no file.
    assert ticket.split()[1] == "file"
    builder = console.get("pictures/new").form("pictures/new")["fields"]
    got = console.post_files("pictures/new", {**builder, "name": "n", "kept": ticket, "do": "look"}, {})
    assert not got.form("pictures/new")["fields"].get("kept")
    got = console.post_files("pictures/new", {**builder, "name": "n", "do": "look"}, {"file": ("a.jpg", "image/jpeg", samples["jpg"])})
    background = got.form("pictures/new")["fields"]["kept"]
    assert background.split()[1] == "background"
    got = press(console, start(console), "look", slide_1_kept_1=background)
    assert "Choose it again" in got.page.text and "upload:" not in request_of(got)
    # a body that is too large, and one without a session
    big = console.post_files("compose", {**answer.form("compose")["fields"], "do": "look"},
                             {"slide_1_file_1": ("a.mp4", "video/mp4", b"\0" * (2100 << 10))})
    assert big.status == 413
    stranger = Console(place.port)
    assert stranger.post_files("compose", {"do": "look"}, {"slide_1_file_1": ("a.jpg", "image/jpeg", b"\0" * 1000)}).status == 403
    # File names do no harm.
    for name in ("../../etc/passwd", "a\tb<script>.jpg", "x" * 300 + ".jpg", "C:\\\\dir\\\\a%2f.jpg", "ein Bild mit Ümläuten.jpg"):
        got = press(console, start(console), "look", {"slide_1_file_1": (name, "image/jpeg", samples["jpg"])})
        assert "<script>" not in got.body.decode().replace('<script src', "") and "upload:" in request_of(got)
        assert mmsid_of(press(console, got, "save"))


def uploads_of(instance):
    """Returns the blobs that are noted as uploads."""
    return {os.path.basename(path) for path in glob.glob(os.path.join(instance.folder, "media", "upload", "*", "*"))}


def blobs_of(instance):
    return {os.path.basename(path) for path in glob.glob(os.path.join(instance.folder, "media", "??", "??", "*"))}


def test_uploads_have_a_quota_and_end(new_instance, samples):
    """Uploads count against the account until they are saved or not used for an hour; then they are removed."""
    instance = new_instance({"console-keep-kb": "1024", "console-upload-kb": "2048"}).serve()
    caller = instance.caller()
    instance.run("account", "set", caller.account, "--password", PASSWORD)
    console = Console(instance.port)
    assert console.sign_in(caller.account).status == 303

    def add(data, answer=None):
        return press(console, answer or start(console), "look", {"slide_1_file_1": upload(samples, "jpg", data=data)})

    picture = samples["jpg"]
    padded = [picture + bytes([n]) * (450 << 10) for n in range(3)]
    first = add(padded[0])
    second = add(padded[1])
    assert len(uploads_of(instance)) == 2 and "upload:" in request_of(second)
    third = add(padded[2])
    assert "You have uploaded too much" in third.page.text and len(uploads_of(instance)) == 2
    assert len(blobs_of(instance)) == 2                         # it was not stored, either
    assert "You have uploaded too much" not in add(padded[1]).page.text         # it is there already
    mmsid_of(press(console, second, "save"))                    # what a template holds does not count
    assert len(uploads_of(instance)) == 1
    assert "upload:" in request_of(add(padded[2]))
    # An hour later. The first is still used, the other is not.
    sources = {hashlib.sha256(data).hexdigest() for data in padded}
    for sha in uploads_of(instance):
        for path in glob.glob(os.path.join(instance.folder, "media", "**", sha), recursive=True):
            os.utime(path, (time.time() - 3700,) * 2)
    press(console, first, "look")
    subprocess.run([program("savemms-helper"), "--drain"], env=instance.env, timeout=60 * SLOW, check=True)
    assert uploads_of(instance) == {hashlib.sha256(padded[0]).hexdigest()}
    assert blobs_of(instance) & sources == {hashlib.sha256(data).hexdigest() for data in padded[:2]}
    assert "upload:" in request_of(press(console, first, "look"))
    instance.stop()


def test_the_account_s_rules_hold(person):
    caller, console = person(daily_limit="2")
    good = start(console, slide_1_text="text")
    for _ in range(2):
        assert mmsid_of(press(console, good, "save"))
    assert told(press(console, good, "save")) == ("E120", "Account has reached the API request limit.")
    inside, theirs = person(ip_whitelist="192.0.2.0/24")        # the list applies to calls from outside
    assert mmsid_of(press(theirs, start(theirs, slide_1_text="text"), "save")) and inside.call("getMmsIds").code == "E112"
    for setting, code in (({"actions": "getMmsIds"}, "E107"), ({"rights": "off"}, "E105"), ({"api": "off"}, "E109")):
        other, theirs = person(**setting)
        answer = press(theirs, start(theirs, slide_1_text="text"), "save")
        assert answer.status == 400 and told(answer) == (code, TEXT[code])


def test_checking_with_media(person, put, samples):
    caller, console = person()
    answer = press(console, start(console, slide_1_url_1=put("jpg"), slide_2_url_1=put("mp4")), "look")
    assert "2 media of unknown size" in answer.page.text
    answer = press(console, answer, "check")
    assert told(answer) is None and "Ready to save" in answer.page.text and "unknown size" not in answer.page.text
    assert caller.ids() == []                                   # the MMS was displayed, not stored
    for code, fields in (("E351", {"slide_1_url_1": put("jpg", status=404)}), ("E229", {"slide_1_url_1": put("jpg", mime="text/html")}),
                         ("E341", {"slide_1_url_1": put("jpg", body=b"\xff\xd8\xff no")})):
        got = press(console, answer, "check", **fields)
        assert ("HTTP status 404" in got.page.text) == (code == "E351")
        assert got.status == 200 and told(got)[0] == code and 'class="slide faulty" id="slide-1"' in got.body.decode()
        api = caller.post(request_of(got).replace("YOUR-API-KEY", caller.key))
        assert (api.code, api.get("ERRORINFO")) == told(got)
    for _ in range(12):
        got = press(console, answer, "check")
    assert "Too many checks" in got.page.text


def test_a_contact_in_utf16_is_explained(person, samples):
    card = ("a.vcf", "text/vcard", samples["vcf"].decode().encode("utf-16"))
    _, console = person()
    answer = press(console, start(console, slide_1_text="text"), "check", files={"slide_1_file_1": card})
    assert told(answer)[0] == "E229" and "UTF-16" in answer.page.text


def test_a_forecast_of_a_class_it_does_not_fit(new_instance, samples):
    place = new_instance({"classes": "T:10000:640:24000, L:1024000:2048:48000"}).serve()
    caller = place.caller()
    place.run("account", "set", caller.account, "--password", PASSWORD)
    console = Console(place.port)
    console.sign_in(caller.account)

    def rows(answer):
        return re.findall(r'<th scope="row">(\w+)</th>.*?<td class="(\w+)">([^<]*)<', answer.body.decode())
    answer = start(console, slide_1_text="x" * 4000)
    assert rows(answer) == [("T", "bad", "too large, sent as a link"), ("L", "good", "fits")]
    large = samples.image(2000, 1500, noise=60)
    assert len(large) > 1024000
    answer = press(console, answer, "look", {"slide_1_file_1": ("m.jpg", "image/jpeg", large)}, slide_1_text="x")
    assert rows(answer) == [("T", "bad", "too large, sent as a link"), ("L", "good", "fits when optimised")]
    place.stop()


def test_a_large_file_through_apache(new_instance):
    place = new_instance().serve(server="apache")
    caller = place.caller()
    place.run("account", "set", caller.account, "--password", PASSWORD)
    console = Console(place.port)
    console.sign_in(caller.account)
    answer = press(console, start(console), "look", {"slide_1_file_1": ("a.mp4", "video/mp4", bytes(8 << 20))})
    assert answer.status == 200 and "a.mp4, 8.0 MB" in answer.page.text
    place.stop()


def test_the_request_it_shows_is_the_request_it_sends(person, put):
    caller, console = person()
    answer = start(console, slide_1_url_1=put("jpg"), slide_1_text="a <b> & \"c\"\nline", slide_2_text="ü 😀", fallbacksmstext="f & g",
                   disablefallbacksmslink="yes")
    mine = caller.details(mmsid_of(press(console, answer, "save")))
    api = caller.details(caller.post(request_of(answer).replace("YOUR-API-KEY", caller.key)).mmsid)
    for name in ("NAME", "SUBJECT", "FALLBACK_SMS_TEXT", "TOTAL_SLIDES", "SIZE"):
        assert mine.findtext(name) == api.findtext(name)
    assert [s.findtext("TEXT") for s in mine.findall("SLIDE")] == [s.findtext("TEXT") for s in api.findall("SLIDE")]


# --- in Chromium ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    return PageTools(tmp_path_factory.mktemp("tools"))


def enter(driver, place, caller, path="compose"):
    driver.delete_all_cookies()
    driver.get(f"http://127.0.0.1:{place.port}/console/sign-in")
    driver.find_element(By.NAME, "name").send_keys(caller.account)
    driver.find_element(By.NAME, "password").send_keys(PASSWORD + Keys.ENTER)
    wait(driver, lambda d: "sign-in" not in d.current_url)
    driver.get(f"http://127.0.0.1:{place.port}/console/{path}")


def on_disk(samples):
    """Writes an image that a browser can upload."""
    path = samples.path("chosen.jpg")
    with open(path, "wb") as f:
        f.write(samples["jpg"])
    return path


def wait(driver, what):
    return WebDriverWait(driver, 10 * SLOW, ignored_exceptions=[StaleElementReferenceException]).until(what)


def text_of(driver, ident):
    return driver.execute_script("const e = document.getElementById(arguments[0]); return e ? e.textContent : '';", ident)


def fits(driver, size):
    assert driver.execute_script("return document.documentElement.scrollWidth") <= size[0]


def test_live_check_and_slides_by_keyboard(person, place, chromium, samples):
    caller, _ = person()
    screen(chromium, DESKTOP)
    enter(chromium, place, caller)
    chromium.execute_script("window.here = true")               # lost when another page is loaded
    assert "The 'name' is required." in text_of(chromium, "verdict")
    chromium.find_element(By.ID, "name").send_keys("By hand")
    chromium.find_element(By.ID, "subject").send_keys("Subject {$first|dear}")
    wait(chromium, lambda d: "Slide 1 is empty." in text_of(d, "verdict"))
    wait(chromium, lambda d: "first" in text_of(d, "report"))
    chromium.find_element(By.ID, "slide_1_text").send_keys("One")
    wait(chromium, lambda d: "No errors so far" in text_of(d, "verdict"))
    for number, word in ((2, "Two"), (3, "Three")):
        chromium.find_element(By.ID, "add").send_keys(Keys.ENTER)
        wait(chromium, lambda d: d.switch_to.active_element.get_attribute("id") == f"slide_{number}_text")
        chromium.switch_to.active_element.send_keys(word)
    chromium.find_element(By.ID, "up-3").send_keys(Keys.SPACE)
    wait(chromium, lambda d: d.switch_to.active_element.get_attribute("id") == "up-2")
    chromium.switch_to.active_element.send_keys(Keys.SPACE)     # the next press moves it up again
    wait(chromium, lambda d: d.switch_to.active_element.get_attribute("id") == "down-1")
    values = [chromium.find_element(By.ID, f"slide_{n}_text").get_attribute("value") for n in (1, 2, 3)]
    assert values == ["Three", "One", "Two"]
    chromium.find_element(By.ID, "remove-2").send_keys(Keys.ENTER)
    wait(chromium, lambda d: not d.find_elements(By.ID, "slide-3"))
    chromium.find_element(By.ID, "name").send_keys(Keys.ENTER)  # this checks the form and moves nothing
    wait(chromium, lambda d: not d.find_elements(By.CSS_SELECTOR, "[aria-busy]"))
    chromium.find_element(By.ID, "slide_2_file_1").send_keys(on_disk(samples))
    wait(chromium, lambda d: d.find_elements(By.CSS_SELECTOR, "#slide-2 .kept img"))
    wait(chromium, lambda d: d.execute_script("return document.querySelector('.kept img').naturalWidth") > 0)    # it is shown
    assert chromium.execute_script("return window.here") is True
    chromium.find_element(By.CSS_SELECTOR, "#request summary").click()
    assert "upload:" in chromium.find_element(By.ID, "xml").get_attribute("value")
    chromium.find_element(By.CSS_SELECTOR, "[data-copy]").click()
    chromium.find_element(By.CSS_SELECTOR, "button[value=save]").send_keys(Keys.ENTER)
    wait(chromium, lambda d: "/templates/" in d.current_url)
    assert "The MMS is saved" in chromium.find_element(By.CLASS_NAME, "done").text
    details = caller.details(caller.ids()[0])
    assert [s.findtext("TEXT") for s in details.findall("SLIDE")] == ["Three", "Two"]
    assert not [line for line in said(chromium) if line.startswith(("SEVERE", "WARNING"))]


def test_an_error_leaves_all_in_place(person, place, chromium, put):
    caller, _ = person()
    screen(chromium, PHONE)
    enter(chromium, place, caller)
    chromium.find_element(By.ID, "name").send_keys("Kept")
    chromium.find_element(By.ID, "subject").send_keys("Kept, too")
    chromium.find_element(By.ID, "slide_1_url_1").send_keys(put("jpg", status=404))
    chromium.find_element(By.CSS_SELECTOR, "button[value=save]").click()
    wait(chromium, lambda d: "Could not copy Image in slide 1." in text_of(d, "verdict"))
    assert chromium.find_element(By.ID, "name").get_attribute("value") == "Kept"
    assert "E351" in chromium.find_element(By.CSS_SELECTOR, "#slide-1 .why").text
    # The end of a session loses no input.
    chromium.delete_all_cookies()
    chromium.find_element(By.ID, "add").click()
    wait(chromium, lambda d: "no longer signed in" in text_of(d, "verdict"))
    assert chromium.find_element(By.ID, "subject").get_attribute("value") == "Kept, too"
    said(chromium)


def test_what_is_typed_meanwhile_stays(person, place, chromium, samples):
    caller, _ = person()
    screen(chromium, DESKTOP)
    enter(chromium, place, caller)
    chromium.execute_script("""const ask = window.fetch;
        window.fetch = (...a) => new Promise(done => setTimeout(done, 1500)).then(() => ask(...a));""")   # delays the answer
    chromium.find_element(By.ID, "slide_1_file_1").send_keys(on_disk(samples))
    chromium.find_element(By.ID, "name").send_keys("Typed while it was under way")
    wait(chromium, lambda d: d.find_elements(By.CSS_SELECTOR, ".kept img"))
    assert chromium.find_element(By.ID, "name").get_attribute("value") == "Typed while it was under way"
    assert chromium.switch_to.active_element.get_attribute("id") == "name"


def test_the_page_at_both_widths(person, place, chromium, tools, samples):
    caller, console = person()
    shots = os.environ.get("SAVEMMS_SHOTS")
    enter(chromium, place, caller)
    for value in ("add", "medium-1"):
        before = chromium.find_element(By.ID, "report").id
        chromium.find_element(By.CSS_SELECTOR, f"button[value={value}]").click()
        wait(chromium, lambda d: d.find_element(By.ID, "report").id != before)
    chromium.find_element(By.ID, "slide_1_file_1").send_keys(on_disk(samples))
    wait(chromium, lambda d: d.find_elements(By.CSS_SELECTOR, ".kept img"))
    chromium.find_element(By.ID, "name").send_keys("Spring greeting")
    wait(chromium, lambda d: "fallbacksmstext" in text_of(d, "verdict"))
    chromium.find_element(By.CSS_SELECTOR, "#request summary").click()
    for size in (PHONE, DESKTOP):
        screen(chromium, size)
        fits(chromium, size)
        if shots:
            shoot(chromium, os.path.join(shots, f"composer-{size[0]}.png"), whole=True)
        assert not [line for line in said(chromium) if line.startswith(("SEVERE", "WARNING"))]
        assert tools.axe(chromium) == []
        said(chromium)          # the styles that axe adds are refused, which is right
    answer = press(console, start(console), "add", {"slide_1_file_1": upload(samples, "jpg")}, name="")
    pages = {"composer": console.get("compose").body.decode(), "composer-faulty": answer.body.decode()}
    assert tools.invalid(pages) == []
    for text in pages.values():
        assert "style=" not in text and "onclick" not in text and 'action="/' not in text


def test_without_script(person, place, tmp_path, samples):
    caller, _ = person()
    with browser(tmp_path / "noscript") as driver:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        screen(driver, PHONE)
        enter(driver, place, caller)
        driver.find_element(By.ID, "name").send_keys("No script")
        driver.find_element(By.ID, "subject").send_keys("at all")
        driver.find_element(By.ID, "slide_1_file_1").send_keys(on_disk(samples))
        driver.find_element(By.ID, "add").click()
        wait(driver, lambda d: d.find_element(By.CSS_SELECTOR, ".kept").is_displayed())
        wait(driver, lambda d: d.switch_to.active_element.get_attribute("id") == "slide_2_text")
        driver.switch_to.active_element.send_keys("second")
        driver.find_element(By.ID, "up-2").click()
        wait(driver, lambda d: d.find_element(By.ID, "slide_1_text").get_attribute("value") == "second")
        driver.find_element(By.CSS_SELECTOR, "button[value=save]").click()
        assert procs.wait_for(lambda: "/templates/" in driver.current_url, 10 * SLOW)
    details = caller.details(caller.ids()[0])
    assert details.find("SLIDE").findtext("TEXT") == "second" and details.findall("SLIDE")[1].find("IMAGE") is not None
