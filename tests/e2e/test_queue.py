"""Readiness (savemms-api(7)) and classes (savemms-media(7)): encodes share the bytes of a class, the queue and their
results fairly."""

import os
import signal
import time

import media
import procs
from instance import SLOW

LIMIT = {"S": 307200, "M": 524288, "L": 1024000, "XL": 1228800}


def film(samples, name, seconds, size="640x480", rate=30):
    """Returns a video that is hard to compress."""
    if name not in samples.made:
        path = samples.path(name + ".mp4")
        media.ffmpeg(path, "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}", "-f", "lavfi", "-i",
                     f"sine=frequency=300:duration={seconds}", "-vf", "noise=alls=40:allf=t", "-c:v", "libx264", "-preset",
                     "ultrafast", "-b:v", "6M", "-maxrate", "6M", "-bufsize", "6M", "-pix_fmt", "yuv420p", "-c:a", "aac")
        samples.made[name] = media.read(path)
    return samples.made[name]


def test_the_sum_of_a_message_fits(shared, account, put, samples):
    """Text, images, sound and a film: the total, in binary and with its headers, is below each class. A medium that
    does not fit becomes a link."""
    caller = account(max_image_kb=20000)
    text = "x" * 2000
    big = put("jpg", body=samples.image(2200, 1650, "jpg", 60))
    mmsid = caller.save({"image": big, "text": text}, {"image": big}, {"vcard": put("vcf")},
                        {"video": put("mp4", body=film(samples, "film8", 8))}, {"audio": put("wav")}).mmsid
    assert shared.wait_state(caller, mmsid, 120) == "ready"
    root = caller.details(mmsid)
    shown = shared.run("template", "show", mmsid)
    for name, limit in LIMIT.items():
        sizes = [int(r.findtext("BYTES")) for r in root.iter("RENDITION") if r.findtext("CLASS") == name]
        link = f"sent as a link in class: {name}" in shown
        assert link or len(sizes) == 4, (name, sizes, shown)
        total = sum(sizes) + len(text) + len(media.VCARD) + 4000
        assert link or total <= limit, (name, total)
    assert "sent as a link in class: XL" not in shown


def test_a_class_out_of_reach_is_a_link(shared, account, put, samples):
    """Two and a half minutes of sound are 450 KB at the lowest rate, which is too much for S but not for L."""
    if "long" not in samples.made:
        path = samples.path("long.mp3")
        media.ffmpeg(path, "-f", "lavfi", "-i", "sine=frequency=200:duration=150", "-ar", "32000", "-c:a", "libmp3lame",
                     "-b:a", "64k")
        samples.made["long"] = media.read(path)
    caller = account()
    mmsid = caller.save({"audio": put("mp3", body=samples.made["long"])}).mmsid
    assert shared.wait_state(caller, mmsid, 120) == "ready"
    shown = shared.run("template", "show", mmsid)
    made = {r.findtext("CLASS") for r in caller.details(mmsid).iter("RENDITION")}
    assert "sent as a link in class: S" in shown and "S" not in made
    assert "sent as a link in class: L" not in shown and {"L", "XL"} <= made


def test_same_bytes_are_encoded_once(shared, account, put, samples):
    """This holds across templates and accounts. The second template refers to the same blobs and outlives the first."""
    body = film(samples, "film2", 2, "320x240", 15)
    first, second = account(), account()
    one = first.save({"video": put("mp4", body=body), "text": "a few letters"}).mmsid
    assert shared.wait_state(first, one, 60) == "ready"
    two = second.save({"video": put("mp4", body=body), "text": "a few letters more"}).mmsid
    assert shared.wait_state(second, two, 60) == "ready"
    assert said(shared, "encode mmsid=" + two + " slide=1 made before")
    urls = [[r.findtext("URL").rsplit("/", 1)[1] for r in c.details(m).iter("RENDITION")] for c, m in ((first, one), (second, two))]
    assert urls[0] == urls[1] and urls[0]
    first.call("deleteMMSID", mmsid=one)
    assert all(os.path.exists(p) for p in files(shared, two))
    second.call("deleteMMSID", mmsid=two)
    three = second.save({"video": put("mp4", body=body)}).mmsid          # its kept renditions are gone
    assert shared.wait_state(second, three, 60) == "ready"
    assert said(shared, "encode mmsid=" + three + " slide=1 done")


