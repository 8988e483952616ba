"""Compares films and sounds with their sources, and films with x264's two passes, too; see bench/fit."""

import fractions
import functools
import json
import os
import re
import statistics

import numpy

from fit_tools import FFMPEG, corpus, run, timed
import media
import mixtures

LATE = 0.2              # seconds by which a rendition may be longer or shorter
LOUDER = 2.0            # how many times louder or quieter the sound may be
UNLIKE = 0.5            # SSIM of a different or a black picture
NEAR = 0.005            # by what fraction the anchor's bytes may differ from ours
HEARD = 8000            # samples a second at which sounds are compared
HEADS = {b"\0\0\1\xb3": "MPEGES", b"#!AMR-WB": "AMRWB"}     # formats that the name does not show


def probe(path):
    done = run("ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", path)
    info = json.loads(done.stdout)
    kinds = {}
    for s in info["streams"]:
        if not s.get("disposition", {}).get("attached_pic"):
            kinds.setdefault(s["codec_type"], s)
    return kinds


def heard(path):
    """Returns the sound that a player gives, one channel of HEARD samples a second. ffmpeg 5.1 decodes only the first
    of the AMR frames that 3GP has in a packet, so AMR is taken out of its container first."""
    source, data = path, None
    if probe(path)["audio"]["codec_name"].startswith("amr"):
        source, data = "-", run(*FFMPEG, "-v", "error", "-i", path, "-map", "0:a:0", "-c", "copy", "-f", "amr", "-").stdout
    raw = run(*FFMPEG, "-v", "error", "-i", source, "-map", "0:a:0", "-ac", 1, "-ar", HEARD, "-f", "s16le", "-", data=data).stdout
    return numpy.frombuffer(raw, dtype="<i2").astype(float)


def wrong_sound(source, ours):
    """Returns what is wrong with a rendition's sound."""
    words = []
    if abs(len(ours) - len(source)) > LATE * HEARD:
        words.append(f"{(len(ours) - len(source)) / HEARD:+.2f} s of sound")
    one, other = (numpy.sqrt(numpy.mean(x * x)) + 1 if len(x) else 0 for x in (source, ours))
    if other > one * LOUDER or one > other * LOUDER:
        words.append(f"loudness {other:.0f} of {one:.0f}")
    return words


def made_by_tests(folder, kind):
    """Returns {name: path} of the media of that kind that the end-to-end tests use."""
    samples, made = media.Samples(os.path.join(folder, "samples")), {}
    for fmt in media.FORMATS[kind]:
        samples[fmt]
        made["sample." + fmt] = samples.path("sample." + fmt)
    for name in mixtures.AV:
        if mixtures.kind_of(name) == kind:
            mixtures.body_of(samples, name)
            made[name] = samples.path(name)
    return made


class Heard:
    """The common parts of films and sounds."""
    SHARES = "1"
    KIND = None

    @classmethod
    def sources(cls, folder):
        return {**corpus(media.FORMATS[cls.KIND]), **made_by_tests(folder, cls.KIND)}

    def __init__(self, path, folder):
        self.path, self.folder, self.streams = path, folder, probe(path)
        self.sound = heard(path) if "audio" in self.streams else numpy.zeros(0)
        self.others = 0.0       # processor seconds of the anchors

    def argv(self):
        with open(self.path, "rb") as f:
            head = f.read(16)
        return [x for magic, form in HEADS.items() if head.startswith(magic) for x in ("--format", form)]


class Sound(Heard):
    """Sounds."""
    KIND = "audio"

    def judge(self, row, path, c, beside):
        s, sound = probe(path)["audio"], heard(path)
        row["late"] = (len(sound) - len(self.sound)) / HEARD
        row["as"] = f"{int(s['bit_rate']) / 1000:.0f} kbit/s {s['channels']} x {s['sample_rate']} Hz"
        row["wrong"] = wrong_sound(self.sound, sound)

    @staticmethod
    def words(row):
        return f"{row.get('as', ''):24} {row.get('late', 0):+.3f} s" + "".join("  WRONG: " + w for w in row.get("wrong", []))

    @staticmethod
    def summary(files):
        rows = [r for f in files.values() for r in f.rows if "late" in r]
        late = max((abs(r["late"]) for r in rows), default=0)
        return f"; length differs by at most {late:.3f} s; wrong {sum(bool(r['wrong']) for r in rows)}"


