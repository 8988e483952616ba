"""Films made by the tests: a test card with a moving bar and a flash, and a click in the sound.

Everything that makes a film hard to encode is a field of Film. The picture is computed here, down to the code
values of the film's own transfer function, primaries and matrix. ffmpeg only encodes and writes the container.
What ffmpeg cannot write is put into the boxes of the file afterwards.
"""

import dataclasses
import json
import struct
import subprocess
import wave

import numpy as np

SECONDS = 2.0
FLASH, FLASH_SECONDS = 1.0, 0.3     # in the source's time
CLICK, CLICK_SECONDS = 1.4, 0.08
CLICK_HZ = 1000
BAR = 1 / 8                         # of the width; the bar crosses the picture once
WHITE = 203                         # cd/m2 of diffuse white (ITU-R BT.2408)
DISPLAY = 2.4                       # exponent of BT.1886

# The card has four corners that show the orientation, greys between them, and the band with the bar and the flash.
# These are the values of R'G'B' from 0 to 1 that BT.709 must show. The last grey lies below the start of the
# roll-off of bright light.
CORNERS = {(0, 0): (0.75, 0.15, 0.15), (3, 0): (0.25, 0.6, 0.25), (0, 2): (0.2, 0.25, 0.75), (3, 2): (0.7, 0.65, 0.15)}
GREY_AT = ((1, 0), (2, 0), (1, 2), (2, 2))
GREYS = (0.1, 0.3, 0.5, 0.75)
DARK, LIGHT = 0.1, 0.75             # the band, and the bar or flash in it

# CIE xy of red, green and blue (BT.709, SMPTE 170M, BT.2020, SMPTE EG 432); white is D65 in each.
XY = {"bt709": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), "smpte170m": ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07)),
      "bt2020": ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046)), "smpte432": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))}
# Kr and Kb of H.273
KR_KB = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}


@dataclasses.dataclass(frozen=True)
class Colours:
    primaries: str = "bt709"
    transfer: str = "bt709"
    matrix: str = "bt709"
    full: bool = False
    deep: bool = False              # 10 bit
    x265: str = ""                  # x265's parameters for the light

    def tags(self):
        return ["-color_primaries", self.primaries, "-color_trc", self.transfer, "-colorspace", self.matrix,
                "-color_range", "pc" if self.full else "tv"]


HDR = dict(primaries="bt2020", matrix="bt2020nc", deep=True)
LIGHTS = {
    "BT.709": Colours(),
    "BT.709 full range": Colours(full=True),
    "BT.601": Colours("smpte170m", "smpte170m", "smpte170m"),
    "BT.601 full range": Colours("smpte170m", "smpte170m", "smpte170m", full=True),
    "matrix of BT.601": Colours(matrix="smpte170m"),
    "matrix of BT.601, full range": Colours(matrix="smpte170m", full=True),
    "BT.2020": Colours(transfer="bt2020-10", **HDR),
    "P3": Colours("smpte432"),
    "HLG": Colours(transfer="arib-std-b67", **HDR),
    "HLG full range": Colours(transfer="arib-std-b67", full=True, **HDR),
    "PQ": Colours(transfer="smpte2084", **HDR),
    "PQ with MaxCLL": Colours(transfer="smpte2084", x265="max-cll=400,100", **HDR),
    "PQ with mastering display": Colours(transfer="smpte2084", x265="master-display=G(8500,39850)B(6550,2300)R(35400,14600)"
                                         "WP(15635,16450)L(4000000,50)", **HDR),
}


@dataclasses.dataclass(frozen=True)
class Film:
    light: str = "BT.709"
    size: tuple = (320, 240)        # as coded
    sar: tuple = (1, 1)             # width to height of a pixel
    turn: str = "upright"           # a key of MATRICES
    rate: tuple = (25, 1)
    lines: str = "progressive"      # or "tff", "bff", "telecined"
    codec: str = "h264"             # 10 bit is always HEVC
    ext: str = "mov"
    sound: str = "stereo"           # "" or a key of SOUNDS
    hz: int = 48000
    late_sound: float = 0           # seconds after the picture
    late_picture: float = 0         # seconds after the sound
    trim: float = 0                 # seconds that an edit list hides at the start
    uneven: bool = False            # frames of different lengths
    dolby: bool = False             # the file claims to be Dolby Vision 8.4
    greys: tuple = GREYS

    @property
    def colours(self):
        return LIGHTS[self.light]

    @property
    def chroma(self):
        """The width and height in pixels of one colour sample. If the size is odd, every pixel has its own sample."""
        return 1 if self.size[0] % 2 or self.size[1] % 2 else 2

    @property
    def fps(self):
        return self.rate[0] / self.rate[1]

    @property
    def seconds(self):
        return SECONDS - self.trim

    def frames(self):
        """Returns the numbers of the frames that are kept."""
        n = round((SECONDS - self.late_picture) * self.fps)
        if not self.uneven:
            return list(range(n))
        kept, gaps = [0], (1, 1, 2, 1, 3, 1, 1, 4)
        while kept[-1] + gaps[len(kept) % len(gaps)] < n - 1:
            kept.append(kept[-1] + gaps[len(kept) % len(gaps)])
        return kept + [n - 1]

    def shown(self):
        """Returns the times in seconds, as a player counts them, at which the frames begin."""
        return [k / self.fps + self.late_picture - self.trim for k in self.frames()]


