"""Sound, Films and Nested files (savemms-media(7)): how savemms-transcode converts audio and video, and what it refuses.

The program is found in SAVEMMS_BUILD (a build folder) or below SAVEMMS_PREFIX (where it is installed).
The sources are made with ffmpeg and last three seconds unless a test says otherwise.
"""

import array
import csv
import ctypes
import json
import math
import os
import re
import shutil
import struct
import subprocess
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.environ.get("SAVEMMS_CORPUS", os.path.join(HERE, "..", "..", "..", "shared", "corpus"))
SECONDS = 3
SLACK = 0.2
CLASSES = {"S": (289792, 1280, 24000), "M": (500359, 1600, 32000),
           "L": (985088, 2048, 48000), "XL": (1183744, 2048, 48000)}
FORMAT = {"mp4": "MP4", "mov": "MOV", "3gp": "3GP", "avi": "AVI", "wmv": "ASF", "mpg": "MPEGPS", "m1v": "MPEGES",
          "ts": "MPEGTS", "mp3": "MP3", "wav": "WAV", "amr": "AMR", "awb": "AMRWB"}


def transcoder():
    if "SAVEMMS_BUILD" in os.environ:
        path = os.path.join(os.environ["SAVEMMS_BUILD"], "savemms-transcode")
    else:
        path = os.path.join(os.environ.get("SAVEMMS_PREFIX", "/usr/local"), "libexec/savemms/savemms-transcode")
    assert os.access(path, os.X_OK), f"{path} is not there: set SAVEMMS_BUILD or SAVEMMS_PREFIX"
    return path


def ffmpeg(path, *args):
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", *args, str(path)],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return path


def probe(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tone(seconds=SECONDS, freq=440):
    return ["-f", "lavfi", "-i", f"sine=frequency={freq}:duration={seconds}:sample_rate=44100"]


def picture(size="320x240", rate=25, seconds=SECONDS):
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]


class Answer:
    """The output of --try: status, reason, the source's facts, and the targets by class."""

    def __init__(self, done, out):
        self.text, self.targets = done.stdout + done.stderr, {}
        for line in done.stdout.splitlines():
            m = re.match(r"(\S+) (\S+) (\d+) (\d+)x(\d+) quality=(\d+) ms=(\d+) fits=(\d) best=\d same=(\S+)$", line)
            if m:
                ext = {"MP3": "mp3", "MP4": "mp4", "AMR": "amr"}.get(m[2], "bin")
                self.targets[m[1]] = dict(format=m[2], bytes=int(m[3]), width=int(m[4]), height=int(m[5]),
                                          ms=int(m[7]), fits=m[8] == "1", same=m[9],
                                          path=os.path.join(out, f"{m[1]}.{ext}"))
        m = re.search(r"^status (\S+) source=(\d+)x(\d+) frames=\d+ ms=(\d+)(?: why=(.*))?$", done.stdout, re.M)
        assert m, self.text
        self.status, self.size, self.ms, self.why = m[1], (int(m[2]), int(m[3])), int(m[4]), m[5] or ""


@pytest.fixture
def transcode(tmp_path):
    def run(source, classes=("M",), fmt=None, **more):
        argv = [transcoder(), "--try", str(source), "--out", str(tmp_path / "out"),
                "--format", fmt or FORMAT[str(source).rsplit(".", 1)[1]]]
        for name in classes:
            parts = CLASSES[name] if isinstance(name, str) else name
            argv += ["--class", ":".join(map(str, [name if isinstance(name, str) else f"C{parts[0]}", *parts]))]
        for key, value in more.items():
            argv += ["--" + key.replace("_", "-"), str(value)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=90)
        return Answer(done, str(tmp_path / "out"))
    return run


def atoms(data):
    """Returns the names of the top-level atoms of an MP4 file, in order."""
    names, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        names.append(data[at + 4:at + 8].decode("latin-1"))
        at += size if size >= 8 else len(data)
    return names


def streams(info):
    kinds = {}
    for s in info["streams"]:
        assert s["codec_type"] not in kinds, "two streams of a kind"
        kinds[s["codec_type"]] = s
    assert set(kinds) <= {"video", "audio"}
    return kinds


def no_metadata(info):
    left = {k for k in info["format"].get("tags", {}) if k not in ("major_brand", "minor_version", "compatible_brands")}
    neutral = {"language": ("und",), "handler_name": ("VideoHandler", "SoundHandler"), "vendor_id": ("[0][0][0][0]",),
               "encoder": ("Lavc libx264",)}
    for s in info["streams"]:
        left |= {f"{k}={v}" for k, v in s.get("tags", {}).items() if v not in neutral.get(k, ())}
        assert not s.get("side_data_list")
    assert left == set()


def check_sound(t, budget, seconds=SECONDS, channels=1):
    """Checks a sound. channels is the most that the class allows."""
    assert t["fits"] and t["format"] == "MP3"
    with open(t["path"], "rb") as f:
        data = f.read()
    assert len(data) == t["bytes"] <= budget
    assert data[0] == 0xff and b"ID3" not in data[:10] and data[-128:-125] != b"TAG"
    assert b"Xing" not in data[:400] and b"Info" not in data[:400]
    info = probe(t["path"])
    (s,) = info["streams"]
    assert s["codec_name"] == "mp3" and s["channels"] <= channels
    assert s["channels"] == 1 or int(s["bit_rate"]) > 64000
    assert abs(float(info["format"]["duration"]) - seconds) < SLACK
    assert abs(t["ms"] / 1000 - seconds) < SLACK
    no_metadata(info)
    return s


