"""The console in headless Chromium: with the keyboard, at the width of a phone, without script; HTML and
accessibility."""

import os

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import procs
from browser import DESKTOP, PHONE, browser, said, screen, shoot
from console import Console
from instance import SLOW
from pagetools import PageTools

pytestmark = pytest.mark.slow
PASSWORD = "secret-1"


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    return PageTools(tmp_path_factory.mktemp("tools"))


@pytest.fixture(scope="module")
def scene(new_instance, origin, samples, receiver):
    """An instance with some content on every page."""
    from media import MIME
    from media_server import Resource

    place = new_instance().serve()
    receiver.script("browser", [500, 500, 500])
    caller = place.caller(postback_url=receiver.url("browser"), operator="on", senders="12345")
    place.run("account", "set", caller.account, "--password", PASSWORD)

    def put(fmt):
        return origin.add(f"browser/m.{fmt}", Resource(samples[fmt], MIME[fmt]))

    mmsid = caller.save({"image": put("jpg"), "text": "Hello {$name|there}"}, {"vcard": put("vcf")}, {"pdf": put("pdf")},
                        {"video": put("mp4"), "text": "a film"}, {"audio": put("mp3")}, name="With everything").mmsid
    caller.save("a longer text " * 30, name="A name without any blank: " + "x" * 200)
    assert place.wait_state(caller, mmsid) == "ready"
    sent = caller.call("sendSavedMMS", mmsid=mmsid, to="15551230001", **{"from": "12345"})
    assert sent.code is None, sent
    return place, caller, mmsid


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


def address(place, path=""):
    return f"http://127.0.0.1:{place.port}/console/{path}"


def arrives(driver, part, seconds=20):
    """Waits until the page's address contains that part, because a click or a key does not wait by itself."""
    WebDriverWait(driver, seconds * SLOW).until(lambda d: part in d.current_url, f"{part} was not reached")


def sign_in(driver, place, caller):
    driver.get(address(place, "sign-in"))
    if driver.find_elements(By.NAME, "password"):
        driver.find_element(By.NAME, "name").send_keys(caller.account)
        driver.find_element(By.NAME, "password").send_keys(PASSWORD + Keys.ENTER)
        arrives(driver, "/console/templates")


def pages(mmsid):
    return ["templates", f"templates/{mmsid}", f"templates/{mmsid}?as=other", f"templates/{mmsid}?as=sms",
            f"templates/{mmsid}/delete", f"templates/{mmsid}/request", "messages", "messages/1", "settings", "operator", "try",
            "nothing"]


def test_every_page_at_both_widths(scene, chromium, tools):
    place, caller, mmsid = scene
    shots = os.environ.get("SAVEMMS_SHOTS")
    chromium.get(address(place, "sign-in"))
    assert tools.axe(chromium) == []
    said(chromium)
    sign_in(chromium, place, caller)
    for path in pages(mmsid):
        for size in (PHONE, DESKTOP):
            screen(chromium, size)
            chromium.get(address(place, path))
            width = chromium.execute_script("return document.documentElement.scrollWidth")
            assert width <= size[0], f"{path} is {width} wide on a screen of {size[0]}"
            assert chromium.find_element(By.TAG_NAME, "h1").is_displayed()
            if shots:
                shoot(chromium, os.path.join(shots, f"{path.replace('/', '_').replace('?', '_')}-{size[0]}.png"), whole=True)
            wrong = [line for line in said(chromium) if line.startswith(("SEVERE", "WARNING")) and "404" not in line]
            assert wrong == [], (path, wrong)
            if size == PHONE or path in ("templates", "operator"):
                wrong = tools.axe(chromium)
                assert wrong == [], (path, size, wrong)
            said(chromium)      # the styles that axe adds are refused, which is right
            hosts = chromium.execute_script("return performance.getEntriesByType('resource').map(e => new URL(e.name).host)")
            assert set(hosts) <= {f"127.0.0.1:{place.port}"}, hosts


def test_every_page_is_valid_html(scene, tools):
    place, caller, mmsid = scene
    console = Console(place.port)
    got = {"sign-in": console.get("sign-in").body.decode()}
    assert console.sign_in(caller.account).status == 303
    for i, path in enumerate(pages(mmsid)):
        answer = console.get(path)
        text = answer.body.decode()
        got[f"page{i}"] = text
        # All links are relative, so that the console works below any folder.
        assert 'href="/' not in text and 'action="/' not in text and 'src="/' not in text, path
        assert "<style" not in text and "style=" not in text and "onclick" not in text, path
    for path, fields in (("settings/key", {"do": "show", "password": PASSWORD}), ("settings/test", {})):
        answer = console.send("settings", path, **fields)
        assert answer.status == 200
        got[path.replace("/", "-")] = answer.body.decode()
    wrong = tools.invalid(got)
    assert wrong == [], "\n".join(wrong[:20])
    broken = got["sign-in"].replace("</form>", "<div></span></form>")
    assert tools.invalid({"broken": broken}) != []         # the tool really finds errors


