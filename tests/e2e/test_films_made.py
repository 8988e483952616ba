"""Films that are hard to encode correctly, made by the tests. The renditions are judged by their look and sound.

made_films defines the properties of a film, and seen_films what must be true of each. A film of a named test has
one hard property, and a random film has many.
"""

import dataclasses
import os
import random
import subprocess

import pytest

import made_films
import seen_films
from instance import SLOW
from made_films import Film
from test_av import stored
from test_transcode_av import transcode     # noqa: F401

pytestmark = pytest.mark.slow      # 75 films: two minutes and a half

SHORT, LONG = 12, 100
COUNT = LONG if os.environ.get("SAVEMMS_LONG") else SHORT
SEED = int(os.environ.get("SAVEMMS_SEED", "1"))
NTSC = (30000, 1001)
MPEG = dict(codec="mpeg2", ext="mpg", light="BT.601")
DV = dict(codec="dv", size=(720, 576), sar=(16, 15), lines="bff", light="matrix of BT.601")     # DV's only form

FILMS = {
    **{name: Film(light=name) for name in made_films.LIGHTS},
    "JPEG's colours": Film(light="matrix of BT.601, full range", codec="mjpeg", ext="avi"),
    "Dolby Vision 8.4": Film(light="HLG", dolby=True),
    **{name: Film(turn=name) for name in made_films.MATRICES if name != "upright"},
    "upper lines first": Film(lines="tff"),
    "lower lines first": Film(lines="bff"),
    "MPEG-2, upper lines first": Film(lines="tff", **MPEG),
    "MPEG-2, lower lines first": Film(lines="bff", **MPEG),
    "DV": Film(ext="avi", **DV),
    "fields in a transport stream": Film(lines="tff", ext="ts"),
    "telecined": Film(lines="telecined", rate=NTSC),
    "wide pixels": Film(sar=(4, 3)),
    "tall pixels": Film(sar=(3, 4)),
    "wide pixels, turned": Film(sar=(16, 11), turn="quarter"),
    "odd size": Film(size=(321, 241)),
    "odd width, HLG": Film(size=(161, 322), light="HLG"),
    "late sound": Film(late_sound=0.5),
    "late sound, MPEG-2": Film(late_sound=0.5, **MPEG),
    "late picture": Film(late_picture=0.48),
    "late picture, MP4": Film(late_picture=0.48, ext="mp4"),
    "late picture, MPEG-2": Film(late_picture=0.48, **MPEG),
    "late picture in a transport stream": Film(late_picture=0.48, ext="ts"),
    "start hidden": Film(trim=0.6),
    "start hidden, late sound": Film(trim=0.3, late_sound=0.6),
    "start hidden, late picture": Film(trim=0.32, late_picture=0.48),
    "uneven": Film(uneven=True, rate=(30, 1)),
    "uneven, start hidden": Film(uneven=True, rate=(30, 1), trim=0.5, ext="mp4"),
    "60 frames a second": Film(rate=(60, 1)),
    "silent": Film(sound=""),
    **{f"sound: {name}": Film(sound=name) for name in made_films.SOUNDS if name != "stereo"},
    **{f"sound: {hz} Hz": Film(hz=hz, ext=ext) for hz, ext in ((8000, "mov"), (11025, "mov"), (44100, "mp4"), (96000, "mov"))},
}


def judge(transcode, tmp_path, film):       # noqa: F811
    path = made_films.make(film, tmp_path)
    r = transcode(path, ["M"])
    assert r.status == "ok" and "left out" not in r.why, r.text
    return seen_films.check(film, r.targets["M"]["path"], tmp_path)


@pytest.mark.parametrize("name", FILMS)
def test_named(transcode, tmp_path, name):  # noqa: F811
    judge(transcode, tmp_path, FILMS[name])


# ---- how bright a film is ------------------------------------------------------------------

def nits(n):
    """Returns R' = G' = B' of this brightness in cd/m2."""
    return (n / made_films.WHITE) ** (1 / made_films.DISPLAY)


