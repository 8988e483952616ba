"""Random sequences of calls against a small model (savemms-api(7)): what each answers, what the lists hold, what arrives.

Each actor has an account, a model of what is stored in it, and a thread: so the calls of one account follow each other,
those of different accounts run side by side. SAVEMMS_SEED chooses the sequences, SAVEMMS_LONG makes them long."""

import concurrent.futures
import datetime
import os
import random
import re
import signal
import time

import pytest

import procs
from expected import is_error
from instance import SLOW
from test_picture import Studio, text_area

LONG = bool(os.environ.get("SAVEMMS_LONG"))
SECONDS = 300 if LONG else 10
SEED = int(os.environ.get("SAVEMMS_SEED", "1"))
ACTORS = 3
FROM = "12345"
PIECES = ("a", "Z9", "é", "€", "😀", " ", "  ", "\t", "\n", "\u00a0", "<b>", "&amp;", "\"'", "{$n}", "{$n|x y}", "{$", "}", r"\n", r"\r\n")
BLANKS = " \t\r\n"


def subject_of(text):
    """Returns SUBJECT as it is kept: printable ISO-8859-1, blanks folded, at most 80 characters."""
    kept = [c for c in text if c in BLANKS + "\u00a0" or " " < c < "\x7f" or "\u00a0" < c <= "\u00ff"]
    return re.sub("[ \t\r\n\u00a0]+", " ", "".join(kept)).strip(" ")[:80].rstrip(" ")


def text_of(text):
    return re.sub(r"\\r\\n|\\r|\\n", "\n", text).strip(BLANKS)


def filled(text, value):
    """Returns the text as it is sent, where n has the value or none."""
    return re.sub(r"\{\$n(?:\|([^}]*))?\}", lambda m: value or m[1] or "", text)


def seconds(iso):
    return datetime.datetime.strptime(iso, "%Y-%m-%dT%H:%M:%S%z").timestamp()


