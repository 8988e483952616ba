"""Files made to break decoders. Each gets the right code within its limits, and no process dies but its own child."""

import random
import struct
import time
import zlib

import pytest

import media
from instance import SLOW

IMAGE, AV = media.FORMATS["image"], media.FORMATS["audio"] + media.FORMATS["video"]


def png(width, height, rows):
    """Returns a PNG of one bit a pixel whose data decompress to this many bytes of zeros."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b"")


def gif(width, height, frames):
    """Returns a GIF with a large screen and many frames of one pixel."""
    frame = b"\x21\xf9\x04\0\0\0\0\0" + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + frame * frames + b"\x3b"


def jpeg_of(body, width, height):
    """Returns a JPEG whose frame header gives a false size."""
    at = next(i for i in range(len(body) - 9) if body[i] == 0xFF and body[i + 1] in (0xC0, 0xC2))
    return body[:at + 5] + struct.pack(">HH", height, width) + body[at + 9:]


def webp(width, height):
    """Returns an extended WebP that has only the canvas."""
    vp8x = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"RIFF" + struct.pack("<I", 4 + len(vp8x)) + b"WEBP" + vp8x


def chunk(name, body):
    """Returns a chunk of a RIFF file."""
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def black(samples, width, height, ext):
    """Returns a black image, complete and with a true header."""
    path = samples.path(f"black-{width}-{height}.{ext}")
    media.run("vips", "black", path, str(width), str(height))
    return media.read(path)


def webp_frames(samples, width, height, frames):
    """Returns an animated WebP with many frames of one pixel on a large canvas."""
    def three(n):
        return struct.pack("<I", n)[:3]
    frame = chunk(b"ANMF", three(0) * 2 + three(0) * 2 + three(10) + b"\0" + black(samples, 1, 1, "webp")[12:])
    body = chunk(b"VP8X", b"\x02\0\0\0" + three(width - 1) + three(height - 1)) + chunk(b"ANIM", bytes(6)) + frame * frames
    return chunk(b"RIFF", b"WEBP" + body)


def gif_large_frames(samples, width, height, frames):
    """Returns a GIF whose frames are all as large as its screen: few bytes to send, many to unpack."""
    one = black(samples, width, height, "gif")
    at = 13 + 3 * (2 << (one[10] & 7)) * (one[10] >> 7)
    return one[:at] + one[at:-1] * frames + b";"


@pytest.fixture(scope="module")
def watched(new_instance):
    """An instance whose limits end hostile files soon."""
    instance = new_instance({"image-cpu-seconds": 5, "av-cpu-seconds": 10, "av-wall-seconds": 20, "encode-attempts": 1,
                             "max-pixels": 50000000, "max-frames": 300, "medium-ms": 20000, "request-ms": 30000}).serve()
    yield instance
    instance.stop()


@pytest.fixture
def alive(watched):
    """Checks that the service's own processes are the same before and after the test."""
    def own():
        return {name: set(watched.pids(name)) for name in ("savemms.fcgi", "savemms-helper")}
    before = own()
    yield watched
    assert own() == before


