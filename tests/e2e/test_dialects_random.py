"""The same random request in the words of each dialect has the same effect and the same code, but for EXCEPTIONS, which are
those of savemms-api(7), Dialects. SAVEMMS_SEED chooses the requests, SAVEMMS_LONG makes many."""

import collections
import concurrent.futures
import email
import email.policy
import os
import re

import pytest

import procs
from instance import SLOW
from test_picture import Studio, text_area
from translate import FOREIGN, Request, Wrong, rng_of, send

LONG = bool(os.environ.get("SAVEMMS_LONG"))
SEED = int(os.environ.get("SAVEMMS_SEED", "1"))
REQUESTS, ACTORS = 2000 if LONG else 100, 3
FROM, BLOCKED, TO = "12345", "15550000666", ("15551230001", "19955500001")     # the second has no MMS
SENDS = ("sendMMS", "sendSavedMMS")
ACTIONS = {"saveMMS": 36, "sendMMS": 22, "sendSavedMMS": 22, "getMMSTemplates": 7, "getMMSIDDetails": 5, "deleteMMSID": 4,
           "getMmsIds": 2, "loginUser": 1, "nothing": 1}
PAST, FUTURE = ("1999-01-01", "2001-02-03T04:05:06Z"), ("2099-01-01", "2098-07-06T05:04:03+02:00", "2097-01-01T00:00:00Z")
PIECES = ("a", "Z9", "é", "€", "😀", " ", "\t", "\n", "\u00a0", "<b>", "&amp;", "\"'", "{$n}", "{$first_name|x y}", "{$", "}", r"\n", "\\")

# --- requests ---


