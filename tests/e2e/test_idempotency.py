"""Idempotency-Key (savemms-api(7), Repeating a request): the same key and body give the first answer again, and store
nothing more."""

import collections
import concurrent.futures
import json
import os
import random
import re
import signal
import threading
import time

import pytest

import procs
from client import Answer, multipart, request_xml
from instance import SLOW, as_cgi
from test_dialects import A, B, C, Wire

LONG = bool(os.environ.get("SAVEMMS_LONG"))
KEYS, KILLS, CLIENTS, TIMES = (1000, 50, 8, 3) if LONG else (100, 10, 8, 3)
LEASE = 54                          # seconds, with SHORT: of a request whose process was killed
SHORT = {"request-ms": "2000", "image-cpu-seconds": "1"}
SLOW_KEYS = 10                      # one of so many saves fetches a picture that takes a while
FROM, TO = "12345", "15550100123"
TYPE = {"Content-Type": "text/xml"}


class Caller(Wire):
    """Sends with an Idempotency-Key. Returns (status, whether it was replayed, headers, body)."""

    def keyed(self, path, body, key, headers=None, method="POST"):
        status, names, text = self.send(path, body, {**(headers or {}), "Idempotency-Key": key}, method)
        replayed = names.get("idempotency-replayed")
        assert replayed in (None, "true"), names
        return status, replayed is not None, names, text.decode()

    def saved(self, path, body, key, headers=None):
        """Returns the MMSID, and whether it was replayed."""
        status, replayed, _, text = self.keyed(path, body, key, headers)
        found = re.search(r'(?:mms-id>|MMSID>|"mms-id":")([1-9][0-9]*)', text)
        assert status == 200 and found, (status, text)
        return found.group(1), replayed

    def refused(self, path, body, key, status, headers=None, method="POST"):
        """Checks that the answer is E100 with this status, in the dialect of the path."""
        got, replayed, names, text = self.keyed(path, body, key, headers, method)
        assert got == status and not replayed, (got, names, text)
        mark = {A: "<ERRORCODE>E100</ERRORCODE>", B: "<error-code>E100</error-code>", C: '"error-code":"E100"'}[path]
        assert mark in text, text
        assert names.get("retry-after") == ("1" if status == 409 else None)
        return text

    def body(self, path, name="n", **more):
        """Returns a save, as the dialect at home at the path says it."""
        if path == C:
            return json.dumps({**self.base(name=name, **more), "api-key": self.key})
        if path == B:
            return (f"<request><action>saveMMS</action><api-key>{self.key}</api-key><name>{name}</name>"
                    "<slide><message-text>t</message-text></slide></request>")
        return request_xml("saveMMS", self.key, ["t"], name=name, fallbacksmstext="f")


@pytest.fixture
def wire(caller):
    wire = Caller(caller)
    wire.ids = caller.ids
    return wire


def wire_of(client):
    wire = Caller(client)
    wire.ids, wire.account = client.ids, client.account
    return wire


@pytest.mark.parametrize("path", [A, B, C])
def test_c32_the_same_key(wire, path):
    """Of the same body, the answer comes again; another body is refused, and so it stays."""
    body = wire.body(path)
    first = wire.keyed(path, body, '"k1"')
    again = wire.keyed(path, body, '"k1"')
    bare = wire.keyed(path, body, "k1")                 # the same key without quotation marks
    assert (first[0], first[1]) == (200, False) and "uccess" in first[3], first
    for other in (again, bare):
        assert (other[0], other[1], other[3]) == (200, True, first[3])
        assert {k: v for k, v in other[2].items() if k not in ("idempotency-replayed", "date", "x-request-id")} == \
               {k: v for k, v in first[2].items() if k not in ("date", "x-request-id")}
    for _ in range(2):
        assert "another request" in wire.refused(path, wire.body(path, "m"), '"k1"', 422)
    assert len(wire.ids()) == 1
    assert wire.saved(path, wire.body(path, "m"), '"k2"')[1] is False
    assert wire.saved(path, body, '"k1"') == (wire.ids()[1], True)
    assert len(wire.ids()) == 2