def luma(v, width, height):
    """Returns the filter that scales a stream's brightness, as BT.709, to this size, upright and with square pixels."""
    matrix = v.get("color_space", "unknown")
    if matrix in ("unknown", "gbr", "reserved"):
        matrix = "bt709" if v["height"] >= 720 or v["width"] >= 1280 else "smpte170m"
    return f"scale={width}:{height}:flags=bicubic:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv,format=yuv420p"


def shown_size(v):
    """Returns width and height in square pixels, upright."""
    sar = [int(n) for n in v.get("sample_aspect_ratio", "1:1").split(":")]
    width = round(v["width"] * sar[0] / sar[1]) if all(sar) else v["width"]
    turn = next((d["rotation"] for d in v.get("side_data_list", []) if "rotation" in d), 0)
    return (v["height"], width) if turn % 180 else (width, v["height"])


class Frames:
    """Every frame of a film as a player shows it: the brightness, in a file, and the time."""

    def __init__(self, path, v, size, raw):
        done = run(*FFMPEG, "-i", path, "-map", "0:V:0", "-vf", luma(v, *size) + ",extractplanes=y,showinfo", "-fps_mode", "passthrough",
                   "-f", "rawvideo", raw)
        self.raw, self.size = raw, size
        self.times = numpy.array([float(t) for t in re.findall(rb"pts_time:\s*(\S+)", done.stderr)])
        self.picture = numpy.memmap(raw, dtype=numpy.uint8, mode="r").reshape(-1, size[0] * size[1])
        assert len(self.times) == len(self.picture), f"{path}: frames without a time"

    def step(self):
        return float(numpy.median(numpy.diff(self.times))) if len(self.times) > 1 else 0.04

    def seconds(self):
        return float(self.times[-1]) + self.step()


def likeness(source, ours, log):
    """Returns SSIM as the mean of our frames. Each frame is compared with the source's frame at its time and with those
    that follow before half of our frame's time has gone, and the best match counts. A frame that stands for several may
    be any of them, and tools differ in which they take."""
    def at(t):
        return numpy.clip(numpy.searchsorted(source.times, t + 0.001, "right") - 1, 0, None)
    first, last, best = at(ours.times), at(ours.times + ours.step() / 2), numpy.zeros(len(ours.times))
    form = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "%dx%d" % ours.size, "-r", 25]
    for i in range(int((last - first).max()) + 1):
        run(*FFMPEG, *form, "-i", ours.raw, *form, "-i", "-", "-lavfi", f"[0:v][1:v]ssim=stats_file={log}", "-f", "null", "-",
            data=source.picture[numpy.minimum(first + i, last)].tobytes())
        with open(log) as f:
            found = [float(n) for n in re.findall(r"All:([\d.]+)", f.read())]
        best = numpy.maximum(best, found)
    return float(best.mean())


def packets(path):
    """Returns what stays the same when a film's picture is copied."""
    return run(*FFMPEG, "-v", "error", "-i", path, "-map", "0:V:0", "-c", "copy", "-f", "md5", "-").stdout


class TooLow(Exception):
    """x264 does not accept such a low bit rate."""


