"""Readiness and Postbacks (savemms-api(7)) and the classes of savemms-media(7): audio and video are encoded after the
answer, and the renditions fit their class."""

import array
import glob
import hashlib
import io
import os
import re
import subprocess
import time
import wave

import pytest

import media
import procs
from instance import SLOW

LIMIT = {"S": 307200, "M": 524288, "L": 1024000, "XL": 1228800}


def rendition(root, kind, name):
    for r in root.findall(f"SLIDE/{kind.upper()}/RENDITION"):
        if r.findtext("CLASS") == name:
            return r
    return None


AV = [(k, f) for k, f in media.ALL_FORMATS if k in ("audio", "video")]


@pytest.mark.parametrize("kind,fmt", AV)
def test_encoded_then_postback(shared, account, put, receiver, kind, fmt):
    path = f"av-{fmt}"
    caller = account(postback_url=receiver.url(path))
    mmsid = caller.save({kind: put(fmt), "text": "listen"}, client_reference="r").mmsid
    got = receiver.wait(path, 1, 60 * SLOW)
    assert got, shared.logs()[-3000:]
    assert (got[0].text("CODE"), got[0].text("MMSID"), got[0].text("CLIENT_REFERENCE")) == ("N003", mmsid, "r")
    root = caller.details(mmsid)
    assert root.findtext("STATE") == "ready"
    r = rendition(root, kind, "M")          # the class for an unknown handset
    assert r is not None and 0 < int(r.findtext("BYTES")) < LIMIT["M"]
    assert r.findtext("MIME") == {"audio": "audio/mpeg", "video": "video/mp4"}[kind]
    assert 1.5 < float(r.findtext("SECONDS")) < 3


def test_locked_while_encoding(account, put, samples):
    """The answer does not wait for the encoder."""
    caller = account()
    mmsid = caller.save({"video": put("mp4", body=samples["mp4"])}).mmsid
    assert caller.details(mmsid).findtext("STATE") in ("encoding", "ready")


def stored(instance, mmsid, name):
    """Returns the files of the template's renditions of this class, as "savemms template show" lists them."""
    return re.findall(rf"^    {name}: [^\n]*\n      file: (.*)$", instance.run("template", "show", mmsid), re.M)