def test_the_answer_is_in_the_dialect_of_the_first(wire):
    """Its type is what the caller of the repetition asks for."""
    body = wire.body(A)
    first = wire.keyed(A, body, "k")
    again = wire.keyed(A, body, "k", {"Accept": "text/xml"})
    assert again[1] and again[3] == first[3] and "<RESPONSE>" in first[3]
    assert first[2]["content-type"] == "text/plain; charset=utf-8" and again[2]["content-type"] == "text/xml; charset=utf-8"


def test_another_dialect_or_charset_is_another_request(wire):
    """The same bytes mean another thing there: their answer would be read wrongly, or another text had been saved."""
    body = wire.body(A)
    assert wire.saved(A, body, "k", {"Content-Type": "text/xml; charset=UTF-8"})[1] is False
    assert wire.saved(A, body, "k", {"Content-Type": "application/xml;charset=utf-8"})[1] is True
    for path, mime, mark in ((C, "text/xml; charset=utf-8", "<error-code>E100<"), (A, "text/xml", "<ERRORCODE>E100<"),
                             (A, "text/xml; charset=iso-8859-1", "<ERRORCODE>E100<")):
        status, replayed, _, text = wire.keyed(path, body, "k", {"Content-Type": mime})     # at C's home, A's names are B's
        assert status == 422 and not replayed and mark in text, (path, mime, text)
    same = wire.body(B)
    assert wire.saved(B, same, "l")[1] is False and wire.saved(C, same, "l")[1] is True     # it is B's at both URLs
    assert len(wire.ids()) == 2


def test_the_scope_is_account_and_action(account):
    one, two = (wire_of(account(senders=FROM)) for _ in range(2))
    for wire in (one, two):
        assert wire.saved(C, wire.body(C), "k")[1] is False
    send = {"action": "sendmms", "api-key": one.key, "to": TO, "from": FROM, "fallback-sms-text": "f",
            "slide": [{"message-text": "t"}]}
    mmsid, replayed = one.saved(C, json.dumps(send), "k")
    assert not replayed and mmsid not in one.ids()
    read = json.dumps({"action": "getmmsids", "api-key": one.key})
    assert [one.keyed(C, read, "k")[:2], one.keyed(C, read, "not a key")[:2]] == [(200, False)] * 2    # it stores nothing


def test_forms(wire):
    """A multipart form counts by its parts: each client makes up a boundary of its own, and another for each try."""
    fields = {"action": "saveMMS", "api_key": wire.key, "name": "n", "fallbacksmstext": "f", "slide_1_text": "t"}
    ids = set()
    for n, boundary in enumerate(("----one", "two", "----WebKitFormBoundary7MA4YWxkTrZu0gW")):
        body, mime = multipart(fields, boundary)
        mmsid, replayed = wire.saved(A, body, "form", {"Content-Type": mime})
        assert replayed == (n > 0)
        ids.add(mmsid)
    for other in ({**fields, "slide_1_text": "u"}, {**fields, "client_reference": "x"},
                  dict(reversed(fields.items()))):
        body, mime = multipart(other, "two")
        wire.refused(A, body, "form", 422, {"Content-Type": mime})
    xml, mime = multipart({"XML": wire.body(A)}, "a")
    other, mime_other = multipart({"XML": wire.body(A)}, "b")
    assert wire.saved(A, xml, "xml", {"Content-Type": mime})[1] is False
    assert wire.saved(A, other, "xml", {"Content-Type": mime_other})[1] is True
    assert len(ids) == 1 and len(wire.ids()) == 2


