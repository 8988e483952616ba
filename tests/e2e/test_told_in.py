"""Postbacks in the dialect of the template or message they are about, or in that which the account asks for
(savemms-api(7), Postbacks and Delivery postbacks), as they are on the wire."""

import json
import re
from xml.sax.saxutils import escape

import pytest

from client import Client
from instance import SLOW
from test_dialects import Wire

FROM, TO, NO_MMS, OPERATOR = "12345", "15551230001", "19955500001", "310410"
XML, JSON = "text/xml; charset=utf-8", "application/json; charset=utf-8"
HEAD = "<?xml version='1.0'?>\n"
SETTINGS = ("same", "A", "B", "C", "c")
REFERENCE = 'my "ref" & <1> é'


@pytest.fixture(scope="module")
def place(new_instance):
    """An instance whose postbacks are tried again after a second, and with a carrier that has no MMS."""
    return new_instance({"retry-schedule": "1, 1, 1", "carrier-none": "mms=no prefixes=199"}).serve()


class Speaker:
    """One account that is called in every dialect."""

    def __init__(self, place, receiver, hook, setting):
        self.caller = place.caller(senders=FROM, postback_url=receiver.url(hook), postback_dialect=setting)
        self.wire, self.receiver, self.hook, self.setting, self.told = Wire(self.caller), receiver, hook, setting, 0

    def expected(self, dialect):
        return dialect if self.setting == "same" else self.setting.upper()

    def save(self, dialect, *slides, **more):
        """Saves in a dialect. A slide is a text, or {kind: URL}. Returns the id."""
        if dialect == "A":
            return self.caller.save(*slides, client_reference=REFERENCE, fallbacksmstext="f").mmsid
        made = [{"message-text": s} if isinstance(s, str) else {kind: {"url": url} for kind, url in s.items()} for s in slides]
        return self.call(dialect, "saveMMS", {"name": "n", "fallback-sms-text": "f", "slide": made,
                                              "client-reference": REFERENCE, **more})["mms-id"]

    def send(self, dialect, mmsid, to, operator=OPERATOR):
        """Sends, and returns the tracking id."""
        if dialect == "A":
            more = {"operatorid": operator} if operator else {}
            return self.caller.call("sendSavedMMS", mmsid=mmsid, to=to, client_reference=REFERENCE, **{"from": FROM}, **more
                                    ).get("TRACKINGID")
        more = {"operator-id": operator} if operator else {}
        return self.call(dialect, "sendSavedMMS", {"mms-id": mmsid, "to": to, "from": FROM, "client-reference": REFERENCE,
                                                   **more})["tracking-id"]

    def call(self, dialect, action, members):
        if dialect == "C":
            answer = self.wire.json(action=action, message_subject=None, **{"slide": None, "name": None, **members})
        else:
            parts = "".join(nodes(name, value) for name, value in members.items())
            text = self.wire.xml(parts, action=action)
            answer = dict(re.findall("<([a-z-]+)>([^<]*)</", text))
        assert answer["status"] == "Success", answer
        return answer

    def next(self):
        """Waits for the next postback."""
        self.told += 1
        got = self.receiver.wait(self.hook, self.told, 30 * SLOW)
        assert len(got) >= self.told, got
        return got[self.told - 1]


def nodes(name, value):
    if isinstance(value, list):
        return "".join(nodes(name, one) for one in value)
    inner = "".join(nodes(*pair) for pair in value.items()) if isinstance(value, dict) else escape(value)
    return f"<{name}>{inner}</{name}>"


def assert_told(postback, dialect, *members):
    """Compares a postback, byte for byte, with (name in A, name in B, name in C, value)... of its dialect. A value that is
    a pattern matches."""
    column = "ABC".index(dialect)
    body = postback.body.decode()
    assert postback.headers["content-type"] == (JSON if dialect == "C" else XML)
    members = [(m[column], m[3]) for m in members if m[column]]
    if dialect == "C":
        want = "{" + ",".join(re.escape(json.dumps(name)) + ":" + value_of(value, json_text) for name, value in members) + "}"
    else:
        root = "POSTBACK" if dialect == "A" else "postback"
        want = re.escape(HEAD) + f"<{root}>" + "".join(f"<{n}>{value_of(v, xml_text)}</{n}>" for n, v in members) + f"</{root}>"
    assert re.fullmatch(want, body), f"{body}\nis not\n{want}"
    if dialect == "C":
        def once(pairs):
            assert len(dict(pairs)) == len(pairs)
            return dict(pairs)
        json.loads(body, object_pairs_hook=once)
    else:
        assert postback.root.tag in ("POSTBACK", "postback")


def value_of(value, writer):
    return value.pattern if isinstance(value, re.Pattern) else re.escape(writer(value))


