"""Merge tags and What arrives (savemms-api(7)): how a saved MMS changes from the request to the file in the outbox. The
judges are Python's email package, the DTD of SMIL 2.1 Mobile, tshark (tests/mms.py) and the programs that play the
media."""

import email
import email.policy
import os
import re
import subprocess
import sys

import pytest

import procs
from client import element
from instance import SLOW

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import mms                                                      # noqa: E402

FROM, TO = "12345", "15551230001"
HOSTILE = {"a": '<par/>&"\']]>', "b": "{$a}{$x|y}", "c": "one\r\ntwo\rthree", "d": "😀 &lt; Ω",
           "e": "--=_savemms_boundary--\n.\nFrom x"}
SHOWN = {**HOSTILE, "c": "one\ntwo\nthree"}
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:{$a};{$b|c}\r\nFN:{$a} Müller\r\nEND:VCARD\r\n".encode()


@pytest.fixture(scope="module", params=["embed", "refer"])
def instance(new_instance, request):
    return new_instance({"spool-media": request.param}).serve()


def outgoing(instance, caller, mmsid, **values):
    """Sends the MMS and returns the bytes of the spooled file."""
    data = f"<DATA>{''.join(element(k, v) for k, v in values.items())}</DATA>"
    answer = caller.call("sendSavedMMS", raw=data, mmsid=mmsid, to=TO, **{"from": FROM})
    path = os.path.join(instance.folder, "outbox", f"{answer.get('TRACKINGID')}.mms")
    assert procs.wait_for(lambda: os.path.exists(path), 15 * SLOW), (answer, instance.logs()[-2000:])
    with open(path, "rb") as f:
        return os.path.basename(path), f.read()


def judge(name, raw, parts, folder):
    """Returns the parts' bytes by name."""
    del mms.problems[:]
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    bodies, whole = {}, []
    for part, (n, kind) in zip(message.get_payload(), parts):
        inner, body = mms.decoded(part)
        bodies[inner.get_param("name")] = body.replace(b"\r\n", b"\n") if kind in mms.TEXTS else body
        whole.append((n, kind, part["Content-Transfer-Encoding"], ""))
        assert inner["Content-ID"] == f"<{inner.get_param('name')}>"
    assert list(bodies) == [n for n, _ in parts] and len(message.get_payload()) == len(parts)
    mms.check_smil(name, bodies["slides.smil"], whole, folder)
    if b"message/external-body" not in raw:
        mms.check_tshark(folder, name, raw, whole)
    assert mms.problems == []
    return bodies


def test_every_kind(instance, put, tmp_path):
    """Image, sound, film, contact and calendar: what is attached, displayed or linked, and that values stay text."""
    caller = instance.caller(senders=FROM)
    text = "".join(f"[{{${k}}}]" for k in HOSTILE)
    mmsid = caller.save({"image": put("jpg"), "text": text}, {"audio": put("mp3"), "duration": "12"}, {"video": put("mp4")},
                        {"vcard": put(body=CARD, name="c.vcf", mime="text/vcard"), "text": "card"},
                        {"ical": put("ics")}, subject="{$a} {$c}").mmsid
    assert instance.wait_state(caller, mmsid) == "ready"
    name, raw = outgoing(instance, caller, mmsid, **HOSTILE)
    parts = [("slides.smil", "application/smil"), ("slide1.jpg", "image/jpeg"), ("slide1.txt", "text/plain"),
             ("slide2.mp3", "audio/mpeg"), ("slide3.mp4", "video/mp4"), ("slide4.vcf", "text/x-vcard"),
             ("slide4.txt", "text/plain"), ("slide5.txt", "text/plain")]
    bodies = judge(name, raw, parts, str(tmp_path))
    assert bodies["slide1.txt"].decode() == "".join(f"[{v}]" for v in SHOWN.values())
    assert bodies["slide4.vcf"] == CARD                 # tags in it are never filled in
    assert re.fullmatch(r"https?://[^ ]+/m/[A-Za-z0-9]{32}/5", bodies["slide5.txt"].decode())
    smil = bodies["slides.smil"].decode()
    assert smil.count("<par ") == 5 and '<par dur="12000ms">\n<audio src="slide2.mp3"/>' in smil
    assert mms.subject(email.message_from_bytes(raw)) == "<par/>&\"']]> one two three"
    for part in ("slide1.jpg", "slide2.mp3", "slide3.mp4"):
        path = tmp_path / part
        path.write_bytes(bodies[part])
        subprocess.run(["ffprobe", "-v", "error", "-i", str(path)], check=True, timeout=60)


def test_not_transcoded(instance, put, tmp_path, samples):
    """With transcoding off, the sources are sent unchanged."""
    caller = instance.caller(senders=FROM, transcoding="off")
    mmsid = caller.save({"image": put("png")}, {"audio": put("mp3"), "text": "{$x|no value}"}).mmsid
    name, raw = outgoing(instance, caller, mmsid, x=" ")
    bodies = judge(name, raw, [("slides.smil", "application/smil"), ("slide1.png", "image/png"),
                               ("slide2.mp3", "audio/mpeg"), ("slide2.txt", "text/plain")], str(tmp_path))
    for part in ("slide1.png", "slide2.mp3"):
        assert bodies[part] == samples[part.rsplit(".", maxsplit=1)[1]]
    assert bodies["slide2.txt"] == b"no value"