@pytest.mark.parametrize("key", ['""', '"', '"k', "k 1", '"k", "l"', '"k";', 'k"', "k,k", "k" * 256, '"' + "k" * 256 + '"', "k\xe4"],
                         ids=lambda key: ascii(key)[:9])
def test_malformed(wire, key):
    for path in (A, B, C):
        assert "malformed" in wire.refused(path, wire.body(path), key, 400)
    assert wire.ids() == []


def test_longest_key_and_another_method(wire):
    assert wire.saved(C, wire.body(C), "k" * 255)[1] is False
    assert wire.saved(C, wire.body(C), '"' + "k" * 255 + '"')[1] is True
    assert wire.saved(C, wire.body(C), '"' + "k" * 255 + '"; p=1;q="x, y"')[1] is True      # parameters do not count
    pairs = f"action=saveMMS&api_key={wire.key}&name=n&fallbacksmstext=f&slide_1_text=t"
    status, _, _, text = wire.keyed(A + "?" + pairs, None, "k", method="GET")
    assert status == 400 and "needs a POST" in text     # it would be no protection
    assert len(wire.ids()) == 1
    assert wire.keyed(C, wire.body(C).replace(wire.key, "x" * 32), "k" * 255)[3].count("E104")      # strangers learn nothing


def test_sends(account, shared):
    """Sent once, however often it is asked for."""
    wire = wire_of(account(senders=FROM))
    for action in ("sendMMS", "sendSavedMMS"):
        what = {"mmsid": wire.saved(A, wire.body(A), "s")[0]} if action == "sendSavedMMS" else {"slides": ["t"], "fallbacksmstext": "f"}
        body = request_xml(action, wire.key, to=TO, **what, **{"from": FROM})
        first, *others = [wire.keyed(A, body, "k", TYPE) for _ in range(3)]
        assert first[:2] == (200, False) and "<TRACKINGID>" in first[3], first
        assert all(o[1] and o[3] == first[3] for o in others)
    assert sum(TO in line for line in shared.run("message", "list", "--account", wire.account).splitlines()) == 2


def test_no_quota(shared, account):
    """A repetition costs nothing. What a limit refused is not kept: it runs once the limit allows."""
    wire = wire_of(account(daily_limit=1))
    mmsid, _ = wire.saved(C, wire.body(C), "k")
    assert [wire.saved(C, wire.body(C), "k") for _ in range(3)] == [(mmsid, True)] * 3
    for _ in range(2):
        assert "E120" in wire.keyed(C, wire.body(C), "l")[3]
    shared.change(wire.account, daily_limit=0)
    assert wire.saved(C, wire.body(C), "l")[1] is False
    shared.change(wire.account, actions="getMmsIds")
    assert "E107" in wire.keyed(C, wire.body(C), "k")[3]    # who may not save any more is not told of old saves


def test_what_is_kept(account, origin, put, path_of):
    """Failures of the checks 4 to 17, which look at nothing outside; not those of fetches or media. No fetch is
    repeated."""
    wire = wire_of(account())
    for bad, code in (({"name": ""}, "E311"), ({"slide": []}, "E312"), ({"client-reference": "x" * 65}, "E228"),
                      ({"slide": [{"message-text": "x" * 5001}]}, "E334")):
        body = json.dumps({**wire.base(), "api-key": wire.key, **bad})
        first, again = (wire.keyed(C, body, code) for _ in range(2))
        assert first[:2] == (200, False) and f'"{code}"' in first[3] and again[:2] == (200, True) and again[3] == first[3]
        wire.refused(C, wire.body(C), code, 422)
    url = put("jpg")
    path = path_of(url)
    picture = wire.body(C, slide=[{"image": {"url": url.replace(path, "missing/" + path)}}])
    for _ in range(2):
        status, replayed, _, text = wire.keyed(C, picture, "fetch")
        assert (status, replayed) == (200, False) and "E351" in text
    good = wire.body(C, slide=[{"image": {"url": url}}])
    mmsid, replayed = wire.saved(C, good, "fetch")              # the key was given back, for any body
    assert not replayed
    hits = len(origin.hits)
    assert wire.saved(C, good, "fetch") == (mmsid, True) and len(origin.hits) == hits
    for _ in range(2):                                          # E100 of the body, which is no check of a save
        assert wire.keyed(C, wire.body(C, name={"x": 1}), "e100")[:2] == (200, False)


