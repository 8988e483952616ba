"""savemms-transcode run by hand (--try), with the same fork, cage and decoders as in service.

The program is the one in SAVEMMS_BUILD (a build folder), or else the installed one. The media are made with the vips and
gifsicle programs. With SAVEMMS_CORPUS (a folder with a MANIFEST.tsv) the tests try its images, too.
"""
import csv
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import time
import zlib

import pytest
from PIL import Image, ImageDraw
from PIL import Image

from moving import moving as kinds_of_animation

TOP = pathlib.Path(__file__).resolve().parents[2]
PREFIX = pathlib.Path(os.environ.get("SAVEMMS_PREFIX", "/usr/local"))
BUILD = pathlib.Path(os.environ.get("SAVEMMS_BUILD", PREFIX / "libexec" / "savemms"))
SLOW = float(os.environ.get("SAVEMMS_SLOW", "1"))      # how many times slower the build is
PROGRAM = BUILD / "savemms-transcode"
CORPUS = pathlib.Path(os.environ.get("SAVEMMS_CORPUS", TOP.parent / "shared" / "corpus"))
FRAMES = 7
S, M, L = ("S", 280000, 1280), ("M", 500000, 1600), ("L", 980000, 2048)

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="savemms-transcode is not built")


def vips(*args):
    subprocess.run(["vips", *map(str, args)], check=True, timeout=60,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Result:
    def __init__(self, run, out):
        self.code, self.stderr, self.target, self.files = run.returncode, run.stderr, {}, {}
        lines = run.stdout.splitlines()
        assert lines, run.stderr
        assert lines[-1].startswith("status "), run.stdout + run.stderr
        self.status = lines[-1].split()[1]
        self.why = lines[-1].partition(" why=")[2]
        w, h = re.search(r"source=(\d+)x(\d+)", lines[-1]).groups()
        self.source = int(w), int(h)
        for line in lines[:-1]:
            name, form, size, dims, *rest = line.split()
            t = dict(p.split("=") for p in rest)
            t.update(format=form, bytes=int(size), dims=tuple(map(int, dims.split("x"))),
                     fits=t["fits"] == "1", best=t["best"] == "1", quality=int(t["quality"]))
            self.target[name] = t
        for f in out.iterdir():
            self.files[f.stem] = f


@pytest.fixture
def attempt(tmp_path):
    n = 0

    def run(path, *classes, args=(), timeout=60):
        nonlocal n
        n += 1
        out = tmp_path / f"out{n}"
        out.mkdir()
        cmd = [PROGRAM, "--try", path, "--out", out, *args]
        for name, size, box in classes or (S,):
            cmd += ["--class", f"{name}:{size}:{box}:0"]
        return Result(subprocess.run(cmd, capture_output=True, text=True,
                                     timeout=timeout * SLOW), out)
    return run


def header(path):
    text = subprocess.run(["vipsheader", "-a", path], check=True, capture_output=True,
                          text=True, timeout=30).stdout
    return dict(re.findall(r"^([\w-]+): (.*)$", text, re.M))


def pixel(path, x, y):
    text = subprocess.run(["vips", "getpoint", path, str(x), str(y)], check=True,
                          capture_output=True, text=True, timeout=30).stdout
    return [float(v) for v in text.split()]


def check_clean(path, budget, box):
    """Checks the properties that every still rendition must have."""
    h = header(path)
    data = path.read_bytes()
    assert len(data) <= budget
    assert max(int(h["width"]), int(h["height"])) <= box
    assert h["interpretation"] in ("srgb", "b-w")
    assert h["format"] == "uchar"
    assert int(h["bands"]) in (1, 3)
    assert not [k for k in h if k.startswith(("exif", "icc-", "xmp", "iptc", "gif-comment"))]
    if h["vips-loader"] == "jpegload":
        assert h.get("jpeg-multiscan", "0") == "0"
        markers = jpeg_markers(data)
        assert data[2:4] == b"\xff\xe0" and 0xC0 in markers and not markers & {0xC1, 0xC2, 0xE1, 0xE2, 0xED, 0xFE}
    return int(h["width"]), int(h["height"])


def jpeg_markers(data):
    at, seen = 2, set()
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF
        seen.add(data[at + 1])
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return seen


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A picture whose orientation is visible, and variants of it."""
    d = tmp_path_factory.mktemp("media")
    vips("black", d / "b.v", 300, 200, "--bands", 3)
    vips("linear", d / "b.v", d / "g.v", "1 1 1", "0 0 200")
    vips("black", d / "r0.v", 100, 60, "--bands", 3)
    vips("linear", d / "r0.v", d / "r.v", "1 1 1", "250 0 0")
    vips("insert", d / "g.v", d / "r.v", d / "mark0.v", 0, 0)
    vips("cast", d / "mark0.v", d / "mark1.v", "uchar")
    vips("copy", d / "mark1.v", d / "mark.v", "--interpretation", "srgb")
    vips("copy", d / "mark.v", d / "mark.jpg[Q=95]")
    vips("gaussnoise", d / "n0.v", 4000, 3000, "--mean", 25.6, "--sigma", 50)
    vips("gaussblur", d / "n0.v", d / "n1.v", 2)
    vips("linear", d / "n1.v", d / "n2.v", 5, 0)
    vips("cast", d / "n2.v", d / "n3.v", "uchar")
    vips("bandjoin", f"{d}/n3.v {d}/n3.v {d}/n3.v", d / "n4.v")
    vips("copy", d / "n4.v", d / "noise.jpg[Q=80]", "--interpretation", "srgb")
    return d


def exif_orientation(n):
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", n, 0) + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def test_cage_report():
    r = subprocess.run([PROGRAM, "--cage-report"], capture_output=True, text=True, timeout=10)
    assert "seccomp: active" in r.stdout and "limits: active" in r.stdout


def test_arguments():
    for args in (["--nonsense"], ["--try"], ["--try", "x.jpg"], ["--jobs", "0"], ["extra"],
                 ["--try", "x.jpg", "--class", "S:1:2", "--out", "/tmp"], []):
        r = subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=10)
        assert r.returncode == 2, args
    for args in (["--help"], ["--version"]):
        r = subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=10)
        assert r.returncode == 0 and "savemms-transcode" in r.stdout


@pytest.mark.parametrize("o", range(1, 9))
def test_orientation(made, attempt, tmp_path, o):
    """The picture is stored turned and tagged with o. In the rendition the mark is at the top left again."""
    undo = {1: [], 2: ["flip horizontal"], 3: ["rot d180"], 4: ["flip vertical"],
            5: ["rot d270", "flip vertical"], 6: ["rot d270"],
            7: ["rot d90", "flip vertical"], 8: ["rot d90"]}[o]
    src = made / "mark.v"
    for i, step in enumerate(undo):
        op, arg = step.split()
        vips(op, src, tmp_path / f"{i}.v", arg)
        src = tmp_path / f"{i}.v"
    vips("copy", src, tmp_path / "t0.jpg[Q=95,strip]")
    data = (tmp_path / "t0.jpg").read_bytes()
    (tmp_path / "t.jpg").write_bytes(data[:2] + exif_orientation(o) + data[2:])
    r = attempt(tmp_path / "t.jpg")
    assert r.status == "ok" and r.source == (300, 200)
    assert check_clean(r.files["S"], *S[1:]) == (300, 200)
    red, blue = pixel(r.files["S"], 20, 20), pixel(r.files["S"], 280, 180)
    assert red[0] > 150 and red[2] < 100 and blue[2] > 120 and blue[0] < 100
    assert pixel(r.files["S"], 280, 20)[0] < 100 and pixel(r.files["S"], 20, 180)[0] < 100


def test_four_classes_of_noise(made, attempt):
    """12 MP of noise need the search. The renditions are within their budgets and use them."""
    r = attempt(made / "noise.jpg", S, M, L, ("X", 1100000, 2048))
    assert r.status == "ok" and r.code == 0
    for name, size, box in (S, M, L, ("X", 1100000, 2048)):
        t = r.target[name]
        assert t["fits"] and check_clean(r.files[name], size, box) == t["dims"]
        assert t["best"] == (t["quality"] == 82 and max(t["dims"]) == box), t
        if not t["best"]:
            assert t["bytes"] >= 0.9 * size, t


def test_small_budgets(made, attempt):
    """A rendition that does not fit exists all the same, as small as possible, and only once for all such classes."""
    r = attempt(made / "noise.jpg", ("Z", 2000, 640), ("A", 3000, 640), ("B", 40000, 640), ("C", 60000, 1280))
    assert r.status == "ok" and r.code == 1
    assert not {"Z", "A"} & set(r.files)
    for name in ("Z", "A"):
        t = r.target[name]
        assert not t["fits"] and not t["best"] and t["same"] == "Z"
        assert max(t["dims"]) == 320 and 3000 < t["bytes"] < 15000, t
    for name, size in (("B", 40000), ("C", 60000)):
        t = r.target[name]
        assert t["fits"] and 0.9 * size <= t["bytes"] <= size and max(t["dims"]) >= 320


def check_steps(r, classes):
    """Checks that a larger budget, with a box at least as large, never means fewer pixels, nor worse quality at the
    same pixels."""
    def key(t):
        return t["dims"][0] * t["dims"][1], 101 if t["quality"] == 0 else t["quality"]
    for i, (name, size, box) in enumerate(classes):
        t = r.target[name]
        assert t["bytes"] <= size or not t["fits"]
        assert max(t["dims"]) <= box
        for less, _, narrow in classes[:i]:
            if narrow <= box and r.target[less]["fits"]:
                assert t["fits"] and key(t) >= key(r.target[less]), (less, name, r.target)


BUDGETS = [(("A", 30000, 1280), ("B", 31000, 1600), ("C", 33000, 2048), ("D", 150000, 2048)),
           (("A", 90000, 2048), ("B", 91000, 1280), ("C", 400000, 1600), ("D", 420000, 640)),
           (("A", 60000, 640), ("B", 60000, 640), ("C", 60000, 2048), ("D", 2000000, 2048))]


@pytest.mark.parametrize("classes", BUDGETS, ids=str)
def test_more_bytes_are_never_worse(made, attempt, classes):
    check_steps(attempt(made / "noise.jpg", *classes), classes)


@pytest.mark.parametrize("classes", BUDGETS, ids=str)
def test_more_bytes_are_never_worse_for_an_animation(moving, attempt, classes):
    r = attempt(moving / "anim.gif", *classes)
    check_steps(r, classes)
    for name, size, box in classes:
        t = r.target[name]
        whole = (min(700, box, 480 if box <= 1280 else 640))
        assert t["best"] == (t["quality"] == 100) and (not t["best"] or t["dims"][0] == whole)
        assert t["best"] or t["bytes"] >= 0.8 * size or t["same"] != name, t


def test_one_file_for_classes_that_it_fits(made, attempt):
    r = attempt(made / "mark.jpg", S, M, L)
    assert {t["same"] for t in r.target.values()} == {"S"}
    assert r.target["S"]["dims"] == (300, 200)        # never enlarged
    assert all(t["best"] and t["quality"] == 82 for t in r.target.values())


def test_plain_jpeg_passes_unchanged(made, attempt, tmp_path):
    vips("copy", made / "mark.v", tmp_path / "p0.jpg[Q=70,strip,optimize_coding]")
    data = (tmp_path / "p0.jpg").read_bytes()
    if data[3] != 0xE0:          # without JFIF it is not a plain JPEG
        data = data[:2] + b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + data[2:]
    (tmp_path / "p.jpg").write_bytes(data)
    r = attempt(tmp_path / "p.jpg")
    assert r.files["S"].read_bytes() == data
    assert r.target["S"]["quality"] == 0 and r.target["S"]["best"]
    for name, more in (("comment", data[:2] + b"\xff\xfe\x00\x05GPS" + data[2:]),
                       ("tail", data + b"PK\x03\x04 archive"),
                       ("exif", data[:2] + exif_orientation(1) + data[2:])):
        (tmp_path / f"{name}.jpg").write_bytes(more)
        r = attempt(tmp_path / f"{name}.jpg")
        assert r.status == "ok", name
        out = r.files["S"].read_bytes()
        assert b"GPS" not in out and b"archive" not in out and b"Exif" not in out
    # A progressive JPEG is not baseline.
    vips("copy", made / "mark.v", tmp_path / "prog.jpg[strip,interlace]")
    check_clean(attempt(tmp_path / "prog.jpg").files["S"], *S[1:])


def test_cmyk_16bit_alpha_grey(made, attempt, tmp_path):
    vips("icc_export", made / "mark.v", tmp_path / "cmyk.v", "--output-profile", "cmyk", "--pcs", "lab")
    vips("copy", tmp_path / "cmyk.v", tmp_path / "cmyk.jpg")
    vips("copy", tmp_path / "cmyk.v", tmp_path / "cmyk-bare.jpg[strip]")
    vips("colourspace", made / "mark.v", tmp_path / "w.png", "rgb16")
    vips("colourspace", made / "mark.v", tmp_path / "grey16.png", "grey16")
    vips("bandjoin_const", made / "mark.v", tmp_path / "clear.png", "0")
    assert header(tmp_path / "w.png")["format"] == "ushort"
    for name in ("cmyk.jpg", "cmyk-bare.jpg", "w.png", "grey16.png", "clear.png"):
        r = attempt(tmp_path / name)
        assert r.status == "ok", name
        assert check_clean(r.files["S"], *S[1:]) == (300, 200)
        p = pixel(r.files["S"], 20, 20)
        if name == "clear.png":
            assert min(p) > 250          # transparent pixels become white
        elif name != "grey16.png":
            assert p[0] > 150 and p[2] < 110, name


@pytest.mark.parametrize("kind", ["png", "webp"])
@pytest.mark.parametrize("grey", [255, 0, 128])
def test_what_is_drawn_on_nothing_is_seen(attempt, tmp_path, kind, grey):
    """A picture that is white, on transparent ground, does not vanish on white."""
    for name, size, bands, value in (("ground", (300, 200), 3, grey), ("outside", (300, 200), 1, 0), ("inside", (100, 60), 1, 255)):
        vips("black", tmp_path / "b.v", *size, "--bands", bands)
        vips("linear", tmp_path / "b.v", tmp_path / f"{name}.v", " ".join(["1"] * bands), " ".join([str(value)] * bands))
    vips("insert", tmp_path / "outside.v", tmp_path / "inside.v", tmp_path / "alpha.v", 0, 0)
    vips("bandjoin", f"{tmp_path}/ground.v {tmp_path}/alpha.v", tmp_path / "j.v")
    vips("cast", tmp_path / "j.v", tmp_path / "c.v", "uchar")
    vips("copy", tmp_path / "c.v", tmp_path / f"drawn.{kind}", "--interpretation", "srgb")
    r = attempt(tmp_path / f"drawn.{kind}")
    assert r.status == "ok"
    inside, outside = pixel(r.files["S"], 30, 30)[0], pixel(r.files["S"], 250, 150)[0]
    assert abs(inside - grey) < 10 and abs(outside - (0 if grey == 255 else 255)) < 10


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_faint_edge_is_no_picture(attempt, tmp_path, kind):
    """A white drawing whose edge is nearly white is hardly seen on white."""
    im = Image.new("RGBA", (300, 200), (255, 255, 255, 0))
    draw = ImageDraw.Draw(im)
    draw.ellipse((50, 40, 250, 160), fill=(244, 244, 244, 255))
    draw.ellipse((55, 45, 245, 155), fill=(255, 255, 255, 255))
    im.save(tmp_path / f"a.{kind}", lossless=True)
    r = attempt(tmp_path / f"a.{kind}")
    assert r.status == "ok" and pixel(r.files["S"], 5, 5)[0] < 10 and pixel(r.files["S"], 150, 100)[0] > 245


def profile_of(curve):
    """Returns an ICC profile (4.3) with sRGB's primaries and this curve for each colour."""
    def number(v):
        return struct.pack(">i", round(v * 65536))
    tags = {b"wtpt": b"XYZ \0\0\0\0" + number(0.9642) + number(1) + number(0.8249)}
    for name, xyz in ((b"r", (0.4361, 0.2225, 0.0139)), (b"g", (0.3851, 0.7169, 0.0971)), (b"b", (0.1431, 0.0606, 0.7141))):
        tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + b"".join(map(number, xyz))
        tags[name + b"TRC"] = b"curv\0\0\0\0" + struct.pack(f">I{len(curve)}H", len(curve), *curve)
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ") + bytes(12) + b"acsp"
    return head + bytes(68 - len(head)) + number(0.9642) + number(1) + number(0.8249) + bytes(48) + table + body


@pytest.mark.parametrize("curve", [(0, 0), (65535, 65535), (0, 65535)])
def test_a_profile_that_leaves_nothing_is_ignored(made, attempt, tmp_path, curve):
    im = Image.new("RGB", (300, 200), (20, 20, 20))
    ImageDraw.Draw(im).rectangle((0, 0, 150, 200), fill=(230, 230, 230))
    im.save(tmp_path / "a.png", icc_profile=profile_of(curve))
    assert "icc-profile-data" in header(tmp_path / "a.png")
    r = attempt(tmp_path / "a.png")
    assert r.status == "ok" and pixel(r.files["S"], 50, 100)[0] > pixel(r.files["S"], 250, 100)[0] + 100


@pytest.mark.parametrize("opacity,shown", [(100, True), (10, False)])
def test_an_animation_that_shines_through_is_seen(attempt, tmp_path, opacity, shown):
    """A GIF cannot hold half of an opacity: nothing would be left."""
    frames = []
    for x in (10, 100):
        frames.append(Image.new("RGBA", (200, 120), (200, 40, 40, opacity)))
        ImageDraw.Draw(frames[-1]).rectangle((x, 30, x + 80, 90), fill=(20, 90, 20, opacity))
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=200, lossless=True)
    r = attempt(tmp_path / "a.webp")
    assert r.status == "ok" and r.target["S"]["format"] == "GIF"
    seen = [Image.open(r.files["S"]).convert("RGBA").getpixel(at) for at in ((50, 60), (195, 5))]
    assert (seen[0][3] == 255 and seen[0][1] > seen[1][1]) == shown, seen


