"""sendMMS (savemms-api(7)): save and send in one call, stored together; the message waits for its media and goes out once."""

import fcntl
import json
import os
import random
import re
import signal
import sys
import termios
import time

import pytest

import procs
from carrier import Carrier
from client import element
from console import Console
from expected import is_error
from instance import SLOW

FROM, TO, BLOCKED, BUSY = "12345", "15551230001", "15550000666", "15550000777"
ACCEPTED = ["STATUS", "TO", "MMSID", "TRACKINGID", "STATUSDETAILS"]
REFUSED = ["STATUS", "ERRORCODE", "ERRORINFO", "TO"]
SEED = int(os.environ.get("SAVEMMS_SEED", "16"))


@pytest.fixture(scope="module")
def carrier(tmp_path_factory):
    server = Carrier(tmp_path_factory.mktemp("carrier"), f"to={BUSY} mms error=503\nto=* mms accept\nto=* sms accept\n")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def instance(new_instance, carrier):
    """An instance that sends to the carrier."""
    return new_instance({
        "transport-mmsc": f"kind=mm7 url={carrier.mm7} vasp=v vas=s", "mms-routes": "default=mmsc",
        "transport-sms": f"kind=sms-http url={carrier.sendsms} user=u password=p", "sms-routes": "default=sms",
        "carrier-none": "mms=no prefixes=199", "lease-seconds": "2"}).serve()


@pytest.fixture
def posted(instance, receiver, hook):
    """Returns (caller, path): a caller with the right to send, whose postbacks go to a path of its own."""
    return instance.caller(senders=FROM, blacklist=BLOCKED, postback_url=receiver.url(hook)), hook


def send(caller, *slides, raw="", **fields):
    fields = {"to": TO, "from": FROM, "fallbacksmstext": "a fallback", **fields}
    answer = caller.call("sendMMS", slides=slides, raw=raw, **fields)
    assert answer.nodes() == (ACCEPTED if answer.code is None else REFUSED if fields["to"] else REFUSED[:-1]), answer
    return answer


def in_c(postback):
    """Returns the object of a postback in C."""
    assert postback.headers["content-type"].startswith("application/json"), postback.body
    return json.loads(postback.body)


def codes(receiver, path):
    return [in_c(p)["code"] if p.body.startswith(b"{") else p.root.findtext("CODE") for p in receiver.got(path)]


def encode_of(instance, mmsid):
    """Returns the number of the job that encodes the template's only medium."""
    job, = re.findall(rf"^(\d+)\tencode\t{mmsid}\t", instance.run("job", "list"), re.M)
    return job


def unique():
    return f"1555{random.randrange(10**7):07d}"


def mms(carrier, number):
    return carrier.lines("mms", to=number)


def test_text_goes_out(instance, carrier, posted, receiver):
    caller, path = posted
    number = unique()
    answer = send(caller, "Hello {$firstname|you}", to=number, client_reference="r1", raw="<DATA><FirstName>Zoe</FirstName></DATA>")
    assert answer.get("TO") == number and re.fullmatch("[A-Za-z0-9]{32}", answer.get("TRACKINGID"))
    assert answer.get("STATUSDETAILS") == "MMS request accepted and queued for delivery"
    postback = receiver.wait(path, 1, 20 * SLOW)[0].root
    assert postback.findtext("CODE") == "N101" and postback.findtext("MMSID") == answer.mmsid
    assert postback.findtext("TRACKINGID") == answer.get("TRACKINGID") and postback.findtext("CLIENT_REFERENCE") == "r1"
    assert len(mms(carrier, number)) == 1
    assert b"Hello Zoe" in carrier.kept(mms(carrier, number)[0], "mms")


def test_in_no_list(instance, posted):
    caller, _ = posted
    saved = caller.save("listed").mmsid
    sent = send(caller, {"text": "not listed"}).mmsid
    assert caller.ids() == [saved]
    assert caller.call("getMMSTemplates").get("TOTAL_RESULTS") == "1"
    assert sent not in instance.run("template", "list") and saved in instance.run("template", "list")
    details = caller.details(sent)
    assert details.findtext("STATE") == "ready" and details.findtext("SLIDE/TEXT") == "not listed"
    assert caller.call("deleteMMSID", mmsid=sent).mmsid == sent
    assert is_error(caller.call("deleteMMSID", mmsid=sent), "E241")
    assert caller.ids() == [saved]


