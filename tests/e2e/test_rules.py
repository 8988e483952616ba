"""Checks (savemms-api(7)), rows 1 to 17: what is refused before anything is fetched, and in which order."""

import itertools

import pytest

from client import request_xml
from expected import is_error

URL = "http://127.0.0.1:9/x."      # refuses connections, so that a rule that accepts it leads to E35x


def test_row_1_action(caller):
    assert is_error(caller.call(None), "E100")
    assert is_error(caller.call("saveMMSS"), "E100")
    assert is_error(caller.post("no request at all", "text/plain"), "E100")


def is_parse_error(answer):
    """Checks for E108 with the parser's message and a line."""
    assert answer.code == "E108", answer
    assert answer.info.startswith("XML Parse error: ") and answer.info.endswith("."), answer.info
    assert any(c.isdigit() for c in answer.info), answer.info
    return True


@pytest.mark.parametrize("body", [
    "<REQUEST>", "<REQUEST><ACTION>saveMMS</REQUEST>", "<REQUEST>&nothing;</REQUEST>", "<REQUEST/><REQUEST/>",
    "<!DOCTYPE REQUEST><REQUEST><ACTION>saveMMS</ACTION></REQUEST>",
    '<!DOCTYPE r [<!ENTITY a "b">]><REQUEST><ACTION>&a;</ACTION></REQUEST>',
    '<!DOCTYPE r SYSTEM "file:///etc/passwd"><REQUEST/>',
    "<REQUEST>" + "<A>" * 33 + "</A>" * 33 + "</REQUEST>",
    '<?xml version="1.0" encoding="no-such"?><REQUEST/>',
], ids=range(9))
def test_row_2_xml(caller, body):
    assert is_parse_error(caller.post(body))


def test_row_2_depth_within_the_limit(caller):
    deep = "<A>" * 30 + "</A>" * 30
    assert caller.save("x", raw=deep).mmsid


def test_row_2_before_authorisation(caller):
    assert is_parse_error(caller.post("<REQUEST><ACTION>saveMMS</ACTION><API_KEY>x</API_KEY>"))


def test_row_3_before_the_rules(caller):
    assert is_error(caller.save(key="A" * 32, name=None), "E104")


@pytest.mark.parametrize("name", [None, "", " \t\n "])
def test_row_4_name(caller, name):
    assert is_error(caller.save("x", name=name), "E311")


@pytest.mark.parametrize("field,limit", [("name", 255), ("client_reference", 64), ("fallbacksmstext", 1600)])
def test_row_5_lengths(caller, field, limit):
    """The limits count characters, not bytes."""
    assert caller.save("x", **{field: "é" * (limit - 1) + "😀"}).mmsid
    assert is_error(caller.save("x", **{field: "é" * limit + "a"}), "E228", limit)


@pytest.mark.parametrize("field", ["disablefallbacksms", "disablefallbacksmslink"])
def test_row_6_disable(caller, field):
    for value in ("yes", "no", "", "YES", "No", " yes "):
        assert caller.save("x", **{field: value}).mmsid
    for value in ("1", "true", "y", "yesno"):
        assert is_error(caller.save("x", **{field: value}), "E652")


def test_row_7_fallback_text(caller):
    none = {"fallbacksmstext": None}
    assert is_error(caller.save("x", **none), "E622")
    assert is_error(caller.save("x", subject=" ", fallbacksmstext=" "), "E622")
    assert is_error(caller.save("x", subject="日本 😀", **none), "E622")      # no character of it is left
    assert is_error(caller.save("x", disablefallbacksms="no", **none), "E622")
    assert caller.save("x", subject="s", **none).mmsid
    assert caller.save("x", disablefallbacksms="Yes", **none).mmsid


def test_row_8_no_slide(caller):
    assert is_error(caller.save(), "E312")


def test_row_9_slides(caller):
    assert caller.save(*["x"] * 9).mmsid
    assert is_error(caller.save(*["x"] * 10), "E225")


@pytest.mark.parametrize("slide", [{}, "", "  ", {"image": ""}, {"duration": "5"}, {"raw": "<UNKNOWN>x</UNKNOWN>"}])
def test_row_10_empty_slide(caller, slide):
    assert is_error(caller.save("x", slide), "E313", 2)


def test_row_11_text_length(caller):
    assert caller.save("x", "é" * 4999 + "😀").mmsid
    assert is_error(caller.save("x", "é" * 5001), "E334", 2)


def test_row_12_audio_and_video(caller):
    assert is_error(caller.save({"audio": URL + "mp3", "video": URL + "mp4"}), "E226")


def test_row_13_video_and_image(caller):
    assert is_error(caller.save({"image": URL + "jpg", "video": URL + "mp4"}), "E227")
    assert is_error(caller.save({"personal": "1", "video": URL + "mp4"}), "E227")


@pytest.mark.parametrize("thing", ["vcard", "ical", "pdf", "contact", "calendar"])
@pytest.mark.parametrize("other", ["audio", "video", "image", "personal"])
def test_row_14_object_with_media(caller, thing, other):
    assert is_error(caller.save({thing: URL + "x", other: URL + "y"}), "E224")


@pytest.mark.parametrize("pair", itertools.combinations(["vcard", "ical", "pdf"], 2))
def test_row_15_two_objects(caller, pair):
    assert is_error(caller.save({pair[0]: URL + "x", pair[1]: URL + "y"}), "E223")