def xml_text(value):
    return escape(value, {'"': "&quot;"})


def json_text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encoded(mmsid, code, *names):
    """What an encoding postback has."""
    return (("ORIGIN", "origin", "origin", "MMS_MT"), ("CODE", "code", "code", code),
            (None, None, "status", "Transcoding failed" if names else "Transcoding successful"),
            ("MMSID", "mms-id", "mms-id", mmsid), *names,
            ("CLIENT_REFERENCE", "client-reference", "client-reference", REFERENCE))


@pytest.mark.parametrize("setting", SETTINGS)
def test_n003(place, receiver, hook, setting):
    """The same template, saved in each dialect, is told in its own, or in the one that the account asks for."""
    speaker = Speaker(place, receiver, hook, setting)
    for dialect in "ABC":
        mmsid = speaker.save(dialect, "a text")
        assert_told(speaker.next(), speaker.expected(dialect), *encoded(mmsid, "N003"))


@pytest.mark.parametrize("setting", ("same", "B", "C"))
def test_e002_and_all_that_failed(place, receiver, hook, setting, put):
    """A sound and two films that cannot be encoded: XML names each, JSON the first of each kind and lists all."""
    speaker = Speaker(place, receiver, hook, setting)
    sound = put(body=b"no sound", mime="audio/mpeg", name="a&b.mp3")
    films = [put(body=b"no film" * n, mime="video/mp4", name=f"{n}.mp4") for n in (1, 2)]
    for dialect in "ABC":
        mmsid = speaker.save(dialect, "text", {"audio": sound}, {"video": films[0]}, {"video": films[1]})
        postback, expected = speaker.next(), speaker.expected(dialect)
        second = [] if expected == "C" else [("VIDEONAME", "video-name", None, films[1])]
        failures = [{"slide": n, "kind": kind, "url": url}
                    for n, kind, url in ((2, "audio", sound), (3, "video", films[0]), (4, "video", films[1]))]
        assert_told(postback, expected, *encoded(mmsid, "E002", ("AUDIONAME", "audio-name", "audio-name", sound),
                                                 ("VIDEONAME", "video-name", "video-name", films[0]), *second,
                                                 (None, None, "failures", failures)))


def test_a_film_is_ready(place, receiver, hook, put):
    """The dialect is still known when the helper has encoded a film."""
    speaker = Speaker(place, receiver, hook, "same")
    for dialect in "CB":
        mmsid = speaker.save(dialect, {"video": put("mp4")})
        assert_told(speaker.next(), dialect, *encoded(mmsid, "N003"))


def test_send_mms(place, receiver, hook, put):
    """What sendMMS saves and sends is told in its dialect too: N013 and N101, or E012."""
    speaker = Speaker(place, receiver, hook, "same")
    broken = put(body=b"no sound", mime="audio/mpeg", name="a.mp3")
    cases = [(dialect, kind, url) for kind, url in (("video", put("mp4")), ("audio", broken)) for dialect in "CB"]
    for dialect, kind, url in cases:
        members = {"name": "n", "fallback-sms-text": "f", "client-reference": REFERENCE, "to": TO, "from": FROM,
                   "operator-id": OPERATOR, "slide": [{kind: {"url": url}}]}
        answer = speaker.call(dialect, "sendMMS", members)
        mmsid, told = answer["mms-id"], speaker.next()
        if kind == "audio":
            failures = (None, None, "failures", [{"slide": 1, "kind": "audio", "url": url}])
            assert_told(told, dialect, *encoded(mmsid, "E012", ("AUDIONAME", "audio-name", "audio-name", url), failures))
        else:
            assert_told(told, dialect, *encoded(mmsid, "N013"))
            assert_told(speaker.next(), dialect, *delivery("N101", "Message Sent", "Sent", answer["tracking-id"], mmsid,
                                                           sent_as="MMS"))


def delivery(code, status, c_status, tracking, mmsid, *, sent_as=None, to=TO, details=None, operator=OPERATOR, why=None):
    """What a delivery postback has, for each dialect in its order."""
    xml = [("STATUS", "status", None, status), ("MMSID", "mms-id", None, mmsid), ("FROM", "from", None, FROM),
           ("TO", "to", None, to), ("TRACKINGID", "tracking-id", None, tracking)]
    spid = [("SPID", "operator-id", None, operator)] if operator else []
    own = [(None, None, "status", c_status), (None, None, "status-details", details or f"Message {c_status}"),
           (None, None, "mms-id", mmsid), (None, None, "to", to), (None, None, "from", FROM)]
    rest = [(None, None, "operator-id", operator)] if operator else []
    rest.append((None, None, "tracking-id", tracking))
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
    return [("ORIGIN", "origin", "origin", "MMS_MT"), ("CODE", "code", "code", code),
            *([("SENTAS", "sent-as", "sent-as", sent_as)] if sent_as else []), *xml, *spid, *own,
            ("TIMESTAMP", "timestamp", None, stamp),
            (None, None, "timestamp", re.compile('"' + stamp.pattern.replace(r"\+00:00", "Z") + '"')), *rest,
            *([("STATUSDETAILS", "status-details", None, why)] if why else []),
            ("CLIENT_REFERENCE", "client-reference", "client-reference", REFERENCE)]