def test_film_waits_and_is_sent_once(instance, carrier, posted, receiver, put):
    """Helpers that are killed while the message waits neither lose it nor send it twice."""
    caller, path = posted
    number = unique()
    slides = [{"image": put("jpg"), "text": "one"}, {"video": put("mp4")}, {"audio": put("mp3"), "text": "three"}]
    with instance.no_helper():
        answer = send(caller, *slides, to=number)
        assert caller.details(answer.mmsid).findtext("STATE") == "encoding"
        assert "\tdeliver\t" not in instance.run("job", "list")
    for _ in range(3):
        instance.signal(instance.pids("savemms-helper"), signal.SIGKILL)
        assert caller.save("wakes a helper").mmsid
        time.sleep(0.2)
    assert procs.wait_for(lambda: "N101" in codes(receiver, path), 60 * SLOW), (codes(receiver, path), instance.logs()[-3000:])
    assert [c for c in codes(receiver, path) if c != "N003"] == ["N013", "N101"]
    told = [p.root for p in receiver.got(path) if p.root.findtext("CODE") == "N013"][0]
    assert [n.tag for n in told] == ["ORIGIN", "CODE", "MMSID"] and told.findtext("MMSID") == answer.mmsid
    assert len(mms(carrier, number)) == 1
    assert instance.wait_state(caller, answer.mmsid) == "ready"


def test_film_that_cannot_be_encoded(instance, carrier, posted, receiver, put):
    caller, path = posted
    number, url = unique(), put(body=b"no sound", mime="audio/mpeg", name="x.mp3")
    answer = send(caller, "one", {"audio": url}, to=number, client_reference="r2")
    assert procs.wait_for(lambda: receiver.got(path), 20 * SLOW), (instance.run("job", "list"), instance.logs()[-3000:])
    told = receiver.got(path)[0].root
    assert [n.tag for n in told] == ["ORIGIN", "CODE", "MMSID", "AUDIONAME", "CLIENT_REFERENCE"]
    assert [n.text for n in told] == ["MMS_MT", "E012", answer.mmsid, url, "r2"]
    assert caller.details(answer.mmsid).findtext("STATE") == "failed"
    time.sleep(1)
    assert codes(receiver, path) == ["E012"] and not mms(carrier, number)
    assert answer.get("TRACKINGID") not in instance.run("job", "list")


def test_refused(instance, posted, put, path_of, origin):
    caller, _ = posted
    long = "m" * 51
    assert is_error(send(caller, "x", to=None), "E201")
    assert is_error(send(caller, "x", to="+15550100123", **{"from": "9"}), "E110")
    assert is_error(send(caller, "x", to=BLOCKED, **{"from": "9"}), "E111")
    assert is_error(send(caller, "x", to=BLOCKED, operatorid="o" * 65), "E114")
    assert is_error(send(caller, "x", operatorid="o" * 65, from_mask=long), "E228", 64)
    assert is_error(send(caller, {"image": origin.url("none.png")}, from_mask=long), "E351", 1)
    assert is_error(send(caller, {"image": put("jpg")}, from_mask=long), "E115", 50)
    assert send(caller, "x", from_mask=long[:50]).mmsid         # without a NAME
    assert caller.ids() == []
    poor = instance.caller(senders=FROM, actions="saveMMS,sendSavedMMS")
    assert is_error(send(poor, "x"), "E107")
    assert instance.caller(senders=FROM, actions="sendMMS").call("sendMMS", slides=["x"], to=TO, fallbacksmstext="f", **{"from": FROM}).mmsid


def test_deleted_while_it_waits(instance, carrier, posted, receiver, put):
    caller, path = posted
    number = unique()
    with instance.no_helper():
        answer = send(caller, {"audio": put("mp3")}, to=number)
        assert caller.call("deleteMMSID", mmsid=answer.mmsid).mmsid
    told = receiver.wait(path, 1, 30 * SLOW)[0].root
    assert told.findtext("CODE") == "E101" and told.findtext("TRACKINGID") == answer.get("TRACKINGID")
    assert not mms(carrier, number)