def test_drawn_parts_of_an_animation_stay_on_nothing(attempt, tmp_path):
    frames = []
    for x in (10, 100):
        frames.append(Image.new("RGBA", (200, 120), (0, 0, 0, 0)))
        ImageDraw.Draw(frames[-1]).rectangle((x, 30, x + 80, 90), fill=(20, 90, 20, 255))
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=200, lossless=True)
    r = attempt(tmp_path / "a.webp")
    assert Image.open(r.files["S"]).convert("RGBA").getpixel((195, 5))[3] == 0


def test_wide_gamut_is_converted(made, attempt, tmp_path):
    r0 = subprocess.run(["vips", "icc_export", made / "mark.v", tmp_path / "p3.jpg",
                         "--output-profile", "p3"], capture_output=True, timeout=30)
    if r0.returncode != 0:
        pytest.skip("this libvips has no P3 profile")
    r = attempt(tmp_path / "p3.jpg")
    check_clean(r.files["S"], *S[1:])
    assert abs(pixel(r.files["S"], 20, 20)[0] - 250) < 12


def test_white_stays_white(made, attempt, tmp_path):
    vips("black", tmp_path / "b.v", 64, 64, "--bands", 3)
    vips("invert", tmp_path / "b.v", tmp_path / "w.v")
    for name in ("w.png", "w.webp[lossless]", "w.jpg[Q=100]", "w16.png"):
        vips("colourspace", tmp_path / "w.v", tmp_path / name, "rgb16" if "16" in name else "srgb")
        r = attempt(tmp_path / name.partition("[")[0])
        assert min(pixel(r.files["S"], 30, 30)) >= 254, name


