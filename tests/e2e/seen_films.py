"""Compares the look and sound of a film with the film that it was made from (made_films): colours, lines and times."""

import dataclasses
import json
import re
import subprocess

import numpy as np

from made_films import BAR, CLICK, CLICK_HZ, CLICK_SECONDS, DARK, DISPLAY, FLASH, FLASH_SECONDS, LIGHT, MATRICES, SECONDS, patches, place

COLOUR = 5          # of 255: 8 bits, encoded twice
ROLLED_OFF = 0.85   # of R'G'B': brighter light is rolled off
TIME = 0.04         # seconds
HZ = 48000
COMBED = 1.0        # least result of comb() when the lines come from two times; other films stay under a fifth of that
BOX = 640           # longest side of the Baseline profile's picture


@dataclasses.dataclass
class Seen:
    video: dict             # ffprobe's fields
    audio: dict             # ffprobe's fields; None: silent
    seconds: float          # of the file
    times: list             # of the frames
    planes: list            # Y, Cb, Cr of all frames, turned back to the coded orientation
    lines: dict             # how many frames of each kind idet finds
    sound: np.ndarray       # mono, HZ, from the time 0 on


def back(planes, turn):
    """Undoes the matrix: takes planes [frame, y', x'] and returns the planes [frame, y, x] from which they were
    made."""
    a, b, c, d = MATRICES[turn]
    if a == 0:              # x' = cy, y' = bx
        planes = planes.swapaxes(1, 2)
        down, across = c, b
    else:                   # x' = ax, y' = dy
        down, across = d, a
    return planes[:, ::down, ::across]