def test_side_by_side(wire, put):
    """One runs, the others are told to wait, and then get its answer."""
    body = wire.body(C, slide=[{"image": {"url": put("jpg", delay=1)}, "message-text": "t"}])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: wire.keyed(C, body, "k"), range(8)))
    by = collections.Counter((status, replayed) for status, replayed, _, _ in answers)
    assert by == {(200, False): 1, (409, False): 7}, by
    for status, _, names, text in answers:
        if status == 409:
            assert names["retry-after"] == "1" and '"E100"' in text and "being carried out" in text
    (mmsid,) = wire.ids()
    assert wire.saved(C, body, "k") == (mmsid, True)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:      # many short ones: each of these answers is right
        answers = list(pool.map(lambda n: wire.keyed(C, wire.body(C, name=f"s{n % 4}"), f"s{n % 4}"), range(64)))
    assert {a[0] for a in answers} <= {200, 409}
    assert len({a[3] for a in answers if a[0] == 200}) == 4 and len(wire.ids()) == 5


def test_plain_cgi_ttl_and_sweep(new_instance, receiver, hook):
    """By CGI as well. After idempotency-ttl the key is as new, and the helper removes what was kept."""
    instance = new_instance({"helper-linger": "0", "idempotency-ttl": "3"})
    key = instance.account("one", postback_url=receiver.url(hook))

    def save(name):
        body = request_xml("saveMMS", key, ["t"], name=name, fallbacksmstext="f").encode()
        status, headers, text = as_cgi(instance, body, HTTP_IDEMPOTENCY_KEY='"k"')
        assert status == 200, text
        return Answer(status, headers, text).mmsid, headers.get("idempotency-replayed")

    first, _ = save("n")
    assert save("n") == (first, "true")
    time.sleep(3)
    second, replayed = save("m")                        # another body: nobody remembers the first
    assert second != first and replayed is None
    time.sleep(3)
    mark = os.path.join(instance.folder, "run", "helper.swept")
    assert procs.wait_for(lambda: not instance.pids("savemms-helper"), 20 * SLOW)
    if os.path.exists(mark):
        os.unlink(mark)
    body = request_xml("saveMMS", key, ["t"], name="x", fallbacksmstext="f").encode()
    assert as_cgi(instance, body)[0] == 200             # its postback wakes a helper, which sweeps
    assert procs.wait_for(lambda: "forgot 1 answers that were kept" in instance.logs(), 20 * SLOW), instance.logs()[-3000:]
    assert "no inconsistencies" in instance.run("check")


def test_a_repetition_wakes_the_helper(new_instance, receiver, hook):
    """A process may be killed between what it stores and its call of the helper, which only the repetition makes up for."""
    instance = new_instance({"helper-linger": "0", "helper-program": "none"})
    key = instance.account("one", postback_url=receiver.url(hook))
    body = request_xml("saveMMS", key, ["t"], name="n", fallbacksmstext="f").encode()
    first = as_cgi(instance, body, HTTP_IDEMPOTENCY_KEY="k")
    assert first[0] == 200 and not receiver.got(hook), first
    instance.configure({"helper-program": ""})
    again = as_cgi(instance, body, HTTP_IDEMPOTENCY_KEY="k")
    assert again[1].get("idempotency-replayed") == "true" and again[2] == first[2]
    assert procs.wait_for(lambda: receiver.got(hook), 20 * SLOW), instance.logs()[-3000:]
    assert procs.wait_for(lambda: not instance.pids("savemms-helper"), 20 * SLOW)


