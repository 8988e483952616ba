"""Personal images: the command, the drawing, and saveMMS with them.

Other programs judge the drawings: zbar, dmtx and zxing-cpp read the barcodes, and pango-view draws the texts. None of
them reads Code 11, which a reader of our own decodes, written from the standard.
"""

import concurrent.futures
import io
import os
import re
import signal
import subprocess
import urllib.parse

import numpy
import pytest
import zxingcpp
from PIL import Image

import procs
from expected import is_error
from instance import SLOW, Failed
from test_page import BY_MMS, BY_SMS, CARRIERS, link_of, send, spooled

WIDTH, HEIGHT = 640, 1138
BOX = {"x": 40, "y": 600, "width": 560, "height": 300}
# T is so small that the images below are encoded at the lowest quality.
CLASSES = "T:75000:1280:24000, S:307200:1280:24000, L:1024000:2048:48000"

# type, a value, the text that a reader returns (None: the value), readers
CODES = [
    ("aztec", "Aztec é 123", None, ("zxing",)),
    ("code11", "0123-4567", None, ("own",)),
    ("code11", "01234-567890", None, ("own",)),
    ("code128", "SAVE-20", None, ("zbar", "zxing")),
    ("code39", "SAVE 20%", None, ("zbar", "zxing")),
    ("datamatrix", "https://example.com/c/4711", None, ("dmtx", "zxing")),
    ("ean", "4006381333931", None, ("zbar", "zxing")),
    ("ean", "9638507", "96385074", ("zbar", "zxing")),
    ("interleaved2of5", "1234567890", None, ("zbar", "zxing")),
    ("pdf417", "PDF417 holds a few more characters: https://example.com/", None, ("zxing",)),
    ("qr", "https://example.com/c/Zoë-😀", None, ("zbar", "zxing")),
    ("upca", "03600029145", "036000291452", ("zbar", "zxing")),
]


def form(*parts):
    """Returns the text of a form from ("text", {...}) or ("barcode", {...})."""
    return "\n".join(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) for name, keys in parts)


def text_area(text, **more):
    return "text", {"x": 20, "y": 20, "width": 600, "height": 200, "font": "Noto Sans", "size": 40, "color": "#000000",
                    "align": "left", **more, "text": text}


def barcode(kind, text, **more):
    return "barcode", {"type": kind, **BOX, **more, "text": text}


class Studio:
    """The image templates of one instance."""

    def __init__(self, instance, samples, folder):
        self.instance, self.folder, self.made = instance, folder, 0
        self.photo = self.file("photo.png", samples.image(WIDTH, HEIGHT, "png", noise=25))
        self.white = str(folder / "white.png")
        Image.new("RGB", (WIDTH, HEIGHT), "white").save(self.white)

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    def add(self, caller, *parts, background=None, name="a picture"):
        self.made += 1
        path = self.file(f"form{self.made}", form(*parts))
        out = self.instance.run("image-template", "add", caller.account, name, "--background", background or self.white,
                                "--from", path)
        return re.search(r"^id: (\d+)$", out, re.M).group(1)

    def refused(self, caller, text, background=None):
        """Returns the reason why a form is refused."""
        status, _, err = self.instance.command("image-template", "add", caller.account, "n", "--background",
                                               background or self.white, "--from", self.file("bad", text))
        assert status == 1, err
        return err

    def render(self, ident, cls=None, **data):
        """Returns the image that the command draws."""
        path = self.folder / "out.jpg"
        words = [w for k, v in data.items() for w in ("--data", f"{k}={v}")]
        self.instance.run("image-template", "render", ident, path, *words, *(["--class", cls] if cls else []))
        self.last = str(path)
        return Image.open(io.BytesIO(path.read_bytes())).convert("RGB")


