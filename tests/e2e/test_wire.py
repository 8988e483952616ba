"""The size of a message: on the air, which carriers limit, and in its transport's encoding, which the transport may
limit. Media go as base64 and in binary to "savemms carrier", and its copies are compared."""

import email
import hashlib
import io
import os
import re
import sys

import pytest
from PIL import Image

import procs
from carrier import Carrier
from console import Console
from instance import SLOW, free_port
from media_server import Resource
from test_picture import Studio, text_area

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import mms                                                      # noqa: E402

LIMIT = 150000                                                  # of class M and of what transports take
TO = "17155550101"
WAYS = {"11111": ("plain", ""), "11112": ("low", f"max-bytes={LIMIT}"), "11113": ("binary", f"max-bytes={LIMIT} parts=binary"),
        "11114": ("air", f"max-bytes={LIMIT} count=air"), "11115": ("tiny", "max-bytes=5000"),
        "11116": ("open", "parts=binary version=5.3.0")}
LONG = "One line of five thousand characters. ".ljust(4990, "x") + " Schluß 😀"


@pytest.fixture(scope="module")
def wired(new_instance, tmp_path_factory):
    port = free_port()
    ways = {f"transport-{name}": f"kind=mm7 url=http://127.0.0.1:{port}/mm7 vasp=savemms vas=news {more}"
            for name, more in WAYS.values()}
    instance = new_instance({
        **ways, "classes": f"S:60000:640:24000, M:{LIMIT}:1280:32000", "carrier-exact": f"bytes={LIMIT} prefixes=1715",
        "mms-routes": ", ".join(f"sender:{number}={name}" for number, (name, _) in WAYS.items())}).serve()
    carrier = Carrier(tmp_path_factory.mktemp("carrier"), "to=* accept report=none", port=port)
    yield instance, carrier
    assert carrier.stop()["faults"] == "0", carrier.text()


@pytest.fixture(scope="module")
def photo(wired, origin, samples):
    """Returns (caller, MMSID) of a photo of noise, which fills every class, and two lines of text."""
    instance, _ = wired
    caller = instance.caller(senders=", ".join(WAYS))
    url = origin.add("wire/n.jpg", Resource(samples.image(1200, 900, noise=60), "image/jpeg"))
    return caller, caller.save({"image": url, "text": "one\ntwo ü"}).mmsid


def send(caller, mmsid, sender):
    answer = caller.call("sendSavedMMS", mmsid=mmsid, to=TO, **{"from": sender})
    assert answer.code is None, answer
    return answer.get("TRACKINGID")


def dry_run(instance, mmsid, sender):
    """Returns the output of the command's dry run, by the words before the colons."""
    out = instance.run("send", "--dry-run", mmsid, "--to", TO, "--from", sender)
    return dict(line.split(": ", 1) for line in out.splitlines() if ": " in line)


def sent_class(instance, caller, mmsid, sender):
    tracking = send(caller, mmsid, sender)
    assert procs.wait_for(lambda: re.search(r"^state: (sent|delivered)$", instance.run("message", "show", tracking), re.M), 15 * SLOW)
    shown = instance.run("message", "show", tracking)
    found = re.search(r"^class: (\S+)$", shown, re.M)
    return tracking, found.group(1) if found else None


@pytest.mark.parametrize("sender, want", [("11111", "M"), ("11112", "S"), ("11113", "M"), ("11114", "M"), ("11116", "M")])
def test_class_by_what_each_hop_counts(wired, photo, sender, want):
    """M in base64 is above the carrier's limit, but the carrier counts binary. A transport that counts the encoded
    bytes gets S, or M in binary. The dry run gives the class and size that are then sent."""
    instance, carrier = wired
    caller, mmsid = photo
    said = dry_run(instance, mmsid, sender)
    tracking, got = sent_class(instance, caller, mmsid, sender)
    line, = carrier.wait("mms", transaction=tracking)
    assert got == said["class"] == want, (got, said)
    assert line["body"] == said["bytes as sent"]
    air, wire = int(said["bytes"]), int(said["bytes as sent"])
    if want == "M":
        assert 0.75 * LIMIT < air <= LIMIT
        assert (wire <= LIMIT) == ("parts=binary" in WAYS[sender][1]), (air, wire)
    else:
        assert wire <= LIMIT and air <= 60000


def test_too_large_for_the_transport_alone(wired, photo):
    """The fallback SMS goes out, and the reason names whose limit it is."""
    instance, carrier = wired
    caller, mmsid = photo
    said = dry_run(instance, mmsid, "11115")
    assert said["result"] == "sent as fallback SMS" and "transport tiny: at most 5000 as it is sent" in said["why"], said
    tracking, got = sent_class(instance, caller, mmsid, "11115")
    assert got is None and carrier.lines("mms", transaction=tracking) == []
    assert "transport tiny: at most 5000 as it is sent" in instance.run("message", "show", tracking)
    assert os.path.exists(os.path.join(instance.folder, "outbox", f"{tracking}.sms"))


def parts_of(entity):
    """Returns type, encoding and bytes of each part by its name, as Python's email package reads them."""
    message = email.message_from_bytes(entity)
    assert message.get_content_type() == "multipart/related" and not message.defects
    found = {}
    for part in message.get_payload():
        assert not part.defects
        found[part.get_param("name")] = (part.get_content_type(), part["Content-Transfer-Encoding"], part.get_payload(decode=True))
    return found