def test_palette_png_stays_png(attempt, tmp_path):
    """Sharp lines in few colours are smaller as PNG, and exact."""
    rows = b"".join(b"\0" + bytes((x // 8 + y // 8) % 2 * 3 for x in range(256)) for y in range(256))
    png(tmp_path / "pal.png", 256, 256, 8, 3, zlib.compress(rows),
        plte=b"\0\0\0\xff\0\0\0\xff\0\xff\xff\xff")
    r = attempt(tmp_path / "pal.png")
    assert r.target["S"]["format"] == "PNG" and r.files["S"].stat().st_size < 65536
    assert r.target["S"]["best"] and r.target["S"]["quality"] == 0
    assert pixel(r.files["S"], 0, 0)[:3] == [0, 0, 0] and pixel(r.files["S"], 8, 0)[:3] == [255] * 3
    png(tmp_path / "trns.png", 256, 256, 8, 3, zlib.compress(rows),
        plte=b"\0\0\0\xff\0\0\0\xff\0\0\0\xff", trns=b"\0\xff\xff\xff")
    r = attempt(tmp_path / "trns.png")
    assert r.target["S"]["format"] == "JPEG" and min(pixel(r.files["S"], 2, 2)) > 240


def png(path, w, h, depth, colour, idat, plte=None, trns=None):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, 0))
    for kind, data in ((b"PLTE", plte), (b"tRNS", trns), (b"IDAT", idat), (b"IEND", b"")):
        body += chunk(kind, data) if data is not None else b""
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@pytest.fixture(scope="session")
def moving(tmp_path_factory, made):
    """An animation of FRAMES frames of 700x500, as GIF and as WebP."""
    d = tmp_path_factory.mktemp("moving")
    for i in range(FRAMES):
        vips("crop", made / "noise.jpg", d / f"{i}.v", i * 20, i * 10, 700, 500)
        vips("copy", d / f"{i}.v", d / f"{i}.gif")
    with open(d / "anim.gif", "wb") as f:
        subprocess.run(["gifsicle", "-w", "--delay=8", "--loop", "--comment", "secret place",
                        *[str(d / f"{i}.gif") for i in range(FRAMES)]], check=True, stdout=f, timeout=60)
    with open(d / "small.gif", "wb") as f:
        subprocess.run(["gifsicle", "-w", "--resize=90x60", str(d / "anim.gif"), "#0-4"],
                       check=True, stdout=f, timeout=60)
    for name in ("anim", "small"):
        vips("gifload", d / f"{name}.gif", d / f"{name}.webp[Q=60,effort=0]", "--n=-1")
    return d


@pytest.mark.parametrize("name", ["anim.gif", "anim.webp"])
def test_animation_stays_animated(moving, attempt, name):
    r = attempt(moving / name, ("T", 150000, 640), S, L)
    assert r.status == "ok"
    for c, size, cap in (("T", 150000, 480), ("S", S[1], 480), ("L", L[1], 640)):
        t = r.target[c]
        if not t["fits"]:
            assert c not in r.files
            continue
        h = header(r.files[c])
        assert r.files[c].stat().st_size == t["bytes"] <= size
        assert t["format"] == "GIF" and int(h["n-pages"]) == FRAMES
        assert t["dims"][0] <= cap
        assert b"secret" not in r.files[c].read_bytes()
        assert b"NETSCAPE2.0" in r.files[c].read_bytes()       # it still loops
        assert t["best"] or t["bytes"] >= 0.9 * size, t
    assert r.target["S"]["fits"] and r.target["L"]["fits"]


@pytest.mark.parametrize("kind", ["plain", "sprite", "local", "previous", "long"])
def test_every_kind_of_animation(attempt, tmp_path, kind):
    """Each animation is fitted to a quarter of a class. It keeps all frames and its duration, looks as good as the
    program says, and uses the room."""
    source = pathlib.Path(kinds_of_animation(tmp_path, kind)[kind])
    classes = ("S", 72000, 1280), ("M", 125000, 1600), ("L", 246000, 2048), ("X", 296000, 2048)
    r = attempt(source, *classes)
    assert r.status == "ok" and r.code == 0, r.why
    check_steps(r, classes)
    was = header(source)
    for name, size, _ in classes:
        t, h = r.target[name], header(r.files[name])
        assert h["n-pages"] == was["n-pages"] and h["delay"] == was["delay"]
        assert t["best"] or t["bytes"] >= 0.9 * size or t["same"] != name or max(t["dims"]) <= 100, t
        assert t["quality"] / 100 - 0.04 < looks(source, r.files[name], was) + 0.001 < t["quality"] / 100 + 0.06, t


def looks(source, path, was):
    """Returns SSIM as ffmpeg computes it, at the source's size."""
    scale = f"scale={was['width']}:{was['page-height' if 'page-height' in was else 'height']}:flags=bicubic,format=yuv420p"
    white = ["-trans_color", "0xffffffff"]
    text = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", *white, "-i", source, *white, "-i", path, "-lavfi",
                           f"[0:v]{scale}[a];[1:v]{scale}[b];[a][b]ssim", "-fps_mode", "passthrough", "-f", "null", "-"],
                          capture_output=True, text=True, timeout=60 * SLOW).stderr
    return float(re.search(r"SSIM .*All:([\d.]+)", text)[1])