def check_film(t, budget, seconds=SECONDS, sound=True, main=False):
    """Checks a film. main is true for a class that allows the Main profile."""
    assert t["fits"] and t["format"] == "MP4"
    with open(t["path"], "rb") as f:
        data = f.read()
    assert len(data) == t["bytes"] <= budget
    names = atoms(data)
    assert names[0] == "ftyp" and data[8:12] == b"isom" and names.index("moov") < names.index("mdat")
    assert b"x264" not in data.replace(b"Lavc libx264", b"")
    info = probe(t["path"])
    no_metadata(info)
    kinds = streams(info)
    v = kinds["video"]
    assert (v["codec_name"], v["pix_fmt"]) == ("h264", "yuv420p")
    if v["profile"] == "Constrained Baseline":
        assert v["level"] <= (31 if main else 30) and v["has_b_frames"] == 0
    else:
        assert main and v["profile"] == "Main" and v["level"] <= 31
    assert (v["width"], v["height"]) == (t["width"], t["height"])
    assert v["width"] % 2 == v["height"] % 2 == 0 and max(v["width"], v["height"]) <= (1280 if main else 640)
    assert v.get("sample_aspect_ratio", "1:1") == "1:1"
    assert abs(float(info["format"]["duration"]) - seconds) < SLACK
    assert abs(float(v["duration"]) - seconds) < SLACK
    assert ("audio" in kinds) == sound
    if sound:
        a = kinds["audio"]
        assert (a["codec_name"], a["profile"], a["channels"]) == ("aac", "LC", 1)
    return kinds


def fps(stream):
    num, den = map(int, stream["avg_frame_rate"].split("/"))
    return num / den


# ---- sound -----------------------------------------------------------------

SOUNDS = {
    "mp3": ["-ac", "2", "-c:a", "libmp3lame", "-b:a", "128k", "-metadata", "title=Secret"],
    "wav": ["-ar", "48000", "-ac", "2"],
    "ima.wav": ["-c:a", "adpcm_ima_wav"],
    "amr": ["-c:a", "amr_nb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"],
    "awb": ["-c:a", "amr_wb", "-ar", "16000", "-ac", "1", "-b:a", "23.85k", "-f", "amr"],
}


@pytest.mark.parametrize("name", SOUNDS)
def test_sound(transcode, tmp_path, name):
    r = transcode(ffmpeg(tmp_path / f"a.{name}", *tone(), *SOUNDS[name]))
    assert r.status == "ok", r.text
    s = check_sound(r.targets["M"], CLASSES["M"][0])
    assert abs(r.ms / 1000 - SECONDS) < SLACK
    # The rate is never above that of the source's class: 24 kbit/s for speech codecs, 64 for the rest.
    assert int(s["bit_rate"]) == (24000 if name in ("amr", "awb") else 64000)


def test_sound_with_a_cover(transcode, tmp_path):
    plain = ffmpeg(tmp_path / "plain.mp3", *tone(), "-c:a", "libmp3lame")
    cover = ffmpeg(tmp_path / "cover.jpg", *picture("900x900", 1, 1), "-frames:v", "1")
    path = ffmpeg(tmp_path / "a.mp3", "-i", str(plain), "-i", str(cover), "-map", "0:a", "-map", "1:v", "-c", "copy",
                  "-disposition:v", "attached_pic", "-metadata", "artist=Secret")
    r = transcode(path)
    check_sound(r.targets["M"], CLASSES["M"][0])


def test_sound_takes_the_step_that_fits(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.wav", *tone(20))
    r = transcode(path, [(b, 1, 1) for b in (59000, 64000, 100000, 130000, 170000, 400000, 500000)])
    got = [(t["fits"], t["bytes"]) for t in r.targets.values()]
    assert [f for f, _ in got] == [False, True, True, True, True, True, True], r.text
    rates = [int(check_sound(t, int(c[1:]), 20)["bit_rate"]) for c, t in r.targets.items() if t["fits"]]
    assert rates == [24000, 32000, 48000, 64000, 64000, 64000]
    assert r.targets["C500000"]["same"] == r.targets["C170000"]["same"] == "C170000"


# ---- video -----------------------------------------------------------------

FILMS = {
    "h264.mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "hevc.mp4": ["-c:v", "libx265", "-x265-params", "log-level=error:pools=1", "-tag:v", "hvc1", "-c:a", "aac"],
    "mpeg1.mpg": ["-c:v", "mpeg1video", "-c:a", "mp2"],
    "mpeg2.mpg": ["-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob"],
    "mpeg1.m1v": ["-c:v", "mpeg1video", "-an", "-f", "mpeg1video"],
    "h264.ts": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "mpegts"],
    "mpeg4.avi": ["-c:v", "mpeg4", "-c:a", "libmp3lame"],
    "mjpeg.avi": ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_u8", "-ar", "11025"],
    "wmv2.wmv": ["-c:v", "wmv2", "-c:a", "wmav2"],
    "h264.mov": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16be"],
    "hevc10.mov": ["-c:v", "libx265", "-x265-params", "log-level=error:pools=1", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1",
                   "-c:a", "aac"],
    "wmv1.wmv": ["-c:v", "wmv1", "-c:a", "wmav1"],
    "msmpeg4.avi": ["-c:v", "msmpeg4", "-c:a", "adpcm_ms"],
    "amrwb.3gp": ["-c:v", "mpeg4", "-c:a", "amr_wb", "-ar", "16000", "-ac", "1", "-b:a", "23.85k"],
    "h263.3gp": ["-s", "176x144", "-c:v", "h263", "-c:a", "amr_nb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"],
}


def encoder(name):
    done = subprocess.run(["ffmpeg", "-v", "error", "-encoders"], capture_output=True, text=True, timeout=30)
    return name in done.stdout


