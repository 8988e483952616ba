"""Animations from the request to the stored renditions, also when one file is used several times at once."""

import pytest

from moving import moving


@pytest.fixture(scope="module")
def animations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moving")
    return lambda name: open(moving(folder, name)[name], "rb").read()


@pytest.fixture(scope="module")
def roomy(new_instance):
    """An instance with limits that allow the animations of moving.py."""
    instance = new_instance({"max-frames": 300}).serve()
    yield instance
    instance.stop()


def test_one_url_on_three_slides(roomy, put, animations):
    """The file is fetched once, so three processes share one open file. None of them may read from its position."""
    caller = roomy.caller(max_gif_kb=4000)
    url = put("gif", body=animations("plain"))
    for _ in range(4):
        assert caller.save({"image": url}, {"image": url}, {"image": url}).mmsid
