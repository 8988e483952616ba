"""Sending (savemms-api(7)) under bad conditions: fields that are far too long, floods of large messages, gateways with
invalid answers, and helpers that are stopped in the middle."""

import collections
import concurrent.futures
import os
import re
import signal
import subprocess
import time

import pytest

import procs
from carrier import Carrier
from client import Client, element
from expected import is_error
from instance import SLOW, free_port, program
from media_server import MediaServer, Resource
from test_backup import restored

FROM, LARGE, MANY = "12345", 900_000, 24
RULES = f"""
to=1720* mms accept delay=12 times=1
to=1720* mms accept
to=1723* mms accept
to=1721* mms refuse text="{'é€😀' * 17}"
"""


@pytest.fixture(scope="module")
def gateway():
    """An SMS gateway that refuses every message with bytes that are not text."""
    server = MediaServer()
    server.find = lambda path: Resource(b"\xff\xfe no \x01 text \xc3", "text/plain", status=403)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hostile(new_instance, tmp_path_factory, gateway):
    """Returns (instance, carrier)."""
    port = free_port()
    instance = new_instance({
        "transport-mmsc": f"kind=mm7 url=http://127.0.0.1:{port}/mm7 vasp=a vas=b", "mms-routes": "carrier:far=mmsc",
        "transport-bad": f"kind=sms-http url={gateway.url('sendsms?key=s3cret')} user=u password=p", "sms-routes": "default=bad",
        "carrier-far": "bytes=600000 prefixes=1720,1721,1723", "carrier-nomms": "mms=no prefixes=1722",
        "deliver-schedule": "3600, 3600", "transport-ms": "30000", "account-requests": "32",
        "helper-linger": "600"}).serve()
    carrier = Carrier(tmp_path_factory.mktemp("carrier"), RULES, port=port)
    yield instance, carrier
    carrier.stop()


@pytest.fixture
def told(hostile, receiver, hook):
    """A caller that waits for its delivery postbacks."""
    caller = hostile[0].caller(senders=FROM, postback_url=receiver.url(hook))

    def wait(n):
        def ours():
            return [p for p in receiver.got(hook) if p.text("CODE") != "N003"]
        assert procs.wait_for(lambda: len(ours()) >= n, 30 * SLOW), (receiver.got(hook), hostile[0].logs()[-3000:])
        return ours()
    caller.wait = wait
    return caller


def send(caller, mmsid, to, **fields):
    return caller.call("sendSavedMMS", mmsid=mmsid, to=to, **{"from": FROM, **fields})


def test_labels_have_a_limit(told):
    mmsid = told.save("x").mmsid
    assert is_error(send(told, mmsid, "15551230001", operatorid="9" * 65), "E228", 64)
    assert is_error(send(told, mmsid, "15551230001", operatorid="9" * 200_000), "E228", 64)
    for n in (51, 64, 65, 1000):
        assert is_error(send(told, mmsid, "15551230001", from_mask="é" * n), "E115", 50)
    raw = "<CUSTOMTEXT><VALUE>x</VALUE><SLIDE>2</SLIDE></CUSTOMTEXT>"
    assert is_error(send(told, mmsid, "15551230001", from_mask="é" * 51, raw=raw), "E100")
    assert send(told, mmsid, "15551230001", operatorid="9" * 64, from_mask="é" * 50).code is None
    assert told.wait(1)[0].text("SPID") == "9" * 64


def test_flood_of_large_messages(hostile, told):
    """Each large message goes out once, a small message of another account is not blocked, and the store is
    consistent."""
    instance = hostile[0]
    mmsid = told.save("Hello {$small} {$none}").mmsid
    raw = f"<DATA>{element('big', 'x' * LARGE)}{element('small', 'you')}</DATA>"
    with instance.no_helper(), concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda i: send(told, mmsid, str(15551000000 + i), raw=raw), range(MANY)))
    assert all(a.code is None for a in answers), answers
    small = instance.caller(senders=FROM)
    one = send(small, small.save("x").mmsid, "15551230001")
    assert one.code is None
    postbacks = told.wait(MANY)
    tracking = {a.get("TRACKINGID") for a in answers}
    assert {p.text("TRACKINGID") for p in postbacks} == tracking and len(postbacks) == MANY
    assert {p.text("CODE") for p in postbacks} == {"N101"}
    for t in tracking | {one.get("TRACKINGID")}:
        assert procs.wait_for(lambda t=t: os.path.exists(os.path.join(instance.folder, "outbox", f"{t}.mms")), 10 * SLOW)
    assert "leases will run out" not in instance.logs()
    assert instance.command("check")[0] == 0