class Source:
    """Makes requests. A field is mostly good, and at times absent, blank, wrong, too long or there twice."""

    def __init__(self, rng, media, image):
        self.rng, self.media, self.image = rng, media, image

    def text(self, most=8):
        return "".join(self.rng.choice(PIECES) for _ in range(self.rng.randint(0, most)))

    def of(self, good, bad=(), odds=0.96):
        return self.rng.choice(good) if not bad or self.rng.random() < odds else self.rng.choice(bad)

    def values(self):
        """Returns for each field a value, which None may be; the request does not need all of them."""
        long, wrong = "é" * 65, tuple(map(Wrong, (True, 1.5, 12.0, {}, ["1"])))
        return {
            "name": self.of(("n" + self.text(), "é" * 255), (None, "", " \t", "n" * 256, Wrong(5), *wrong), 0.94),
            "subject": self.of((None, "s" + self.text(), "s" * 90, "", "😀")),
            "fallback": self.of((None, "f" + self.text(), "€" * 1600, " \n"), ("f" * 1601,), 0.98),
            "flag": self.of((None, "", "yes", "YES", "no"), ("maybe", "1", Wrong(1), Wrong([True])), 0.96),
            "flaglink": self.of((None, "yes", "No"), ("true", "0", Wrong({})), 0.98),
            "ends": self.of((None, None, *FUTURE), ("soon", *PAST), 0.98),
            "reference": self.of((None, "r1", "77", " x "), (long, *wrong), 0.96),
            "to": self.of(TO, (None, "", "+15551230001", "1555x", "12", "0155512300", f"{TO[0]},{TO[1]}", BLOCKED, *wrong), 0.95),
            "from": self.of((FROM,), (None, " ", "9", "99999", *wrong), 0.96),
            "group": self.of((None,), ("", " ", TO[1]), 0.96),
            "expiry": self.of((None, *FUTURE), ("never", *PAST), 0.97),
            "mask": self.of((None, "me", "é" * 50), ("m" * 51,), 0.96),
            "operator": self.of((None, "31002"), (long, *wrong), 0.97),
            "service": self.of(("s1", " S1 "), (None, "", "s2", "s" * 65), 0.95),
            "customsubject": self.of((None, "c" + self.text())),
            "start": self.of((None, "2020-01-01", "2020-01-01T00:00:00Z"), ("yesterday", "2020-13-01", *wrong)),
            "page": self.of((None, "1", "2"), ("0", "-1", "x", *wrong)),
            "items": self.of((None, "1", "3", "1000"), ("0", "1001", "1.5", *wrong)),
        }

    def slide(self):
        rng = self.rng
        what = rng.choices(("text", "image", "audio", "video", "vcard", "ical", "pdf", "personal", "two", "none", "foreign"),
                           (46, 12, 5, 4, 5, 4, 4, 4, 9, 3, 4))[0]
        if what == "two":
            parts = [(p, self.url(p)) for p in rng.sample(("image", "audio", "video", "vcard", "ical", "pdf"), 2)]
        elif what == "foreign":
            parts = [(rng.choice(FOREIGN), rng.random() < 0.7)]
        else:
            parts = [] if what in ("text", "none") else [(what, self.url(what))]
        if what == "text" or (what != "none" and rng.random() < 0.4):
            parts.append(("text", self.of(("t" + self.text(), "€" * 5000), ("", " \n", "x" * 5001, Wrong(5), Wrong(["t"])), 0.95)))
        if rng.random() < 0.2:
            parts.append(("duration", rng.choice(("5", "0", "x", ""))))
        if parts and rng.random() < 0.04:
            parts.append(rng.choice(parts))
        rng.shuffle(parts)
        return parts

    def url(self, kind):
        if kind == "personal":
            return self.of((self.image,), ("999999999", "x", ""), 0.7)
        return self.of((self.media[kind],), ("", self.media["gone"], self.media["plain"], self.media["octets"], self.media["broken"], "ftp://h/x",
                                              "x"), 0.85)

    def request(self, key):
        rng, action = self.rng, self.rng.choices(list(ACTIONS), ACTIONS.values())[0]
        values = self.values()
        if action not in SENDS and rng.random() < 0.8:
            for name in ("to", "from", "mask", "operator", "service", "group", "expiry", "customsubject"):
                del values[name]
        r = Request([(k, v) for k, v in values.items() if v is not None])
        if any(isinstance(values[n], Wrong) for n in ("reference", "operator") if n in values):
            for name in {"reference", "operator", "service"} & set(values):    # the three have one limit: which was it?
                if not isinstance(values[name], Wrong):
                    r.put(name, "s1")
        r.put("mmsid", self.of(("TARGET",), (None, "", "0", "x", "999999999999", Wrong(1.5), Wrong(True)), 0.92))
        r.put("action", rng.choice((action, action.lower(), action.upper(), action.replace("MMS", "_mms-"))))
        if rng.random() < 0.02:
            r.put("action", rng.choice((None, "")))
        r.key = self.of((key,), (None, "x" * 32, ""), 0.97)
        if action in ("saveMMS", "sendMMS") or rng.random() < 0.1:
            r.slides = [self.slide() for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 9, 10, 11)))]
        if action == "sendSavedMMS" or rng.random() < 0.1:
            r.custom = [(self.of((None, "1"), ("2", "0", "x"), 0.9), self.of(("c" + self.text(), "é" * 5000, ""), ("x" * 5001,), 0.93))
                        for _ in range(rng.choice((0, 0, 1, 2)))]
        names = rng.sample(("n", "First-Name", "first_name", "N", "_x", "7x"), rng.randint(0, 4))
        r.data = [(k, self.of((self.text(4), "5", ""), tuple(map(Wrong, ({}, 1.5, [1], {"a": "b"}))), 0.97)) for k in names if k[0] != "7"]
        if rng.random() < 0.04:                     # twice, and the first that is not blank counts
            name, value = rng.choice(r.fields)
            if not isinstance(value, Wrong) and name != "action":
                r.fields.insert(rng.choice((0, len(r.fields))), (name, rng.choice((value, "", "2"))))
        rng.shuffle(r.fields)
        return r, action


# --- what is not the same, by the sections of the dialects' normative text ---
# (section, dialects, change). change(request, action, account) turns the request into one that A understands in the same way,
# and returns the codes (with the number in their text) of A that stand for another code. None: nothing is to be changed. A
# code: it is the answer.


def no_names_in_a(r, action, _):
    kept = r.copy()
    for name in ("group", "expiry", "service"):
        r.put(name, None)
    r.slides = [[x for x in slide if x[0] not in FOREIGN] for slide in r.slides]
    return {} if r != kept else None


def twice(r, action, _):
    return "E108" if r.repeats() else None


def login(r, action, _):
    return "E100" if action == "loginUser" else None


def dates(r, action, _):
    """A has neither to-displayonly nor an expiry, but an end of the link, which is judged at the same place."""
    expiry = r.first("expiry")
    if action not in SENDS or (r.first("group") is None and expiry in (None, *FUTURE)):
        return None
    r.put("ends", PAST[0])
    return {}


def service(r, action, account):
    """E627 comes behind E111."""
    listed, given = account.service, r.first("service")
    if action not in SENDS or r.first("from") != FROM:
        return None
    if listed and (given or "").lower() != listed:
        r.put("from", "9")
        return {("E111",): "E627"}
    if given and len(given) > 64:
        r.put("operator", given)
        return {}
    return None


def saved_without_text(r, action, _):
    if action != "saveMMS" or str(r.first("flag")).lower() not in ("none", "no"):
        return None
    r.put("flag", "yes")
    return {}