@pytest.mark.parametrize("sender, encoding", [("11111", "base64"), ("11116", "binary")])
def test_every_kind_arrives(wired, put, samples, tmp_path, sender, encoding):
    """Media arrive with the bytes of their URLs, and texts unchanged. Our carrier, Python, Perl and tshark each extract
    them."""
    instance, carrier = wired
    caller = instance.caller(senders=", ".join(WAYS), transcoding="off")
    moving = samples.animation(5)
    card = b"BEGIN:VCARD\r\nVERSION:3.0\nN:=_savemms_;;\r\rFN:M\xc3\xbcller\r\nEND:VCARD\r\n\r\n"
    mmsid = caller.save({"image": put("jpg"), "audio": put("mp3"), "text": LONG}, {"video": put("mp4")},
                        {"image": put("gif", body=moving), "text": "--=_savemms_\n.\nback"},
                        {"vcard": put(body=card, name="c.vcf", mime="text/vcard"), "text": "plain\n\nlines"}).mmsid
    assert instance.wait_state(caller, mmsid, 60) == "ready"
    tracking = send(caller, mmsid, sender)
    line, = carrier.wait("mms", transaction=tracking)
    assert line["code"] == "1000" and "fault" not in line, line
    entity = carrier.kept(line, "mms")
    parts = parts_of(entity)
    assert list(parts) == ["slides.smil", "slide1.jpg", "slide1.mp3", "slide1.txt", "slide2.mp4", "slide3.gif", "slide3.txt",
                           "slide4.vcf", "slide4.txt"]
    for name, body in (("slide1.jpg", samples["jpg"]), ("slide1.mp3", samples["mp3"]), ("slide2.mp4", samples["mp4"]),
                       ("slide3.gif", moving), ("slide4.vcf", card)):
        assert parts[name][2] == body, name
    assert {parts[n][1] for n in parts if n.rsplit(".", 1)[1] not in ("txt", "smil")} == {encoding}
    texts = {n: (parts[n][1], parts[n][2].decode().replace("\r\n", "\n")) for n in parts if n.endswith(".txt")}
    assert texts == {"slide1.txt": (encoding, LONG), "slide3.txt": ("base64", "--=_savemms_\n.\nback"),
                     "slide4.txt": ("7bit", "plain\n\nlines")}
    assert parts["slides.smil"][1] == "7bit"
    judge(tmp_path, entity, parts)


def judge(tmp_path, entity, parts):
    """Checks the entity with other programs."""
    del mms.problems[:]
    path = tmp_path / "entity"
    path.write_bytes(entity)
    want = [(n, k, e, hashlib.sha256(b).hexdigest()) for n, (k, e, b) in parts.items()]
    mms.check_perl(str(path), want)
    mms.check_tshark(str(tmp_path), "entity", entity, want)
    mms.check_smil("entity", parts["slides.smil"][2], want, str(tmp_path))
    assert mms.problems == []


def test_a_picture_of_ones_own(wired, samples, tmp_path):
    """A personal image takes the space that the limits leave. The carrier's limit counts binary, the transport's counts
    the encoded bytes, so there is more space in binary."""
    instance, carrier = wired
    studio = Studio(instance, samples, tmp_path)
    caller = instance.caller(senders=", ".join(WAYS))
    ident = studio.add(caller, text_area("{$name}"), background=studio.file("wide.png", samples.image(1280, 1280, "png", noise=60)))
    mmsid = caller.save({"personal": ident, "text": "for {$name}"}).mmsid
    sizes = {}
    for sender in ("11112", "11113"):
        answer = caller.call("sendSavedMMS", raw="<DATA><name>Ann</name></DATA>", mmsid=mmsid, to=TO, **{"from": sender})
        line, = carrier.wait("mms", transaction=answer.get("TRACKINGID"))
        (_, _, jpeg), = (p for p in parts_of(carrier.kept(line, "mms")).values() if p[0] == "image/jpeg")
        assert Image.open(io.BytesIO(jpeg)).size[0] > 100 and int(line["body"]) <= LIMIT
        sizes[sender] = len(jpeg)
    assert 0.6 * LIMIT / 1.37 < sizes["11112"] < LIMIT / 1.3
    assert 0.8 * LIMIT < sizes["11113"] < LIMIT - 1500


def test_the_console_names_the_transports_limit(new_instance, put, samples):
    """The preview is for the default route. The page shows the route's limit beside those of carrier and handset, and
    the smallest decides."""
    instance = new_instance({"transport-mmsc": f"kind=mm7 url=http://127.0.0.1:9/ max-bytes={LIMIT}", "mms-routes": "default=mmsc",
                             "classes": f"S:60000:640:24000, M:{LIMIT}:1280:32000"}).serve()
    caller = instance.caller()
    mmsid = caller.save({"image": put(body=samples.image(1200, 900, noise=60), name="n.jpg", mime="image/jpeg")}).mmsid
    instance.run("account", "set", caller.account, "--password", "a long password")
    console = Console(instance.port)
    assert console.sign_in(caller.account, "a long password").status == 303
    page = console.get(f"templates/{mmsid}?as=iphone").page
    found = re.search(r"Sent in class S: (\d+) KB of the 146 KB limit for this handset and an unknown carrier. "
                      r"(\d+) KB of the 146 KB limit of transport mmsc, as encoded for it.", page.text)
    assert found and int(found.group(2)) > 1.3 * int(found.group(1)), page.text
    instance.stop()