class Film(Heard):
    """Films."""
    KIND = "video"

    @classmethod
    def sources(cls, folder):
        """Also returns films that all handsets play, which need no encode."""
        made = super().sources(folder)
        for name, sound in ("right.mp4", media.TONE), ("right-silent.mp4", []):
            made[name] = os.path.join(folder, name)
            media.ffmpeg(made[name], *media.PICTURE, *sound, "-c:v", "libx264", "-profile:v", "baseline", "-level", "3.0",
                         "-pix_fmt", "yuv420p", "-c:a", "aac")
        return made

    def __init__(self, path, folder):
        super().__init__(path, folder)
        v = self.streams["video"]
        self.size, self.md5 = shown_size(v), packets(path)
        self.frames = Frames(path, v, self.size, os.path.join(folder, "source.raw"))
        self.seconds = self.frames.seconds()

    def look(self, path):
        """Returns SSIM of a film and the end of its frames."""
        frames = Frames(path, probe(path)["video"], self.size, os.path.join(self.folder, "shown.raw"))
        return likeness(self.frames, frames, os.path.join(self.folder, "ssim.log")), frames.seconds()

    def judge(self, row, path, c, beside):
        first = os.path.join(os.path.dirname(path), row["same"] + ".mp4")     # several classes may share a file
        row.update(self.facts(first))
        row["anchor"], row["how"] = 0, ""
        if beside and not row["copy"]:
            try:
                row["anchor"], row["how"] = self.anchor(first, c.profile)
            except TooLow:      # a film of one colour
                row["low"] = True

    @functools.lru_cache(maxsize=None)
    def facts(self, path):
        streams = probe(path)
        v = streams["video"]
        like, seconds = self.look(path)
        rate = fractions.Fraction(v["avg_frame_rate"])
        facts = {"ssim": like, "copy": packets(path) == self.md5, "rate": f"{float(rate):.4g}",
                 "kbps": bytes_of_picture(path) * 8 / seconds / 1000, "wrong": []}
        width, height = shown_size(v)
        if abs(width - height * self.size[0] / self.size[1]) > 3:
            facts["wrong"].append("shape")
        if abs(seconds - self.seconds) > LATE:
            facts["wrong"].append(f"{seconds - self.seconds:+.2f} s of picture")
        if like < UNLIKE:
            facts["wrong"].append("unlike the source")
        facts["wrong"] += wrong_sound(self.sound, heard(path) if "audio" in streams else numpy.zeros(0))
        return facts

    @functools.lru_cache(maxsize=None)
    def anchor(self, ours, profile):
        """Returns (SSIM, a description) of x264's two passes in as many bytes."""
        v, size = probe(ours)["video"], os.path.getsize(ours)
        rate, frames = fractions.Fraction(v["avg_frame_rate"]), int(v["nb_frames"])
        log, path = (os.path.join(self.folder, n) for n in ("passes", "anchor.mp4"))
        graph = f"fps={rate}:start_time=0," + luma(self.streams["video"], v["width"], v["height"]) + ",setsar=1"
        how = ["-map", "0:V:0", "-vf", graph, "-frames:v", frames, "-c:v", "libx264", "-preset", "medium", "-profile:v", profile,
               "-level", {"baseline": "3.0", "main": "3.1"}[profile], "-passlogfile", log]
        tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-bsf:v", "filter_units=remove_types=6"]
        bps, best = bytes_of_picture(ours) * 8 * rate / frames, None
        for turn in range(4):
            bits = ["-b:v", max(1000, int(bps))]
            if turn == 0:
                self.others += must(*FFMPEG, "-i", self.path, *how, *bits, "-pass", 1, "-an", "-f", "null", "-")
            used = must(*FFMPEG, "-i", self.path, "-i", ours, *how, *bits, "-pass", 2, *tags, "-map", "1:a?", "-c:a", "copy",
                        "-movflags", "+faststart", path)
            self.others += used if turn == 0 else 0
            off = os.path.getsize(path) / size - 1
            if best is None or abs(off) < abs(best[0]):
                best = off, self.look(path)[0]
            if abs(off) <= NEAR:
                break
            bps -= off * size * 8 * rate / frames
        return best[1], f"{best[0]:+.1%} bytes"

    @staticmethod
    def words(row):
        if "rate" not in row:
            return ""
        return (f"{row['rate']:>5} fps {row['kbps']:6.0f} kbit/s" + (" copy" if row["copy"] else "") +
                (" no anchor so small" if row.get("low") else "") + "".join("  WRONG: " + w for w in row["wrong"]))

    @staticmethod
    def summary(files):
        rows = [r for f in files.values() for r in f.rows if "rate" in r]
        words = f"; copies {sum(r['copy'] for r in rows)}; wrong {sum(bool(r['wrong']) for r in rows)}"
        each = [(f.used / f.source.seconds, f.source.others / f.source.seconds) for f in files.values()
                if f.source.others and not any(r.get("copy") or r.get("low") for r in f.rows)]
        if each:
            words += (f"; seconds of a processor for a second of film, median of {len(each)}: {statistics.median(a for a, _ in each):.2f}, "
                      f"anchors {statistics.median(b for _, b in each):.2f}")
        return words


def must(*argv):
    """Runs a program that must succeed. Returns its processor seconds."""
    status, text, used = timed(*argv)
    if status != 0:
        raise TooLow() if "bitrate is too low" in text else RuntimeError(f"{' '.join(map(str, argv))}: {text}")
    return used


def bytes_of_picture(path):
    done = run("ffprobe", "-v", "error", "-select_streams", "V:0", "-show_entries", "packet=size", "-of", "csv=p=0", path)
    return sum(int(n) for n in re.findall(rb"^\d+", done.stdout, re.M))
