"""Animated GIFs of many kinds, each made once in a run: those that people send, and those that a GIF writer can produce.

moving(folder) returns {name: path}. The frames are drawn here from fixed seeds, so every run has the same bytes as
long as numpy, Pillow and ffmpeg stay the same."""

import os
import subprocess

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont


def leaves(width, height, seed=1):
    """Returns an image like a photo: overlapping shapes of all sizes ("dead leaves"), with shades and grain."""
    rng = numpy.random.default_rng(seed)
    im = Image.new("RGB", (width, height), (120, 130, 140))
    draw = ImageDraw.Draw(im)
    base = rng.integers(0, 256, (12, 3))
    for _ in range(width * height // 250):
        r = min(3 / (1 - rng.random()) ** 0.5, width / 3)
        x, y, stretch = rng.random() * width, rng.random() * height, rng.uniform(0.5, 1.5)
        fill = tuple(int(v) for v in numpy.clip(base[rng.integers(12)] * 0.8 + rng.normal(25, 18, 3), 0, 255))
        draw.ellipse((x - r * stretch, y - r, x + r * stretch, y + r), fill=fill)
    light = Image.fromarray(rng.integers(90, 160, (6, 8), dtype=numpy.uint8)).resize((width, height), Image.BICUBIC)
    a = numpy.asarray(im.filter(ImageFilter.GaussianBlur(0.8)), dtype=float) * (numpy.asarray(light, dtype=float)[..., None] / 125)
    return Image.fromarray(numpy.clip(a + rng.normal(0, 3, a.shape), 0, 255).astype(numpy.uint8))


def font(size):
    return ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", size)


def pan(width, height, n, dx=4, dy=2, seed=1):
    """A camera that moves over a photo."""
    whole = leaves(width + dx * n, height + dy * n, seed)
    return [whole.crop((i * dx, i * dy, i * dx + width, i * dy + height)) for i in range(n)]


def still_camera(width, height, n):
    """A small object moves before a photo, and the camera's grain changes everywhere."""
    rng, back, out = numpy.random.default_rng(5), leaves(width, height, 2), []
    thing = leaves(width // 4, height // 4, 3)
    for i in range(n):
        im = back.copy()
        im.paste(thing, (i * 3 * width // (4 * n), height // 3 + (i * 7) % 20))
        a = numpy.asarray(im, dtype=float) + rng.normal(0, 2, (height, width, 3))
        out.append(Image.fromarray(numpy.clip(a, 0, 255).astype(numpy.uint8)))
    return out


def cartoon(width, height, n):
    """Flat colours with sharp edges."""
    out = []
    for i in range(n):
        im = Image.new("RGB", (width, height), (135, 206, 235))
        d = ImageDraw.Draw(im)
        d.rectangle((0, height * 2 // 3, width, height), fill=(60, 160, 60))
        d.ellipse((width - 110, 20, width - 30, 100), fill=(255, 220, 0), outline=(230, 150, 0), width=5)
        x, y = i * (width + 120) // n - 120, height // 2 - abs((i * 16) % 120 - 60)
        d.rounded_rectangle((x, y, x + 120, y + 90), 25, fill=(220, 40, 40), outline=(0, 0, 0), width=4)
        for eye in (30, 75):
            d.ellipse((x + eye, y + 20, x + eye + 22, y + 48), fill=(255, 255, 255), outline=(0, 0, 0), width=2)
            d.ellipse((x + eye + 8, y + 30, x + eye + 16, y + 42), fill=(0, 0, 0))
        d.arc((x + 30, y + 40, x + 90, y + 75), 20, 160, fill=(0, 0, 0), width=4)
        d.text((20, 20), "Hello!", font=font(40), fill=(255, 255, 255), stroke_width=3, stroke_fill=(40, 40, 120))
        out.append(im)
    return out


WORDS = ("This week only: everything for the garden at half its price. Come before Saturday noon, bring this message, "
         "and take a second plant home for nothing. Questions? Call 555 0100, or answer with HELP.").split()


def page(width, height, words, size=20):
    im = Image.new("RGB", (width, height), (255, 255, 255))
    d, x, y, f = ImageDraw.Draw(im), 12, 10, font(size)
    for i in range(words):
        w = WORDS[i % len(WORDS)] + " "
        length = d.textlength(w, font=f)
        if x + length > width - 12:
            x, y = 12, y + size * 3 // 2
        d.text((x, y), w, font=f, fill=(20, 20, 30) if i % 9 else (200, 0, 60))
        x += length
    return im


def sprite(size, n):
    """A rotating object in few colours; the rest is transparent."""
    out = []
    for i in range(n):
        im = Image.new("RGBA", (size, size), (0, 0, 0, 0))
        d = ImageDraw.Draw(im)
        w = int(abs(numpy.cos(i * numpy.pi / n)) * size / 2.5) + 3
        d.ellipse((size // 2 - w, size // 10, size // 2 + w, size - size // 10), fill=(250, 200, 40, 255), outline=(160, 100, 0, 255), width=6)
        d.text((size // 2, size // 2), "$", font=font(size // 3), fill=(160, 100, 0, 255), anchor="mm")
        out.append(im)
    return out


def noise(width, height, n):
    rng = numpy.random.default_rng(9)
    return [Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=numpy.uint8)) for _ in range(n)]


def glow(width, height, n):
    """Smooth shades that rotate."""
    y, x = numpy.mgrid[0:height, 0:width] / max(width, height)
    out = []
    for i in range(n):
        t = 2 * numpy.pi * i / n
        a = numpy.stack([numpy.sin(6 * x + t), numpy.sin(5 * y - t), numpy.sin(4 * (x + y) + 2 * t)], axis=-1)
        out.append(Image.fromarray((127 + 120 * a).astype(numpy.uint8)))
    return out


def by_ffmpeg(path, frames, rate, palettegen="", paletteuse=""):
    """Writes a GIF with one palette of up to 256 colours for all frames (or one for each, with stats_mode=single and
    new=1)."""
    raw = b"".join(im.convert("RGB").tobytes() for im in frames)
    graph = f"split[a][b];[a]palettegen={palettegen}[p];[b][p]paletteuse={paletteuse}"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
                    "-s", "%dx%d" % frames[0].size, "-r", str(rate), "-i", "-", "-filter_complex", graph, path],
                   input=raw, check=True, timeout=120)


def by_pillow(path, frames, ms, disposal):
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=ms, loop=0, disposal=disposal, optimize=False)


def spliced(path, frames, disposal):
    """Makes each frame a GIF with its own palette and joins them with gifsicle. The first frame stays, the others are
    disposed of."""
    parts = []
    for i, im in enumerate(frames):
        parts.append(f"{path}.{i}.gif")
        im.save(parts[-1])
    with open(path, "wb") as f:
        subprocess.run(["gifsicle", "-w", "--loop", "--delay=12", "--disposal=none", parts[0], f"--disposal={disposal}", *parts[1:]],
                       check=True, stdout=f, timeout=120)
    for part in parts:
        os.unlink(part)


KINDS = {
    "photo": lambda p: by_ffmpeg(p, pan(400, 400, 24), 12),
    "camera": lambda p: by_ffmpeg(p, still_camera(400, 300, 30), 10, "stats_mode=diff", "dither=bayer:bayer_scale=3"),
    "plain": lambda p: by_ffmpeg(p, pan(320, 240, 20, seed=7), 10, "", "dither=none"),
    "cartoon": lambda p: by_ffmpeg(p, cartoon(480, 360, 40), 12, "max_colors=64", "dither=none"),
    "text": lambda p: by_ffmpeg(p, [page(500, 300, w) for w in (5, 11, 18, 26, 34)], 1, "max_colors=32", "dither=none"),
    "screen": lambda p: by_ffmpeg(p, [page(800, 600, 3 * w, 22) for w in range(1, 61)], 6, "", "diff_mode=rectangle"),
    "sprite": lambda p: by_pillow(p, sprite(200, 12), 80, 2),
    "local": lambda p: by_ffmpeg(p, pan(360, 270, 18, 12, 6, seed=4), 8, "stats_mode=single", "new=1"),
    "few": lambda p: by_ffmpeg(p, pan(640, 480, 3, 40, 30, seed=6), 1),
    "long": lambda p: by_ffmpeg(p, [im.resize((160, 120)) for im in cartoon(320, 240, 250)], 15),
    "tiny": lambda p: by_pillow(p, [im.convert("RGB") for im in sprite(16, 4)], 200, 0),
    "noise": lambda p: by_ffmpeg(p, noise(240, 180, 30), 10),
    "glow": lambda p: by_ffmpeg(p, glow(400, 300, 30), 12, "", "dither=bayer"),
    "previous": lambda p: spliced(p, [leaves(400, 300, 8)] + [im.convert("P") for im in sprite(180, 16)], "previous"),
    "wide": lambda p: by_ffmpeg(p, pan(900, 300, 16, 6, 1, seed=12), 8),
}


def moving(folder, *names):
    """Returns {name: path} of these kinds, or of all."""
    os.makedirs(folder, exist_ok=True)
    made = {}
    for name in names or KINDS:
        made[name] = os.path.join(folder, name + ".gif")
        if not os.path.exists(made[name]):
            KINDS[name](made[name])
    return made