@pytest.mark.parametrize("name", FILMS)
def test_film(transcode, tmp_path, name):
    if name.startswith("hevc") and not encoder("libx265"):
        pytest.skip("this ffmpeg has no HEVC encoder")
    r = transcode(ffmpeg(tmp_path / name, *picture(), *tone(), *FILMS[name]))
    assert r.status == "ok", r.text
    kinds = check_film(r.targets["M"], CLASSES["M"][0], sound="-an" not in FILMS[name])
    # H.263 has one small size. ffmpeg gives it the pixel shape that keeps 4:3.
    assert r.size == ((192, 144) if name.startswith("h263") else (320, 240))
    assert (r.targets["M"]["width"], r.targets["M"]["height"]) == r.size
    assert abs(fps(kinds["video"]) - 25) < 0.1


def test_all_classes_of_a_large_film(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp4", "-f", "lavfi", "-i", "testsrc2=size=854x480:rate=60:duration=4,noise=alls=30:allf=t",
                  *tone(4), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    r = transcode(path, list(CLASSES))
    assert r.status == "ok", r.text
    most = max(audio for _, _, audio in CLASSES.values())      # what was made for one class may fill another
    for name, (budget, _, _) in CLASSES.items():
        t = r.targets[name]
        kinds = check_film(t, budget, 4)
        assert t["width"] * 9 == pytest.approx(t["height"] * 16, rel=0.02)
        assert fps(kinds["video"]) <= 30.01
        assert int(kinds["audio"]["bit_rate"]) < most * 1.25
    # Where the picture lost quality, the budget is used.
    assert r.targets["S"]["bytes"] > 0.85 * CLASSES["S"][0]


@pytest.mark.parametrize("size,want", [("321x241", (320, 240)), ("99x33", (98, 32)), ("241x640", (240, 640))])
def test_odd_sizes(transcode, tmp_path, size, want):
    path = ffmpeg(tmp_path / "a.avi", *picture(size), *tone(), "-c:v", "mjpeg", "-pix_fmt", "yuvj444p", "-c:a", "pcm_s16le")
    r = transcode(path)
    check_film(r.targets["M"], CLASSES["M"][0])
    assert (r.targets["M"]["width"], r.targets["M"]["height"]) == want


def colour(path, x, y, width, height):
    """Returns the colour at a place of the first frame."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-frames:v", "1", "-f", "rawvideo",
                           "-pix_fmt", "rgb24", "-"], capture_output=True, timeout=30)
    at = 3 * (y * width + x)
    assert len(done.stdout) == 3 * width * height
    return tuple(done.stdout[at:at + 3])


@pytest.mark.parametrize("turn,size,red_at", [(90, (160, 320), "bottom"), (270, (160, 320), "top"), (180, (320, 160), "right")])
def test_rotation(transcode, tmp_path, turn, size, red_at):
    """The source is red on the left. ffmpeg writes a turn anticlockwise."""
    flat = ffmpeg(tmp_path / "flat.mp4", "-f", "lavfi", "-i", "color=red:size=160x160:rate=10:duration=3", "-f", "lavfi",
                  "-i", "color=blue:size=160x160:rate=10:duration=3", "-filter_complex", "[0][1]hstack", "-c:v", "libx264",
                  "-pix_fmt", "yuv420p")
    path = ffmpeg(tmp_path / "a.mp4", "-i", str(flat), "-c", "copy", "-metadata:s:v", f"rotate={turn}")
    r = transcode(path)
    check_film(r.targets["M"], CLASSES["M"][0], sound=False)
    w, h = r.targets["M"]["width"], r.targets["M"]["height"]
    assert (w, h) == r.size == size
    place = {"top": (w // 2, h // 8), "bottom": (w // 2, h - h // 8), "right": (w - w // 8, h // 2)}[red_at]
    red, _, blue = colour(r.targets["M"]["path"], *place, w, h)
    assert red > 150 > 100 > blue


def test_wide_pixels(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mpg", *picture("352x288"), "-vf", "setsar=2/1", "-c:v", "mpeg2video", "-f", "vob")
    r = transcode(path)
    t = r.targets["M"]
    check_film(t, CLASSES["M"][0], sound=False)
    assert t["width"] / t["height"] == pytest.approx(704 / 288, rel=0.15)   # MPEG-2 knows only 4:3, 16:9, 2.21:1


def test_uneven_frame_rate(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp4", *picture(rate=30), *tone(), "-vf", "select='lt(n,30)+not(mod(n,5))'", "-vsync", "vfr",
                  "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac")
    source = fps(probe(path)["streams"][0])
    kinds = check_film(transcode(path).targets["M"], CLASSES["M"][0])
    assert fps(kinds["video"]) <= source + 0.1


def test_slow_film_is_not_made_faster(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.avi", *picture(rate=8), "-c:v", "mpeg4")
    kinds = check_film(transcode(path).targets["M"], CLASSES["M"][0], sound=False)
    assert fps(kinds["video"]) == 8


def test_sound_that_starts_late_stays_late(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp4", *picture(), "-itsoffset", "1", *tone(2), "-c:v", "libx264", "-pix_fmt", "yuv420p",
                  "-c:a", "aac")
    r = transcode(path)
    check_film(r.targets["M"], CLASSES["M"][0])
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", r.targets["M"]["path"], "-map", "0:a", "-ar", "8000",
                           "-f", "s16le", "-"], capture_output=True, timeout=30)
    pcm = array.array("h", done.stdout)
    loud = [max(map(abs, pcm[i:i + 800])) > 500 for i in range(0, len(pcm) - 800, 800)]
    assert not any(loud[:9]) and all(loud[11:28])


def test_only_picture_and_sound_come_through(transcode, tmp_path):
    srt = tmp_path / "a.srt"
    srt.write_text("1\n00:00:00,000 --> 00:00:02,000\nSecretWords\n")
    plain = ffmpeg(tmp_path / "plain.mp4", *picture(), *tone(), *tone(freq=880), "-i", str(srt), "-map", "0", "-map", "1",
                   "-map", "2", "-map", "3", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-c:s", "mov_text",
                   "-metadata", "title=SecretTitle", "-metadata", "location=+48.8577+002.295/", "-metadata:s:v",
                   "handler_name=SecretHandler", "-movflags", "+use_metadata_tags")
    cover = ffmpeg(tmp_path / "cover.jpg", *picture("640x640", 1, 1), "-frames:v", "1")
    path = ffmpeg(tmp_path / "a.mp4", "-i", str(cover), "-i", str(plain), "-map", "0", "-map", "1", "-c", "copy",
                  "-disposition:v:0", "attached_pic")
    r = transcode(path)
    check_film(r.targets["M"], CLASSES["M"][0])
    assert r.size == (320, 240)
    with open(r.targets["M"]["path"], "rb") as f:
        data = f.read()
    assert b"Secret" not in data and b"48.8577" not in data


def renamed(path, *names):
    """Returns the file with the last occurrence of each name replaced."""
    data = path.read_bytes()
    for old, new in names:
        at = data.rindex(old)
        data = data[:at] + new + data[at + len(old):]
    path.write_bytes(data)
    return path


TRACKS = {          # more inputs, their output options, and the changes to the file
    "timecode": ([], ["-timecode", "01:00:00:00"], []),
    "camera data": (tone(freq=880), ["-c:a:1", "pcm_s16le"], [(b"soun", b"meta"), (b"sowt", b"gpmd")]),
    "phone data": (tone(freq=880), ["-c:a:1", "pcm_s16le"], [(b"soun", b"meta"), (b"sowt", b"mebx")]),
    "sound of an unknown codec": (tone(freq=880), ["-c:a:1", "pcm_s16le"], [(b"sowt", b"apac")]),
    "picture of an unknown codec": (picture("64x64"), ["-c:v:1", "mpeg4"], [(b"mp4v", b"xxyy")]),
    "picture of a codec that is not taken": (picture("640x360"), ["-c:v:1", "dnxhd", "-b:v:1", "36M", "-s:v:1", "1920x1080",
                                                                  "-pix_fmt:v:1", "yuv422p"], []),
}


@pytest.mark.parametrize("name", TRACKS)
def test_tracks_that_nobody_wants(transcode, tmp_path, name):
    """Such tracks beside a good picture and sound are ignored, wherever they are in the file."""
    inputs, how, names = TRACKS[name]
    path = ffmpeg(tmp_path / "a.mov", *picture(), *tone(), *inputs, "-map", "0", "-map", "1", *(["-map", "2"] if inputs else []),
                  "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", *how)
    r = transcode(renamed(path, *names))
    assert r.status == "ok" and r.size == (320, 240), r.text
    check_film(r.targets["M"], CLASSES["M"][0])


def test_sound_of_an_unknown_codec_alone(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mov", *picture(), *tone(), "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le")
    r = transcode(renamed(path, (b"sowt", b"apac")))
    check_film(r.targets["M"], CLASSES["M"][0], sound=False)
    assert "sound left out" in r.why


def test_picture_of_a_codec_that_is_not_taken(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mov", *picture("1920x1080", seconds=1), "-c:v", "dnxhd", "-b:v", "36M", "-pix_fmt", "yuv422p")
    refused(transcode(path), "corrupt")


def test_small_budgets(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp4", *picture("640x360", seconds=20), *tone(20), "-c:v", "libx264", "-preset", "ultrafast",
                  "-pix_fmt", "yuv420p", "-c:a", "aac")
    r = transcode(path, [(20000, 1280, 24000), (100000, 1280, 24000), (250000, 1280, 24000)])
    assert r.status == "ok", r.text
    low, mid, high = r.targets.values()
    assert not low["fits"]
    check_film(mid, 100000, 20)
    check_film(high, 250000, 20)
    assert mid["width"] < high["width"] and mid["width"] >= 176


def likeness(path, source):
    """Returns the SSIM of the brightness of two films of the same size and rate."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-i", str(path), "-i", str(source), "-lavfi",
                           "[0:v]format=gray[a];[1:v]format=gray[b];[a][b]ssim", "-f", "null", "-"],
                          capture_output=True, text=True, timeout=60)
    return float(re.search(r"SSIM .*All:([\d.]+)", done.stderr)[1])


