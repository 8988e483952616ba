"""Damaged sounds and films, converted by savemms-transcode --try in its real cage: whatever the damage, the answer comes
in time, blames the file or its limits, and nothing is left behind.

A mutant is known by its seed, which names the test. SAVEMMS_SEED moves the first one, SAVEMMS_LONG makes many more.
"""

import ctypes
import os
import random
import struct
import subprocess
import time

import pytest

import media
import procs
from instance import SLOW
from test_transcode_av import FORMAT, Answer, probe, transcoder

SHORT, LONG = 40, 2000
COUNT = LONG if os.environ.get("SAVEMMS_LONG") else SHORT
SEED = int(os.environ.get("SAVEMMS_SEED", "1"))
SOURCES = media.FORMATS["audio"] + media.FORMATS["video"]
CLASSES = {"S": (12000, 96), "M": (90000, 160)}
WALL = 15                               # seconds that a mutant may take
SUBREAPER = 36                          # PR_SET_CHILD_SUBREAPER of linux/prctl.h
SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz", "seeds", "film")
LENGTHS = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


# ---- damage --------------------------------------------------------------------------------

def flip_bits(data, chance):
    for _ in range(chance.choice((1, 3, 20, 200))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def flip_head(data, chance):
    """Damages what describes the file, at its start or its end."""
    size = min(len(data), 1500)
    start = chance.choice((0, len(data) - size))
    for _ in range(chance.choice((1, 3, 10))):
        data[start + chance.randrange(size)] = chance.randrange(256)


def cut_end(data, chance):
    del data[chance.randrange(1, len(data)):]


def cut_part(data, chance):
    at = chance.randrange(len(data))
    del data[at:at + chance.choice((1, 4, 100, 3000))]


def double_part(data, chance):
    at, size = chance.randrange(len(data)), chance.choice((4, 188, 1000, 8000))
    data[at:at] = data[at:at + size]


def swap_fields(data, chance):
    for _ in range(chance.choice((1, 4, 16))):
        a, b = (4 * chance.randrange(len(data) // 4) for _ in range(2))
        data[a:a + 4], data[b:b + 4] = data[b:b + 4], data[a:a + 4]


def set_fields(data, chance):
    """Puts numbers at the edges of their range where a length, a count or a time may be."""
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(min(len(data), chance.choice((200, 2000, len(data)))) - 3)
        data[at:at + 4] = struct.pack(chance.choice("<>") + "I", chance.choice(LENGTHS))


def blank_part(data, chance):
    at = chance.randrange(len(data))
    part = data[at:at + chance.choice((4, 64, 1000))]
    data[at:at + len(part)] = bytes([chance.choice((0, 0xFF))]) * len(part)


DAMAGE = (flip_bits, flip_head, cut_end, cut_part, double_part, swap_fields, set_fields, blank_part)


def mutant(body, chance):
    data = bytearray(body)
    for damage in chance.choices(DAMAGE, k=chance.choice((1, 1, 2, 4))):
        if len(data) >= 8:
            damage(data, chance)
    return bytes(data)


def test_a_seed_gives_the_same_mutant():
    body = bytes(range(256)) * 40
    assert mutant(body, random.Random(7)) == mutant(body, random.Random(7)) != mutant(body, random.Random(8))


# ---- what must be true of each ----------------------------------------------------------------

@pytest.fixture(scope="module")
def source(samples):
    """source("avi") is a file of one second, with a small picture."""
    def small(fmt):
        name = "small." + fmt
        if name not in samples.made:
            recipe = [a.replace("duration=2", "duration=1").replace("320x240", "160x120") for a in media.RECIPE[fmt]]
            media.ffmpeg(samples.path(name), *recipe)
            samples.made[name] = media.read(samples.path(name))
        return samples.made[name]
    return small


@pytest.fixture(scope="module", autouse=True)
def orphans_come_here():
    """Makes this process the parent of processes whose own parent has gone."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(SUBREAPER, 1, 0, 0, 0) == 0
    yield
    prctl(SUBREAPER, 0, 0, 0, 0)


def children():
    return {p for p in map(int, filter(str.isdigit, os.listdir("/proc"))) if procs.parent_of(p) == os.getpid()}


def convert(path, fmt, out):
    argv = [transcoder(), "--try", str(path), "--out", str(out), "--format", FORMAT[fmt], "--wall", str(int(WALL * 1000 * SLOW))]
    for name, (budget, box) in CLASSES.items():
        argv += ["--class", f"{name}:{budget}:{box}:32000:64000"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                          timeout=2 * WALL * SLOW + 10)
    assert done.returncode in (0, 1), (done.returncode, done.stdout, done.stderr)
    return Answer(done, str(out))


def check_renditions(answer, out):
    written = set(os.listdir(out))
    for name, t in answer.targets.items():
        if not t["fits"]:
            continue
        assert os.path.getsize(t["path"]) == t["bytes"] <= CLASSES[name][0], (name, answer.text)
        assert {s["codec_type"] for s in probe(t["path"])["streams"]} <= {"audio", "video"}
        written.remove(os.path.basename(t["path"]))
    assert not written, (written, answer.text)


@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT))
def test_mutant(source, tmp_path, seed):
    fmt, out, before = SOURCES[seed % len(SOURCES)], tmp_path / "out", children()
    path = tmp_path / f"mutant.{fmt}"
    path.write_bytes(mutant(source(fmt), random.Random(seed)))
    print(f"SAVEMMS_SEED={seed}: a mutant of {fmt}")
    began = time.monotonic()
    answer = convert(path, fmt, out)
    took = time.monotonic() - began
    assert answer.status in ("ok", "corrupt", "too-big", "limit"), answer.text
    assert answer.status == "ok" or answer.why, answer.text
    assert not any(word in answer.text.lower() for word in ("not permitted", "system call", "cannot be caged")), answer.text
    assert took < (WALL + 5) * SLOW, answer.text
    check_renditions(answer, out)
    assert procs.wait_for(lambda: not children() - before, 5), [procs.read_proc(p, "cmdline") for p in children() - before]


def test_a_frame_that_is_late_by_weeks(tmp_path):
    """The frame before it is not repeated for all that time before the film is called too long."""
    path = tmp_path / "late.wmv"
    path.write_bytes(media.read(os.path.join(SEEDS, "wmv-late-frame"))[2:])
    began = time.monotonic()
    answer = convert(path, "wmv", tmp_path / "out")
    assert (answer.status, time.monotonic() - began < 8 * SLOW) == ("too-big", True), answer.text