def said(instance, line):
    """Waits for this line in the log, which the helper writes right after the commit."""
    return procs.wait_for(lambda: line in instance.logs(), 10 * SLOW)


def files(instance, mmsid):
    return [line.split(": ", 1)[1] for line in instance.run("template", "show", mmsid).splitlines() if "file: " in line]


def test_short_ones_and_other_accounts_come_through(new_instance, put, samples):
    """One account queues long films. The short sound and film of another account do not wait for them."""
    instance = new_instance({"encode-jobs": "2", "short-job-kb": "300", "medium-ms": 20000, "request-ms": 30000}).serve()
    flood, other = instance.caller(), instance.caller()
    long = [film(samples, f"flood{i}", 12 + i / 10) for i in range(4)]
    assert all(len(b) > 300 * 1024 for b in long)
    queued = [flood.save({"video": put("mp4", body=b)}).mmsid for b in long]
    sound = other.save({"audio": put("mp3")}).mmsid
    movie = other.save({"video": put("mp4", body=film(samples, "other", 12.5))}).mmsid
    assert instance.wait_state(other, sound, 30) == "ready"
    assert [flood.details(m).findtext("STATE") for m in queued].count("encoding") >= 3      # the other account did not wait
    assert instance.wait_state(other, movie, 120) == "ready"
    assert flood.details(queued[-1]).findtext("STATE") == "encoding"                        # it took turns
    for m in queued:
        flood.call("deleteMMSID", mmsid=m)                                                  # under way or not
    assert procs.wait_for(lambda: not instance.run("job", "list").split(), 60 * SLOW)
    instance.stop()


def test_progress_is_shown(new_instance, put, samples):
    instance = new_instance({"medium-ms": 20000, "request-ms": 30000}).serve()
    caller = instance.caller()
    mmsid = caller.save({"video": put("mp4", body=film(samples, "flood0", 12))}).mmsid
    shown, listed = [], []

    def looked():
        out = instance.run("template", "show", mmsid)
        shown.extend(line for line in out.splitlines() if " %, " in line and "s left" in line)
        rows = [line.split("\t") for line in instance.run("job", "list").splitlines()]
        listed.extend(row[5] for row in rows if row[1:3] == ["encode", mmsid] and "s left" in row[5])
        return (shown and listed) or "state: ready" in out
    assert procs.wait_for(looked, 90 * SLOW, 0.5)
    assert shown and "encode of slide 1, leased by" in shown[0], shown
    assert listed and " %, " in listed[0], listed
    assert instance.wait_state(caller, mmsid, 120) == "ready"
    instance.stop()


def encoders(instance):
    return instance.transcoders()[1]


def test_a_dead_helper_leaves_nothing_stuck(new_instance, put, samples):
    """A helper is killed in the middle of an encode. Its lease expires and another helper goes on. This costs the film
    no attempt: it has one only."""
    instance = new_instance({"lease-seconds": 2, "medium-ms": 20000, "request-ms": 30000, "encode-attempts": 1}).serve("--cgi")
    caller = instance.caller()
    mmsid = caller.save({"video": put("mp4", body=film(samples, "flood1", 12.1))}).mmsid
    assert procs.wait_for(lambda: encoders(instance), 30 * SLOW)
    for pid in instance.pids("savemms-helper"):
        os.kill(pid, signal.SIGKILL)
    assert procs.wait_for(lambda: not encoders(instance), 10 * SLOW), "the encoder outlived its helper"
    time.sleep(1)
    if instance.server.poll() is not None:
        instance.restart()
        caller.port = instance.port
    assert instance.wait_state(caller, mmsid, 120) == "ready"
    instance.stop()


def test_three_failed_attempts_fail_the_template(new_instance, put, samples, receiver):
    """The encoder never ends and is killed at its deadline, three times."""
    instance = new_instance({"av-wall-seconds": 1, "medium-ms": 20000, "request-ms": 30000}).serve()
    caller = instance.caller(postback_url=receiver.url("hang"))
    mmsid = caller.save({"video": put("mp4", body=film(samples, "flood2", 12.2))}).mmsid
    got = receiver.wait("hang", 1, 60 * SLOW)
    assert got and (got[0].text("CODE"), got[0].text("MMSID")) == ("E003", mmsid), instance.logs()[-3000:]
    assert caller.details(mmsid).findtext("STATE") == "failed"
    assert instance.logs().count("again later") >= 2
    assert not encoders(instance)
    instance.stop()