@pytest.mark.parametrize("noise", (0, 6, 20))
def test_bytes_are_left_only_where_nobody_sees_it(transcode, tmp_path, noise):
    """A film full of noise needs more than others to look like its source."""
    path = ffmpeg(tmp_path / "a.mp4", *picture(rate=15), "-vf", f"noise=alls={noise}:allf=t:all_seed=1,format=yuv420p",
                  "-c:v", "libx264", "-profile:v", "high", "-qp", "4", "-colorspace", "bt709", "-color_primaries", "bt709",
                  "-color_trc", "bt709", "-color_range", "tv")
    r = transcode(path, ("S", "L", "XL"))
    assert r.status == "ok", r.text
    for name, t in r.targets.items():
        budget = CLASSES[name][0]
        check_film(t, budget, sound=False, main=True)
        assert t["bytes"] >= 0.9 * budget or (t["width"] == 320 and likeness(t["path"], path) >= 0.985), r.text
    sizes = [t["bytes"] / CLASSES[name][0] for name, t in r.targets.items()]
    assert (sizes[-1] < 0.5) == (noise == 0), r.text


# ---- refused ---------------------------------------------------------------

def refused(r, status):
    assert r.status == status and r.why != "", r.text
    assert r.targets == {}


def test_too_many_pixels(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp4", *picture("640x480", 5, 1), "-c:v", "libx264", "-pix_fmt", "yuv420p")
    refused(transcode(path, max_pixels=300000), "too-big")


def test_too_long(transcode, tmp_path):
    refused(transcode(ffmpeg(tmp_path / "a.wav", *tone(602), "-ar", "8000")), "too-big")
    refused(transcode(ffmpeg(tmp_path / "a.mp4", *picture("16x16", 1, 602), "-c:v", "mpeg4")), "too-big")


def loudness(path):
    """Returns the loudness of the sound in dB, in each half second of it."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-vn", "-ac", "1", "-ar", "8000", "-f", "s16le", "-"],
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    heard = array.array("h", done.stdout)
    parts = [heard[i:i + 4000] for i in range(0, len(heard) - 3999, 4000)]
    return [10 * math.log10(sum(v * v for v in part) / len(part) / 32768 ** 2 + 1e-10) for part in parts]


S = "0.5*sin(2*PI*440*t)"
OPPOSITE = {"stereo": (f"{S}|-{S}", "stereo"), "turns over": (f"{S}|if(lt(t,1.2),1,-1)*{S}", "stereo"), "nearly": (f"{S}|-0.8*{S}", "stereo"),
            "behind": (f"{S}|{S}|0|0|-1.4142*{S}|-1.4142*{S}", "5.1"), "below": ("0|0|0|0.5*sin(2*PI*60*t)|0|0", "5.1"),
            "below noise": ("0.0002*random(0)|0|0|0.5*sin(2*PI*60*t)|0|0", "5.1"),
            "centre": (f"{S}|{S}|-1.4142*{S}", "3.0")}


@pytest.mark.parametrize("name", OPPOSITE)
def test_channels_in_opposite_phase_are_heard(transcode, tmp_path, name):
    """In one channel, of which handsets have one; and in a film."""
    channels, layout = OPPOSITE[name]
    sound = ["-f", "lavfi", "-i", "aevalsrc=" + channels.replace(",", "\\,") + f":s=44100:d={SECONDS}:c={layout}"]
    wav = transcode(ffmpeg(tmp_path / "a.wav", *sound))
    film = transcode(ffmpeg(tmp_path / "a.mov", *picture("160x120", 10), *sound, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p",
                            "-c:a", "pcm_s16le"))
    for r in (wav, film):
        assert r.status == "ok", r.text
        assert min(loudness(r.targets["M"]["path"])) > -15, r.text


@pytest.mark.parametrize("right", ["-", ""])
def test_channels_in_opposite_phase_are_not_copied(transcode, tmp_path, right):
    """Nothing would come out of one loudspeaker. Other stereo is copied, and stays where the class has the bits."""
    sound = ["-f", "lavfi", "-i", f"aevalsrc={S}|{right}{S}:s=44100:d={SECONDS}:c=stereo"]
    mp3 = transcode(ffmpeg(tmp_path / "a.mp3", *sound, "-b:a", "32k", "-joint_stereo", "0", "-write_xing", "0"))
    wav = transcode(ffmpeg(tmp_path / "a.wav", *sound), [(300000, 1280, "48000:128000")])
    film = transcode(ffmpeg(tmp_path / "a.mp4", *picture("160x120", 10), *sound, "-c:v", "libx264", "-profile:v", "baseline",
                            "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-c:a", "aac"))
    for r in (mp3, wav, film):
        assert r.status == "ok", r.text
        assert min(loudness(next(iter(r.targets.values()))["path"])) > -15, r.text
    assert ("sent unchanged" in film.text) == (right == "")
    (stereo,) = probe(next(iter(wav.targets.values()))["path"])["streams"]
    assert stereo["channels"] == (1 if right else 2)


QUIET = {"24 bits": ("0.0001", "pcm_s24le"), "rounded to nothing": ("0.000012", "pcm_s24le"), "floats": ("0.000012", "pcm_f32le")}


@pytest.mark.parametrize("name", QUIET)
def test_sound_that_16_bits_would_lose_is_heard(transcode, tmp_path, name):
    peak, codec = QUIET[name]
    sound = ["-f", "lavfi", "-i", f"aevalsrc={peak}*sin(2*PI*440*t):s=44100:d={SECONDS}"]
    wav = transcode(ffmpeg(tmp_path / "a.wav", *sound, "-c:a", codec), [(30000, 1280, "24000:4750"), CLASSES["L"]])
    film = transcode(ffmpeg(tmp_path / "a.mov", *picture("160x120", 10), *sound, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", codec))
    for r in (wav, film):
        assert r.status == "ok", r.text
        for t in r.targets.values():
            assert -80 < min(loudness(t["path"])[1:5]) < -50, r.text


@pytest.mark.parametrize("source", ["0", "0.3", "0.000001*random(0)", "0.0000005*sin(2*PI*440*t)"])
def test_silence_stays_silence(transcode, tmp_path, source):
    path = ffmpeg(tmp_path / "a.wav", "-f", "lavfi", "-i", f"aevalsrc={source}:s=44100:d={SECONDS}", "-c:a", "pcm_f32le")
    r = transcode(path, [(30000, 1280, "24000:4750"), CLASSES["L"]])
    assert r.status == "ok", r.text
    for t in r.targets.values() if source != "0.3" else ():
        assert max(loudness(t["path"])) < -85, r.text


@pytest.mark.parametrize("scale", [1.2, 4, 32768, 2147483648])
def test_floats_beyond_full_scale_are_not_clipped(transcode, tmp_path, scale):
    """Some writers take the scale of integers. Others go a little too far, which is nothing to make less of."""
    path = ffmpeg(tmp_path / "a.wav", "-f", "lavfi", "-i", f"aevalsrc={scale}*0.9*sin(2*PI*440*t)*(0.6+0.4*cos(2*PI*t/3)):s=44100:d={SECONDS}",
                  "-c:a", "pcm_f32le")
    r = transcode(path)
    assert r.status == "ok", r.text
    heard = loudness(r.targets["M"]["path"])
    assert max(heard) < -1.5 and max(heard) - min(heard) > 8, heard


@pytest.mark.parametrize("tone,rate", [(7500, 24000), (11800, 48000), (2, 4750), (20, 4750), (15000, 64000)])
def test_a_tone_that_an_encoder_leaves_out_is_heard(transcode, tmp_path, tone, rate):
    """LAME leaves out the highest tones of a low rate; if there is nothing else, that is silence. What no handset plays
    (the lowest, in AMR) may be missing, but is no fault."""
    sound = ["-f", "lavfi", "-i", f"aevalsrc=0.5*sin(2*PI*{tone}*t):s=44100:d={SECONDS}"]
    wav = transcode(ffmpeg(tmp_path / "a.wav", *sound), [(100000, 1280, f"24000:{rate}")])
    film = transcode(ffmpeg(tmp_path / "a.mov", *picture("160x120", 10), *sound, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
                     [(100000, 1280, rate)])
    for r in (wav, film):
        assert r.status == "ok", r.text
        if tone > 20:
            (t,) = r.targets.values()
            raw = subprocess.run(["ffmpeg", "-v", "error", "-i", t["path"], "-vn", "-f", "s16le", "-ac", "1", "-"], capture_output=True,
                                 timeout=30).stdout
            heard = array.array("h", raw)[8000:-8000]
            assert 10 * math.log10(sum(v * v for v in heard) / len(heard) / 32768 ** 2 + 1e-10) > -20, r.text


def brightness(path):
    """Returns the least and greatest mean brightness (16 to 235) of the parts of the first frame's halves."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-frames:v", "1", "-vf", "scale=8:8:flags=area,format=gray", "-f",
                           "rawvideo", "-"], capture_output=True, timeout=30)
    return min(done.stdout), max(done.stdout)


