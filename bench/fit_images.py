"""Compares images and animations with the results of the usual tools; see bench/fit."""

import functools
import glob
import os
import re
import subprocess

from PIL import Image, ImageSequence

from fit_tools import CORPUS, FFMPEG, run
from moving import cartoon, glow, leaves, moving, page

WHITE = ["-trans_color", "0xffffffff"]      # transparent pixels of a GIF are white


def ssim(reference, path, width, height):
    """Returns SSIM of a file and its reference, both at this size. It is taken over the reference's frames, each
    compared with what the file shows at that time."""
    scale = f"scale={width}:{height}:flags=bicubic,format=yuv420p"
    inputs = [x for p in (reference, path) for x in [*(WHITE if p.endswith(".gif") else []), "-i", p]]
    text = run(*FFMPEG, *inputs, "-filter_complex_threads", 1, "-lavfi", f"[0:v]{scale}[a];[1:v]{scale}[b];[a][b]ssim",
               "-fps_mode", "passthrough", "-f", "null", "-").stderr.decode(errors="replace")
    return float(re.search(r"SSIM .*All:([\d.]+)", text)[1])


def size_of(path):
    """Returns width and height."""
    text = run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", path)
    return tuple(map(int, text.stdout.decode().split("\n")[0].split(",")[:2]))


class Still:
    """A rendition of a still image compared with its anchor."""
    SHARES = "1,4"

    def argv(self):
        return []

    def judge(self, row, path, c, beside):
        """Adds to a rendition's row how it looks and, if beside is set, how the anchor looks."""
        row["ssim"] = self.ssim(path)
        row["anchor"], row["how"] = self.anchor(row["bytes"], c.side) if beside and row["gave"] else (0, "")

    def ssim(self, path):
        return ssim(self.reference, path, self.width, self.height)

    @staticmethod
    def words(row):
        return f"q{row['quality']:<3}"

    @staticmethod
    def summary(files):
        return ""


class Gif(Still):
    """Animated GIF and WebP."""
    SCALES, LOSSY, COLORS = (1, .9, .8, .7, .6, .5, .42, .35, .28, .22), (0, 20, 50, 100, 200), (256, 128, 64, 32)
    FILMS = {"phone": ("mp4/phone-720p*", "fps=10,scale=400:-1", "", ""),
             "iphone": ("mov/iphone*", "fps=12,scale=320:-1", "", "dither=bayer:bayer_scale=3"),
             "mjpeg": ("mov/camera*", "fps=10,scale=320:-1", "", "dither=none"),
             "mpeg1": ("mpg/mpeg1-es*", "fps=8", "", "dither=floyd_steinberg"),
             "avi": ("avi/mpeg4*", "fps=12", "stats_mode=diff", "diff_mode=rectangle"),
             "wmv": ("wmv/wmv2*", "fps=10,scale=480:-1", "stats_mode=single", "new=1"),
             "h263": ("3gp/phone*", "fps=15", "", "dither=bayer")}

    @classmethod
    def sources(cls, folder):
        made = dict(moving(folder))
        for name, (pattern, scale, palette, use) in cls.FILMS.items():
            for film in glob.glob(os.path.join(CORPUS, pattern)):
                made["film-" + name] = path = os.path.join(folder, f"film-{name}.gif")
                run(*FFMPEG, "-i", film, "-t", 12, "-filter_complex",
                    f"{scale},split[a][b];[a]palettegen={palette}[p];[b][p]paletteuse={use}", path)
        for path in glob.glob(os.path.join(CORPUS, "gif", "animated*")) + glob.glob(os.path.join(CORPUS, "webp", "animated*")):
            made["corpus-" + os.path.basename(path).rpartition(".")[0]] = path
        made["photo-webp"] = os.path.join(folder, "photo.webp")
        run("vips", "gifload", made["photo"], made["photo-webp"] + "[Q=75,effort=0]", "--n=-1")
        return made

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.reference = self.gif = path        # the reference, and the file that gifsicle starts from
        if path.endswith(".webp"):
            self.gif, self.reference = (os.path.join(folder, n) for n in ("converted.gif", "exact.mkv"))
            run("vips", "webpload", path, self.gif, "--n=-1")
            self.exact()
        self.width, self.height = size_of(self.reference)

    def exact(self):
        """Writes an animated WebP as a lossless film, white behind transparent pixels."""
        with Image.open(self.path) as im:
            raw, size, ms = b"", im.size, []
            for frame in ImageSequence.Iterator(im):
                white = Image.new("RGBA", size, "white")
                raw += Image.alpha_composite(white, frame.convert("RGBA")).convert("RGB").tobytes()
                ms.append(frame.info["duration"])
        assert len(set(ms)) == 1, "frames of different duration"
        run(*FFMPEG, "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "%dx%d" % size, "-r", f"1000/{ms[0]}", "-i", "-",
            "-c:v", "ffv1", "-pix_fmt", "bgr0", self.reference, data=raw)

    @functools.lru_cache(maxsize=None)
    def point(self, width, lossy, colors):
        """Returns (bytes, path) of one point of the grid."""
        path = os.path.join(self.folder, f"grid-{width}-{lossy}-{colors}.gif")
        argv = ["gifsicle", "-w", "-O2", "--no-comments", "--no-names", "--no-extensions"]
        argv += [f"--resize-width={width}"] if width != self.width else []
        argv += [f"--lossy={lossy}"] if lossy else []
        argv += [f"--colors={colors}", "--color-method=median-cut"] if colors < 256 else []
        with open(path, "wb") as f:
            run(*argv, self.gif, out=f)
        return os.path.getsize(path), path

    @functools.lru_cache(maxsize=None)
    def point_ssim(self, width, lossy, colors):
        return self.ssim(self.point(width, lossy, colors)[1])

    def anchor(self, size, box):
        """Returns (SSIM, a description) of the best point of the grid within this size."""
        cap = 480 if box <= 1280 else 640
        base = min(self.width, cap, int(self.width * box / max(self.width, self.height)))
        best = 0, "none"
        for lossy in self.LOSSY:
            for colors in self.COLORS:
                for scale in self.SCALES:       # with these two, the widest that fits is the best
                    at = max(1, round(base * scale)), lossy, colors
                    if self.point(*at)[0] <= size:
                        best = max(best, (self.point_ssim(*at), "scale %.2f lossy %d colours %d" % (scale, lossy, colors)))
                        break
        return best