class Posters:
    """Clients that post each of their keys until it has an answer, whatever happens to the connection."""

    def __init__(self, instance, key, picture):
        self.instance, self.key, self.picture, self.stop = instance, key, picture, threading.Event()
        chance = random.Random(7)
        work = [n for n in range(KEYS) for _ in range(TIMES)]
        chance.shuffle(work)
        self.work, self.lock, self.answers = collections.deque(work), threading.Lock(), collections.defaultdict(list)
        self.killed, self.cut, self.busy, self.replayed, self.pace = 0, 0, 0, 0, 0.25 * KILLS * CLIENTS / len(work)
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(CLIENTS)]
        for t in self.threads:
            t.start()

    def take(self, chance):
        with self.lock:
            if self.work:
                return self.work.popleft()
        return chance.randrange(KEYS) if self.killed < KILLS else None      # kills go on: so do repetitions

    def again(self, n):
        with self.lock:
            self.work.append(n)

    def run(self, number):
        chance = random.Random(number)
        while not self.stop.is_set() and (n := self.take(chance)) is not None:
            time.sleep(chance.uniform(0, 2 * self.pace))
            try:
                self.post(n)
            except (OSError, AssertionError, SyntaxError, ValueError):
                self.once_more(n)
            except Exception as e:
                if type(e).__module__ != "http.client":
                    raise
                self.once_more(n)

    def once_more(self, n):
        self.cut += 1
        self.again(n)

    def post(self, n):
        caller = self.instance.client(self.key, timeout=30 * SLOW, headers={"Idempotency-Key": f'"key-{n}"'})
        slide = {"text": f"text {n}", **({} if n % SLOW_KEYS else {"image": self.picture})}
        answer = caller.call("saveMMS", slides=[slide], name=f"n{n}", fallbacksmstext="f")
        if answer.status == 409:
            self.busy += 1
            self.again(n)
            time.sleep(0.1)
        elif answer.status == 503:
            self.once_more(n)
        else:
            self.replayed += answer.headers.get("idempotency-replayed") == "true"
            self.answers[n].append(answer.mmsid)

    def end(self, seconds):
        ends = time.monotonic() + seconds
        for t in self.threads:
            t.join(max(0, ends - time.monotonic()))
        self.stop.set()
        assert not [t for t in self.threads if t.is_alive()], f"stuck: {list(self.work)[:20]}"


@pytest.mark.slow
def test_kills(new_instance, put, samples):
    """Killed at any moment, each key saves once, and none is stuck for longer than its lease."""
    instance = new_instance({**SHORT, "account-requests": "64"}).serve()
    caller = instance.caller()
    picture = put("jpg", body=samples.image(160, 120), delay=0.3)
    posters, chance = Posters(instance, caller.key, picture), random.Random(3)
    ends = time.monotonic() + (30 + KILLS) * SLOW
    while posters.killed < KILLS and time.monotonic() < ends:
        time.sleep(chance.uniform(0.1, 0.4))
        pids = instance.pids("savemms.fcgi")
        if pids:
            instance.signal([chance.choice(pids)], signal.SIGKILL)
            posters.killed += 1
    assert posters.killed == KILLS and posters.busy > 0, (posters.killed, posters.busy)
    posters.end(LEASE + 30 * SLOW)
    ids = {n: set(got) for n, got in posters.answers.items()}
    assert len(ids) == KEYS and all(len(got) == 1 for got in ids.values()), {n: g for n, g in ids.items() if len(g) != 1}
    assert all(len(got) >= TIMES for got in posters.answers.values())
    assert sorted(caller.ids()) == sorted(m for got in ids.values() for m in got)       # nothing else is stored
    assert "no inconsistencies" in instance.run("check")
    print(f"keys: {KEYS}, {posters.killed} kills, {posters.cut} cut off, {posters.busy} busy, {posters.replayed} replayed")
    instance.stop()