# Codec, pixel format and the format in which the frames are drawn.
TRANSPARENT = {"animation": ("qtrle", "argb", "rgba"), "png": ("png", "rgba", "rgba"), "prores": ("prores_ks", "yuva444p10le", "rgba")}


@pytest.mark.parametrize("name", TRANSPARENT)
@pytest.mark.parametrize("grey", [255, 0])
def test_what_films_draw_on_nothing_is_seen(transcode, tmp_path, name, grey):
    """A film in one colour, whose picture is in what is transparent. Players show it on black, and so nothing of it if it is
    black; then it is on white."""
    codec, pixels, drawn = TRANSPARENT[name]
    path = ffmpeg(tmp_path / "a.mov", "-f", "lavfi", "-i", f"color=black:s=160x120:r=10:d=1,format={drawn},"
                  f"geq=r={grey}:g={grey}:b={grey}:a='if(lt(X,80),255,0)'", "-c:v", codec, "-pix_fmt", pixels)
    r = transcode(path)
    assert r.status == "ok", r.text
    least, most = brightness(r.targets["M"]["path"])
    assert least < 20 and most > 230, r.text


@pytest.mark.parametrize("alpha", [0, 128])
def test_transparency_that_hides_nothing_changes_nothing(transcode, tmp_path, alpha):
    """Some writers leave it at any value."""
    path = ffmpeg(tmp_path / "a.mov", *picture("160x120", 10, 1), "-vf", f"format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a={alpha}",
                  "-c:v", "qtrle", "-pix_fmt", "argb")
    plain = ffmpeg(tmp_path / "b.mov", *picture("160x120", 10, 1), "-vf", "format=rgb24", "-c:v", "qtrle", "-pix_fmt", "rgb24")
    sizes = [transcode(p).targets["M"]["bytes"] for p in (path, plain)]
    assert abs(sizes[0] - sizes[1]) < 0.02 * sizes[1]


