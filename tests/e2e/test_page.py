"""Hosted pages (savemms-api(7)): /m/TOKEN and the media below it."""

import email
import email.policy
import glob
import html.parser
import os
import re
import subprocess
import time
import urllib.parse

import pytest

import browser
import procs
from client import element, escape
from instance import SLOW
from test_htaccess import hosted                                # noqa: F401

POLICY = ("default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; form-action 'none'; "
          "frame-ancestors 'none'; base-uri 'none'")
CARRIERS = {"carrier-none": "mms=no prefixes=199"}              # its customers get the link
BY_SMS, BY_MMS = "19955500100", "15550100"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{$name}"


def send(caller, mmsid, data=None, raw="", to=BY_SMS, **fields):
    """Calls sendSavedMMS and returns the tracking id."""
    values = "".join(element(k, v) for k, v in (data or {}).items())
    answer = caller.call("sendSavedMMS", mmsid=mmsid, to=to, raw=f"{raw}<FROM>15550199</FROM><DATA>{values}</DATA>", **fields)
    assert answer.code is None, answer
    return answer.get("TRACKINGID")


def spooled(instance, tracking, leg):
    """Returns the message that went out, parsed as a mail."""
    path = os.path.join(instance.folder, "outbox", f"{tracking}.{leg}")
    assert procs.wait_for(lambda: os.path.exists(path), 15 * SLOW), instance.logs()[-3000:]
    with open(path, "rb") as f:
        return email.message_from_binary_file(f, policy=email.policy.default)


def link_of(instance, tracking):
    """Returns the path of the page that the handset receives by SMS."""
    text = spooled(instance, tracking, "sms").get_content()
    found = re.search(r" (http://127\.0\.0\.1:([0-9]+)(/\S*/m|/m)/[A-Za-z0-9]{32})\s*$", text)
    assert found and int(found[2]) == instance.port, text
    return found[1].split(f":{instance.port}", 1)[1]


def opened(instance, tracking):
    """Returns how often the page was opened, by the newest record."""
    counts = [0]
    for path in glob.glob(os.path.join(instance.folder, "db", "*")):
        with open(path, "rb") as f:
            counts += map(int, re.findall(rb"opened ([0-9]+)\n(?:[a-z]+ [0-9]*\n)*tracking " + tracking.encode(), f.read()))
    return max(counts)


