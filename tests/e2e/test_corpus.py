"""Real files, if their collection is there (SAVEMMS_CORPUS, or ../shared/corpus beside the checkout). MANIFEST.tsv
gives the expected result of each."""

import csv
import os

import pytest

from instance import SLOW
from media import ALL_FORMATS, MIME, read
from test_av import LIMIT, stored
from test_transcode_av import SLACK, check_film, check_sound, probe

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.environ.get("SAVEMMS_CORPUS") or os.path.join(HERE, "..", "..", "..", "shared", "corpus")
KIND = {fmt: kind for kind, fmt in ALL_FORMATS}
FAIL = {"audio": "E002", "video": "E003"}


def rows():
    path = os.path.join(CORPUS, "MANIFEST.tsv")
    if not os.path.isfile(path):
        return []
    with open(path, newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


ROWS = rows()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ROWS, reason=f"no collection of media in {CORPUS}")]


@pytest.fixture(scope="module")
def corpus_instance(new_instance):
    """An instance with the default limits: the collection goes up to 12 megapixels."""
    instance = new_instance({"max-pixels": 50000000, "max-frames": 300, "medium-ms": 30000, "request-ms": 60000}).serve()
    yield instance
    instance.stop()


def params(kinds):
    return [pytest.param(r, id=r["path"]) for r in ROWS if KIND[r["type"]] in kinds]


def serve(put, row):
    name = row["path"].split("/")[1].replace(".ifb", "")
    return put(body=read(os.path.join(CORPUS, row["path"])), mime=MIME[row["type"]], name=name)


@pytest.fixture
def buyer(corpus_instance):
    """A caller of that instance, whose images may be as large as the largest of the collection."""
    return corpus_instance.caller(max_image_kb=4000)


@pytest.mark.parametrize("row", params(("image",)))
def test_image(buyer, put, row):
    answer = buyer.save({"image": serve(put, row)})
    assert answer.code == (None if row["expected"] == "ok" else row["expected"]), answer
    if answer.code is None:
        image = buyer.details(answer.mmsid).find("SLIDE/IMAGE")
        assert image.findtext("BYTES") == row["bytes"]
        assert len(image.findall("RENDITION")) == 4
        mimes = {r.findtext("MIME") for r in image.findall("RENDITION")}
        assert mimes <= ({"image/gif"} if "animated" in row["path"] else {"image/jpeg", "image/png"}), mimes


@pytest.mark.parametrize("row", params(("vcard", "ical", "pdf")))
def test_object(buyer, put, row):
    kind = KIND[row["type"]]
    answer = buyer.save({kind: serve(put, row)})
    if row["expected"].startswith("reject"):
        assert answer.code == "E229", answer
        return
    medium = buyer.details(answer.mmsid).find(f"SLIDE/{kind.upper()}")
    assert medium.findtext("BYTES") == row["bytes"] and medium.find("RENDITION") is None


@pytest.mark.parametrize("row", params(("audio", "video")))
def test_audio_and_video(corpus_instance, put, receiver, row):
    kind, path = KIND[row["type"]], "corpus-" + row["path"].replace("/", "-")
    caller = corpus_instance.caller(postback_url=receiver.url(path))
    mmsid = caller.save({kind: serve(put, row)}).mmsid
    got = receiver.wait(path, 1, 180 * SLOW)
    assert got, corpus_instance.logs()[-3000:]
    expected = {"ok": {"N003"}, "encode-fail or audio": {FAIL[kind], "N003"}}.get(
        row["expected"], {FAIL[kind]} if row["expected"].startswith("encode-fail") else {"N003"})
    assert got[0].text("CODE") in expected and got[0].text("MMSID") == mmsid
    if got[0].text("CODE") == "N003":
        check_renditions(corpus_instance, caller, mmsid, kind, os.path.join(CORPUS, row["path"]))


def check_renditions(instance, caller, mmsid, kind, source):
    """Checks that every class has a rendition in the form that ffprobe expects: container, codec, profile, no metadata,
    playable from its first byte, as long as the source, and with its headers below the class."""
    medium = caller.details(mmsid).find(f"SLIDE/{kind.upper()}")
    seconds, said = float(medium.findtext("SECONDS")), probe(source)
    whole = said["format"].get("duration")
    assert whole is None or abs(float(whole) - seconds) < SLACK
    assert [r.findtext("CLASS") for r in medium.findall("RENDITION")] == list(LIMIT)
    for r in medium.findall("RENDITION"):
        name, size = r.findtext("CLASS"), int(r.findtext("BYTES"))
        (path,) = stored(instance, mmsid, name)
        t = dict(fits=True, format={"audio/mpeg": "MP3", "video/mp4": "MP4"}[r.findtext("MIME")], bytes=size, path=path,
                 width=int(r.findtext("WIDTH") or 0), height=int(r.findtext("HEIGHT") or 0),
                 ms=1000 * float(r.findtext("SECONDS")))
        assert size + 2048 <= LIMIT[name]
        if kind == "audio":
            check_sound(t, LIMIT[name], seconds, 2 if name in ("L", "XL") else 1)
        else:
            check_film(t, LIMIT[name], seconds, "audio" in {s["codec_type"] for s in said["streams"]}, name in ("L", "XL"))