@pytest.mark.parametrize("colour", ["black", "white", "gray", "red"])
def test_a_film_of_one_colour_stays_so(transcode, tmp_path, colour):
    path = ffmpeg(tmp_path / "a.mov", "-f", "lavfi", "-i", f"color={colour}:s=160x120:r=10:d=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    r = transcode(path)
    assert r.status == "ok", r.text
    least, most = brightness(r.targets["M"]["path"])
    assert most - least < 3


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.wmv", "a.wav", "late-moov.mp4"])
def test_cut_in_half(transcode, tmp_path, name):
    args = {"a.mp4": FILMS["h264.mp4"] + ["-movflags", "+faststart"], "late-moov.mp4": FILMS["h264.mp4"],
            "a.avi": FILMS["mpeg4.avi"], "a.wmv": FILMS["wmv2.wmv"], "a.wav": ["-vn"]}[name]
    path = ffmpeg(tmp_path / name, *picture(), *tone(), *args)
    os.truncate(path, os.path.getsize(path) // 2)
    refused(transcode(path), "corrupt")


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.wmv", "a.mpg", "a.ts", "a.wav", "a.amr", "facts.mov"])
def test_cut_in_the_last_packet(transcode, tmp_path, name):
    """It is as long as the whole."""
    args = {"a.mp4": FILMS["h264.mp4"] + ["-movflags", "+faststart"], "a.avi": FILMS["mpeg4.avi"], "a.wmv": FILMS["wmv2.wmv"],
            "a.mpg": FILMS["mpeg1.mpg"], "a.ts": FILMS["h264.ts"], "facts.mov": FILMS["h264.mov"], "a.wav": ["-vn"], "a.amr": ["-vn"] + SOUNDS["amr"]}[name]
    path = ffmpeg(tmp_path / name, *picture("160x120"), *tone(), *args)
    os.truncate(path, os.path.getsize(path) - 3)
    r = transcode(path)
    assert r.status == "ok" and abs(r.targets["M"]["ms"] / 1000 - SECONDS) < SLACK, r.text


@pytest.mark.parametrize("name", ["a.amr", "a.awb", "a.mp3", "a.wav", "a.ts", "a.mpg"])
def test_zeros_behind_the_last_packet(transcode, tmp_path, name):
    """They are no frames: nothing of them is heard."""
    args = FILMS["h264.ts"] if name == "a.ts" else FILMS["mpeg1.mpg"] if name == "a.mpg" else ["-vn"] + SOUNDS[name[2:]]
    path = ffmpeg(tmp_path / name, *picture("160x120"), *tone(), *args)
    path.write_bytes(path.read_bytes()[:-3] + bytes(4096))
    r = transcode(path)
    assert r.status == "ok" and abs(r.targets["M"]["ms"] / 1000 - SECONDS) < SLACK, r.text


RIFFS = {"no sizes": (0, 0), "a head that was never completed": (36, 0), "endless": (0xffffffff, 0xffffffff), "a little more": (None, None)}


@pytest.mark.parametrize("name", RIFFS)
def test_wav_with_wrong_sizes(transcode, tmp_path, name):
    """As recorders leave them that stopped short or wrote to a pipe."""
    path = ffmpeg(tmp_path / "a.wav", *tone())
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    for where, size in zip((4, at), RIFFS[name]):
        struct.pack_into("<I", data, where, struct.unpack_from("<I", data, where)[0] + 1000 if size is None else size)
    path.write_bytes(data)
    r = transcode(path)
    assert r.status == "ok" and abs(r.targets["M"]["ms"] / 1000 - SECONDS) < SLACK, r.text


@pytest.mark.parametrize("part", [0, 0.01, 0.5, 1])
def test_avi_with_part_of_its_index(transcode, tmp_path, part):
    path = ffmpeg(tmp_path / "a.avi", *picture("160x120"), *tone(), *FILMS["mpeg4.avi"])
    at = path.read_bytes().rindex(b"idx1")
    os.truncate(path, at + int((os.path.getsize(path) - at) * part))
    r = transcode(path)
    assert r.status == "ok" and abs(r.targets["M"]["ms"] / 1000 - SECONDS) < SLACK, r.text


def test_copy_of_a_sound_cut_in_its_last_frame(transcode, tmp_path):
    """The copy has all frames, and the last one is as long as its header says."""
    path = ffmpeg(tmp_path / "a.mp3", *tone(), "-b:a", "32k", "-id3v2_version", "0", "-write_xing", "0")
    whole = path.read_bytes()
    for cut in (0, 1, 40):
        path.write_bytes(whole[:len(whole) - cut])
        r = transcode(path, classes=["L"])
        assert r.status == "ok", r.text
        with open(r.targets["L"]["path"], "rb") as f:
            assert f.read() == whole[:len(whole) - cut] + bytes(cut)


@pytest.mark.parametrize("fmt", sorted(set(FORMAT.values())))
def test_text_and_nothing(transcode, tmp_path, fmt):
    path = tmp_path / "a.mp4"
    path.write_text("This is no film, whatever its name says.\n" * 40)
    refused(transcode(path, fmt=fmt), "corrupt")
    path.write_bytes(b"")
    refused(transcode(path, fmt=fmt), "corrupt")


@pytest.fixture
def watched(tmp_path):
    """Runs the program under strace. Returns its answer and the files and sockets that it tried to open, with or
    without success."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")

    def run(source, fmt):
        log = tmp_path / "strace.log"
        done = subprocess.run(["strace", "-f", "-s", "300", "-o", str(log), "-e", "trace=open,openat,socket,connect", transcoder(),
                               "--try", str(source), "--out", str(tmp_path / "out"), "--format", fmt, "--class", "M:500000:1600:32000"],
                              capture_output=True, text=True, timeout=90,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        text = log.read_text()
        assert source.name in text                  # shows that the log is a real one
        return Answer(done, str(tmp_path / "out")), text
    return run


NESTED = ["#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{other}\n#EXTINF:3,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
          "ffconcat version 1.0\nfile {other}\n", "ffconcat version 1.0\nfile canary.ts\n",
          "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"]


@pytest.mark.parametrize("number,fmt", enumerate(sorted(set(FORMAT.values())), 1))
def test_playlists_open_nothing(watched, tmp_path, number, fmt):
    """The program does not even try to open the file that the playlist names, or the network, whatever format the
    playlist poses as."""
    other = ffmpeg(tmp_path / "canary.ts", *picture("64x64", 5, 1), "-c:v", "mpeg2video", "-r", "25", "-f", "mpegts")
    path = tmp_path / "a.mp4"
    path.write_text(NESTED[number % len(NESTED)].format(other=other))
    r, opened = watched(path, fmt)
    refused(r, "corrupt")
    assert "canary" not in opened and "AF_INET" not in opened


@pytest.mark.parametrize("text", NESTED)
def test_playlists_become_nothing(transcode, tmp_path, text):
    other = ffmpeg(tmp_path / "canary.ts", *picture("64x64", 5, 1), "-c:v", "mpeg2video", "-r", "25", "-f", "mpegts")
    path = tmp_path / "a.mp4"
    path.write_text(text.format(other=other))
    refused(transcode(path), "corrupt")


def by_second(path):
    """Changes the sound of a 3GP file so that 50 frames of AMR, one second, are one sample, as phones write it."""
    data = bytearray(path.read_bytes())

    def words(box, n):
        return struct.unpack_from(f">{n}I", data, data.rindex(box) + 8)

    def put(box, *values):
        struct.pack_into(f">{len(values)}I", data, data.rindex(box) + 8, *values)
    # ffmpeg puts one frame into the first chunk, 50 into each chunk that follows, and the rest into the last.
    assert words(b"stsz", 1) == (32,) and words(b"stsc", 7)[4:6] == (2, 50)
    chunks = words(b"stco", 7)[2:]
    put(b"stsz", 50 * 32, len(chunks))
    put(b"stts", 1, len(chunks), 50 * 160)
    put(b"stsc", 1, 1, 1, 1)
    put(b"stco", len(chunks), *chunks)
    path.write_bytes(data)
    return path


def fifths(path):
    """Returns the loudness of each fifth of a second as a fraction of full scale."""
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "8000", "-f", "s16le", "-"],
                         capture_output=True, timeout=60).stdout
    every = struct.unpack(f"<{len(raw) // 2}h", raw[:len(raw) // 2 * 2])
    return [(sum(v * v for v in every[i:i + 1600]) / 1600) ** 0.5 / 32768 for i in range(0, len(every) - 1600, 1600)]


def test_a_second_of_amr_in_a_packet(transcode, tmp_path):
    path = by_second(ffmpeg(tmp_path / "a.3gp", *picture("176x144", 1, 6), "-f", "lavfi", "-i", "sine=frequency=440:duration=6",
                            "-c:v", "mpeg4", "-c:a", "amr_nb", "-b:a", "12.2k",
                            "-ar", "8000", "-ac", "1"))
    r = transcode(path)
    check_film(r.targets["M"], CLASSES["M"][0], 6)
    heard = fifths(r.targets["M"]["path"])
    assert len(heard) >= 24 and min(heard[1:]) > 0.03, heard


def refer(path, other):
    """Makes the track of a QuickTime file refer to data in another file, by an alias with an absolute path."""
    data, name = path.read_bytes(), b"Vol" + str(other).encode().replace(b"/", b":")
    name += b"\0" * (len(name) % 2)
    alias = (bytes(14) + b"\3" + b"Vol".ljust(27, b"\0") + bytes(12) + b"\6" + b"canary".ljust(63, b"\0") + bytes(16) +
             struct.pack(">HH", 1, 1) + bytes(16) + struct.pack(">HH", 2, len(name)) + name + struct.pack(">HH", 0xffff, 0))
    at, entry = data.index(b"dref") - 4, struct.pack(">I4s", len(alias) + 8, b"alis") + alias
    new = bytearray(data[:at + 16] + entry + data[at + 28:])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        i = data.rindex(box, 0, at + 8) - 4
        struct.pack_into(">I", new, i, struct.unpack_from(">I", data, i)[0] + len(entry) - 12)
    path.write_bytes(new)


def test_tracks_in_other_files_are_not_read(watched, tmp_path):
    path = ffmpeg(tmp_path / "a.mov", *picture("64x64"), "-c:v", "libx264", "-pix_fmt", "yuv420p")
    other = tmp_path / "canary.bin"
    shutil.copy(path, other)
    refer(path, other)
    # ffmpeg would follow the alias if its options allowed it.
    ffmpeg("-", "-enable_drefs", "1", "-use_absolute_path", "1", "-f", "mov", "-i", str(path), "-f", "null")
    r, opened = watched(path, "MOV")
    refused(r, "corrupt")
    assert "canary" not in opened


def test_film_without_picture_and_sound_in_the_wrong_place(transcode, tmp_path):
    refused(transcode(ffmpeg(tmp_path / "a.mp4", *tone(), "-c:a", "aac")), "corrupt")


def children():
    """Returns our children that have not ended."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                state, parent = f.read().rpartition(") ")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.add(int(pid))
    return found


def test_deadline_leaves_nothing_behind(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp4", *picture("1280x720", 30, 10), "-c:v", "libx264", "-preset", "ultrafast",
                  "-pix_fmt", "yuv420p")
    before = children()                         # the servers of other tests
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)     # our orphans become our children
    try:
        refused(transcode(path, wall=900), "limit")
        end = time.monotonic() + 3
        while time.monotonic() < end and children() - before:
            time.sleep(0.05)
        assert not children() - before
    finally:
        ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)


# ---- real files ------------------------------------------------------------

def corpus():
    path = os.path.join(CORPUS, "MANIFEST.tsv")
    if not os.path.exists(path):
        return []
    with open(path, newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    return [(r["path"], r["expected"]) for r in rows if r["true_mime"].split("/")[0] in ("audio", "video")]


@pytest.mark.parametrize("path,expected", corpus())
def test_real_files(transcode, path, expected):
    full = os.path.join(CORPUS, path)
    fmt = {"amr/wb-4s.amr": "AMRWB", "mpg/mpeg1-es-14s.mpg": "MPEGES"}.get(path)
    classes = list(CLASSES)
    r = transcode(full, classes, fmt)
    if expected.startswith("encode-fail"):
        refused(r, "corrupt")
        return
    assert r.status == "ok", r.text
    whole = probe(full)["format"].get("duration")
    seconds = r.ms / 1000
    assert whole is None or abs(float(whole) - seconds) < SLACK
    for name in classes:
        budget = CLASSES[name][0]
        if path.split("/")[0] in ("mp3", "wav", "amr"):
            check_sound(r.targets[name], budget, seconds)
        else:
            check_film(r.targets[name], budget, seconds, "audio" in {s["codec_type"] for s in probe(full)["streams"]})