BOMBS = {
    "png": lambda s: png(20000, 20000, 2501 * 20000), "png-sides": lambda s: png(1000000, 1, 125001),
    "png-huge": lambda s: png(2 ** 31 - 1, 2 ** 31 - 1, 100), "gif-canvas": lambda s: gif(65535, 65535, 1),
    "gif-frames": lambda s: gif(1000, 1000, 5000), "jpeg": lambda s: jpeg_of(s["jpg"], 65500, 65500),
    "webp": lambda s: webp(16383, 16383), "webp-frames": lambda s: webp_frames(s, 500, 500, 5000),
    "webp-canvas": lambda s: webp_frames(s, 16000, 16000, 20),
    "jpeg-whole": lambda s: black(s, 20000, 14000, "jpg"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(alive, put, samples, name):
    caller = alive.caller(max_image_kb=20000, max_gif_kb=20000)
    url = put(name.split("-")[0].replace("jpeg", "jpg"), body=BOMBS[name](samples))
    began = time.monotonic()
    answer = caller.save({"image": url})
    assert answer.code in ("E331", "E341"), answer
    assert time.monotonic() - began < 6 * SLOW


HEAVY = {"gif": lambda s: gif_large_frames(s, 2500, 2500, 250), "gif-small": lambda s: gif_large_frames(s, 640, 480, 300),
         "png": lambda s: png(7000, 7000, 876 * 7000), "webp": lambda s: webp_frames(s, 2000, 2000, 290)}


@pytest.mark.parametrize("name", HEAVY)
def test_within_the_limits_but_much_work(alive, put, samples, name):
    """The media are fitted, or given up after the five seconds are over. Other callers are served meanwhile."""
    caller, other = alive.caller(max_image_kb=20000, max_gif_kb=20000), alive.caller()
    url = put(name.split("-")[0], body=HEAVY[name](samples))
    began = time.monotonic()
    answer = caller.save({"image": url})
    assert answer.code in (None, "E331", "E341"), answer
    assert time.monotonic() - began < 15 * SLOW
    assert other.save("x").mmsid


@pytest.mark.slow
def test_a_film_that_takes_minutes(alive, put, samples, receiver):
    """Seven minutes of the same second again and again: the encode ends after ten seconds of processor time."""
    path = samples.path("gop.m1v")
    media.ffmpeg(path, "-f", "lavfi", "-i", "color=black:size=1920x1080:rate=25:duration=1", "-c:v", "mpeg1video", "-f", "mpeg1video")
    caller = alive.caller(postback_url=receiver.url("minutes"), max_video_kb=200000)
    mmsid = caller.save({"video": put(body=media.read(path) * 420, mime="video/mpeg", name="long.mpg")}).mmsid
    assert receiver.wait("minutes", 1, 60 * SLOW)[0].text("CODE") == "E003"
    assert alive.wait_state(caller, mmsid, 5) == "failed"


def variants(body, chance):
    """Yields the bytes cut, flipped, blanked and doubled."""
    for part in (0.1, 0.5, 0.9):
        yield body[:int(len(body) * part)]
    for flips in (1, 20, 400):
        data = bytearray(body)
        for _ in range(flips):
            data[chance.randrange(min(len(data), 40), len(data))] ^= 1 << chance.randrange(8)
        yield bytes(data)
    yield body[:len(body) // 3] + bytes(len(body) // 3) + body[len(body) // 3 * 2:]
    yield body + body


@pytest.mark.parametrize("fmt", IMAGE)
def test_damaged_images(alive, put, samples, fmt):
    caller, chance = alive.caller(), random.Random(fmt)
    for body in variants(samples[fmt], chance):
        answer = caller.save({"image": put(fmt, body=body)})
        assert answer.code in (None, "E341", "E331"), answer
    assert caller.save({"image": put(fmt)}).mmsid


@pytest.mark.parametrize("fmt", AV)
def test_damaged_sounds_and_films(alive, put, samples, fmt):
    kind = "audio" if fmt in media.FORMATS["audio"] else "video"
    caller, chance = alive.caller(), random.Random(fmt)
    mmsids = [caller.save({kind: put(fmt, body=body)}).mmsid for body in variants(samples[fmt], chance)]
    states = [alive.wait_state(caller, m, 60) for m in mmsids]
    assert set(states) <= {"ready", "failed"}, states
    assert not alive.run("job", "list").split()


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'
STRANGE = {
    "svg-as-png": ("image", "png", SVG, "E341"),
    "html-as-jpg": ("image", "jpg", b"<html><script>1</script></html>", "E341"),
    "pdf-as-gif": ("image", "gif", media.PDF, "E341"),
    "playlist-as-mp4": ("video", "mp4", PLAYLIST, "failed"),
    "playlist-as-avi": ("video", "avi", PLAYLIST, "failed"),
    "concat-as-mov": ("video", "mov", b"ffconcat version 1.0\nfile /etc/passwd\n", "failed"),
    "playlist-as-mp3": ("audio", "mp3", PLAYLIST, "failed"),
    "image-as-video": ("video", "mp4", b"GIF89a" + bytes(100), "failed"),
    "text-as-pdf": ("pdf", "pdf", b"not a document", "E229"),
    "html-as-vcf": ("vcard", "vcf", b"<html></html>", "E229"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_dressed_up(alive, put, name):
    kind, fmt, body, want = STRANGE[name]
    caller = alive.caller()
    answer = caller.save({kind: put(fmt, body=body)})
    if want == "failed":
        assert alive.wait_state(caller, answer.mmsid, 30) == "failed"
    else:
        assert answer.code == want, answer


def test_polyglots_lose_their_other_half(alive, put, samples):
    """Bytes after the end of an image do not get into a rendition."""
    caller = alive.caller()
    tail = b"PK\x03\x04<script>alert(1)</script>" * 20
    for fmt in ("jpg", "png", "gif", "webp"):
        root = caller.details(caller.save({"image": put(fmt, body=samples[fmt] + tail)}).mmsid)
        for r in root.iter("RENDITION"):
            got = caller.http("GET", "/" + r.findtext("URL").split("/", 3)[3])
            assert got.status == 200 and b"<script>" not in got.body and b"PK\x03\x04" not in got.body
            assert got.headers["x-content-type-options"] == "nosniff" and "sandbox" in got.headers["content-security-policy"]


def test_sounds_and_films_lose_it_too(alive, put, samples):
    """Bytes after the end of sounds and films, or in their tags, do not get into a rendition."""
    caller, tail = alive.caller(), b"PK\x03\x04<script>alert(1)</script>" * 20
    behind = {"mp3": tail, "wav": chunk(b"JUNK", tail), "amr": b"", "mp4": struct.pack(">I4s", len(tail) + 8, b"free") + tail,
              "mov": struct.pack(">I4s", len(tail) + 8, b"skip") + tail, "avi": chunk(b"JUNK", tail), "mpg": tail}
    saved = {fmt: caller.save({"audio" if fmt in media.FORMATS["audio"] else "video": put(fmt, body=samples[fmt] + more)}).mmsid
             for fmt, more in behind.items()}
    for fmt, mmsid in saved.items():
        assert alive.wait_state(caller, mmsid, 60) == "ready", fmt
        got = [caller.http("GET", "/" + r.findtext("URL").split("/", 3)[3]).body for r in caller.details(mmsid).iter("RENDITION")]
        assert got and all(b"<script>" not in b and b"PK\x03\x04" not in b for b in got), fmt
