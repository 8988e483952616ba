"""Sending personal images: every recipient gets an image of their own, in the class that fits."""

import io
import subprocess

import pytest
from PIL import Image

from test_picture import CLASSES, Studio, barcode, text_area
from test_send import FROM, TO, data, send, spooled

pytestmark = pytest.mark.usefixtures("studio")


@pytest.fixture(scope="module")
def studio(new_instance, samples, tmp_path_factory):
    settings = {"classes": CLASSES.replace("T:", "M:"), "spool-media": "embed", "carrier-tiny": "bytes=20000 prefixes=198"}
    return Studio(new_instance(settings).serve(), samples, tmp_path_factory.mktemp("pictures"))


def jpeg_of(message):
    parts = [p for p in message.walk() if p.get_content_type() == "image/jpeg"]
    assert len(parts) == 1, [p.get_content_type() for p in message.walk()]
    return parts[0].get_content()


def code_in(jpeg, path):
    path.write_bytes(jpeg)
    return subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)], capture_output=True, timeout=60).stdout.decode().strip()


def test_each_recipient_has_their_own(studio, tmp_path):
    caller = studio.instance.caller(senders=FROM)
    ident = studio.add(caller, text_area("Dear {$name|friend}"), barcode("qr", "{$code|none}"), background=studio.photo)
    mmsid = caller.save({"personal": ident, "text": "for {$name}"}).mmsid
    seen = {}
    for name, code in (("Ann", "A-1"), ("Bob", "B-2"), (None, None)):
        values = data(name=name, code=code) if name else ""
        message = spooled(studio.instance, send(caller, mmsid, values))
        jpeg = jpeg_of(message)
        seen[name] = jpeg
        assert code_in(jpeg, tmp_path / "x.jpg") == (code or "none")
        width, height = Image.open(io.BytesIO(jpeg)).size     # a photo of noise, which had to become smaller
        assert 300 < width <= 640 and abs(height / width - 1138 / 640) < 0.01
        assert 60000 < len(jpeg) < 75000 - 700, "class M of this instance, in binary and with its headers"
    assert len(set(seen.values())) == 3


def test_a_value_the_barcode_cannot_hold_fails_that_message(studio, receiver):
    path = "picture-value"
    caller = studio.instance.caller(senders=FROM, postback_url=receiver.url(path))
    ident = studio.add(caller, barcode("ean", "{$n|4006381333931}"))
    mmsid = caller.save({"personal": ident}).mmsid
    receiver.wait(path, 1)
    bad = send(caller, mmsid, data(n="letters"))
    good = send(caller, mmsid, data(n="9638507"))
    assert bad.code is None and good.code is None
    told = {p.text("TRACKINGID"): p for p in receiver.wait(path, 3)[1:]}
    failed = told[bad.get("TRACKINGID")]
    assert failed.text("CODE") == "E101" and "barcode" in failed.text("STATUSDETAILS")
    assert told[good.get("TRACKINGID")].text("CODE") == "N101"
    said = {n: studio.instance.run("send", "--dry-run", mmsid, "--to", TO, "--data", f"n={n}") for n in ("letters", "9638507")}
    assert f"result: it would fail (E101): {failed.text('STATUSDETAILS')}\n" in said["letters"]
    assert "sent as MMS" not in said["letters"] and "result: sent as MMS" in said["9638507"]


def test_no_class_fits(studio):
    """A carrier whose limit is below the size of any image gets the fallback SMS."""
    caller = studio.instance.caller(senders=FROM)
    ident = studio.add(caller, text_area("{$name}"), background=studio.photo)
    mmsid = caller.save({"personal": ident}).mmsid
    spooled(studio.instance, send(caller, mmsid, to="19855500001"), "sms")


def test_image_template_removed_meanwhile(studio, receiver):
    """The image template no longer exists: the message fails and gives the reason."""
    path = "picture-removed"
    caller = studio.instance.caller(senders=FROM, postback_url=receiver.url(path))
    ident = studio.add(caller, barcode("qr", "{$code|none}"))
    mmsid = caller.save({"personal": ident}).mmsid
    receiver.wait(path, 1)
    studio.instance.run("image-template", "remove", ident)
    assert send(caller, mmsid, data(code="x")).code is None
    postback = receiver.wait(path, 2)[1]
    assert postback.text("CODE") == "E101" and "removed" in postback.text("STATUSDETAILS")