def test_frames_that_change_nothing_stay(made, attempt, tmp_path):
    """Most of the ten frames equal the one before. As many frames come out, with the same duration."""
    for n in (1, 2):
        vips("copy", made / "mark.v" if n == 1 else made / "g.v", tmp_path / f"{n}.gif")
    with open(tmp_path / "same.gif", "wb") as f:
        subprocess.run(["gifsicle", "-w", "--delay=7", *[str(tmp_path / f"{n}.gif") for n in (1, 1, 1, 1, 2, 2, 2, 1, 1, 1)]],
                       check=True, stdout=f, timeout=60)
    with open(tmp_path / "one.gif", "wb") as f:
        subprocess.run(["gifsicle", "-w", "--delay=7", tmp_path / "1.gif", tmp_path / "1.gif"], check=True, stdout=f, timeout=60)
    for name, frames in (("same.gif", 10), ("one.gif", 2)):
        r = attempt(tmp_path / name)
        assert r.status == "ok" and int(header(r.files["S"])["n-pages"]) == frames, r.why
        assert r.target["S"]["ms"] == str(70 * frames) and r.target["S"]["best"]


@pytest.fixture(scope="session")
def two_frames(made, tmp_path_factory):
    """The chunks of an animated WebP without EXIF: a red area in the upper left, then in the lower right."""
    d = tmp_path_factory.mktemp("two")
    vips("rot", made / "mark.v", d / "other.v", "d180")
    for n, name in ((1, made / "mark.v"), (2, d / "other.v")):
        vips("copy", name, d / f"{n}.gif")
    with open(d / "a.gif", "wb") as f:
        subprocess.run(["gifsicle", "-w", "--delay=8", d / "1.gif", d / "2.gif"], check=True, stdout=f, timeout=60)
    vips("gifload", d / "a.gif", d / "a.webp[lossless]", "--n=-1")
    data, at, chunks = (d / "a.webp").read_bytes(), 12, []
    while at < len(data):
        size = 8 + struct.unpack("<I", data[at + 4:at + 8])[0]
        if data[at:at + 4] != b"EXIF":
            chunks.append(bytearray(data[at:at + size + size % 2]))
        at += size + size % 2
    assert chunks[0][:4] == b"VP8X"
    chunks[0][8] |= 0x08
    return b"".join(chunks)