def test_discarded_encode(instance, carrier, posted, receiver, put):
    """The operator discards the encode: the customer is told that the message is not sent, and nothing else."""
    caller, path = posted
    number = unique()
    instance.run("account", "set", caller.account, "--password", "secret-1", "operator=on")
    console = Console(instance.port)
    assert console.sign_in(caller.account).status == 303
    with instance.no_helper():
        sent = [send(caller, "one", {"audio": put("mp3")}, to=number, client_reference=ref) for ref in ("command", "console")]
        command, console_job = [encode_of(instance, answer.mmsid) for answer in sent]
        instance.run("job", "discard", command)
        assert "there is no job" in instance.command("job", "discard", command)[2]
        delete = f"templates/{sent[1].mmsid}/delete"
        fields = console.get(delete).form(delete)["fields"]     # which name the session
        assert console.post(f"operator/jobs/{console_job}/discard", fields).status == 303
    told = [p.root for p in receiver.wait(path, 2, 30 * SLOW)]
    assert {(p.findtext("CODE"), p.findtext("TRACKINGID"), p.findtext("STATUSDETAILS"), p.findtext("CLIENT_REFERENCE"))
            for p in told} == {("E101", answer.get("TRACKINGID"), "discarded by the operator", ref)
                               for answer, ref in zip(sent, ("command", "console"))}
    for answer in sent:
        assert "state: failed" in instance.run("message", "show", answer.get("TRACKINGID"))
    assert codes(receiver, path) == ["E101", "E101"] and not mms(carrier, number)
    assert instance.command("check")[0] == 0


def test_deleting_wakes_a_helper(instance, posted, put):
    """The delivery that is queued then ends the message at once, not when a helper happens to look."""
    caller, _ = posted
    instance.run("account", "set", caller.account, "--password", "secret-1")
    console = Console(instance.port)
    assert console.sign_in(caller.account).status == 303

    def unread():
        with open(os.path.join(instance.folder, "run", "helper.wake"), "rb", opener=lambda p, f: os.open(p, f | os.O_NONBLOCK)) as pipe:
            return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)

    with instance.no_helper():
        waits = [send(caller, {"audio": put("mp3")}).mmsid for _ in range(3)]
        ready = send(caller, "one").mmsid
        before = unread()
        caller.call("deleteMMSID", mmsid=ready)
        assert unread() == before                       # nothing waited
        caller.call("deleteMMSID", mmsid=waits[0])
        assert unread() == before + 1
        instance.run("template", "delete", waits[1])
        assert unread() == before + 2
        assert console.send(f"templates/{waits[2]}/delete", f"templates/{waits[2]}/delete").status == 303
        assert unread() == before + 3
    assert procs.wait_for(lambda: "\tdeliver\t" not in instance.run("job", "list"), 20 * SLOW)


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def send_c(caller, action="sendmms", to=TO, **fields):
    """Sends in dialect C, that expires in a few seconds; returns the answer and when it is over."""
    ends = int(time.time() + 2 + SLOW)
    answer = caller.http("POST", "/ep/v2/", json.dumps({"action": action, "to": to, "from": FROM, "fallback-sms-text": "f",
                                                        "mms-expiry-timestamp": at(ends), **fields}).encode(), {"x-api-key": caller.key})
    answer = json.loads(answer.body)
    assert answer["status"] == "Success", answer
    return answer, ends


def test_no_attempt_after_the_expiry(instance, carrier, posted, receiver, put):
    """Neither another one, nor a first one after a wait; the customer is told at once that the message has expired."""
    caller, path = posted
    again, ends = send_c(caller, to=BUSY, slide=[{"message-text": "again"}])
    assert f"not sent after: {at(ends)}\n" in instance.run("message", "show", again["tracking-id"])
    told = in_c(receiver.wait(path, 1, 20 * SLOW)[0])
    assert time.time() > ends and told["code"] == "N103" and told["tracking-id"] == again["tracking-id"]
    assert (told["status"], told["status-details"]) == ("Expired", "Message Expired")
    assert "expired before it was sent: " in instance.run("message", "show", again["tracking-id"])    # and why it was not
    assert len(mms(carrier, BUSY)) == 1
    saved, numbers = caller.save("saved").mmsid, [unique(), unique()]
    assert procs.wait_for(lambda: "N003" in codes(receiver, path), 20 * SLOW)
    with instance.no_helper():
        film, _ = send_c(caller, to=numbers[0], slide=[{"audio": {"url": put("mp3")}}])
        late, ends = send_c(caller, "sendsavedmms", to=numbers[1], **{"mms-id": saved})
        assert procs.wait_for(lambda: time.time() > ends, 10)
    told = [in_c(p) for p in receiver.wait(path, 4, 30 * SLOW)[2:]]
    assert {(p["code"], p["tracking-id"]) for p in told} == {("N103", answer["tracking-id"]) for answer in (film, late)}
    assert instance.wait_state(caller, film["mms-id"]) == "ready"
    assert codes(receiver, path) == ["N103", "N003", "N103", "N103"] and not any(mms(carrier, n) for n in numbers)
    assert "Expired" in instance.run("message", "show", late["tracking-id"])
    assert instance.command("check")[0] == 0