def foreign(names):
    def change(r, action, _):
        found = {}
        for n, slide in enumerate(r.slides, 1):
            if any(p in names and full for p, full in slide):
                slide.clear()
                found[("E313", str(n))] = "E229"
        return found or None
    return change


def subject_of_a_send(r, action, _):
    if action != "sendSavedMMS" or r.first("customsubject") is not None or r.first("subject") is None:
        return None
    r.put("customsubject", r.first("subject"))
    return {}


def wrong_types(r, action, _):
    """In place of a value of a wrong type, A gets one that its rule refuses at the same place."""
    codes, found = {}, False
    instead = {"name": ("n" * 256, ("E228", "255")), "reference": ("x" * 65, ("E228", "64")), "operator": ("x" * 65, ("E228", "64")),
               "to": (None, ("E201" if action == "sendMMS" else "E621",)), "from": (None, ("E111",)), "mmsid": (None, ("E620",)),
               "page": ("0", ("E212",)), "items": ("0", ("E213",)), "start": ("x", ("E214",)), "flag": ("x", None), "flaglink": ("x", None)}
    for name, (value, code) in instead.items():
        if isinstance(r.first(name), Wrong):
            r.put(name, value)
            found = True
            codes.update({code: "E100"} if code else {})
    if any(isinstance(v, Wrong) for _, v in r.data):
        r.data, found = [(f"v{n}", "x") for n in range(257)], True      # one too many
    for n, slide in enumerate(r.slides, 1):
        if any(isinstance(v, Wrong) for p, v in slide if p == "text"):
            slide.clear()
            codes[("E313", str(n))] = "E100"
    return codes if codes or found else None


EXCEPTIONS = [
    ("4.1 and 4.2, the column of A", "A pairs", no_names_in_a),
    ("7.2", "C", twice),
    ("5, loginUser", "B C", login),
    ("6.2, 7.3", "C", wrong_types),
    ("2, service-id", "B C", service),
    ("4.1, to-displayonly and mms-expiry-timestamp", "B C", dates),
    ("4.2, passbook", "B", foreign(("passbook",))),
    ("4.2, passbook and excel", "C", foreign(FOREIGN)),
    ("4.3", "B", saved_without_text),
    ("4.1, custom-subject", "C", subject_of_a_send),
]


# --- the test ---


# what differs from one message to another in its file of the spool
OF_ONE = ((r"(?m)^Date: .*$", ""), (r"\b[0-9a-f]{32}\b|_[0-9a-f]{32}\b", "HEX"), (r"/m/\w{32}", "/m/TOKEN"))