@pytest.mark.parametrize("turn", [1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_orientation_of_animated_webp(two_frames, attempt, tmp_path, turn):
    exif = exif_orientation(turn)[10 if turn % 2 else 4:]       # with JPEG's prefix and without it
    data = b"WEBP" + two_frames + b"EXIF" + struct.pack("<I", len(exif)) + exif
    (tmp_path / "a.webp").write_bytes(b"RIFF" + struct.pack("<I", len(data)) + data)
    r = attempt(tmp_path / "a.webp", S)
    dims = (200, 300) if 5 <= turn <= 8 else (300, 200)
    assert r.status == "ok" and r.source == r.target["S"]["dims"] == dims
    x, y = {1: "lu", 2: "ru", 3: "rd", 4: "ld", 5: "lu", 6: "ru", 7: "rd", 8: "ld", 9: "lu"}[turn]
    for frame, (left, up) in (("0", (x == "l", y == "u")), ("1", (x == "r", y == "d"))):
        at = (20 if left else dims[0] - 20, 20 if up else dims[1] - 20)
        vips("gifload", r.files["S"], tmp_path / "frame.v", "--page", frame)
        seen = pixel(tmp_path / "frame.v", *at)
        assert seen[0] > 200 > 100 > seen[2], (frame, seen)


def test_truncations(made, moving, attempt, tmp_path):
    vips("crop", made / "noise.jpg", tmp_path / "c.v", 0, 0, 600, 400)
    for kind in ("jpg", "png", "gif", "webp"):
        vips("copy", tmp_path / "c.v", tmp_path / f"whole.{kind}")
    sources = [tmp_path / f"whole.{k}" for k in ("jpg", "png", "gif", "webp")]
    sources += [moving / "small.gif", moving / "small.webp"]
    for src in sources:
        data = src.read_bytes()
        assert attempt(src).status == "ok", src
        for part in (0.9, 0.5, 0.1):
            cut = tmp_path / f"cut{src.suffix}"
            cut.write_bytes(data[:int(len(data) * part)])
            r = attempt(cut)
            assert r.status == "corrupt", (src, part, r.status, r.why)
            assert not r.files
    for name, data in (("empty.jpg", b""), ("short.png", b"\x89PNG\r\n\x1a\n"), ("x.gif", b"GIF89a")):
        (tmp_path / name).write_bytes(data)
        assert attempt(tmp_path / name).status == "corrupt"


@pytest.mark.parametrize("kind,ends", [
    ("jpg", [(-2, b""), (-1, b""), (-2, b"\0\0"), (-2, bytes(4096))]),
    ("png", [(-12, b""), (-2, b""), (-14, b""), (-12, bytes(12)), (-12, bytes(4096))]),
    ("gif", [(-1, b""), (-1, b"\0"), (-2, b""), (-1, bytes(4096))]),
])
def test_nothing_but_the_end_is_missing(made, moving, attempt, tmp_path, kind, ends):
    """The pixels are those of the whole file. Fewer bytes are refused (test_truncations)."""
    vips("crop", made / "noise.jpg", tmp_path / "c.v", 0, 0, 300, 200)
    vips("copy", tmp_path / "c.v", tmp_path / f"whole.{kind}")
    for src in [tmp_path / f"whole.{kind}"] + ([moving / "small.gif"] if kind == "gif" else []):
        data = src.read_bytes()
        whole = attempt(src)
        want = whole.files["S"].read_bytes()
        for drop, more in ends:
            cut = tmp_path / f"cut.{kind}"
            cut.write_bytes(data[:drop] + more)
            r = attempt(cut)
            assert r.status == "ok" and r.files["S"].read_bytes() == want, (src, drop, more[:10], r.why)


def test_an_even_picture_ends_in_zeros(attempt, tmp_path):
    """The codes of an even area are zeros, so that only a decoder tells pixels from missing bytes."""
    def pixels(result):
        with Image.open(result.files["S"]) as im:
            return im.tobytes()

    seen = 0
    for side in range(16, 128, 8):
        src = tmp_path / "whole.jpg"
        Image.new("L", (side, 64), 255).save(src, optimize=True)
        data = src.read_bytes()
        if data[-4:-2] != b"\0\0":
            continue
        seen += 1
        want = pixels(attempt(src))
        for drop, more in ((-2, b""), (-1, b""), (-2, b"\0\0")):
            cut = tmp_path / "cut.jpg"
            cut.write_bytes(data[:drop] + more)
            r = attempt(cut)
            assert r.status == "ok", (side, drop, more, r.why)
            assert pixels(r) == want, (side, drop, more)
        if data[-6:-2] == bytes(4):     # rows are missing, and one byte of zeros or many do not make up for them
            for more in (b"", bytes(4096)):
                cut.write_bytes(data[:-6] + more)
                assert attempt(cut).status == "corrupt", (side, more[:1])
    assert seen >= 3


def test_png_cut_in_what_is_behind_its_pixels(attempt, tmp_path):
    """Editors write texts and times there. In several chunks of pixels, with and without interlacing."""
    rows = b"".join(b"\0" + bytes((x * y) % 251 for x in range(64)) for y in range(64))
    packed = zlib.compress(rows)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    pixels = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)) + chunk(b"IDAT", packed[:100]) +
              chunk(b"IDAT", packed[100:]))
    behind = chunk(b"tEXt", b"date:create\0" + b"2026" * 8) + chunk(b"tIME", bytes(7)) + chunk(b"IEND", b"")
    path = tmp_path / "a.png"
    path.write_bytes(pixels + behind)
    want = attempt(path).files["S"].read_bytes()
    for keep in (-4, -3, 0, 3, 6, 8, 20, 50, 57, 60, 70, 75, 80):
        path.write_bytes(pixels + behind[:keep] if keep >= 0 else pixels[:keep])
        r = attempt(path)
        assert r.status == "ok" and r.files["S"].read_bytes() == want, (keep, r.why)
    for cut in (12, 40, 200):
        path.write_bytes(pixels[:-cut])
        assert attempt(path).status == "corrupt", cut