class Actor:
    def __init__(self, place, number, media, receiver):
        self.place, self.media, self.receiver, self.path = place, media, receiver, f"model-{number}"
        self.instance = place.instance
        self.random = random.Random(SEED * 1000 + number)
        self.caller = self.instance.caller(senders=FROM, postback_url=receiver.url(self.path), blacklist="15550009999")
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.stored, self.deleted, self.sent, self.others = {}, {}, {}, []
        self.images, self.log = [], []

    # --- what is random ---

    def text(self, most=12):
        return "".join(self.random.choice(PIECES) for _ in range(self.random.randint(0, most)))

    def slide(self, personal):
        what = self.random.choice(("text", "image", "gif", "audio", "vcard", "pdf") + (("personal",) if personal else ()))
        slide = {"text": text_of(self.text()) or "t"} if what == "text" or self.random.random() < 0.5 else {}
        if what == "personal":
            slide["personal"] = self.random.choice(self.images)
        elif what != "text":
            slide["image" if what == "gif" else what] = self.media[what]
        return slide

    def request(self):
        """Returns the fields of a save that is right, and its slides."""
        slides = [self.slide(False) for _ in range(self.random.randint(1, 3))]
        if self.images and self.random.random() < 0.4:
            slides[self.random.randrange(len(slides))] = self.slide(True)
        fields = {"name": "n" + self.text(), "subject": self.text() or None, "fallbacksmstext": self.text() or None,
                  "client_reference": self.random.choice((None, f"r{self.random.random()}")),
                  "disablefallbacksms": self.random.choice((None, "", "yes", "NO"))}
        if not subject_of(fields["subject"] or "") and not (fields["fallbacksmstext"] or "").strip(BLANKS):
            fields["fallbacksmstext"] = "a fallback"
        return fields, slides

    # --- saving ---

    def spoil(self, fields, slides):
        """Makes one thing wrong. Returns the error, and the number that its text names."""
        n = self.random.randint(1, len(slides))
        how = self.random.randrange(11)
        if how == 0:
            fields["name"] = self.random.choice((None, "", " \t\n "))
            return "E311", None
        if how == 1:
            fields["client_reference"] = "é" * 65
            return "E228", 64
        if how == 2:
            fields["disablefallbacksms"] = "maybe"
            return "E652", None
        if how == 3:
            fields.update(subject=" € ", fallbacksmstext=" \n", disablefallbacksms="no")
            return "E622", None
        if how == 4:
            slides.clear()
            return "E312", None
        if how == 5:
            slides.extend([{"text": "x"}] * 9)
            return "E225", None
        wrong = {6: ({}, "E313"), 7: ({"text": "€" * 5001}, "E334"), 8: ({"audio": self.media["audio"], "video": self.media["audio"]}, "E226"),
                 9: ({"personal": "999999999"}, "E1130"), 10: ({"image": self.media["gone"]}, "E351")}
        slides[n - 1], code = wrong[how]
        return code, n

    def post_save(self, fields, slides):
        """Sends the save as XML or as a form."""
        if self.random.random() < 0.7:
            return self.caller.call("saveMMS", slides=slides, **fields)
        pairs = {"action": "SaveMms", "api_key": self.caller.key, **{k: v for k, v in fields.items() if v is not None}}
        for n, slide in enumerate(slides, 1):
            names = {"personal": "personalized_image"}
            pairs.update({f"slide_{n * 3}_{names.get(k, k)}": v for k, v in slide.items()})
        return self.caller.form(pairs)

    def save(self, fields=None, slides=None):
        if fields is None:
            fields, slides = self.request()
        before = int(time.time())
        answer = self.post_save(fields, slides)
        assert answer.nodes() == ["STATUS", "MMSID"], answer
        assert answer.mmsid not in {**self.stored, **self.deleted}, "an id was given again"
        self.stored[answer.mmsid] = {
            "name": fields["name"].strip(BLANKS), "subject": subject_of(fields["subject"] or ""),
            "fallback": (fields["fallbacksmstext"] or "").strip(BLANKS), "reference": fields["client_reference"],
            "slides": slides, "when": (before, time.time()), "ready": False,
            "no_sms": (fields["disablefallbacksms"] or "").lower() == "yes"}

    def save_that_fails(self):
        fields, slides = self.request()
        code, x = self.spoil(fields, slides)
        if not slides or len(slides) > 9 or code != "E313":
            answer = self.post_save(fields, slides)
        else:                                                   # a form cannot have an empty slide
            answer = self.caller.call("saveMMS", slides=slides, **fields)
        assert is_error(answer, code, x)

    # --- lists ---

    def newest_first(self):
        return list(self.stored)[::-1]

    def ids(self):
        answer = self.caller.call("getMmsIds")
        return [] if answer.code == "E200" else answer.get("MMSIDS").split(",")

    def list_ids(self):
        assert self.ids() == self.newest_first()

    def page(self, **fields):
        answer = self.caller.call("getMMSTemplates", **fields)
        assert answer.code is None, answer
        return int(answer.root.findtext("TOTAL_RESULTS")), answer.root.findall("MMS_TEMPLATE")

    def list_page(self):
        items, page = self.random.choice((1, 2, 7, 100, 1000)), self.random.randint(1, 4)
        total, rows = self.page(items_per_page=items, page_number=page)
        want = self.newest_first()
        assert total == len(want) and [r.findtext("MMSID") for r in rows] == want[(page - 1) * items:page * items]
        for row in rows:
            t = self.stored[row.findtext("MMSID")]
            assert [row.findtext(n) for n in ("NAME", "SUBJECT", "FALLBACK_SMS_TEXT")] == [t["name"], t["subject"], t["fallback"]]
            assert row.findtext("TOTAL_SLIDES") == str(len(t["slides"]))
            assert t["when"][0] <= seconds(row.findtext("DATE_CREATED")) <= t["when"][1], (row.findtext("DATE_CREATED"), t["when"])

    def list_since(self):
        _, rows = self.page(items_per_page=1000)
        if not rows:
            return
        date = self.random.choice(rows).findtext("DATE_CREATED")
        want = [r.findtext("MMSID") for r in rows if seconds(r.findtext("DATE_CREATED")) >= seconds(date)]
        total, rows = self.page(items_per_page=1000, start_date=date)
        assert total == len(want) and [r.findtext("MMSID") for r in rows] == want

    def list_that_fails(self):
        fields, code = self.random.choice((({"page_number": "0"}, "E212"), ({"items_per_page": "1001"}, "E213"),
                                           ({"start_date": "yesterday"}, "E214")))
        assert is_error(self.caller.call("getMMSTemplates", **fields), code)

    def lists_meanwhile(self):
        """While one is saved or deleted, every list is the one of before or that of after, and never the first again."""
        before = self.newest_first()
        change = self.pool.submit(self.delete if self.stored and self.random.random() < 0.4 else self.save)
        seen = []
        while not change.done() or not seen:
            if self.random.random() < 0.5:
                seen.append(self.ids())
            else:
                total, rows = self.page(items_per_page=1000)
                seen.append([r.findtext("MMSID") for r in rows])
                assert total == len(rows)
        change.result()
        after = self.newest_first()
        states = [after if s == after else s for s in seen]
        assert all(s in (before, after) for s in states), (before, after, seen)
        assert states == [s for s in states if s is not after] + [s for s in states if s is after], "a list went back"

    def details(self):
        if not self.stored:
            return
        mmsid = self.random.choice(list(self.stored))
        t, root = self.stored[mmsid], self.caller.details(mmsid)
        assert [root.findtext(n) or "" for n in ("NAME", "SUBJECT", "FALLBACK_SMS_TEXT")] == [t["name"], t["subject"], t["fallback"]]
        assert root.findtext("CLIENT_REFERENCE") == t["reference"]
        state = root.findtext("STATE")
        assert state == "ready" or (state == "encoding" and not t["ready"] and any("audio" in s for s in t["slides"])), state
        t["ready"] = state == "ready"
        slides = root.findall("SLIDE")
        assert [s.findtext("TEXT") for s in slides] == [s.get("text") for s in t["slides"]]
        for node, slide in zip(slides, t["slides"]):
            assert [node.findtext(f"{k.upper()}/URL") for k in ("image", "audio", "vcard", "pdf") if k in slide] == \
                [slide[k] for k in ("image", "audio", "vcard", "pdf") if k in slide]

    # --- deleting ---

    def delete(self):
        if not self.stored:
            return
        mmsid = self.random.choice(list(self.stored))
        answer = self.caller.call("deleteMMSID", mmsid=mmsid)
        assert answer.code is None and answer.mmsid == mmsid, answer
        self.deleted[mmsid] = self.stored.pop(mmsid)

    def what_is_not_there(self):
        theirs = [i for other in self.others for i in list(other.stored)[:1]]
        mmsid = self.random.choice([None, "x", "1", "99999999999999999999", *list(self.deleted)[-2:], *theirs])
        action = self.random.choice(("deleteMMSID", "getMMSIDDetails", "sendSavedMMS"))
        assert is_error(self.caller.call(action, mmsid=mmsid), "E241" if mmsid else "E620")

    # --- sending ---

    def send(self):
        if not self.stored:
            return
        mmsid = self.random.choice(list(self.stored))
        value = self.random.choice((None, "Ann", "é<&>"))
        fields = {"to": f"1555{self.random.randint(1000000, 9999999)}", "from": FROM, "from_mask": self.random.choice((None, "m" * 50))}
        raw = f"<DATA><N>{value.replace('&', '&amp;').replace('<', '&lt;')}</N></DATA>" if value else ""
        answer = self.caller.call("sendSavedMMS", mmsid=mmsid, raw=raw, **fields)
        if answer.code == "E626":
            assert not self.stored[mmsid]["ready"] and any("audio" in s for s in self.stored[mmsid]["slides"])
            return
        assert answer.nodes() == ["STATUS", "MMSID", "TRACKINGID", "TO", "FROM", "STATUSDETAILS"], answer
        assert answer.get("TRACKINGID") not in self.sent
        self.stored[mmsid]["ready"] = True
        self.sent[answer.get("TRACKINGID")] = mmsid, fields["to"], value

    def send_that_fails(self):
        ready = [i for i, t in self.stored.items() if t["ready"]]
        if not ready:
            return
        fields, code, x = self.random.choice((
            ({"to": None}, "E621", None), ({"to": "+15551230001"}, "E110", None), ({"from": "99999"}, "E111", None),
            ({"to": "15550009999"}, "E114", None), ({"disablefallbacksms": "x"}, "E652", None), ({"operatorid": "9" * 65}, "E228", 64),
            ({"raw": "<CUSTOMTEXT><VALUE>x</VALUE><SLIDE>99</SLIDE></CUSTOMTEXT>"}, "E100", None),
            ({"raw": f"<CUSTOMTEXT><VALUE>{'x' * 5001}</VALUE></CUSTOMTEXT>"}, "E334", 1), ({"from_mask": "é" * 51}, "E115", 50)))
        answer = self.caller.call("sendSavedMMS", **{"mmsid": self.random.choice(ready), "to": "15551230001", "from": FROM, **fields})
        assert is_error(answer, code, x)

    # --- image templates and helpers ---

    def image_template(self):
        if len(self.images) < 2:
            self.images.append(self.place.add(self.caller, text_area("For {$n|you}")))
        else:
            gone = self.images.pop(0)
            self.instance.run("image-template", "remove", gone)
            assert is_error(self.caller.save({"personal": gone}), "E1130", 1)

    def stop_helper(self):
        """A stop hands the work back. A kill, in long runs only, costs the time of a lease."""
        how = self.random.choice((signal.SIGTERM, signal.SIGKILL)) if LONG else signal.SIGTERM
        self.instance.signal(self.instance.pids("savemms-helper"), how)

    # --- the sequence and its end ---

    def play(self, until):
        weights = {self.save: 20, self.save_that_fails: 10, self.list_ids: 8, self.list_page: 10, self.list_since: 4,
                   self.list_that_fails: 1, self.lists_meanwhile: 6, self.details: 8, self.delete: 8, self.what_is_not_there: 4,
                   self.send: 12, self.send_that_fails: 4, self.image_template: 2, self.stop_helper: 0.3}
        while time.monotonic() < until:
            act = self.random.choices(list(weights), list(weights.values()))[0]
            self.log.append(act.__name__)
            try:
                act()
            except Exception as e:
                raise AssertionError(f"SAVEMMS_SEED={SEED}: {self.path} after {self.log[-20:]}: {e}") from e
        return len(self.log)

    def postbacks(self, *codes):
        return [p for p in self.receiver.got(self.path) if p.text("CODE") in codes]

    def wait_for_all(self):
        """Waits for what was promised: an N003 for each template that stays, and the end of each message."""
        def missing():
            told = {p.text("MMSID") for p in self.postbacks("N003")}
            ended = {p.text("TRACKINGID") for p in self.postbacks("N101", "E101")}
            return (set(self.stored) - told) | (set(self.sent) - ended)
        assert procs.wait_for(lambda: not missing(), 40 * SLOW, 0.2), (SEED, self.path, missing(), self.instance.run("job", "list"))

    def check_end(self):
        self.list_ids()
        for mmsid in self.stored:
            assert self.caller.details(mmsid).findtext("STATE") == "ready"
        for p in self.postbacks("N003", "N101", "E101"):
            reference = {**self.stored, **self.deleted}[p.text("MMSID")]["reference"]
            assert p.text("CLIENT_REFERENCE") == (reference if p.text("CODE") == "N003" else None)
        for tracking, (mmsid, to, value) in self.sent.items():
            ends = {(p.text("CODE"), p.text("TO"), p.text("MMSID")) for p in self.postbacks("N101", "E101") if p.text("TRACKINGID") == tracking}
            t = {**self.stored, **self.deleted}[mmsid]
            if mmsid in self.stored and not any("personal" in s for s in t["slides"]):
                assert ends == {("N101", to, mmsid)}, (tracking, ends)
            else:                                               # it, or its image template, may have been removed before
                assert len(ends) == 1 and ends <= {("N101", to, mmsid), ("E101", to, mmsid)}, (tracking, ends)
            if ends == {("N101", to, mmsid)}:
                self.check_sent(tracking, t, value)

    def check_sent(self, tracking, t, value):
        with open(os.path.join(self.instance.folder, "outbox", f"{tracking}.mms"), encoding="latin-1") as f:
            head = f.read(20000)
        assert len(re.findall(r"(?m)^Content-Type: text/plain", head)) >= sum(
            1 for s in t["slides"] if filled(s.get("text", ""), value)) or len(head) == 20000


@pytest.fixture(scope="module")
def place(new_instance, samples, tmp_path_factory):
    settings = {"spool-media": "refer", "deliver-schedule": "1, 1", "account-requests": "8"}
    return Studio(new_instance(settings).serve(), samples, tmp_path_factory.mktemp("pictures"))


def test_random_calls_against_a_model(place, put, receiver):
    media = {"image": put("jpg"), "gif": put("gif"), "audio": put("mp3"), "vcard": put("vcf"), "pdf": put("pdf"), "gone": put("jpg", status=404)}
    actors = [Actor(place, n, media, receiver) for n in range(ACTORS)]
    for actor in actors:
        actor.others = [a for a in actors if a is not actor]
    until = time.monotonic() + SECONDS
    with concurrent.futures.ThreadPoolExecutor(ACTORS) as pool:
        played = list(pool.map(lambda actor: actor.play(until), actors))
    print(f"SAVEMMS_SEED={SEED}: {played} steps, {[len(a.stored) for a in actors]} stored, {[len(a.sent) for a in actors]} sent")
    assert min(played) > 5 * SECONDS / SLOW
    for actor in actors:
        actor.wait_for_all()
        actor.check_end()
    assert place.instance.command("check")[0] == 0
    place.instance.stop()