# ---- colours -------------------------------------------------------------------------------

def to_xyz(primaries):
    xyz = np.array([(x / y, 1, (1 - x - y) / y) for x, y in XY[primaries]]).T
    white = np.array([0.3127 / 0.329, 1, (1 - 0.3127 - 0.329) / 0.329])
    return xyz * np.linalg.solve(xyz, white)


def pq(nits):
    """SMPTE ST 2084."""
    y = (np.maximum(nits, 0) / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def hlg(nits):
    """ITU-R BT.2100 for a display of 1,000 cd/m2: converts displayed light back to the scene's light, and that to a
    signal."""
    light = np.maximum(nits, 0) / 1000
    luminance = light @ np.array([0.2627, 0.678, 0.0593])
    scene = light * np.maximum(luminance, 1e-9)[..., None] ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


def signal(colours, rgb):
    """Converts R'G'B' of BT.709 to the film's own coding, from 0 to 1."""
    light = np.asarray(rgb, float) ** DISPLAY @ (np.linalg.solve(to_xyz(colours.primaries), to_xyz("bt709"))).T
    if colours.transfer == "smpte2084":
        return pq(light * WHITE)
    if colours.transfer == "arib-std-b67":
        return hlg(light * WHITE)
    return np.maximum(light, 0) ** (1 / DISPLAY)


def codes(colours, rgb):
    """Returns Y, Cb and Cr as they are stored."""
    r, g, b = np.moveaxis(signal(colours, rgb), -1, 0)
    kr, kb = KR_KB[colours.matrix]
    y = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - y) / (2 - 2 * kb), (r - y) / (2 - 2 * kr)
    unit = 4 if colours.deep else 1
    if colours.full:
        top = 256 * unit - 1
        return np.stack([y * top, cb * top + 128 * unit, cr * top + 128 * unit], -1)
    return np.stack([(16 + 219 * y) * unit, (128 + 224 * cb) * unit, (128 + 224 * cr) * unit], -1)


# ---- pictures ------------------------------------------------------------------------------

def edges(size, n):
    return [round(size * i / n) for i in range(n + 1)]


def place(size, at):
    """Returns left, right, top and bottom of a patch in a picture of this size."""
    xs, ys = edges(size[0], 4), edges(size[1], 3)
    return xs[at[0]], xs[at[0] + 1], ys[at[1]], ys[at[1] + 1]


def patches(film):
    return {**CORNERS, **{at: (v, v, v) for at, v in zip(GREY_AT, film.greys)}}