def test_page_ends_at_the_date_that_is_named(instance, posted, put):
    """However long the media took to come."""
    caller, _ = posted
    ends = int(time.time()) + 600
    answer = send(caller, {"image": put("jpg", delay=1.5)}, mmslinkexpiration=at(ends))
    assert f"page until: {at(ends)}\n" in instance.run("message", "show", answer.get("TRACKINGID"))


def test_goes_when_its_link_expires(new_instance, receiver):
    """Also behind one of the same account whose link lasts."""
    instance = new_instance().serve()
    caller = instance.caller(senders=FROM, postback_url=receiver.url("expires"))
    saved, lasts = caller.save("stays").mmsid, send(caller, "stays").mmsid
    ends = int(time.time()) + 2
    sent = send(caller, "goes", mmslinkexpiration=at(ends)).mmsid
    assert procs.wait_for(lambda: codes(receiver, "expires").count("N101") == 2 and time.time() > ends, 20 * SLOW)
    os.utime(os.path.join(instance.folder, "run", "helper.swept"), (time.time() - 7200,) * 2)
    instance.restart()
    caller.port = instance.port
    assert procs.wait_for(lambda: caller.call("getMMSIDDetails", mmsid=sent).code == "E241", 30 * SLOW)
    assert caller.ids() == [saved] and caller.details(lasts).findtext("STATE") == "ready"
    assert instance.command("check")[0] == 0
    instance.stop()


def mixture(chance, put):
    """Returns slides at random, and the text that the recipient will read for name=Ann."""
    slides, read, waits = [], [], False
    for n in range(chance.randint(1, 3)):
        slide, kind = {}, chance.choice(["", "", "image", "audio"])
        if kind:
            slide[kind] = put({"image": "jpg", "audio": "amr"}[kind])
            waits = waits or kind == "audio"
        if not kind or chance.random() < 0.5:
            slide["text"], text = chance.choice([("a{$name}b", "aAnnb"), ("{$no|none}", "none"), ("plain", "plain")])
            slide["text"] += f" {n}"
            read.append(f"{text} {n}")
        slides.append(slide)
    return slides, read, waits


def test_mixtures(instance, carrier, posted, receiver, put):
    """Slides, media, merge tags and fallbacks at random: each message goes out once, as what it should."""
    chance = random.Random(SEED)
    caller, path = posted
    sent = []
    for _ in range(12):
        slides, read, waits = mixture(chance, put)
        sms = chance.random() < 0.3
        number = ("199" if sms else "155") + f"{chance.randrange(10**8):08d}"
        answer = send(caller, *slides, to=number, subject=chance.choice([None, "S {$name}"]),
                      fallbacksmstext="F {$name}", raw=f"<DATA>{element('name', 'Ann')}</DATA>")
        sent.append((number, sms, read, waits, answer))
    want = sum(2 if waits else 1 for _, _, _, waits, _ in sent)
    assert procs.wait_for(lambda: len([c for c in codes(receiver, path) if c != "N202"]) >= want, 90 * SLOW), \
        (SEED, codes(receiver, path))                           # the gateway reports an SMS at once
    for number, sms, read, waits, answer in sent:
        lines = carrier.lines("sms" if sms else "mms", to=number)
        assert len(lines) == 1 and not carrier.lines("mms" if sms else "sms", to=number), (SEED, number)
        if not sms:
            body = carrier.kept(lines[0], "mms")
            assert all(text.encode() in body for text in read), (SEED, read)
        told = [p.root.findtext("CODE") for p in receiver.got(path) if p.root.findtext("MMSID") == answer.mmsid]
        assert [c for c in told if c != "N202"] == (["N013"] if waits else []) + ["N101"], (SEED, told)
    assert caller.ids() == []
    assert instance.command("check")[0] == 0