class Page(html.parser.HTMLParser):
    """The contents of a page. Tags must close in order, and only the intended elements may occur."""
    EMPTY = {"meta", "link", "img", "br"}
    KNOWN = EMPTY | {"html", "head", "title", "body", "h1", "div", "p", "a", "small", "audio", "video"}

    def __init__(self, answer):
        super().__init__()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        self.open, self.tags, self.text, self.heading = [], [], "", ""
        self.feed(answer.body.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag in self.KNOWN, tag
        self.tags.append((tag, dict(attrs)))
        assert not [a for a in dict(attrs) if a.startswith("on") or a == "style"], attrs
        if tag == "br":
            self.text += "\n"
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "p":
            self.text += data.lstrip("\n")
        if self.open and self.open[-1] == "h1":
            self.heading += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def refused(answer, status, heading):
    page = Page(answer)
    assert (answer.status, page.heading) == (status, heading), answer
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"
    return page


@pytest.fixture(scope="module")
def paged(new_instance):
    instance = new_instance(CARRIERS).serve()
    yield instance
    instance.stop()


@pytest.fixture
def sender(paged):
    return paged.caller(senders="15550199")


@pytest.fixture
def message(paged, sender):
    """message(slides..., data=, fields) saves, waits and sends. It returns the page's path and the tracking id."""
    def make(*slides, data=None, raw="", **fields):
        mmsid = sender.save(*slides, **{"subject": "A subject", **fields}).mmsid
        assert paged.wait_state(sender, mmsid) == "ready"
        tracking = send(sender, mmsid, data, raw)
        make.mmsid = mmsid
        return link_of(paged, tracking), tracking
    return make


def test_a_page(sender, message, put):
    path, _ = message({"image": put("jpg"), "text": "Hello {$name|you},\nall {$what|well}"}, {"vcard": put("vcf")},
                      {"ical": put("ics"), "text": "Slide 3"}, {"pdf": put("pdf")}, data={"NAME": "Zoë 😀"},
                      subject="For {$name|you}")
    answer = sender.http("GET", path)
    assert answer.status == 200
    assert {k: answer.headers.get(k) for k in ("content-security-policy", "x-content-type-options", "referrer-policy",
                                               "x-robots-tag", "cache-control")} == {
        "content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex", "cache-control": "no-store"}
    page = Page(answer)
    assert page.heading == "For Zoë"                            # as the subject is sent: ISO-8859-1
    assert "Hello Zoë 😀,\nall well" in page.text and page.text.index("all well") < page.text.index("Slide 3")
    token = path[3:]
    image, = page.all("img")
    assert (image["src"], image["width"], image["height"]) == (f"{token}/1.jpg", "640", "480")
    assert [(a["href"], a["type"]) for a in page.all("a")] == [
        (f"{token}/2.vcf", "text/vcard"), (f"{token}/3.ics", "text/calendar"), (f"{token}/4.pdf", "application/pdf")]
    assert page.all("link") == [{"rel": "stylesheet", "href": "style.css"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    slashed = Page(sender.http("GET", path + "/"))
    assert slashed.all("img")[0]["src"] == "1.jpg" and slashed.all("link")[0]["href"] == "../style.css"
    style = sender.http("GET", "/m/style.css")
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert sender.http("GET", "/m/style.css", headers={"If-None-Match": style.headers["etag"]}).status == 304


def test_the_page_is_valid_html(sender, message, put):
    path, _ = message({"video": put("mp4"), "text": "a\nb"}, {"image": put("gif"), "audio": put("mp3")}, {"vcard": put("vcf")})
    for where in (path, "/m/" + "x" * 32):
        # tidy does not know playsinline
        done = subprocess.run(["tidy", "-errors", "-quiet", "-utf8", "--warn-proprietary-attributes", "no"],
                              input=sender.http("GET", where).body, capture_output=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()


def test_hostile_texts_are_text(sender, message):
    path, _ = message({"text": f"T{HOSTILE} {{$x}}"}, "second", subject=f"S{HOSTILE}", data={"X": HOSTILE},
                      raw=f"<CUSTOMTEXT><VALUE>C{escape(HOSTILE)} {{$x}}</VALUE><SLIDE>2</SLIDE></CUSTOMTEXT>")
    answer = sender.http("GET", path)
    page = Page(answer)
    shown = HOSTILE.replace("{$name}", "")
    assert page.heading == "S" + shown
    assert f"T{shown} {HOSTILE}" in page.text            # a tag in a value is not replaced
    assert f"C{shown} {HOSTILE}" in page.text and "second" not in page.text
    assert b"<script" not in answer.body and b"<img" not in answer.body


def test_media(sender, message, put, samples):
    path, _ = message({"image": put("png"), "audio": put("mp3")}, {"vcard": put("vcf"), "text": "x"}, {"ical": put("ics")},
                      {"pdf": put("pdf")}, {"text": "only text"})
    for name, mime, how in (("1.mp3", "audio/mpeg", 'inline; filename="audio.mp3"'),
                            ("2.vcf", "text/vcard", 'attachment; filename="contact.vcf"'),
                            ("2", "text/vcard", 'attachment; filename="contact.vcf"'),
                            ("3.ics", "text/calendar", 'attachment; filename="event.ics"'),
                            ("3", "text/calendar", 'attachment; filename="event.ics"'),
                            ("4", "application/pdf", 'attachment; filename="document.pdf"')):
        answer = sender.http("GET", f"{path}/{name}")
        assert (answer.status, answer.headers["content-type"], answer.headers["content-disposition"]) == (200, mime, how)
        assert re.search("; sandbox( allow-same-origin)?$", answer.headers["content-security-policy"])
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-cache"
        head = sender.http("HEAD", f"{path}/{name}")
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(answer.body)))
    assert sender.http("GET", f"{path}/2").body == samples["vcf"]
    for name in ("0", "1.vcf", "2.vcard", "5", "6", "01.mp3", "1.", ".mp3", "1.mp3/", "../1.mp3", "1.mp3x", "9" * 30):
        refused(sender.http("GET", f"{path}/{name}"), 404, "Not found")


def test_links_in_the_mms(paged, sender, put, samples):
    """A calendar for an unknown handset: the MMS's text has a link to the slide's object (savemms-api(7), What
    arrives)."""
    mmsid = sender.save("first", {"ical": put("ics"), "text": "Come!"}, subject="s").mmsid
    mms = spooled(paged, send(sender, mmsid, to=BY_MMS), "mms")
    text = "\n".join(p.get_content() for p in mms.walk() if p.get_content_type() == "text/plain")
    link = re.search(rf"http://127\.0\.0\.1:{paged.port}(/m/[A-Za-z0-9]{{32}}/2)\b", text)
    assert link, text
    answer = sender.http("GET", link[1])
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/calendar", samples["ics"])


def test_the_largest_rendition_is_shown(sender, message, put, samples):
    path, _ = message({"image": put("jpg", body=samples.image(2200, 1500, noise=30))})
    largest = max(sender.details(message.mmsid).iter("RENDITION"), key=lambda r: int(r.findtext("BYTES")))
    image, = Page(sender.http("GET", path)).all("img")
    assert (image["width"], image["height"]) == (largest.findtext("WIDTH"), largest.findtext("HEIGHT"))
    answer = sender.http("GET", "/m/" + image["src"])
    assert len(answer.body) == int(largest.findtext("BYTES"))
    assert answer.headers["etag"].strip('"') in largest.findtext("URL")


def test_the_type_is_that_of_the_bytes(sender, message, put):
    """Below /media, the extension says nothing: whoever writes a URL does not choose the type."""
    message({"image": put("jpg")})
    url = next(sender.details(message.mmsid).iter("RENDITION")).findtext("URL")
    path = urllib.parse.urlsplit(url).path
    right = sender.http("GET", path)
    assert right.headers["content-type"] == "image/jpeg"
    for ext in ("pdf", "mp4", "vcf", "gif"):
        answer = sender.http("GET", path.rsplit(".", 1)[0] + "." + ext)
        assert answer.status == 200 and answer.body == right.body
        for name in ("content-type", "content-disposition", "content-security-policy", "x-content-type-options"):
            assert answer.headers[name] == right.headers[name], (ext, name)
    for ext in ("html", "svg", "js", "exe"):
        assert sender.http("GET", path.rsplit(".", 1)[0] + "." + ext).status == 404


def test_a_medium_that_cannot_be_read_is_our_fault(sender, message, put, paged):
    """503, not 404, where the file is there and cannot be opened."""
    path, _ = message({"image": put("png")})
    image, = Page(sender.http("GET", path)).all("img")
    sha = sender.http("GET", "/m/" + image["src"]).headers["etag"].strip('"')
    blob = os.path.join(paged.folder, "media", sha[:2], sha[2:4], sha)
    os.chmod(blob, 0)
    try:
        for url in ("/m/" + image["src"], f"/media/{sha}.png"):
            answer = sender.http("GET", url)
            assert answer.status == 503 and int(answer.headers["retry-after"]) > 0, (url, answer)
    finally:
        os.chmod(blob, 0o600)
    os.rename(blob, blob + ".gone")
    assert sender.http("GET", f"/media/{sha}.png").status == 404
    os.rename(blob + ".gone", blob)


def test_without_transcoding_the_source_is_shown(paged, put, samples):
    caller = paged.caller(senders="15550199", transcoding="off")
    mmsid = caller.save({"image": put("webp")}, subject="s").mmsid
    path = link_of(paged, send(caller, mmsid))
    image, = Page(caller.http("GET", path)).all("img")
    assert image["src"].endswith("/1.webp")
    answer = caller.http("GET", "/m/" + image["src"])
    assert answer.headers["content-type"] == "image/webp" and answer.body == samples["webp"]


@pytest.mark.parametrize("below", ("page", "media"))
def test_ranges(sender, message, put, below):
    path, _ = message({"audio": put("mp3")})
    url = path + "/1.mp3"
    if below == "media":
        url = "/" + sender.details(message.mmsid).find(".//RENDITION/URL").text.split("/", 3)[3]
    whole = sender.http("GET", url)
    body, size, etag = whole.body, len(whole.body), whole.headers["etag"]
    assert whole.headers["accept-ranges"] == "bytes" and size > 2000

    def part(spec, **headers):
        return sender.http("GET", url, headers={"Range": spec, **{k.replace("_", "-"): v for k, v in headers.items()}})

    for spec, first, last in (("bytes=0-0", 0, 0), ("bytes=0-1023", 0, 1023), ("bytes=1000-", 1000, size - 1),
                              ("bytes=-500", size - 500, size - 1), (f"bytes=10-{size * 2}", 10, size - 1),
                              (f"bytes=-{size * 2}", 0, size - 1)):
        answer = part(spec)
        assert answer.status == 206 and answer.body == body[first:last + 1], spec
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert answer.headers["content-length"] == str(last - first + 1) and answer.headers["content-type"] == "audio/mpeg"
    for spec in (f"bytes={size}-", "bytes=-0"):
        answer = part(spec)
        assert answer.status == 416 and answer.headers["content-range"] == f"bytes */{size}", spec
    for spec in ("bytes=5-4", "bytes=x-", "lines=0-1"):         # no ranges: the whole file or a refusal
        answer = part(spec)
        assert answer.body == body if answer.status == 200 else answer.status == 416, spec
    assert part("bytes=0-9", If_Range=etag).status == 206
    assert part("bytes=0-9", If_Range='"other"').body == body
    assert part("bytes=0-9", If_None_Match=etag).status == 304
    assert sender.http("HEAD", url, headers={"Range": "bytes=0-9"}).headers["content-length"] == str(size)
    curl = subprocess.run(["curl", "-sS", "-r", "100-199", "-D", "-", "-o", "-", f"http://127.0.0.1:{sender.port}{url}"],
                          capture_output=True, timeout=30, check=True).stdout
    head, _, rest = curl.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206 ") and rest == body[100:200]


def test_looks_are_counted(paged, sender, message, put):
    path, tracking = message({"vcard": put("vcf")})
    for _ in range(3):
        assert sender.http("GET", path).status == 200
    sender.http("HEAD", path)
    sender.http("GET", path + "/1")
    assert sender.http("POST", path, b"x=1").status == 405
    assert opened(paged, tracking) == 3


def test_what_is_not_there(sender, message, put):
    for path in ("/m/" + "a" * 32, "/m/", "/m", "/m/x", "/m/" + "a" * 33, "/m/" + "a" * 31 + "%00", "/m/x/y/z", "/m/style.cs"):
        refused(sender.http("GET", path), 404, "Not found")
    path, _ = message({"vcard": put("vcf")})
    assert sender.http("GET", path).status == 200
    assert sender.call("deleteMMSID", mmsid=message.mmsid).code is None
    for gone in (path, path + "/1"):
        refused(sender.http("GET", gone), 410, "This message has expired")


def test_expired(new_instance, put):
    instance = new_instance({"link-days": "0", **CARRIERS}).serve()
    caller = instance.caller(senders="15550199")
    mmsid = caller.save({"vcard": put("vcf")}, subject="s").mmsid
    path = link_of(instance, send(caller, mmsid))
    for gone in (path, path + "/", path + "/1.vcf"):
        refused(caller.http("GET", gone), 410, "This message has expired")
    instance.stop()


def test_below_a_folder(hosted, put):                           # noqa: F811
    """On shared hosting the page is at /mms/m/TOKEN, under plain CGI."""
    hosted.configure(CARRIERS)
    caller = hosted.caller(senders="15550199")
    ends, answer = time.monotonic() + 20 * SLOW, None
    while answer is None:
        try:
            answer = caller.http("GET", "/mms/m/style.css")
        except ConnectionRefusedError:
            assert time.monotonic() < ends
            time.sleep(0.1)
    assert answer.status == 200
    caller.post_api = caller.post
    caller.post = lambda body, mime="text/xml": caller.post_api(body, mime, "/mms/API/wxml/1.3/")
    mmsid = caller.save({"image": put("jpg")}, {"vcard": put("vcf")}, subject="s").mmsid
    path = link_of(hosted, send(caller, mmsid))
    assert path.startswith("/mms/m/")
    page = Page(caller.http("GET", path))
    url = "/mms/m/" + page.all("img")[0]["src"]
    whole = caller.http("GET", url)
    assert whole.headers["content-type"] == "image/jpeg" and whole.body[:2] == b"\xff\xd8"
    part = caller.http("GET", url, headers={"Range": "bytes=5-9"})
    assert (part.status, part.body) == (206, whole.body[5:10])
    assert caller.http("GET", path + "/" + Page(caller.http("GET", path + "/")).all("img")[0]["src"]).body == whole.body


WHAT = """
const media = [...document.querySelectorAll("audio, video")], done = arguments[0];
Promise.all(media.map(m => new Promise(ok => {
    if (m.readyState >= 1 || m.error) ok();
    m.onloadedmetadata = m.onerror = () => ok();
    setTimeout(ok, 10000);
}))).then(() => done({
    images: [...document.images].map(i => [i.complete, i.naturalWidth]),
    media: media.map(m => [m.localName, m.readyState, m.duration, m.error && m.error.message]),
    scroll: document.documentElement.scrollWidth, width: innerWidth,
    css: getComputedStyle(document.querySelector(".slide")).borderTopWidth,
}));
"""


def test_in_a_browser(sender, message, put, samples, tmp_path):
    path, _ = message({"image": put("jpg", body=samples.image(1600, 1000)), "text": "Dear {$name|customer},\nyour order is ready."},
                      {"video": put("mp4"), "text": "How it works: " + "verylongword" * 12},
                      {"audio": put("mp3"), "text": "And how it sounds."},
                      {"vcard": put("vcf"), "text": "Whom to ask:"}, {"pdf": put("pdf")},
                      data={"NAME": "Ana <b>Moreau</b>"}, subject="Your order, {$name}")
    url = f"http://127.0.0.1:{sender.port}{path}"
    with browser.browser(tmp_path / "profile") as driver:
        for name, size in (("phone", browser.PHONE), ("desktop", browser.DESKTOP)):
            browser.screen(driver, size)
            driver.get(url)
            seen = driver.execute_async_script(WHAT)
            browser.shoot(driver, tmp_path / f"{name}.png", whole=True)
            assert browser.said(driver) == []
            assert [i[0] and i[1] > 0 for i in seen["images"]] == [True]
            assert [(m[0], m[1] >= 1, m[3]) for m in seen["media"]] == [("video", True, None), ("audio", True, None)], seen
            assert all(abs(m[2] - 2) < 0.3 for m in seen["media"]), seen
            assert seen["width"] == size[0] and seen["scroll"] <= size[0] and seen["css"] == "1px"
        assert "Ana <b>Moreau</b>" in driver.find_element("css selector", ".text").text
        driver.get(f"{url}/2.mp4")                              # the link beside the player
        ready = "const v = document.querySelector('video'); return v && v.readyState"
        assert procs.wait_for(lambda: (driver.execute_script(ready) or 0) >= 1, 10 * SLOW), "its own document shows no video"
        assert browser.said(driver) == []
        driver.get(f"http://127.0.0.1:{sender.port}/m/{'x' * 32}")
        assert "Not found" in driver.title
    assert (tmp_path / "phone.png").stat().st_size > 20000


def test_heading_and_controls(paged, sender):
    """The heading is the subject as it goes out, whatever the values are; controls of values are left out."""
    mmsid = sender.save("{$c}|", subject="{$big}").mmsid
    answer = sender.form({"action": "sendSavedMMS", "api_key": sender.key, "mmsid": mmsid, "to": BY_SMS, "from": "15550199",
                          "data_big": "x" * 5000, "data_c": "a\x01b\x7fc\td\x1f"})
    page = Page(paged.client().http("GET", link_of(paged, answer.get("TRACKINGID"))))
    assert page.heading == "x" * 80 and page.text.startswith("abc\td|"), page.text


def test_no_page_is_too_large(paged, sender):
    """A page of which the values would make 50 MB shows the beginning."""
    mmsid = sender.save(*["{$big}" * 30] * 4).mmsid
    tracking = send(sender, mmsid, {"big": "&<" * 50_000})
    answer = paged.client().http("GET", link_of(paged, tracking))
    assert answer.status == 200 and answer.body.count(b"&amp;&lt;") > 500_000 and "…".encode() in answer.body