def test_row_16_unknown_personalized_image(caller):
    for ident in ("1", "999999", "abc"):
        assert is_error(caller.save("x", {"personal": ident}), "E1130", 2)


# Each entry breaks one rule about a single slide or the request, in the table's order. A request that breaks two
# rules gets the error of the first one.
BREAKS = [
    ("E311", {"name": ""}, {}), ("E228", {"client_reference": "r" * 65}, {}),
    ("E652", {"disablefallbacksms": "maybe"}, {}), ("E622", {"fallbacksmstext": ""}, {}),
    ("E334", {}, {"text": "t" * 5001}), ("E226", {}, {"audio": URL + "a", "video": URL + "v"}),
    ("E227", {}, {"image": URL + "i", "video": URL + "v"}), ("E224", {}, {"vcard": URL + "c", "image": URL + "i"}),
    ("E223", {}, {"pdf": URL + "p", "vcard": URL + "c"}), ("E1130", {}, {"personal": "5"}),
    ("E351", {}, {"image": URL + "i"}),
]
NUMBER = {"E228": 64, "E334": 1, "E1130": 1, "E351": 1}


# An object beside any image breaks an earlier rule, E224, so these two pairs cannot be made.
PAIRS = [(a, b) for a, b in itertools.combinations(BREAKS, 2) if (a[0], b[0]) not in (("E223", "E1130"), ("E223", "E351"))]


@pytest.mark.parametrize("first,second", PAIRS, ids=lambda b: b[0])
def test_order(caller, first, second):
    fields = {**second[1], **first[1]}
    # A missing fallback text is an error only where DISABLEFALLBACKSMS is not yes.
    answer = caller.save({"text": "x", **second[2], **first[2]}, **fields)
    assert is_error(answer, first[0], NUMBER.get(first[0]))


def test_order_of_slide_counts(caller):
    assert is_error(caller.save(fallbacksmstext=""), "E622")
    assert is_error(caller.save(*[{}] * 10), "E225")
    assert is_error(caller.save({}, {"text": "x" * 5001}), "E313", 1)


def test_first_slide_first(caller):
    assert is_error(caller.save("x", {}, {}), "E313", 2)
    assert is_error(caller.save("x" * 5001, {}), "E334", 1)


def test_all_slides_are_checked_before_any_fetch(caller, put, origin, path_of):
    url = put("jpg")
    assert is_error(caller.save({"image": url}, "y" * 5001), "E334", 2)
    assert origin.count(path_of(url)) == 0


def test_second_element_of_a_kind_is_ignored(caller, put, origin, path_of):
    first, second = put("jpg"), put("png")
    root = caller.details(caller.save({"image": [first, second]}).mmsid)
    assert [n.text for n in root.findall("SLIDE/IMAGE/URL")] == [first]
    assert origin.count(path_of(second)) == 0


def test_empty_url_counts_as_absent(caller, put):
    url = put("jpg")
    assert caller.save({"image": url, "video": "", "pdf": " "}).mmsid
    root = caller.details(caller.save({"image": ["", url]}).mmsid)
    assert [n.text for n in root.findall("SLIDE/IMAGE/URL")] in ([url], [])


def test_contact_and_calendar_are_vcard_and_ical(caller, put):
    root = caller.details(caller.save({"contact": put("vcf")}, {"calendar": put("ics")}).mmsid)
    assert root.find("SLIDE/VCARD") is not None and root.find("SLIDE/ICAL") is not None


def test_failed_save_stores_nothing(caller, put):
    assert is_error(caller.save({"image": put("jpg")}, {"image": put(body=b"junk", name="x.jpg", mime="image/jpeg")}),
                    "E341", 2)
    assert caller.ids() == []


def test_settings_move_the_limits(new_instance):
    """No limit is a constant in the code."""
    instance = new_instance({"max-slides": 2, "max-name-chars": 5, "max-text-chars": 10, "max-reference-chars": 3,
                             "max-fallback-chars": 12, "max-subject-chars": 4, "max-request-bytes": 5000}).serve()
    caller = instance.caller()
    short = {"name": "n", "fallbacksmstext": "f"}
    assert is_error(caller.save("x", "x", "x", **short), "E225")
    assert is_error(caller.save("x", **{**short, "name": "n" * 6}), "E228", 5)
    assert is_error(caller.save("x", client_reference="abcd", **short), "E228", 3)
    assert is_error(caller.save("x", **{**short, "fallbacksmstext": "f" * 13}), "E228", 12)
    assert is_error(caller.save("x" * 11, **short), "E334", 1)
    assert caller.details(caller.save("x", subject="abcdef", **short).mmsid).findtext("SUBJECT") == "abcd"
    assert caller.post(request_xml("saveMMS", caller.key, ["x"]) + " " * 6000).status == 413
    instance.stop()


def test_row_17_second_personalized_image(caller):
    """No image template exists here, so every id is unknown and row 16 answers first. The unit test of validate shows
    that row 17 follows it."""
    assert is_error(caller.save({"personal": "1"}, {"personal": "2"}), "E1130", 1)
    assert is_error(caller.save("x", {"personal": ["1", "2"]}), "E1130", 2)