def test_bombs(attempt, tmp_path):
    """The header alone refuses them: the answer is quick, whatever decoding would cost."""
    one = zlib.compressobj(9)
    data = b"".join(one.compress(b"\0" + bytes(2500)) for _ in range(20000)) + one.flush()
    png(tmp_path / "a.png", 20000, 20000, 1, 0, data)
    png(tmp_path / "b.png", 16000, 16000, 1, 0, data)
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    head = b"GIF89a" + struct.pack("<HH", 10000, 10000) + b"\0\0\0"
    (tmp_path / "canvas.gif").write_bytes(head + frame * 500 + b";")
    wide = b"\x2c" + struct.pack("<HHHH", 0, 0, 16000, 16000) + b"\0\x02\x02\x44\x01\0"
    (tmp_path / "frame.gif").write_bytes(b"GIF89a\x01\0\x01\0\0\0\0" + wide + b";")
    small = b"GIF89a" + struct.pack("<HH", 20, 20) + b"\0\0\0"
    (tmp_path / "frames.gif").write_bytes(small + frame * 400 + b";")
    (tmp_path / "sum.gif").write_bytes(b"GIF89a" + struct.pack("<HH", 2000, 2000) + b"\0\0\0" +
                                       frame * 100 + b";")
    for name in ("a.png", "b.png", "canvas.gif", "frame.gif", "frames.gif", "sum.gif"):
        start = time.monotonic()
        r = attempt(tmp_path / name)
        assert r.status == "too-big", (name, r.status, r.why)
        assert time.monotonic() - start < 3 * SLOW