class Card:
    """The scene before the camera, as planes of code values."""

    def __init__(self, film):
        self.film = film
        width, height = film.size
        dark, self.light = (codes(film.colours, (v, v, v)) for v in (DARK, LIGHT))
        self.still = np.empty((3, height, width))
        self.still[:] = dark[:, None, None]
        for at, rgb in patches(film).items():
            left, right, top, bottom = place(film.size, at)
            self.still[:, top:bottom, left:right] = codes(film.colours, rgb)[:, None, None]
        self.band = slice(*place(film.size, (0, 1))[2:])

    def at(self, t):
        """Returns the planes at this time of the source."""
        planes, width = self.still.copy(), self.film.size[0]
        left = round(t / SECONDS * (1 - BAR) * width)
        across = slice(None) if FLASH <= t < FLASH + FLASH_SECONDS else slice(left, left + round(BAR * width))
        planes[:, self.band, across] = self.light[:, None, None]
        return planes

    def packed(self, planes):
        """Returns one field or a whole frame, with the chroma resolution of the film."""
        n = self.film.chroma
        if n == 1:
            return list(planes)
        h, w = planes[0].shape
        return [planes[0]] + [p.reshape(h // n, n, w // n, n).mean((1, 3)) for p in planes[1:]]

    def frame(self, k):
        start, step = self.film.late_picture, 1 / self.film.fps
        if self.film.lines == "progressive":
            parts = self.packed(self.at(start + k * step))
        else:
            parts = self.woven(*self.times_of_lines(start, k, step))
        kind = "<u2" if self.film.colours.deep else "u1"
        return b"".join(np.rint(p).astype(kind).tobytes() for p in parts)

    def times_of_lines(self, start, k, step):
        """Returns the times at which the camera saw the upper lines and the lines between them."""
        if self.film.lines == "telecined":      # four frames of the cinema become five: AA AB BC CC DD
            film_step, first, second = step * 5 / 4, (0, 0, 1, 2, 3)[k % 5], (0, 1, 2, 2, 3)[k % 5]
            return start + (k // 5 * 4 + first) * film_step, start + (k // 5 * 4 + second) * film_step
        first, second = start + k * step, start + (k + 0.5) * step
        return (first, second) if self.film.lines == "tff" else (second, first)

    def woven(self, upper, lower):
        out = []
        for a, b in zip(self.packed(self.at(upper)[:, 0::2]), self.packed(self.at(lower)[:, 1::2])):
            p = np.empty((2 * a.shape[0], a.shape[1]))
            p[0::2], p[1::2] = a, b
            out.append(p)
        return out


# ---- sound ---------------------------------------------------------------------------------

# how loud the click is in each channel
SOUNDS = {"mono": (1,), "stereo": (1, 1), "left": (1, 0), "opposite": (1, -1), "centre of six": (0, 0, 1, 0, 0, 0)}


def write_sound(film, path):
    t = np.arange(round((SECONDS - film.late_sound) * film.hz)) / film.hz + film.late_sound - CLICK
    click = np.where((t >= 0) & (t < CLICK_SECONDS), 0.5 * np.sin(2 * np.pi * CLICK_HZ * t), 0)
    samples = np.outer(click, SOUNDS[film.sound])
    with wave.open(str(path), "wb") as f:
        f.setnchannels(len(SOUNDS[film.sound]))
        f.setsampwidth(2)
        f.setframerate(film.hz)
        f.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())


# ---- boxes of the file ---------------------------------------------------------------------

MATRICES = {        # a, b, c and d of ISO 14496-12, 6.2.2: x' = ax + cy, y' = bx + dy
    "upright": (1, 0, 0, 1), "quarter": (0, 1, -1, 0), "half": (-1, 0, 0, -1), "three quarters": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1), "upside down": (1, 0, 0, -1), "transposed": (0, 1, 1, 0), "the other way": (0, -1, -1, 0),
}


def boxes(data, names, start=0, end=None):
    """Yields where the boxes below this path of names begin and end (at, past), for each track that has them."""
    at, end = start, len(data) if end is None else end
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= end - at, name
        if name == names[0]:
            yield from [(at, at + size)] if len(names) == 1 else boxes(data, names[1:], at + 8, at + size)
        at += size


def one_box(data, *names):
    (found,) = boxes(data, names)
    return found


def video_track(data):
    return next((at, past) for at, past in boxes(data, (b"moov", b"trak")) if b"vide" in data[at:past])


def set_matrix(data, film):
    at, _ = next(boxes(data, (b"tkhd",), video_track(data)[0] + 8, video_track(data)[1]))
    a, b, c, d = MATRICES[film.turn]
    x, y = (film.size[0] if a + c < 0 else 0), (film.size[1] if b + d < 0 else 0)
    assert data[at + 8] == 0                    # version
    struct.pack_into(">9i", data, at + 48, *(v << 16 for v in (a, b)), 0, *(v << 16 for v in (c, d)), 0, x << 16, y << 16, 1 << 30)


def cut_start(data, seconds):
    """Makes each track begin later by these seconds: its edit list skips the part before."""
    scale, = struct.unpack_from(">I", data, one_box(data, b"moov", b"mvhd")[0] + 20)
    for at, past in boxes(data, (b"moov", b"trak")):
        media_scale, = struct.unpack_from(">I", data, next(boxes(data, (b"mdia", b"mdhd"), at + 8, past))[0] + 20)
        entry, _ = next(boxes(data, (b"edts", b"elst"), at + 8, past))
        count, left = struct.unpack_from(">I", data, entry + 12)[0], seconds
        for i in range(entry + 16, entry + 16 + 12 * count, 12):
            length, begins = struct.unpack_from(">Ii", data, i)
            cut = min(left, length / scale)
            left -= cut
            struct.pack_into(">Ii", data, i, length - round(cut * scale), -1 if begins == -1 else begins + round(cut * media_scale))
        assert left == 0


def say_dolby_vision(data):
    """Writes profile 8.4 as phones do for an HLG picture: a dvvC box at the end of the sample entry."""
    box = struct.pack(">I4s5B", 32, b"dvvC", 1, 0, 8 << 1, 4 << 3 | 5, 4 << 4) + bytes(19)
    start, end = video_track(data)
    path, names = [one_box(data, b"moov"), (start, end)], (b"mdia", b"minf", b"stbl", b"stsd")
    for i in range(len(names)):
        path.append(next(boxes(data, names[:i + 1], start + 8, end)))
    entry = path[-1][0] + 16
    path.append((entry, entry + struct.unpack_from(">I", data, entry)[0]))
    assert data[entry + 4:entry + 8] == b"hvc1" and data.index(b"mdat") < data.index(b"moov")
    for at, past in path:
        struct.pack_into(">I", data, at, past - at + len(box))
    data[path[-1][1]:path[-1][1]] = box


# ---- the file ------------------------------------------------------------------------------

def picture_format(film):
    kind = ("yuvj" if film.codec == "mjpeg" else "yuv") + ("444p" if film.chroma == 1 else "420p")
    return kind + ("10le" if film.colours.deep else "")


def picture_codec(film):
    fields = [] if film.lines == "progressive" else ["-flags", "+ildct+ilme", "-top", "0" if film.lines == "bff" else "1"]
    if film.colours.deep:
        more = [film.colours.x265] if film.colours.x265 else []
        return ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-tag:v", "hvc1", "-x265-params",
                ":".join(["log-level=error:pools=1:frame-threads=1", *more])]
    if film.codec == "h264":
        params = {"progressive": "", "tff": "tff=1", "bff": "bff=1", "telecined": "tff=1"}[film.lines]
        return ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-bf", "2", *(["-x264-params", params] if params else []), *fields]
    return {"mpeg2": ["-c:v", "mpeg2video", "-q:v", "2", *fields], "dv": ["-c:v", "dvvideo"],
            "mjpeg": ["-c:v", "mjpeg", "-q:v", "2"]}[film.codec]


