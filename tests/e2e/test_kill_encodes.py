"""SIGKILL of helpers, transcoders and encoders at random over many encodes: every template comes to its right end."""

import os
import random
import signal
import time

import pytest

import media
import procs
from instance import SLOW

ENCODES = int(os.environ.get("SAVEMMS_ENCODES", "200"))
VICTIMS = ("savemms-helper", "savemms-transcode", "ffmpeg", "ffprobe")


def sounds(samples, n):
    """Short sounds, all different, so that none is had from before."""
    out = []
    for i in range(n):
        path = samples.path(f"kill{i}.wav")
        media.ffmpeg(path, "-f", "lavfi", "-i", f"sine=frequency={200 + 3 * i}:duration=1", "-ar", "16000")
        out.append(media.read(path))
    return out


def films(samples, n):
    out = []
    for i in range(n):
        path = samples.path(f"kill{i}.avi")
        media.ffmpeg(path, "-f", "lavfi", "-i", f"testsrc=size=176x144:rate=10:duration={1 + i / 50}", "-c:v", "mpeg4")
        out.append(media.read(path))
    return out


def kill_one(instance, chance):
    found = [pid for pid, command in procs.of_instance(instance.folder)
             if any(v in command.split(" ")[0] for v in VICTIMS)]
    if not found:
        return False
    try:
        os.kill(chance.choice(found), signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False


def saved(instance, caller, slide):
    """Saves, as a client that tries again while the service comes back."""
    for _ in range(20):
        try:
            return caller.save(slide).mmsid
        except OSError:
            revive(instance, caller)
    raise AssertionError("the service does not come back")


def revive(instance, caller):
    """What an operator's supervisor does: serve gives up when its helper dies again and again."""
    if procs.wait_for(lambda: instance.server.poll() is not None, 1):
        instance.restart()
        caller.port = instance.port


def open_encodes(instance):
    return sum("\tencode\t" in line for line in instance.run("job", "list").splitlines())


@pytest.mark.slow
def test_encodes_under_kills(new_instance, put, samples, receiver):
    instance = new_instance({"lease-seconds": 2, "encode-attempts": 20}).serve()
    caller = instance.caller(postback_url=receiver.url("kill-encodes"))
    kinds = 20                                      # distinct media; each is saved with a text length of its own plan
    good = [("audio", "wav", b) for b in sounds(samples, kinds)] + [("video", "avi", b) for b in films(samples, kinds // 2)]
    bad = [("audio", "wav", good[0][2][:300] + bytes(3)), ("video", "avi", good[-1][2][:3000])]
    chance, want, killed = random.Random(7), {}, 0
    for i in range(ENCODES):
        kind, fmt, body = bad[i % 2] if i % 20 == 19 else good[i % len(good)]
        text = "t" * (1 + 1500 * (i // len(good) % 4))
        mmsid = saved(instance, caller, {kind: put(fmt, body=body), "text": text})
        want[mmsid] = "failed" if i % 20 == 19 else "ready"
        killed += kill_one(instance, chance)
        time.sleep(chance.uniform(0, 0.2))
    ends = time.monotonic() + 400 * SLOW
    while open_encodes(instance) and time.monotonic() < ends:
        time.sleep(chance.uniform(0.1, 0.6))
        if killed < ENCODES:
            killed += kill_one(instance, chance)
        if instance.server.poll() is not None:
            revive(instance, caller)
    assert not open_encodes(instance), instance.run("job", "list")
    states = {m: caller.details(m).findtext("STATE") for m in want}
    assert states == want, {m: (s, want[m]) for m, s in states.items() if s != want[m]}
    assert procs.wait_for(lambda: len(told(receiver)) == len(want), 60 * SLOW), len(told(receiver))
    for mmsid, codes in told(receiver).items():
        assert codes in ({"N003"}, {"E002"}, {"E003"}), (mmsid, codes)
        assert (codes == {"N003"}) == (want[mmsid] == "ready"), (mmsid, codes)
    print(f"kill: {len(want)} encodes, {killed} kills, all at their right end")
    instance.stop()


def told(receiver):
    """MMSID to the set of codes that were taken."""
    out = {}
    for p in receiver.got("kill-encodes"):
        if p.status == 200:
            out.setdefault(p.text("MMSID"), set()).add(p.text("CODE"))
    return out