def codecs(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_class_m_of_a_video(shared, account, put):
    """The rendition is H.264 and AAC in MP4, with none of the source's metadata."""
    caller = account()
    mmsid = caller.save({"video": put("avi")}).mmsid
    assert shared.wait_state(caller, mmsid) == "ready"
    assert [codecs(p) for p in stored(shared, mmsid, "M")] == [{"h264", "aac"}]


def test_class_m_of_a_sound(shared, account, put):
    caller = account()
    mmsid = caller.save({"audio": put("wav")}).mmsid
    assert shared.wait_state(caller, mmsid) == "ready"
    assert [codecs(p) for p in stored(shared, mmsid, "M")] == [{"mp3"}]


def test_failures_are_named_in_slide_order(account, put, receiver):
    """If several media fail, the code is that of the first, and each has a node."""
    caller = account(postback_url=receiver.url("av-several"))
    video = put(body=b"\0\0\0\x18ftypisom" + b"junk" * 50, mime="video/mp4", name="v.mp4")
    audio = put(body=b"#!AMR\njunk", mime="audio/amr", name="a.amr")
    mmsid = caller.save({"video": video}, {"audio": audio}, {"audio": put("mp3")}).mmsid
    postback = receiver.wait("av-several", 1, 60 * SLOW)[0]
    assert [n.tag for n in postback.root] == ["ORIGIN", "CODE", "MMSID", "VIDEONAME", "AUDIONAME"]
    assert (postback.text("CODE"), postback.text("VIDEONAME"), postback.text("AUDIONAME")) == ("E003", video, audio)
    assert caller.details(mmsid).findtext("STATE") == "failed"


def test_duration_over_the_limit(new_instance, put, receiver):
    instance = new_instance({"max-seconds": 1}).serve()
    caller = instance.caller(postback_url=receiver.url("av-long"))
    caller.save({"audio": put("mp3")})
    assert receiver.wait("av-long", 1, 60 * SLOW)[0].text("CODE") == "E002"
    instance.stop()


def test_truncated_video(account, put, samples, receiver):
    caller = account(postback_url=receiver.url("av-cut"))
    caller.save({"video": put("mp4", body=samples["mp4"][:5000])})
    assert receiver.wait("av-cut", 1, 60 * SLOW)[0].text("CODE") == "E003"


def test_metadata_is_gone_from_image_renditions(shared, account, put, samples):
    caller = account()
    body = samples.with_gps()
    mmsid = caller.save({"image": put("jpg", body=body)}).mmsid
    image = caller.details(mmsid).find("SLIDE/IMAGE")
    assert int(image.findtext("BYTES")) == len(body)
    for r in image.findall("RENDITION"):        # orientation 6: the rendition is upright
        assert (r.findtext("WIDTH"), r.findtext("HEIGHT")) == ("480", "640")
    files = stored(shared, mmsid, "M")
    assert files and all(b"Cam\0" not in media.read(p) and b"Exif" not in media.read(p) for p in files)


def test_large_image_fits_each_class(account, put, samples):
    caller = account(max_image_kb=20000)
    root = caller.details(caller.save({"image": put("jpg", body=samples.image(2200, 1650, "jpg", 60))}).mmsid)
    for name, limit in LIMIT.items():
        r = rendition(root, "image", name)
        assert r is not None and int(r.findtext("BYTES")) < limit
    assert max(int(rendition(root, "image", "S").findtext(n)) for n in ("WIDTH", "HEIGHT")) <= 1280


def test_nine_slides_of_everything(shared, account, put, receiver):
    caller = account(postback_url=receiver.url("av-nine"))
    slides = [{"image": put("jpg"), "audio": put("mp3")}, {"video": put("mov")}, {"image": put("gif")}, {"image": put("webp")},
              {"vcard": put("vcf")}, {"ical": put("ics")}, {"pdf": put("pdf")}, {"audio": put("amr")}, "the end"]
    mmsid = caller.save(*slides).mmsid
    assert receiver.wait("av-nine", 1, 90 * SLOW)[0].text("CODE") == "N003"
    assert len(caller.details(mmsid).findall("SLIDE")) == 9


def files(instance):
    return set(glob.glob(os.path.join(instance.folder, "media", "??", "??", "*")))


def served(caller, path):
    return caller.http("GET", f"/media/{os.path.basename(path)}.mp3").status


def sound(n, times=1):
    """Returns a WAV of 20 s and more, which takes a moment to encode."""
    out = io.BytesIO()
    with wave.open(out, "wb") as w:
        w.setparams((1, 2, 16000, 0, "NONE", ""))
        w.writeframes(array.array("h", ((i * i // (30 + n)) % 20000 - 10000 for i in range(320000))).tobytes() * times)
    return out.getvalue()


def test_an_encode_leaves_nothing_of_a_deleted_template(new_instance, put):
    """The template is deleted at any time while its sound is encoded: when the encoder comes back,
    nothing is stored."""
    instance = new_instance().serve()
    caller = instance.caller()

    def save(n):                                                # each has bytes of its own
        return caller.save({"audio": put("wav", body=sound(n))}).mmsid

    assert instance.wait_state(caller, save(0)) == "ready"
    before = files(instance)
    for n in range(12):
        mmsid = save(1 + n)
        time.sleep(0.02 * n)
        assert caller.call("deleteMMSID", mmsid=mmsid).code is None
    assert procs.wait_for(lambda: "encode" not in instance.run("job", "list"), 20 * SLOW, 0.1)
    assert procs.wait_for(lambda: files(instance) == before, 5 * SLOW, 0.1), files(instance) - before
    instance.stop()


def test_a_deleted_template_holds_up_no_other(new_instance, put):
    """An encode is broken off when its template is deleted. Another template with the same sound does not wait for as
    long as the first would have held it (lease-seconds)."""
    instance = new_instance({"lease-seconds": str(int(40 * SLOW))}).serve()
    caller = instance.caller()
    url = put("wav", body=sound(0, 12))
    mmsid = caller.save({"audio": url}).mmsid
    assert procs.wait_for(lambda: "leased" in instance.run("job", "list"), 5 * SLOW, 0.01)
    assert caller.call("deleteMMSID", mmsid=mmsid).code is None
    began, mmsid = time.monotonic(), caller.save({"audio": url}).mmsid
    assert instance.wait_state(caller, mmsid) == "ready"
    assert time.monotonic() - began < 25 * SLOW
    instance.stop()


def test_what_nothing_refers_to_is_not_served(new_instance, put):
    instance = new_instance().serve()
    caller = instance.caller()
    mmsid = caller.save({"audio": put("mp3")}).mmsid
    assert instance.wait_state(caller, mmsid) == "ready"
    path = stored(instance, mmsid, "M")[0]
    with open(path, "rb") as f:
        bytes_ = f.read() + b"more"
    name = hashlib.sha256(bytes_).hexdigest()
    alone = os.path.join(instance.folder, "media", name[:2], name[2:4], name)
    os.makedirs(os.path.dirname(alone), exist_ok=True)
    with open(alone, "wb") as f:
        f.write(bytes_)
    assert served(caller, path) == 200 and served(caller, alone) == 404
    assert caller.call("deleteMMSID", mmsid=mmsid).code is None
    assert served(caller, path) == 404
    instance.stop()