def test_other_formats_are_not_loaded(attempt, tmp_path):
    for text in (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>",
                 b"P6 2 2 255 xxxxxxxxxxxx", b"%PDF-1.4\n", b"push graphic-context\n"):
        for ext in ("png", "jpg", "gif", "webp"):
            (tmp_path / f"f.{ext}").write_bytes(text)
            assert attempt(tmp_path / f"f.{ext}").status == "corrupt"


def in_a_world_of_its_own(change, *args):
    """Runs --try after the shell commands of change, as root of a namespace. Returns its last line."""
    probe = subprocess.run(["unshare", "-rm", "true"], capture_output=True, timeout=10)
    if probe.returncode != 0:
        pytest.skip("no name spaces for ordinary users here")
    done = subprocess.run(["unshare", "-rm", "sh", "-ec", change + '; exec "$@"', "sh", PROGRAM, "--try", *map(str, args)],
                          capture_output=True, text=True, timeout=60 * SLOW)
    return done.stdout.splitlines()[-1] if done.stdout else done.stderr


def test_without_gifsicle(moving, tmp_path):
    """A missing gifsicle does not make a file corrupt."""
    where = shutil.which("gifsicle")
    said = in_a_world_of_its_own(f"mount --bind /dev/null {where}", moving / "small.gif", "--out", tmp_path, "--class", "S:280000:1280:0")
    assert said.startswith("status broken ") and "gifsicle" in said, said