class Picture(Still):
    """Still images."""
    SCALES = (1, .9, .8, .7, .6, .5, .4, .3)

    @classmethod
    def sources(cls, folder):
        made = {}
        for kind in ("jpg", "png", "webp", "gif"):
            for path in glob.glob(os.path.join(CORPUS, kind, "*")):
                if not re.search("truncated|animated", path):
                    made[f"corpus-{kind}-{os.path.basename(path).rpartition('.')[0]}"] = path
        for name, im in {"leaves": leaves(2600, 1900, 21), "grain": leaves(1800, 2400, 22).effect_spread(2), "page": page(1200, 1600, 300, 34),
                         "cartoon": cartoon(1600, 1200, 3)[1], "glow": glow(2200, 1400, 3)[1], "small": leaves(500, 400, 23)}.items():
            made[name] = os.path.join(folder, name + (".png" if name in ("page", "cartoon") else ".jpg"))
            im.save(made[name], quality=95, subsampling=0)
        return made

    def __init__(self, path, folder):
        self.path, self.folder, self.scaled = path, folder, {}
        turned, self.reference = (os.path.join(folder, n) for n in ("turned.v", "reference.png"))
        # Convert to sRGB only if there is another profile, because libvips' conversion through profiles is not exact.
        known = subprocess.run(["vipsheader", "-f", "icc-profile-data", path], capture_output=True).returncode == 0
        run("vips", "thumbnail", path, turned, 2048, "--height", 2048, "--size", "down", *(["--export-profile", "srgb"] if known else []))
        if run("vipsheader", "-f", "bands", turned).stdout.strip() in (b"2", b"4"):
            run("vips", "flatten", turned, self.reference + "[strip]", "--background", "255 255 255")
        else:
            run("vips", "copy", turned, self.reference + "[strip]")
        self.width, self.height = size_of(self.reference)

    def ppm(self, box):
        if box not in self.scaled:
            self.scaled[box] = os.path.join(self.folder, f"{box}.ppm")
            run("vips", "thumbnail", self.reference, self.scaled[box], box, "--height", box, "--size", "down")
        return self.scaled[box]

    def anchor(self, size, box):
        best, longest = (0, "none"), min(box, max(self.width, self.height))
        for scale in self.SCALES:
            source, low, high, found = self.ppm(round(longest * scale)), 5, 100, None
            while low <= high:
                q = (low + high) // 2
                data = run("cjpeg", "-quality", q, "-optimize", "-sample", "2x2", source).stdout
                if len(data) <= size:
                    low, found = q + 1, (q, data)
                else:
                    high = q - 1
            if found:
                path = os.path.join(self.folder, "anchor.jpg")
                with open(path, "wb") as f:
                    f.write(found[1])
                best = max(best, (self.ssim(path), "scale %.1f quality %d" % (scale, found[0])))
        return best
