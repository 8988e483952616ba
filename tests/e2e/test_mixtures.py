"""Mixtures of media: every combination becomes ready, at the best quality that fits, and always with the same
result."""

import argparse
import os
import random
import shutil
import sys

import pytest

import made_films
import mixtures
import seen_films
from instance import SLOW
from test_films_made import random_film

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench")
SHORT, LONG = 20, 200
COUNT = LONG if os.environ.get("SAVEMMS_LONG") else SHORT
SEED = int(os.environ.get("SAVEMMS_SEED", "1"))

NAMED = {
    "photo and sound": [(["photo.jpg", "song.mp3"], "")],
    "photo and long sound": [(["photo.jpg", "long.mp3"], "")],
    "animation and sound": [(["gif-large.gif", "note.wav"], "look")],
    "two animations and a sound": [(["gif-large.gif"], ""), (["gif-middle.gif", "song.mp3"], "")],
    "one animation three times": [(["gif-large.gif"], ""), (["gif-large.gif"], ""), (["gif-large.gif"], "x")],
    "three films and a photo": [(["film.mp4"], ""), (["camera.avi"], ""), (["clip.mp4"], ""), (["photo.jpg"], "")],
    "a still film beside a photo": [(["still.mp4"], ""), (["photo.jpg"], "")],
    "nine films": [([n], "") for n in ("clip.mp4", "film.mp4", "silent.mov", "camera.avi", "phone.3gp", "old.wmv", "clip.mp4",
                                      "silent.mov", "camera.avi")],
    "nine photos with nine sounds": [([("photo.jpg", "snap.jpg", "page.webp")[i % 3], ("note.wav", "song.mp3", "speech.amr")[i // 3]], "")
                                     for i in range(9)],
    "all the text there can be beside a film": [(["film.mp4"], "€" * 5000)] + [([], "€" * 5000)] * 8,
}
# The limits give an animation enough time on a busy machine, because its result must depend on nothing but the source.
SETTINGS = {"encode-jobs": "1", "medium-ms": "20000", "request-ms": "60000", "max-frames": "300", "image-cpu-seconds": "60"}


@pytest.fixture(scope="module")
def places(new_instance):
    """Two instances that share nothing. One encodes one medium after another, the other as many as it can side by
    side."""
    made = [new_instance({**SETTINGS, "encode-jobs": jobs}).serve() for jobs in ("1", "4")]
    yield made
    for instance in made:
        instance.stop()


@pytest.fixture(scope="module")
def callers(places):
    return [p.caller(max_image_kb=20000, max_gif_kb=20000, max_audio_kb=50000) for p in places]


def save(caller, put, samples, slides):
    urls = {}                                   # one URL for one file, so that it is fetched once
    out = []
    for names, text in slides:
        slide = {"text": text} if text else {}
        for name in names:
            if name not in urls:
                urls[name] = put(name.rsplit(".", 1)[1], name=name, body=mixtures.body_of(samples, name))
            slide[mixtures.kind_of(name)] = urls[name]
        out.append(slide)
    answer = caller.save(*out)
    assert answer.code is None, answer
    return answer.mmsid


def fit(places, callers, put, samples, tmp_path, slides, keep=False):
    """Saves the slides in both places and checks the results. The templates are deleted again, unless they are to be
    kept."""
    ids = [save(c, put, samples, slides) for c in callers]
    made = []
    for place, caller, mmsid in zip(places, callers, ids):
        place.wait_state(caller, mmsid, 240)
        made.append(mixtures.Made(place, caller, mmsid))
    mixtures.check(made[0], slides, samples, str(tmp_path))
    assert made[0].digest() == made[1].digest(), f"not the same in another order\n{made[0].show}\n{made[1].show}"
    for caller, mmsid in zip(callers, ids if not keep else ()):
        assert caller.call("deleteMMSID", mmsid=mmsid).code is None
    return made[0]


def test_the_classes_are_those_that_are_shipped():
    """The tests and bench/fit judge by the classes that savemms ships."""
    sys.path.append(BENCH)
    from fit_tools import CLASSES
    assert {n: (c.limit, c.side, c.film_sound, c.sound) for n, c in CLASSES.items()} == \
        {n: (mixtures.LIMIT[n], mixtures.SIDE[n], mixtures.FILM_SOUND[n], mixtures.SOUND[n]) for n in mixtures.LIMIT}


def test_a_measurement_makes_its_folder(tmp_path):
    """The option --dir of the measurements in bench."""
    sys.path.append(BENCH)
    from work_folder import work_folder
    for _ in range(2):
        assert os.path.isdir(work_folder(str(tmp_path / "a" / "b")))
    (tmp_path / "file").write_text("")
    with pytest.raises(argparse.ArgumentTypeError, match="file: File exists"):
        work_folder(str(tmp_path / "file"))


@pytest.mark.parametrize("name", NAMED)
def test_named(places, callers, put, samples, tmp_path, name):
    fit(places, callers, put, samples, tmp_path, NAMED[name])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT))
def test_random(places, callers, put, samples, tmp_path, seed):
    fit(places, callers, put, samples, tmp_path, mixtures.random_slides(seed))


def test_durations_stay(places, callers, put, samples, tmp_path):
    """Sound and film keep their duration in every class."""
    slides = NAMED["photo and sound"] + NAMED["three films and a photo"]
    caller, place = callers[1], places[1]
    mmsid = save(caller, put, samples, slides)
    assert place.wait_state(caller, mmsid, 240) == "ready"
    made = mixtures.Made(place, caller, mmsid)
    names = [n for media_names, _ in slides for n in media_names]
    for name, m in zip(names, made.media):
        if mixtures.kind_of(name) in ("audio", "video"):
            source = mixtures.seconds(samples.path(name))
            for r in m.values():
                copy = shutil.copy(r.path, tmp_path / ("x.mp3" if r.mime == "audio/mpeg" else "x.mp4"))
                assert abs(mixtures.seconds(copy) - source) < 0.25, (name, r.name)


@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT // 10))
def test_films_of_every_kind(places, callers, put, samples, tmp_path, seed):
    """Films with odd light, lines, pixels, turns and times stay right beside other media: what was made for the largest
    class is judged like a film alone, and in each class the picture, the flash and the click come at their times."""
    rnd, films, slides = random.Random(seed), {}, []
    for i in range(rnd.choice((1, 2, 3))):
        film = random_film(1000 * seed + i)
        name = f"film-{seed}-{i}.{film.ext}"
        samples.made[name] = made_films.make(film, tmp_path).read_bytes()
        films[name] = film
        slides.append(([name], "é" * rnd.choice((0, 160))))
    for other in rnd.sample(("photo.jpg", "song.mp3", "film.mp4", "gif-middle.gif", "still.mp4", "camera.avi"), rnd.choice((1, 2, 3))):
        slides.insert(rnd.randrange(len(slides) + 1), ([other], ""))
    print(slides, films)
    made = fit(places, callers, put, samples, tmp_path, slides, keep=True)
    largest = list(mixtures.LIMIT)[-1]
    for (name,), m in zip((names for names, _ in slides), made.media):
        for c in m if name in films else ():
            judge = seen_films.check if c == largest else seen_films.check_small
            judge(films[name], m[c].path, tmp_path)