def test_backup_of_what_waits(hostile, told, tmp_path):
    """A backup holds messages, their jobs and their reports. The restored instance sends them from there."""
    instance = hostile[0]
    mmsid = told.save("x").mmsid
    first = send(told, mmsid, "15551230002").get("TRACKINGID")
    told.wait(1)
    with instance.no_helper():
        waits = send(told, mmsid, "15551230003").get("TRACKINGID")
        instance.run("backup", str(tmp_path / "backup"))
    other = restored(instance, str(tmp_path / "backup"), tmp_path / "other")
    assert other.command("check")[0] == 0
    states = {line.split("\t")[0]: line.split("\t")[4] for line in other.run("message", "list").splitlines()}
    assert states[first] == "sent" and states[waits] == "queued"
    done = subprocess.run([program("savemms-helper"), "--drain"], env=other.env, timeout=60 * SLOW, check=False)
    assert done.returncode == 0
    assert set(os.listdir(tmp_path / "other" / "outbox")) == {"tmp", f"{waits}.mms"}
    assert other.command("check")[0] == 0
    shown = other.run("message", "show", waits)
    assert "state: sent" in shown


def test_the_dry_run_keeps_the_secret(hostile, told):
    said = hostile[0].run("send", "--dry-run", told.save("x").mmsid, "--to", "17225550001")
    assert "transport: bad (sms-http, http://" in said and "s3cret" not in said


def test_long_words_of_the_mmsc(told):
    """The MMSC's text is cut at a whole character. Invalid text is reported as such, and the postback is XML."""
    assert send(told, told.save("x").mmsid, "17215550001").code is None
    failed, = told.wait(1)
    assert failed.text("CODE") == "E101"
    assert failed.text("STATUSDETAILS").startswith("the MMSC answered 2001 Operation restricted: é€😀")


def test_report_by_the_other_way(hostile, told):
    """Nobody can report a message that went out by MM7 through the URL, which any account could guess."""
    tracking = send(told, told.save("x").mmsid, "17235550001").get("TRACKINGID")
    told.wait(1)
    answer = Client(hostile[0].port).http("GET", f"/report/sms/{tracking}?status=1")
    assert answer.status == 404
    assert "state: sent" in hostile[0].run("message", "show", tracking)


def test_rubbish_of_the_gateway(told):
    assert send(told, told.save("x").mmsid, "17225550001").code is None
    failed, = told.wait(1)
    assert failed.text("CODE") == "E101"
    assert failed.text("STATUSDETAILS") == "the SMS gateway answered HTTP status 403: ?? no   text ?"


def test_helper_stopped_in_the_middle(hostile, told):
    """The next helper takes up the interrupted work at once, and it does not count as a failed attempt."""
    instance, carrier = hostile
    mmsid = told.save("x").mmsid
    tracking = send(told, mmsid, "17205550001").get("TRACKINGID")
    assert procs.wait_for(lambda: "deliver" in instance.run("job", "list") and "leased" in instance.run("job", "list"), 10 * SLOW)
    for pid in instance.pids("savemms-helper"):
        os.kill(pid, signal.SIGTERM)
    sent = told.wait(1)[0]
    assert sent.text("CODE") == "N101" and sent.text("TRACKINGID") == tracking
    assert len(carrier.lines("mms", transaction=tracking)) >= 1


@pytest.mark.slow
def test_a_message_that_kills_its_helper(new_instance, tmp_path):
    """If a message kills every helper, its neighbours are handed over at most twice, not again with each new helper."""
    gateway, port = MediaServer(), free_port()
    gateway.find = lambda path: Resource(b"0: Accepted for delivery", "text/plain", status=202)
    carrier = Carrier(tmp_path / "carrier", "to=1720* mms accept delay=4\n", port=port)
    instance = new_instance({
        "transport-mmsc": f"kind=mm7 url=http://127.0.0.1:{port}/mm7 vasp=a vas=b", "mms-routes": "carrier:far=mmsc",
        "transport-sms": f"kind=sms-http url={gateway.url('sendsms')} user=u password=p", "sms-routes": "default=sms",
        "carrier-far": "prefixes=1720", "carrier-nomms": "mms=no prefixes=1722", "lease-seconds": "2",
        "helper-program": "/bin/true"}).serve()
    with instance.no_helper():                  # the test's own helpers do the work
        caller = instance.caller(senders=FROM)
        mmsid = caller.save("x").mmsid
        for to in [f"1722555000{i}" for i in range(6)] + ["17205550001", "17225550009"]:
            assert send(caller, mmsid, to).code is None
        for _ in range(3):
            ends = time.monotonic() + 3 * SLOW
            helper = procs.start([program("savemms-helper"), "-C", instance.folder, "--stay"], str(tmp_path / "log"), instance.env)
            while time.monotonic() < ends:
                time.sleep(0.1)
            helper.kill()
            helper.wait()
        hits = collections.Counter(re.search(r"[&?]to=(\d+)", path)[1] for path in (h[0] for h in gateway.hits))
    carrier.stop()
    gateway.stop()
    assert set(hits) == {f"1722555000{i}" for i in (*range(6), 9)}, hits
    assert max(hits.values()) <= 2, hits
    assert instance.command("check")[0] == 0