class Actor:
    """An account, whose calls follow each other."""

    def __init__(self, instance, number, media, image_of, service):
        self.instance, self.rng, self.service = instance, rng_of(SEED, number), service
        self.caller = instance.caller(senders=FROM, blacklist=BLOCKED, transcoding="off", service_ids=service)
        self.source = Source(self.rng, media, image_of(self.caller))
        self.targets = [self.saved("A", [("subject", "s")], 2), self.saved("B", [], 1), self.saved("C", [("fallback", "f {$n|x}")], 1)]
        self.codes, self.used, self.sent, self.wrong = {}, {}, [], []

    def call(self, r, dialect):
        return send(self.rng, self.caller.port, r, dialect)

    def saved(self, dialect, fields, slides):
        r = Request([("action", "saveMMS"), ("name", "n"), *fields], [[("text", "Hello {$n|you}")]] * slides, key=self.caller.key)
        return self.call(r, dialect)["mmsid"]

    def answer(self, r, action, dialect, target):
        """Returns what the call had for an effect: what it answered and stored, and the id of the message if it sent one."""
        r = r.copy()
        made = action in ("saveMMS", "sendMMS", "deleteMMSID")
        if action == "deleteMMSID":
            target = self.saved("A", [("subject", "s")], 1)
        r.fields = [(k, target if v == "TARGET" else v) for k, v in r.fields]
        got = self.call(r, dialect)
        if got is None:
            return None, None
        ident, tracking = got.pop("mmsid", None) if made else None, got.pop("trackingid", None)
        got.pop("sessionid", None)
        if action in ("saveMMS", "sendMMS") and ident:
            ask = Request([("action", "getMMSIDDetails"), ("mmsid", ident)], key=self.caller.key)
            got["stored"] = self.call(ask, self.rng.choice("ABC"))
            assert got["stored"].pop("mmsid") == ident and got["stored"].pop("datecreated")
        if "startdate" in got:
            got["startdate"] = got["startdate"][:10]
        return got, tracking

    def compare(self, number):
        """Makes a request and sends it in all dialects."""
        r, action = self.source.request(self.caller.key)
        target, plain = self.rng.choice(self.targets), r.copy()
        wrong_types(plain, action, self)
        base, message = self.answer(plain, action, "A", target)
        code = base.get("errorcode", "ok")
        self.codes[code] = self.codes.get(code, 0) + 1
        for dialect in ("A", "pairs", "B", "C"):
            mine, twisted, codes, constant = (r if dialect == "C" else plain), None, {}, None
            for section, dialects, change in EXCEPTIONS:
                if dialect not in dialects.split() or constant:
                    continue
                work = (twisted or mine).copy()
                changed = change(work, action, self)
                self.used[section] = self.used.get(section, 0) + (changed is not None)
                if isinstance(changed, str):
                    constant = changed
                elif changed is not None:
                    twisted = work
                    codes.update(changed)
            if dialect == "A" and twisted is None:
                continue
            expected, other = (base, message) if twisted is None or constant else self.answer(twisted, action, "A", target)
            got, tracking = self.answer(mine, action, dialect, target)
            if got is None:
                continue
            said = {"status": "Failure", "errorcode": constant, "x": []} if constant else expected
            code = codes.get((said.get("errorcode"), *said.get("x", [])))
            if code:
                said = {**said, "errorcode": code, "x": []}
            if constant or code:
                got.pop("to", None)
                said.pop("to", None)
            what = f"request {number} in {dialect}: {mine}\n  gives {got}\n  but {twisted or 'in A it'}\n  gives {expected}\n  so it is {said}"
            what = re.sub(r"(.)\1{19,}", lambda m: f"{m[1]}*{len(m[0])}", what)
            if got != said:
                self.wrong.append(what)
            elif tracking:
                self.sent.append((what, tracking, other))

    def spooled(self, tracking):
        """Returns the file of a message, without what only that message has; "" if the message failed."""
        names = [os.path.join(self.instance.folder, "outbox", f"{tracking}.{leg}") for leg in ("mms", "sms")]
        found = [n for n in names if os.path.exists(n)]
        if not found:
            return ""
        with open(found[0], "rb") as f:
            message = email.message_from_binary_file(f, policy=email.policy.default)
        parts = [part for part in message.walk() if not part.is_multipart()]
        text = "\n".join(f"{k}: {v}" for x in (message, *parts) for k, v in x.items())
        text += "".join("\n" + part.get_payload(decode=True).decode("latin-1") for part in parts)
        assert tracking in text
        for pattern, same in OF_ONE:
            text = re.sub(pattern, same, text)
        return text.replace(tracking, "ID")


def play(actor, first):
    for n in range(first, REQUESTS, ACTORS):
        actor.compare(n)


@pytest.fixture(scope="module")
def instance(new_instance):
    return new_instance({"carrier-none": "mms=no prefixes=199"}).serve()


def test_same_request(instance, put, origin, samples, tmp_path):
    studio = Studio(instance, samples, tmp_path)
    image = put("png")
    media = {"image": image, "audio": put("mp3"), "video": put("mp4"), "vcard": put("vcf"), "ical": put("ics"), "pdf": put("pdf"),
             "gone": origin.url("gone.png"), "plain": put("png", mime="text/plain"), "octets": put("png", mime="application/octet-stream"),
             "broken": put(body=b"GIF89a no more", mime="image/gif", name="b.gif")}
    actors = [Actor(instance, n, media, lambda caller: studio.add(caller, text_area("Hello {$n|you}")), "s1" if n == 0 else "") for n in range(ACTORS)]
    with concurrent.futures.ThreadPoolExecutor(ACTORS) as pool:
        list(pool.map(play, actors, range(ACTORS)))
    assert procs.wait_for(lambda: "\tdeliver\t" not in instance.run("job", "list"), 30 * SLOW), instance.run("job", "list")[-2000:]
    wrong = [w for a in actors for w in a.wrong] + \
        [w + "".join(f"\n{a.spooled(i)}" for i in ids) for a in actors for w, *ids in a.sent if len(set(map(a.spooled, ids))) > 1]
    assert not wrong, f"SAVEMMS_SEED={SEED}: {len(wrong)} are wrong\n" + "\n".join(w[:3000] for w in wrong[:5])
    codes, used = collections.Counter(), collections.Counter()
    for actor in actors:
        codes.update(actor.codes)
        used.update(actor.used)
    outcomes = [bool(a.spooled(sent[1])) for a in actors for sent in a.sent]
    assert any(outcomes)
    print(f"SAVEMMS_SEED={SEED}: {dict(sorted(codes.items()))}, {outcomes.count(True)} sent, {dict(used)}")
    assert codes["ok"] > REQUESTS // 8 and len(codes) > (30 if LONG else 8)
    assert not LONG or all(used.values())