def look(path, turn, folder):
    info = json.loads(run("ffprobe", "-of", "json", "-show_format", "-show_streams", path))
    kinds = {s["codec_type"]: s for s in info["streams"]}
    lines = "idet,metadata=print:file=-"
    if MATRICES[turn][0] == 0:              # lines of two times would appear as columns
        lines = f"transpose=dir=cclock_flip,{lines},transpose=dir=cclock_flip"
    said = run("ffmpeg", "-nostdin", "-threads", "1", "-i", path, "-map", "0:v", "-vf", lines, "-vsync", "passthrough", "-pix_fmt",
               "yuv420p", "-f", "rawvideo", "-y", folder / "seen.yuv", *sound_out(kinds, folder)).decode()
    width, height = kinds["video"]["width"], kinds["video"]["height"]
    raw = np.fromfile(folder / "seen.yuv", "u1").reshape(-1, width * height * 3 // 2).astype(float)
    y, cb, cr = np.split(raw, [width * height, width * height * 5 // 4], axis=1)
    planes = [back(y.reshape(-1, height, width), turn)] + [back(p.reshape(-1, height // 2, width // 2), turn) for p in (cb, cr)]
    lines = {k: float(v) for k, v in re.findall(r"lavfi\.idet\.multiple\.(\w+)=([\d.]+)$", said, re.M)}
    return Seen(kinds["video"], kinds.get("audio"), float(info["format"]["duration"]),
                [float(t) for t in re.findall(r"pts_time:([\d.]+)", said)], planes, lines,
                np.fromfile(folder / "seen.pcm", "<i2") / 32768 if "audio" in kinds else None)


def sound_out(kinds, folder):
    if "audio" not in kinds:
        return []
    return ["-map", "0:a", "-af", f"aresample={HZ}:async=1:first_pts=0", "-ac", "1", "-f", "s16le", "-y", folder / "seen.pcm"]


def run(program, *args):
    done = subprocess.run([program, "-v", "error", *map(str, args)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# ---- measures ------------------------------------------------------------------------------

def colour(seen, at):
    """Returns R'G'B' of BT.709 in the middle of a patch, of 255."""
    means = []
    for plane in seen.planes:
        left, right, top, bottom = place(plane.shape[:0:-1], at)
        x, y = (right - left) // 4, (bottom - top) // 4
        means.append(plane[:, top + y:bottom - y, left + x:right - x].mean())
    y, cb, cr = (means[0] - 16) / 219, (means[1] - 128) / 224, (means[2] - 128) / 224
    r, b = y + 1.5748 * cr, y + 1.8556 * cb
    return np.array([r, (y - 0.2126 * r - 0.0722 * b) / 0.7152, b]) * 255


def band(seen):
    """Returns the middle of the band with the bar and the flash for each frame, as brightness from 0 (dark) to 1
    (lit)."""
    y = seen.planes[0]
    top, bottom = place(y.shape[:0:-1], (0, 1))[2:]
    inside = y[:, top + (bottom - top) // 6:bottom - (bottom - top) // 6]
    return (inside - (16 + 219 * DARK)) / (219 * (LIGHT - DARK))


def comb(seen):
    """Returns how far lines differ, in levels, from both their neighbours where these agree. 0 means not at all. The
    worst frame counts."""
    b = band(seen) * 219 * (LIGHT - DARK)
    between, beside = abs(2 * b[:, 1:-1] - b[:, :-2] - b[:, 2:]), abs(b[:, :-2] - b[:, 2:])
    return np.maximum(between - 3 * beside, 0).mean((1, 2)).max()


def flash(seen):
    """Returns when the flash begins and how long it lasts."""
    lit = band(seen).mean((1, 2)) > 0.6
    first, last = np.flatnonzero(lit)[[0, -1]]
    assert lit[first:last + 1].all()
    return seen.times[first], seen.times[min(last + 1, len(lit) - 1)] - seen.times[first]


def bar_times(seen):
    """Returns the time of the source that each frame shows, by the position of the bar; None while the flash hides
    it."""
    columns = band(seen).mean(1)
    width = columns.shape[1]
    for t, c in zip(seen.times, columns):
        if c.mean() < 0.6:
            middle = (np.clip(c, 0, 1) * (np.arange(width) + 0.5)).sum() / np.clip(c, 0, 1).sum() / width
            yield t, (middle - BAR / 2) / (1 - BAR) * SECONDS


def click(seen):
    """Returns when the click begins, how long it lasts, and its pitch."""
    level = np.convolve(abs(seen.sound), np.ones(96) / 96, "same")
    loud = np.flatnonzero(level > level.max() / 2)
    assert level.max() > 0.05
    part = seen.sound[loud[0]:loud[-1]]
    spectrum = abs(np.fft.rfft(part * np.hanning(len(part)), HZ))
    return loud[0] / HZ, (loud[-1] - loud[0]) / HZ, int(spectrum.argmax())


# ---- what must be true ---------------------------------------------------------------------

def shown_size(film):
    """Returns the size in a player: square pixels, no pixels dropped, upright, and no larger than allowed."""
    width, height = film.size[0] * max(1, film.sar[0] / film.sar[1]), film.size[1] * max(1, film.sar[1] / film.sar[0])
    less = min(1, BOX / max(width, height))
    width, height = width * less, height * less
    return (height, width) if MATRICES[film.turn][0] == 0 else (width, height)


def check_shape(film, seen):
    v = seen.video
    assert [v.get(k) for k in ("color_primaries", "color_transfer", "color_space", "color_range")] == ["bt709"] * 3 + ["tv"]
    assert v["pix_fmt"] == "yuv420p" and v.get("field_order") == "progressive" and v.get("sample_aspect_ratio") == "1:1"
    assert not v.get("side_data_list")
    width, height = shown_size(film)
    assert abs(v["width"] - width) <= 2 and abs(v["height"] - height) <= 2, (v["width"], v["height"], width, height)


def check_colours(film, seen):
    """Checks that corners and greys look as in the film, except for parts so bright that they are rolled off."""
    wrong = {at: (tuple(colour(seen, at).round(1)), tuple(round(255 * v) for v in rgb)) for at, rgb in patches(film).items()
             if max(rgb) <= ROLLED_OFF and abs(colour(seen, at) - np.array(rgb) * 255).max() > COLOUR}
    assert not wrong, f"shown, wanted: {wrong}"


def check_lines(seen):
    """Checks for interlaced lines. Where a flash begins between two fields, idet takes five frames for fields though no
    line differs."""
    fields, whole = seen.lines["tff"] + seen.lines["bff"], seen.lines["progressive"]
    assert whole > 0.5 * len(seen.times) and fields <= 5, seen.lines
    assert comb(seen) < COMBED / 5, comb(seen)


def check_times(film, seen):
    step = 1 / film.fps if not film.uneven else 4 / film.fps
    assert abs(seen.seconds - film.seconds) < 0.1 and abs(float(seen.video["duration"]) - film.seconds) < 0.1, seen.seconds
    at, length = flash(seen)
    begins = min(t for t in film.shown() if t >= FLASH - film.trim - 1e-6)
    # the frame that is on while the edit list begins is shown from its beginning on, and moves the others with it
    off = max(TIME, 1 / film.fps + 0.01) if film.trim else TIME
    assert abs(at - begins) <= off and abs(length - FLASH_SECONDS) <= step + TIME, (at, length)
    first = film.shown()[0] + film.trim                     # an image that starts late stands still until then
    for t, shows in bar_times(seen):
        assert abs(shows - max(t + film.trim, first)) <= step + TIME, (t, shows)


def check_rate(film, seen):
    """Checks that there are as many frames as in the film, evenly spaced, and never more than 30 a second."""
    per_second = min(30, len(film.frames()) / (SECONDS - film.late_picture))
    assert abs(len(seen.times) - per_second * film.seconds) <= 0.02 * per_second * film.seconds + 1, len(seen.times)
    assert np.ptp(np.diff(seen.times)) < 0.002


def check_sound(film, seen):
    assert (seen.audio is not None) == (film.sound != "")
    if not film.sound:
        return
    assert seen.audio["channels"] == 1 and seen.audio["codec_name"] == "aac" and int(seen.audio["sample_rate"]) <= min(32000, max(film.hz, 16000))
    at, length, pitch = click(seen)
    assert abs(at - (CLICK - film.trim)) <= TIME and abs(length - CLICK_SECONDS) <= TIME and abs(pitch - CLICK_HZ) <= 20, (at, length, pitch)
    assert abs(float(seen.audio["duration"]) - film.seconds) < 0.1


def check(film, path, folder):
    """Makes all checks. Returns what was seen, for tests that check more."""
    seen = look(path, film.turn, folder)
    check_shape(film, seen)
    check_colours(film, seen)
    check_lines(seen)
    check_times(film, seen)
    check_rate(film, seen)
    check_sound(film, seen)
    return seen


def check_small(film, path, folder):
    """Makes the checks that hold for a small class too, which has fewer frames and pixels."""
    seen = look(path, film.turn, folder)
    check_lines(seen)
    check_sound(film, seen)
    at, length = flash(seen)
    begins = min(t for t in film.shown() if t >= FLASH - film.trim - 1e-6)
    step = 1 / film.fps + float(np.diff(seen.times).max())
    assert abs(at - begins) <= step + TIME and abs(length - FLASH_SECONDS) <= step + TIME, (at, length, begins)