BRIGHT = {      # the brightest light that the film declares, and its real brightest light
    "PQ": 1000, "HLG": 1000, "PQ with MaxCLL": 400, "PQ with mastering display": 400,
}


@pytest.mark.parametrize("name", BRIGHT)
def test_bright_light_is_rolled_off(transcode, tmp_path, name):     # noqa: F811
    """The brightest light becomes white, and less bright light stays distinguishable from it."""
    top = BRIGHT[name]
    film = Film(light=name, greys=(0.3, 0.75, nits(top * 0.5), nits(top * 0.98)))
    seen = judge(transcode, tmp_path, film)
    bright, brightest = (seen_films.colour(seen, at).mean() for at in made_films.GREY_AT[2:])
    assert 230 < bright < 253 and bright + 2 < brightest and 253 <= brightest <= 257, (bright, brightest)


# ---- all at once ---------------------------------------------------------------------------

def random_film(seed):
    rnd = random.Random(seed)
    film = Film(light=rnd.choice(list(made_films.LIGHTS)), turn=rnd.choice(list(made_films.MATRICES)), ext=rnd.choice(("mov", "mp4")),
                size=rnd.choice(((320, 240), (240, 320), (321, 181), (255, 300), (352, 288), (180, 322))),
                sar=rnd.choice(((1, 1), (1, 1), (4, 3), (12, 11), (3, 4))), rate=rnd.choice(((25, 1), (30, 1), NTSC, (24, 1), (60, 1))),
                sound=rnd.choice(("", *made_films.SOUNDS)), hz=rnd.choice((16000, 22050, 32000, 44100, 48000)))
    late, trim, lines = rnd.choice(("late_sound", "late_picture", "", "")), rnd.choice((0, 0, 0.2, 0.4)), rnd.choice(("tff", "bff", ""))
    if late and film.sound:
        film = dataclasses.replace(film, **{late: rnd.choice((0.24, 0.36, 0.6))})
    if lines and not film.colours.deep and film.chroma == 2 and film.fps <= 30:
        film = dataclasses.replace(film, lines=lines, size=(film.size[0], film.size[1] // 4 * 4))
    elif film.rate == (30, 1):
        film = dataclasses.replace(film, uneven=True)
    return dataclasses.replace(film, trim=trim, dolby=film.light == "HLG" and rnd.random() < 0.5)


@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT))
def test_random(transcode, tmp_path, seed):     # noqa: F811
    film = random_film(seed)
    print(film)
    judge(transcode, tmp_path, film)


# ---- through the front door ----------------------------------------------------------------

SAVED = {"HLG, turned, late sound": Film(light="HLG", dolby=True, turn="quarter", late_sound=0.5),
         "MPEG-2, fields": FILMS["MPEG-2, upper lines first"],
         "uneven, start hidden": FILMS["uneven, start hidden"]}


@pytest.mark.parametrize("name", SAVED)
def test_saved(shared, account, put, tmp_path, name):
    """The film is saved by saveMMS and checked where it is stored."""
    film, caller = SAVED[name], account()
    path = made_films.make(film, tmp_path)
    mmsid = caller.save({"video": put(film.ext, body=path.read_bytes())}).mmsid
    assert shared.wait_state(caller, mmsid, 60 * SLOW) == "ready"
    (kept,) = stored(shared, mmsid, "M")
    seen_films.check(film, kept, tmp_path)


# ---- the judge -----------------------------------------------------------------------------

def test_the_judge_sees_lines_of_two_times(tmp_path):
    """A film with woven lines fails the measure that the renditions pass."""
    film = Film(lines="tff", sound="")
    path = made_films.make(film, tmp_path)
    flat = tmp_path / "woven.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(path), "-vf", "setfield=prog", "-c:v", "libx264", "-pix_fmt", "yuv420p",
                    str(flat)], check=True, timeout=60)
    seen = seen_films.look(flat, film.turn, tmp_path)
    assert seen_films.comb(seen) > seen_films.COMBED
    with pytest.raises(AssertionError):
        seen_films.check_lines(seen)