def sound_codec(film):
    return {"mpg": ["-c:a", "mp2", "-b:a", "192k", "-f", "vob"], "avi": ["-c:a", "pcm_s16le"], "mp4": ["-c:a", "aac", "-b:a", "128k"],
            "ts": ["-c:a", "mp2", "-b:a", "192k", "-f", "mpegts"], "mov": ["-c:a", "pcm_s16le"]}[film.ext]


def encode(film, path):
    width, height = film.size
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", "-f", "rawvideo", "-pix_fmt", picture_format(film),
            "-s", f"{width}x{height}", "-r", f"{film.rate[0]}/{film.rate[1]}", "-i", "pipe:0"]
    if film.sound:
        write_sound(film, path.with_suffix(".wav"))
        argv += ["-itsoffset", str(film.late_sound), "-i", str(path.with_suffix(".wav"))]
    filters = ["setfield=" + {"progressive": "prog", "bff": "bff"}.get(film.lines, "tff"), f"setsar={film.sar[0]}/{film.sar[1]}"]
    if film.late_picture:
        filters.append(f"setpts=PTS+{film.late_picture}/TB")
    if film.uneven:
        filters.append("select='" + "+".join(f"eq(n,{k})" for k in film.frames()) + "'")
    argv += ["-vf", ",".join(filters), "-vsync", "vfr", "-threads", "1", *picture_codec(film), *film.colours.tags(), *sound_codec(film)]
    card = Card(film)
    raw = b"".join(card.frame(k) for k in range(film.frames()[-1] + 1))
    done = subprocess.run([*argv, str(path)], input=raw, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()


def check_source(film, path):
    """Checks with ffmpeg's own tools that the file has the requested form."""
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(path)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    kinds = {s["codec_type"]: s for s in json.loads(done.stdout)["streams"]}
    video = kinds["video"]
    assert (video["width"], video["height"]) == film.size
    if film.sound:
        later = float(kinds["audio"]["start_time"]) - float(video["start_time"])
        assert abs(later - max(film.late_sound - film.trim, 0) + max(film.late_picture - film.trim, 0)) < 0.05, later
    if film.codec == "h264":
        c = film.colours
        assert [video.get(k) for k in ("color_primaries", "color_transfer", "color_space", "color_range")] == \
            [c.primaries, c.transfer, c.matrix, "pc" if c.full else "tv"]
    if film.sar != (1, 1) and film.ext == "mov":
        assert video["sample_aspect_ratio"] == "%d:%d" % film.sar
    if film.lines != "progressive" and film.ext != "avi":
        assert video["field_order"] in ("tt", "tb", "bb", "bt")


def make(film, folder):
    """Writes the film as a file in this folder and returns its path."""
    path = folder / f"film.{film.ext}"
    encode(film, path)
    if film.ext in ("mov", "mp4"):
        data = bytearray(path.read_bytes())
        set_matrix(data, film)
        if film.trim:
            cut_start(data, film.trim)
        if film.dolby:
            say_dolby_vision(data)
        path.write_bytes(data)
    check_source(film, path)
    return path
