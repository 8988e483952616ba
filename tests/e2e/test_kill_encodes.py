"""SIGKILL of helpers, transcoders and their children at random over many encodes: every template reaches the right
state."""

import os
import random
import signal
import struct
import time

import pytest

import media
import procs
from instance import SLOW

ENCODES = int(os.environ.get("SAVEMMS_ENCODES", "200"))
VICTIMS = ("savemms-helper", "savemms-transcode")


def sources(samples):
    """Yields (kind, format, bytes, the state its template must reach) for ENCODES media. No two are alike, so that no
    encode can reuse another's result. They are short sounds, with a film as every fifth; two of twenty are cut off."""
    paths = [samples.path("kill.wav"), samples.path("kill.avi")]
    media.ffmpeg(paths[0], "-f", "lavfi", "-i", "sine=frequency=300:duration=0.6", "-ar", "16000")
    media.ffmpeg(paths[1], "-f", "lavfi", "-i", "testsrc=size=176x144:rate=10:duration=1", "-c:v", "mpeg4")
    sound, film = map(media.read, paths)
    for i in range(ENCODES):
        kind, fmt, body, cut = ("video", "avi", film, 3000) if i % 5 == 4 else ("audio", "wav", sound, 300)
        bad = i % 20 in (13, 19)
        # readers of a RIFF file ignore bytes after its end
        yield kind, fmt, (body[:cut] if bad else body) + struct.pack("<4sII", b"JUNK", 4, i), "failed" if bad else "ready"


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
    """Saves like a client that tries again while the service restarts."""
    for _ in range(20):
        try:
            answer = caller.save(slide)
        except OSError:
            revive(instance, caller)
            continue
        if answer.code is None:
            return answer.mmsid
        assert answer.code == "E503", answer        # the transcoder that examined it was killed
    raise AssertionError("the service does not come back")


def revive(instance, caller):
    """Acts as an operator's supervisor: serve gives up when its helper dies again and again."""
    if procs.wait_for(lambda: instance.server.poll() is not None, 1):
        instance.restart()
        caller.port = instance.port


def open_encodes(instance):
    return sum("\tencode\t" in line for line in instance.run("job", "list").splitlines())


@pytest.mark.slow
def test_encodes_under_kills(new_instance, put, samples, receiver):
    instance = new_instance({"lease-seconds": 2, "encode-attempts": 20}).serve()
    caller = instance.caller(postback_url=receiver.url("kill-encodes"))
    chance, want, killed, seen = random.Random(7), {}, 0, set()
    for kind, fmt, body, state in sources(samples):
        seen.add(body)
        want[saved(instance, caller, {kind: put(fmt, body=body), "text": "t"})] = state
        killed += kill_one(instance, chance)
        time.sleep(chance.uniform(0, 0.2))
    assert len(seen) == len(want) == ENCODES
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
    # A restart may have cut off an answer: the client does not know of that template.
    assert procs.wait_for(lambda: set(want) <= set(told(receiver)), 60 * SLOW), set(want) - set(told(receiver))
    for mmsid, codes in told(receiver).items():
        assert codes in ({"N003"}, {"E002"}, {"E003"}), (mmsid, codes)
        assert mmsid not in want or (codes == {"N003"}) == (want[mmsid] == "ready"), (mmsid, codes)
    assert killed >= ENCODES * 3 // 4, killed
    print(f"kill: {len(want)} encodes, {killed} kills, all at their right end")
    instance.stop()


def told(receiver):
    """Returns {MMSID: the set of codes that the receiver accepted}."""
    out = {}
    for p in receiver.got("kill-encodes"):
        if p.status == 200:
            out.setdefault(p.text("MMSID"), set()).add(p.text("CODE"))
    return out