@pytest.fixture(scope="module")
def studio(new_instance, samples, tmp_path_factory):
    return Studio(new_instance({"classes": CLASSES, **CARRIERS}).serve(), samples, tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def caller(studio):
    return studio.instance.caller(senders="15550199")


@pytest.fixture(scope="module")
def words(studio, caller):
    """Returns an image template that is one text, the value v."""
    return studio.add(caller, text_area("{$v}"))


# --- barcodes ---------------------------------------------------------------------------------------------------------

def read_zbar(path, _):
    done = subprocess.run(["zbarimg", "-q", "--raw", "-Si25.enable", "-Sean8.enable", "-Supca.enable", path],
                          capture_output=True, timeout=60)
    return done.stdout.decode().strip()


def read_dmtx(path, _):
    return subprocess.run(["dmtxread", "-m", "4000", "-N", "1", path], capture_output=True, timeout=60).stdout.decode()


def box_of(image):
    """Returns the barcode's box, cut out of an image that may have been made smaller."""
    f = image.width / WIDTH
    return image.crop([round(n * f) for n in (BOX["x"], BOX["y"], BOX["x"] + BOX["width"], BOX["y"] + BOX["height"])])


def read_zxing(_, image):
    """Reads the barcode from its box alone, because zxing looks for Aztec in the middle of an image only."""
    found = zxingcpp.read_barcodes(numpy.asarray(box_of(image)))
    return found[0].text if found else None


CODE11 = {"00001": "0", "10001": "1", "01001": "2", "11000": "3", "00101": "4", "10100": "5", "01100": "6", "00011": "7",
          "10010": "8", "10000": "9", "00100": "-", "00110": "*"}     # AIM USS-Code 11: bar, space, bar, space, bar; 1 is wide


def weighed(text, most):
    """Returns a check digit: weights 1 to most from the right, modulo 11; 10 is the hyphen."""
    n = sum((i % most + 1) * (10 if c == "-" else int(c)) for i, c in enumerate(reversed(text))) % 11
    return "-" if n == 10 else str(n)


def read_code11(_, image):
    """Reads Code 11 from one row of pixels across the symbol. It verifies the check digits and removes them."""
    box = box_of(image.convert("L"))
    row = box.crop((0, box.height // 2, box.width, box.height // 2 + 1)).resize((box.width * 4, 1), Image.BICUBIC)
    row = numpy.asarray(row)[0] < 128
    edges = numpy.flatnonzero(numpy.diff(row)) + 1
    runs = numpy.diff(edges)                            # the runs begin and end with a bar
    wide = runs > (runs.min() + runs.max()) / 2
    text = "".join(CODE11["".join("1" if w else "0" for w in wide[i:i + 5])] for i in range(0, len(wide), 6))
    assert text[0] == text[-1] == "*", text
    text = text[1:-1]
    if len(text) > 11:                                  # more than 10 digits have two check digits
        assert text[-1] == weighed(text[:-1], 9), text
        text = text[:-1]
    assert text[-1] == weighed(text[:-1], 10), text
    return text[:-1]


READ = {"zbar": read_zbar, "dmtx": read_dmtx, "zxing": read_zxing, "own": read_code11}


@pytest.mark.parametrize("kind,value,said,readers", CODES, ids=[f"{c[0]}-{len(c[1])}" for c in CODES])
def test_every_type_is_read_back(studio, caller, kind, value, said, readers):
    """Each reader reads the barcode from the JPEG in the smallest class. One of them is enough where the class is so
    small, and the background so noisy, that the image is little more than half as wide."""
    ident = studio.add(caller, barcode(kind, "{$v}", caption="{$v}"), text_area("{$v|x}"), background=studio.photo)
    for cls in ("S", "T"):
        image = studio.render(ident, cls, v=value)
        assert os.path.getsize(studio.last) < (75000 if cls == "T" else 307200)
        seen = [READ[reader](studio.last, image) for reader in readers]
        assert (all if cls == "S" else any)(text == (said or value) for text in seen), (cls, seen)


def test_fixed_barcode_and_colors(studio, caller):
    """A barcode without tags is drawn only once. It is dark on light in any color."""
    ident = studio.add(caller, barcode("qr", "https://example.com/", color="#103070", background="#ffe8a0"))
    assert read_zbar(studio.last, studio.render(ident)) == "https://example.com/"


@pytest.mark.parametrize("kind,value,why", [
    ("ean", "12345", "EAN barcode: a value must have 13 or 8 digits, or one less, not 5"),
    ("ean", "4006381333932", "EAN barcode: .*check digit"),
    ("upca", "abc", "UPC-A barcode: a value may contain only digits"),
    ("code39", "lower", "Code 39 barcode: a value may contain only A-Z"),
    ("code11", "A", "Code 11 barcode: a value may contain only digits and -"),
    ("interleaved2of5", "1x", "Interleaved 2 of 5 barcode: a value may contain only digits"),
    ("code128", "x" * 60, "Code 128 barcode: .*do not fit in the 560x300 pixels"),
    ("qr", "x" * 4000, "QR barcode: "),
    ("datamatrix", "", "datamatrix barcode: the value is empty"),
])
def test_a_value_that_a_type_cannot_hold(studio, caller, kind, value, why):
    """The program reports the invalid value and draws the next image."""
    ident = studio.add(caller, barcode(kind, "{$v}"))
    with pytest.raises(Failed, match=why):
        studio.render(ident, v=value)


@pytest.mark.parametrize("height,why", [(24, "bars of 12 pixels are too low; 16 are needed"), (12, "bars of 0 pixels")])
def test_no_room_beside_the_caption(studio, caller, height, why):
    ident = studio.add(caller, barcode("code128", "{$v|1}", height=height, caption="{$v|1}"))
    with pytest.raises(Failed, match=why):
        studio.render(ident)


# --- texts ------------------------------------------------------------------------------------------------------------

def ink(image):
    """Returns the part that is not white, cut out."""
    dark = numpy.asarray(image.convert("L")) < 200
    rows, columns = numpy.flatnonzero(dark.any(1)), numpy.flatnonzero(dark.any(0))
    assert len(rows), "nothing was drawn"
    return image.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


def reference(studio, text, font="Noto Sans", size=40, width=600):
    """Returns the text as pango-view draws it."""
    path = str(studio.folder / "reference.png")
    subprocess.run(["pango-view", "-q", "--no-display", "--pixels", f"--font={font} {size}", "--margin=0", f"--width={width}",
                    "--wrap=word", "--background=#ffffff", "--hinting=none", "--hint-metrics=off", "--antialias=gray",
                    "-o", path, "-t", text], check=True, timeout=60, capture_output=True)
    return Image.open(path).convert("RGB")


def difference(one, other):
    """Returns the mean difference of two cut-outs in levels of 255. The larger one is cut to the smaller at the best of
    a few offsets."""
    assert abs(one.width - other.width) <= 3 and abs(one.height - other.height) <= 3, (one.size, other.size)
    w, h = min(one.width, other.width), min(one.height, other.height)
    best = 255.0
    for dx in range(abs(one.width - other.width) + 1):
        for dy in range(abs(one.height - other.height) + 1):
            parts = [numpy.asarray(i.crop((x, y, x + w, y + h)), dtype=float)
                     for i, x, y in ((one, dx if one.width > w else 0, dy if one.height > h else 0),
                                     (other, dx if other.width > w else 0, dy if other.height > h else 0))]
            best = min(best, float(numpy.abs(parts[0] - parts[1]).mean()))
    return best


SCRIPTS = {"latin": "Zoë Ångström", "arabic": "مرحبا بالعالم", "devanagari": "नमस्ते दुनिया", "cjk": "你好世界 こんにちは",
           "hangul": "안녕하세요", "hebrew": "שלום עולם", "emoji": "😀🎉👩‍🚀", "mixed": "Hello عالم 42 世界"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts(studio, words, script):
    drawn = ink(studio.render(words, v=SCRIPTS[script]))
    assert difference(drawn, ink(reference(studio, SCRIPTS[script]))) < 12


@pytest.fixture(scope="module")
def ended(studio, caller):
    return studio.add(caller, text_area("{$v} 12 end."))


@pytest.mark.parametrize("value,shown", [
    ("<b>bold</b> &amp; <span", "<b>bold</b> &amp; <span"),
    ("a {$other|b} c", "a {$other|b} c"),
    ("\u202edesrever", "\u202edesrever\u202c"),
    ("\u2067x\u202c", "\u2067x\u2069"),
    ("one\r\ntwo", "one\ntwo"),
    ("be\x07ll\x1b[31m", "bell[31m"),
], ids=["markup", "tag", "override", "isolate", "lines", "controls"])
def test_values_are_text(studio, ended, value, shown):
    """Markup and tags appear as written. A value changes the direction of nothing but itself."""
    assert difference(ink(studio.render(ended, v=value)), ink(reference(studio, shown + " 12 end."))) < 12


@pytest.mark.parametrize("value", ["W" * 3000, "word " * 1500, "\n".join("abcdefghij" * 40), "ي" * 2000, "a\u0301" * 900],
                         ids=["one word", "words", "lines", "arabic", "marks"])
def test_long_values_stay_within_their_box(studio, caller, value):
    ident = studio.add(caller, text_area("{$v|x}", x=100, y=304, width=400, height=96))
    pixels = numpy.array(studio.render(ident, v=value).convert("L"))
    assert (pixels[304:400, 100:500] < 128).any()
    pixels[304:400, 96:512] = 255                       # and the JPEG's blocks in which the box ends
    assert (pixels > 230).all()


def test_shrinks_to_fit(studio, caller):
    ident = studio.add(caller, text_area("{$v}", width=300, height=60, size=48))
    short, long = ink(studio.render(ident, v="Al")), ink(studio.render(ident, v="Alexandrina Wilhelmina"))
    assert long.width <= 300 and long.height < short.height
    assert difference(long, ink(reference(studio, "Alexandrina Wilhelmina", size=best_size("Alexandrina Wilhelmina", studio)))) < 20


def best_size(text, studio):
    """Returns the largest size at which pango-view's drawing fits 300x60."""
    low, high = 8, 48
    while high - low > 1:
        size = (low + high) // 2
        image = reference(studio, text, size=size, width=300)
        low, high = (size, high) if image.height <= 60 and image.width <= 300 else (low, size)
    return low


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_align_and_color(studio, caller, align):
    ident = studio.add(caller, text_area("mm", align=align, color="#c00000", x=0, width=640))
    pixels = numpy.asarray(studio.render(ident))
    columns = numpy.flatnonzero((pixels[:, :, 1] < 100).any(0))
    middle = (columns[0] + columns[-1]) / 2
    assert {"left": middle < 100, "center": 300 < middle < 340, "right": middle > 540}[align]
    assert tuple(pixels[pixels[:, :, 1].argmin() // WIDTH, pixels[:, :, 1].argmin() % WIDTH])[0] > 150


# --- the command ------------------------------------------------------------------------------------------------------

TEXT = form(text_area("x"))


@pytest.mark.parametrize("bad,why", [
    ("", "neither a text area nor a barcode"),
    ("x = 1\n", r"line 1: \[text\] or \[barcode\] must come first"),
    ("[picture]\n", r"line 1: expected \[text\] or \[barcode\]"),
    (TEXT.replace("#000000", "black"), "line 8: expected a color of the form #rrggbb"),
    (TEXT.replace("size = 40", "size = 500"), "the size must be 6 to 400 pixels"),
    (TEXT.replace("width = 600", "width = 700"), "text area 1 lies outside of the background, which has 640x1138 pixels"),
    (TEXT.replace("align", "valign"), "a text has no such key: 'valign'"),
    (TEXT * 9, "line 8.: there are more than 8 text areas"),
    (form(barcode("qr", "a"), barcode("qr", "b")), "there is more than one barcode"),
    (form(barcode("qr", "a", color="#ffffff", background="#000000")), "must be darker than its background"),
    (form(barcode("klingon", "a")), "aztec, code11, code128"),
    (form(text_area("y" * 1001)), "longer than 1000 characters"),
])
def test_forms_that_are_refused(studio, caller, bad, why):
    assert re.search(why, studio.refused(caller, bad))


def test_backgrounds(studio, caller, put, samples):
    """A background comes from a file or a URL, has any image type, and is fitted to JPEG. Anything but a still image is
    refused."""
    ident = studio.add(caller, text_area("x", width=100), background=put(body=samples.image(1200, 2134, "png", noise=60), fmt="png"))
    shown = studio.instance.run("image-template", "show", ident)
    width, height, size = map(int, re.search(r"background: (\d+)x(\d+) pixels, (\d+) bytes", shown).groups())
    assert size <= 200 * 1024 and abs(width / height - 1200 / 2134) < 0.01
    assert "is not an image of a type" in studio.refused(caller, TEXT, studio.file("t.txt", "text"))
    assert "is an animation" in studio.refused(caller, TEXT, studio.file("a.gif", samples.animation(3, 640)))
    assert "cannot be used" in studio.refused(caller, TEXT, studio.file("c.jpg", samples.image(640, 480)[:2000]))
    assert "cannot be fetched" in studio.refused(caller, TEXT, put("jpg") + "x")


def test_show_prints_the_form_that_add_reads(studio, caller):
    ident = studio.add(caller, text_area("a {$b|c}\\nd", align="right"), barcode("upca", "{$n|03600029145}", caption="{$n}"))
    shown = studio.instance.run("image-template", "show", ident)
    assert "merge tag: {$b|c}\n" in shown and "merge tag: {$n}\n" in shown
    text = shown[shown.index("[text]"):]
    path = studio.file("again", text)
    out = studio.instance.run("image-template", "add", caller.account, "again", "--background", studio.white, "--from", path)
    again = studio.instance.run("image-template", "show", re.search(r"\d+", out).group(0))
    assert again[again.index("[text]"):] == text
    rows = studio.instance.run("image-template", "list", "--account", caller.account).splitlines()
    assert [r.split("\t")[-1] for r in rows][-1] == "again"


# --- saveMMS ----------------------------------------------------------------------------------------------------------

def fetch(caller, url):
    answer = caller.http("GET", urllib.parse.urlsplit(url).path)
    assert answer.status == 200, answer
    return Image.open(io.BytesIO(answer.body)).convert("RGB"), answer.body


def test_saved_with_its_defaults(studio, caller):
    """getMMSIDDetails returns the id and an image with the defaults, in every class."""
    ident = studio.add(caller, text_area("Dear {$name|friend}"), barcode("qr", "https://example.com/{$code|none}"))
    root = caller.details(caller.save("hello", {"personal": ident, "text": "x"}).mmsid)
    node = root.findall("SLIDE")[1].find("PERSONALIZED-IMAGE")
    assert node.findtext("TEMPLATE-ID") == ident and root.find("SLIDE/IMAGE") is None
    assert (node.findtext("WIDTH"), node.findtext("HEIGHT"), node.findtext("MIME")) == ("640", "1138", "image/jpeg")
    image, data = fetch(caller, node.findtext("URL"))
    assert int(node.findtext("BYTES")) == len(data) and image.size == (WIDTH, HEIGHT)
    path = studio.file("defaults.jpg", data)
    assert read_zbar(path, image) == "https://example.com/none"
    assert difference(ink(image.crop((0, 0, 640, 300))), ink(reference(studio, "Dear friend"))) < 12
    assert [r.findtext("CLASS") for r in node.findall("RENDITION")] == ["T", "S", "L"]
    assert all(fetch(caller, r.findtext("URL"))[0].size == (WIDTH, HEIGHT) for r in node.findall("RENDITION"))
    assert root.findtext("POSTER_URL") == node.find("RENDITION").findtext("URL")


def test_defaults_that_cannot_be_drawn_leave_the_background(studio, caller):
    """The value comes with the message, so defaults that cannot be drawn are no reason to refuse the template."""
    ident = studio.add(caller, barcode("ean", "{$ean}"))
    node = caller.details(caller.save({"personal": ident}).mmsid).find("SLIDE/PERSONALIZED-IMAGE")
    assert (numpy.asarray(fetch(caller, node.findtext("URL"))[0]) > 250).all()


def test_with_other_media_the_sum_fits(studio, caller, put, samples):
    ident = studio.add(caller, text_area("x"), background=studio.photo)
    mmsid = caller.save({"personal": ident}, {"image": put(body=samples.image(1600, 1200, "jpg", noise=30), fmt="jpg")}).mmsid
    slides = caller.details(mmsid).findall("SLIDE")
    for cls, most in (("S", 307200), ("L", 1024000)):
        sizes = [int(r.findtext("BYTES")) for s in slides for r in s.iter("RENDITION") if r.findtext("CLASS") == cls]
        assert len(sizes) == 2 and sum(sizes) <= most * 97 // 100 - 8192


def test_without_transcoding(studio):
    other = studio.instance.caller(transcoding="off")
    ident = studio.add(other, text_area("{$n|someone}"))
    node = other.details(other.save({"personal": ident}).mmsid).find("SLIDE/PERSONALIZED-IMAGE")
    assert node.find("RENDITION") is None and fetch(other, node.findtext("URL"))[0].size == (WIDTH, HEIGHT)


def test_another_accounts_is_unknown(studio, caller):
    ident = studio.add(studio.instance.caller(), text_area("x"))
    for wrong in (ident, "0", "-1", "999999", f" {ident}x", "18446744073709551616"):
        assert is_error(caller.save("x", "y", {"personal": wrong}), "E1130", 3)


def test_one_a_message(studio, caller):
    one, two = studio.add(caller, text_area("1")), studio.add(caller, text_area("2"))
    assert is_error(caller.save({"personal": one}, {"personal": two}), "E1131")
    assert is_error(caller.save({"personal": one}, {"personal": one}), "E1131")
    assert is_error(caller.save({"personal": one}, {"personal": "77777"}), "E1130", 2)
    caller.save({"personal": [one, two]})               # of two on one slide, the first counts


def test_an_image_and_a_personalized_image_on_a_slide(studio, caller, put):
    """Both are images, and the first one counts (savemms-api(7), Checks)."""
    ident = studio.add(caller, text_area("x"))
    both = f"<PERSONALIZED-IMAGE><TEMPLATE-ID>{ident}</TEMPLATE-ID></PERSONALIZED-IMAGE>", f"<IMAGE><URL>{put('jpg')}</URL></IMAGE>"
    for order, tag in ((both, "PERSONALIZED-IMAGE"), (both[::-1], "IMAGE")):
        slide = caller.details(caller.save({"raw": "".join(order)}).mmsid).find("SLIDE")
        assert [n.tag for n in slide if n.tag in ("IMAGE", "PERSONALIZED-IMAGE")] == [tag]


def test_removed(studio, tmp_path):
    """A removed image template is unknown. The MMS that uses it keeps it with its images, and no file is left over or
    missing."""
    caller = studio.instance.caller()
    ident = studio.add(caller, text_area("{$n|removed}"), background=studio.photo)
    mmsid = caller.save({"personal": ident}).mmsid
    status, _, err = studio.instance.command("account", "remove", caller.account)
    assert status == 1 and "still has templates" in err
    studio.instance.run("image-template", "remove", ident)
    assert is_error(caller.save({"personal": ident}), "E1130", 1)
    fetch(caller, caller.details(mmsid).findtext("SLIDE/PERSONALIZED-IMAGE/URL"))
    assert studio.instance.command("image-template", "remove", ident)[0] == 1
    assert "no inconsistencies" in studio.instance.run("check")


def sessions(instance):
    """Returns the caged children that are kept for images. No medium is being transcoded."""
    return [pid for pid in sum(instance.transcoders(), [])
            if re.search(r"^NoNewPrivs:\t1\nSeccomp:\t2$", procs.read_proc(pid, "status"), re.M)]


def test_many_templates_at_once_and_children_that_die(studio, caller):
    """More image templates than sessions are requested side by side. Then all sessions are killed."""
    idents = [studio.add(caller, barcode("qr", f"number {i} {{$v|x}}")) for i in range(9)]

    def save(i):
        node = caller.details(caller.save({"personal": idents[i % 9]}).mmsid).find("SLIDE/PERSONALIZED-IMAGE")
        return read_zxing(None, fetch(caller, node.findtext("URL"))[0]) == f"number {i % 9} x"

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert all(pool.map(save, range(27)))
        kept = sessions(studio.instance)
        assert kept
        for pid in kept:
            os.kill(pid, signal.SIGKILL)
        assert all(pool.map(save, range(9)))


# --- recipients -------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def card(studio, caller):
    """Returns an MMS of a personal image with a text and an EAN."""
    ident = studio.add(caller, text_area("Dear {$name|friend}"), barcode("ean", "{$ean|4006381333931}"))
    return caller.save({"personal": ident, "text": "Look"}, "end").mmsid


def test_hosted_page_shows_the_recipients_own(studio, caller, card):
    for name, ean in (("Ann", "9638507"), ("Bob", "123456789012")):
        link = link_of(studio.instance, send(caller, card, {"name": name, "ean": ean}))
        answer = caller.http("GET", link + "/1.jpg")
        assert answer.status == 200 and answer.headers["content-type"] == "image/jpeg", answer
        image = Image.open(io.BytesIO(answer.body)).convert("RGB")
        assert read_zxing(None, image).startswith(ean)
        assert difference(ink(image.crop((0, 0, 640, 300))), ink(reference(studio, f"Dear {name}"))) < 12
        again = caller.http("GET", link + "/1.jpg", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status == 304 and again.body == b""


def test_what_the_browser_has_is_not_drawn_again(studio, caller):
    """The entity tag is known before the image is drawn: no process is started for a 304."""
    ident = studio.add(caller, text_area("Hello {$name|friend}"))
    mmsid = caller.save({"personal": ident, "text": "Look"}).mmsid
    link = link_of(studio.instance, send(caller, mmsid, {"name": "Ann"}))
    other = link_of(studio.instance, send(caller, mmsid, {"name": "Bob"}))
    first = caller.http("GET", link + "/1.jpg")
    assert first.status == 200 and caller.http("GET", other + "/1.jpg").headers["etag"] != first.headers["etag"]
    for pid in sessions(studio.instance):
        os.kill(pid, signal.SIGKILL)
    assert procs.wait_for(lambda: not sessions(studio.instance), 10 * SLOW)
    for method in ("GET", "HEAD"):
        again = caller.http(method, link + "/1.jpg", headers={"If-None-Match": first.headers["etag"]})
        assert again.status == 304 and again.body == b"" and again.headers["etag"] == first.headers["etag"]
    assert not sessions(studio.instance)
    assert caller.http("GET", link + "/1.jpg").body == first.body and sessions(studio.instance)


def test_each_recipient_gets_their_own(studio, caller, card):
    """Each image arrives by MMS within the class's bytes, with the text that pango-view draws and the code that a
    reader reads."""
    sent = [(name, ean, send(caller, card, {"name": name, "ean": ean}, to=BY_MMS))
            for name, ean in (("Ann", "9638507"), ("Bo", "123456789012"), ("", ""))]
    for name, ean, tracking in sent:
        parts = list(spooled(studio.instance, tracking, "mms").walk())
        pictures = [p for p in parts if p.get_content_type() == "image/jpeg"]
        assert len(pictures) == 1, [p.get_content_type() for p in parts]
        image = Image.open(io.BytesIO(pictures[0].get_content())).convert("RGB")
        assert read_zxing(None, image).startswith(ean or "4006381333931")
        assert difference(ink(image.crop((0, 0, 640, 300))), ink(reference(studio, f"Dear {name or 'friend'}"))) < 12


def test_a_value_that_cannot_be_drawn_fails_that_message(studio, caller, card):
    """The message's details give the reason, and the next message goes out."""
    bad, good = send(caller, card, {"ean": "nonsense"}, to=BY_MMS), send(caller, card, {"ean": "9638507"}, to=BY_MMS)
    spooled(studio.instance, good, "mms")
    assert not os.path.exists(os.path.join(studio.instance.folder, "outbox", f"{bad}.mms"))
    assert "EAN barcode: a value may contain only digits" in studio.instance.run("message", "show", bad)


def test_hosted_page_of_a_value_that_cannot_be_drawn(studio, caller, card):
    """The page shows the image with the defaults instead."""
    link = link_of(studio.instance, send(caller, card, {"name": "Eve", "ean": "nonsense"}))
    image = Image.open(io.BytesIO(caller.http("GET", link + "/1.jpg").body)).convert("RGB")
    assert read_zxing(None, image) == "4006381333931"


def test_a_backup_has_them(studio, caller, tmp_path, new_instance):
    ident = studio.add(caller, text_area("{$n|backed up}"), background=studio.photo)
    studio.instance.run("backup", tmp_path / "backup")
    studio.instance.run("restore", tmp_path / "backup", tmp_path / "again")
    out = studio.instance.run("-C", tmp_path / "again", "image-template", "render", ident, tmp_path / "out.jpg")
    assert out.startswith("640x1138 pixels")
