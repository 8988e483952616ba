"""Films that handsets play as they are keep the bytes of picture and sound and lose everything else. Similar films that
handsets do not play are encoded."""

import re
import subprocess

import pytest

from test_transcode_av import SLACK, atoms, ffmpeg, picture, probe, streams, transcode   # noqa: F401

SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:duration=3"]
H264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-pix_fmt", "yuv420p"]
BASE = [*H264, "-profile:v", "baseline", "-level", "3.0"]
MAIN = [*H264, "-profile:v", "main", "-level", "3.1"]
AAC = ["-c:a", "aac", "-ac", "1", "-b:a", "48k"]
SURPLUS = ["-map", "0:v", "-map", "1:a", "-map", "1:a", "-metadata", "title=canary", "-metadata:s:a:0", "title=canary"]

RIGHT = {
    "with sound": ("mp4", [*picture(), *SOUND, *BASE, *AAC]),
    "without sound": ("mp4", [*picture(), *BASE]),
    "QuickTime": ("mov", [*picture(), *SOUND, *BASE, *AAC]),
    "3GP": ("3gp", [*picture(), *SOUND, *BASE, *AAC]),
    "stereo": ("mp4", [*picture(), *SOUND, *BASE, *AAC, "-ac", "2"]),
    "surplus tracks and words": ("mp4", [*picture(), *SOUND, *SURPLUS, *BASE, *AAC]),
    "frames of different lengths": ("mp4", [*picture(), *SOUND, *BASE, *AAC, "-vf", "select='not(eq(mod(n,7),3))'", "-vsync", "vfr"]),
}
NOT_RIGHT = {
    "High": ("mp4", [*picture(), *SOUND, *H264, "-profile:v", "high", *AAC]),
    "Main for Baseline": ("mp4", [*picture(), *SOUND, *MAIN, "-bf", "2", *AAC]),
    "4:4:4": ("mp4", [*picture(), *H264[:-1], "yuv444p"]),
    "10 bit": ("mp4", [*picture(), *H264[:-1], "yuv420p10le"]),
    "MP3 in MP4": ("mp4", [*picture(), *SOUND, *BASE, "-c:a", "libmp3lame"]),
    "six channels": ("mp4", [*picture(), *SOUND, *BASE, "-c:a", "aac", "-ac", "6"]),
    "interlaced": ("mp4", [*picture(), *H264, "-profile:v", "main", "-flags", "+ildct+ilme", "-x264-params", "tff=1"]),
    "not square": ("mp4", [*picture(), *BASE, "-vf", "setsar=4/3"]),
    "full range": ("mp4", [*picture(), *BASE, "-vf", "scale=out_range=full", "-color_range", "pc"]),
    "BT.2020": ("mp4", [*picture(), *BASE, "-color_primaries", "bt2020", "-colorspace", "bt2020nc"]),
    "another container": ("avi", [*picture(), *BASE]),
}


def hashes(path):
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-f", "streamhash", "-"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return re.findall(r"SHA256=(\w+)", done.stdout)


def sound_of(path):
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0?", "-f", "s16le", "-"], capture_output=True, timeout=60)
    return done.stdout


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_keeps_its_bytes(transcode, tmp_path, name):      # noqa: F811
    ext, args = RIGHT[name]
    path = ffmpeg(tmp_path / f"a.{ext}", *args)
    r = transcode(path, ["S", "M"])
    assert r.status == "ok" and r.why == "sent unchanged", r.text
    for t in r.targets.values():
        assert t["fits"] and t["bytes"] <= path.stat().st_size
        assert hashes(t["path"]) == hashes(path)
        assert sound_of(t["path"]) == sound_of(path)
        kinds, source = streams(probe(t["path"])), {s["codec_type"]: s for s in probe(path)["streams"]}
        assert abs(float(kinds["video"]["duration"]) - float(source["video"]["duration"])) < SLACK
        with open(t["path"], "rb") as f:
            data = f.read()
        assert b"canary" not in data and atoms(data)[0] == "ftyp" and atoms(data).index("moov") < atoms(data).index("mdat")


@pytest.mark.parametrize("name", NOT_RIGHT)
def test_what_is_not_right_is_encoded(transcode, tmp_path, name):       # noqa: F811
    ext, args = NOT_RIGHT[name]
    path = ffmpeg(tmp_path / f"a.{ext}", *args)
    r = transcode(path, ["S"])
    assert r.status == "ok" and "sent unchanged" not in r.why, r.text
    v = streams(probe(r.targets["S"]["path"]))["video"]
    assert (v["profile"], v["pix_fmt"], v.get("field_order", "progressive")) == ("Constrained Baseline", "yuv420p", "progressive")
    assert hashes(r.targets["S"]["path"])[0] != hashes(path)[0]


def test_what_is_over_its_share_is_encoded(transcode, tmp_path):        # noqa: F811
    path = ffmpeg(tmp_path / "a.mp4", *picture(), *SOUND, *BASE, *AAC)
    size = path.stat().st_size
    r = transcode(path, [(size // 2, 1280, 24000), (size, 1280, 24000)])
    small, large = (r.targets[f"C{n}"] for n in (size // 2, size))
    assert hashes(large["path"]) == hashes(path) and hashes(small["path"])[0] != hashes(path)[0]
    assert small["bytes"] <= size // 2


def test_what_is_right_but_broken_is_not_copied(transcode, tmp_path):   # noqa: F811
    path = ffmpeg(tmp_path / "a.mp4", *picture(), *SOUND, *BASE, *AAC)
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + len(data) // 3
    for i in range(at, at + 400):
        data[i] ^= 0x5a
    path.write_bytes(data)
    r = transcode(path, ["S"])
    if r.status == "ok":
        assert "sent unchanged" not in r.why and hashes(r.targets["S"]["path"])[0] != hashes(path)[0]
    else:
        assert r.status == "corrupt", r.text