@pytest.mark.parametrize("name", ["noise.jpg", "anim.gif", "anim.webp"])
def test_full_disk(made, moving, tmp_path, name):
    (tmp_path / "full").mkdir()
    path = (made if name.endswith("jpg") else moving) / name
    said = in_a_world_of_its_own(f"mount -t tmpfs -o size=64k none {tmp_path}/full", path, "--out", tmp_path / "full",
                                 "--class", "S:280000:1280:0")
    assert said.startswith("status broken ") and "written" in said, said


@pytest.mark.parametrize("times, status", [(1, "ok"), (2, "killed")])
@pytest.mark.parametrize("which", [1, 2], ids=["the job's process", "gifsicle"])
def test_killed_from_outside(moving, tmp_path, which, times, status):
    """The process is killed as by the kernel when memory is short. This is not the file's fault: it is tried once
    more."""
    p = subprocess.Popen([PROGRAM, "--try", moving / "anim.gif", "--out", tmp_path, "--class", "T:150000:640:0"],
                         stdout=subprocess.PIPE, text=True)
    until = time.monotonic() + 10 * SLOW
    killed = set()                              # the processes of the job
    while time.monotonic() < until and len(killed) < times:
        line, pid = [], p.pid
        while pid and len(line) <= which:       # transcoder, its child, the program that the child runs
            pid = next(iter(children(pid)), None)
            line.append(pid)
        if line[-1] and line[1] not in killed and (which == 1 or command(line[-1]) == "gifsicle"):
            os.kill(line[-1], signal.SIGKILL)
            killed.add(line[1])
    out, _ = p.communicate(timeout=30 * SLOW)
    assert len(killed) == times
    assert out.splitlines()[-1].startswith(f"status {status} "), out


def test_time_limit(moving, attempt):
    start = time.monotonic()
    r = attempt(moving / "anim.webp", ("T", 20000, 640), args=["--wall", "300"])
    assert r.status == "limit" and "time" in r.why
    assert time.monotonic() - start < 5 * SLOW


def manifest():
    path = CORPUS / "MANIFEST.tsv"
    if not path.exists():
        return []
    with open(path, newline="") as f:
        return [r for r in csv.DictReader(f, delimiter="\t")
                if r["true_mime"].startswith("image/") and (CORPUS / r["path"]).exists()]


@pytest.mark.parametrize("row", manifest(), ids=lambda r: r["path"] if isinstance(r, dict) else "none")
def test_corpus(row, attempt):
    src = CORPUS / row["path"]
    r = attempt(src, S, L)
    if row["expected"] != "ok":
        assert r.status == "corrupt"
        return
    assert r.status == "ok" and r.code == 0, r.why
    moves = "animated" in row["notes"].split(",")[0]
    for name, size, box in (S, L):
        t = r.target[name]
        if t["same"] != name:
            t = r.target[t["same"]]
        f = r.files[name]
        if moves:
            assert t["format"] == "GIF" and int(header(f)["n-pages"]) > 1
            assert f.stat().st_size <= size
        else:
            assert check_clean(f, size, box) == t["dims"]
            portrait = r.source[1] > r.source[0]
            assert (t["dims"][1] > t["dims"][0]) == portrait


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return list(map(int, f.read().split()))
    except OSError:
        return []


def command(pid):
    try:
        with open(f"/proc/{pid}/comm") as f:
            return f.read().strip()
    except OSError:
        return ""


def descendants(pid):
    found = set()
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as f:
                for child in map(int, f.read().split()):
                    found |= {child} | descendants(child)
    except OSError:
        pass
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_nothing_outlives_the_parent(moving, tmp_path):
    """The caller is killed in the middle. The transcoder, its child and gifsicle end, too."""
    p = subprocess.Popen([PROGRAM, "--try", moving / "anim.gif", "--out", tmp_path, "--class",
                          "T:2000:640:0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen, until = set(), time.monotonic() + 10 * SLOW
    while len(seen) < 3 and time.monotonic() < until:      # transcoder, child, gifsicle
        seen |= descendants(p.pid)
        time.sleep(0.005)
    p.kill()
    p.wait(timeout=10)
    assert len(seen) >= 3, "it ended before it could be killed"
    until = time.monotonic() + 5 * SLOW
    while any(map(alive, seen)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not [pid for pid in seen if alive(pid)]