@pytest.mark.parametrize("setting", SETTINGS[:4])
def test_delivery(place, receiver, hook, setting):
    """Sent, delivered, refused and failed, as each dialect calls it. The message has a dialect of its own."""
    speaker = Speaker(place, receiver, hook, setting)
    mmsid = speaker.save("B", "x")
    speaker.next()
    report = Client(place.port)
    for dialect in "ABC":
        expected = speaker.expected(dialect)
        for status, code, words, c_code, c_word in ((1, "N102", "Message Sent/Delivered", "N102", "Delivered"),
                                                    (16, "E102", "Message Sent/Rejected", "E102", "Rejected")):
            tracking = speaker.send(dialect, mmsid, TO)
            assert_told(speaker.next(), expected, *delivery("N101", "Message Sent", "Sent", tracking, mmsid, sent_as="MMS"))
            reported(report, tracking, status)
            assert_told(speaker.next(), expected, *delivery(
                c_code if expected == "C" else code, words, c_word, tracking, mmsid, sent_as="MMS" if status == 1 else None,
                why="no & such", details=f"Message {c_word}" + ("" if status == 1 else ": no & such")))


def reported(report, tracking, status):
    assert report.http("GET", f"/report/sms/{tracking}?status={status}&answer=no+%26+such").status == 200


@pytest.mark.parametrize("setting", ("same", "C"))
def test_fallback(place, receiver, hook, setting):
    """An SMS that was delivered is N202 in A, and N102 as SMS in B and C. One that was not is E202 everywhere."""
    speaker = Speaker(place, receiver, hook, setting)
    mmsid = speaker.save("A", "x")
    speaker.next()
    for dialect in "ABC":
        for status, word in ((1, "Delivered"), (2, "Failed")):
            expected = speaker.expected(dialect)
            tracking = speaker.send(dialect, mmsid, NO_MMS, operator=None)
            first = speaker.next().body.decode()
            assert "N101" in first and "SMS" in first and tracking in first
            reported(Client(place.port), tracking, status)
            code = "E202" if status == 2 else "N202" if expected == "A" else "N102"
            assert_told(speaker.next(), expected, *delivery(
                code, f"Message Sent/{word}", word, tracking, mmsid, to=NO_MMS, operator=None,
                sent_as="SMS" if status == 1 else None, why="no & such",
                details="Message Delivered" if status == 1 else "Message Failed: no & such"))


def test_one_that_cannot_be_sent(place, receiver, hook):
    """E101, with the reason."""
    speaker = Speaker(place, receiver, hook, "same")
    mmsid = speaker.save("C", "x", **{"disable-fallback-sms": "yes"})
    speaker.next()
    tracking = speaker.call("C", "sendSavedMMS", {"mms-id": mmsid, "to": NO_MMS, "from": FROM, "disable-fallback-sms": "yes"})
    told = json.loads(speaker.next().body)
    assert list(told) == ["origin", "code", "status", "status-details", "mms-id", "to", "from", "tracking-id"], told
    assert (told["code"], told["status"], told["tracking-id"]) == ("E101", "Failed", tracking["tracking-id"])
    assert told["status-details"].startswith("Message Failed: ") and "does not carry MMS" in told["status-details"]


def test_a_retry_posts_the_same_bytes(place, receiver, hook):
    """Whatever the account's setting becomes meanwhile: a customer may compare them, and the signature's id is the same."""
    speaker = Speaker(place, receiver, hook, "C")
    receiver.script(hook, [500, 500, 200])
    speaker.save("A", "x")
    first = speaker.next()
    place.change(speaker.caller.account, postback_dialect="B")
    for again in speaker.next(), speaker.next():
        assert again.body == first.body and again.headers["content-type"] == first.headers["content-type"] == JSON
    speaker.save("A", "x")
    assert speaker.next().body.startswith(HEAD.encode() + b"<postback><origin>")


def test_the_setting_is_checked(place):
    name = place.caller().account
    status, _, err = place.command("account", "set", name, "postback-dialect=D")
    assert status == 2 and "postback-dialect must be same, A, B or C, not 'D'" in err
    assert "postback-dialect" in place.run("account", "show", name)