def test_with_the_keyboard_alone(scene, chromium):
    place, caller, mmsid = scene
    screen(chromium, DESKTOP)
    chromium.delete_all_cookies()
    chromium.get(address(place))
    focus = chromium.switch_to
    focus.active_element.send_keys(Keys.TAB)
    assert "Skip to content" in focus.active_element.text        # the link past the menu comes first
    assert focus.active_element.rect["x"] >= 0                   # and it is visible
    for _ in range(10):
        if focus.active_element.get_attribute("name") == "name":
            break
        focus.active_element.send_keys(Keys.TAB)
    focus.active_element.send_keys(caller.account + Keys.TAB)
    focus.active_element.send_keys(PASSWORD + Keys.ENTER)
    arrives(chromium, "/console/templates")
    for _ in range(30):
        if focus.active_element.text == "With everything":
            break
        focus.active_element.send_keys(Keys.TAB)
    outline = chromium.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    focus.active_element.send_keys(Keys.ENTER)
    arrives(chromium, f"/console/templates/{mmsid}")
    chromium.find_element(By.LINK_TEXT, "Fallback SMS").send_keys(Keys.ENTER)
    arrives(chromium, "as=sms")
    assert "a fallback" in chromium.find_element(By.CLASS_NAME, "phone").text


def test_a_change_by_clicks(scene, chromium):
    place, caller, _ = scene
    screen(chromium, PHONE)
    sign_in(chromium, place, caller)
    chromium.get(address(place, "settings"))
    field = chromium.find_element(By.ID, "ip-whitelist")
    field.send_keys("not a network" + Keys.ENTER)
    wrong = WebDriverWait(chromium, 20 * SLOW).until(lambda d: d.find_element(By.CLASS_NAME, "wrong"))
    assert "ip-whitelist must be networks" in wrong.text
    field = chromium.find_element(By.ID, "ip-whitelist")
    field.clear()
    field.send_keys("127.0.0.0/8" + Keys.ENTER)
    arrives(chromium, "said=saved")
    assert "Your changes are saved" in chromium.find_element(By.CLASS_NAME, "done").text
    assert "ip-whitelist=127.0.0.0/8" in place.run("account", "show", caller.account)


def test_the_copy_button_needs_script_and_says_what_it_did(scene, chromium):
    place, caller, mmsid = scene
    sign_in(chromium, place, caller)
    chromium.get(address(place, f"templates/{mmsid}/request"))
    button = chromium.find_element(By.CSS_SELECTOR, "[data-copy]")
    assert button.is_displayed()
    button.click()
    said_or_marked = ("return document.activeElement.id === 'xml' || "
                      "document.querySelector('[data-copy]').textContent === 'Copied'")
    assert procs.wait_for(lambda: chromium.execute_script(said_or_marked), 5 * SLOW)    # the clipboard answers later
    plain = Console(place.port)
    plain.sign_in(caller.account)
    assert "<button type=\"button\" class=\"second\" data-copy=\"xml\" hidden" in plain.get(f"templates/{mmsid}/request").body.decode()


def test_without_script(scene, tmp_path):
    place, caller, mmsid = scene
    with browser(tmp_path / "noscript") as driver:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        screen(driver, PHONE)
        sign_in(driver, place, caller)
        driver.get(address(place, "templates"))
        driver.find_element(By.NAME, "q").send_keys("everything" + Keys.ENTER)
        arrives(driver, "q=everything")
        links = [a.text for a in driver.find_elements(By.CSS_SELECTOR, ".item h2 a")]
        assert links == ["With everything"]
        driver.find_element(By.LINK_TEXT, "With everything").click()
        arrives(driver, f"/templates/{mmsid}")
        driver.find_element(By.LINK_TEXT, "View API request").click()
        arrives(driver, "/request")
        assert "<ACTION>saveMMS</ACTION>" in driver.find_element(By.ID, "xml").get_attribute("value")
        assert not driver.find_element(By.CSS_SELECTOR, "[data-copy]").is_displayed()
        driver.find_element(By.CSS_SELECTOR, ".who button").click()
        arrives(driver, "/console/sign-in?said=out")
