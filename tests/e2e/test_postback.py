"""Postbacks (savemms-api(7)) about encoding: their retries, dead letters and signatures."""

import base64
import hashlib
import hmac
import re
import signal
import time

import pytest

import procs
from instance import SLOW, free_port, program

SECRET = bytes(range(32))
SIGNING = "whsec_" + base64.b64encode(SECRET).decode()


@pytest.fixture
def posted(account, receiver, hook):
    """Returns (caller, path): a caller whose postbacks go to a path of its own."""

    def make(**settings):
        return account(postback_url=receiver.url(hook), **settings), hook
    return make


@pytest.mark.smoke
def test_n003_at_once(posted, receiver):
    caller, path = posted()
    mmsid = caller.save("x", client_reference="my <ref> & 1").mmsid
    postback = receiver.wait(path, 1, 10 * SLOW)[0]
    assert postback.method == "POST" and postback.headers["content-type"] == "text/xml; charset=utf-8"
    assert [n.tag for n in postback.root] == ["ORIGIN", "CODE", "MMSID", "CLIENT_REFERENCE"]
    assert [n.text for n in postback.root] == ["MMS_MT", "N003", mmsid, "my <ref> & 1"]
    assert postback.body.startswith(b"<?xml version='1.0'?>"), postback.body
    time.sleep(0.5)
    assert len(receiver.got(path)) == 1
    assert not [h for h in postback.headers if h.startswith("webhook-")]


def test_as_many_failures_as_a_message_can_have(new_instance, receiver, put):
    """A body of several megabytes is signed and posted like any other."""
    instance = new_instance({"max-slides": "100", "max-url-bytes": "8192", "max-request-bytes": "8000000"}).serve()
    caller = instance.caller(postback_url=receiver.url("many"), postback_secret=SIGNING)
    url = put(body=b"no sound", mime="audio/mpeg", name="&" * 4000 + ".mp3")
    assert caller.save(*[{"audio": url}] * 100).mmsid
    postback = receiver.wait("many", 1, 20 * SLOW)[0]
    assert [n.text for n in postback.root.findall("AUDIONAME")] == [url] * 100
    assert postback.headers["webhook-signature"]
    instance.stop()


def test_no_reference_no_node(posted, receiver):
    caller, path = posted()
    caller.save("x")
    assert receiver.wait(path)[0].root.find("CLIENT_REFERENCE") is None


def test_no_url_no_postback(caller, receiver):
    before = len(receiver.postbacks)
    caller.save("x")
    time.sleep(1)
    assert len(receiver.postbacks) == before


def test_transcoding_off_is_ready_at_once(posted, receiver, put):
    caller, path = posted(transcoding="off")
    caller.save({"audio": put("mp3")}, {"video": put("mp4")})
    assert receiver.wait(path)[0].text("CODE") == "N003"


@pytest.mark.parametrize("first", [500, 404, 204, 301, 201])
def test_anything_but_200_is_tried_again(posted, receiver, first):
    caller, path = posted(postback_secret=SIGNING)
    receiver.script(path, [first, 200])
    caller.save("x")
    one, two = receiver.wait(path, 2, 15 * SLOW)
    assert one.body == two.body and one.headers["webhook-id"] == two.headers["webhook-id"]
    assert 0.8 < two.at - one.at < 6 * SLOW
    time.sleep(1.5)
    assert len(receiver.got(path)) == 2


def test_slow_receiver_is_tried_again(posted, receiver):
    """postback-ms is 2 s in these tests."""
    caller, path = posted()
    receiver.script(path, [(200, 4), 200])
    caller.save("x")
    assert len(receiver.wait(path, 2, 15 * SLOW)) == 2


def test_redirect_is_not_followed(posted, receiver):
    caller, path = posted()
    receiver.script(path, [(302, 0, {"Location": receiver.url(path + "-other")})])
    caller.save("x")
    assert receiver.wait(path, 2, 15 * SLOW)
    assert receiver.got(path + "-other") == []


def jobs_of(instance, mmsid):
    """Returns the template's rows of "savemms job list": ID, KIND, MMSID, STATE..."""
    rows = [line.split() for line in instance.run("job", "list").splitlines()]
    return [row for row in rows if len(row) > 3 and row[2] == mmsid]


def dead_job(instance, mmsid, seconds=20):
    """Returns the id of the template's job once it is listed as dead, else None."""
    dead = procs.wait_for(lambda: [row for row in jobs_of(instance, mmsid) if row[3] == "dead"], seconds * SLOW, 0.2)
    return dead[0][0] if dead else None


def no_job(instance, mmsid, seconds=10):
    return procs.wait_for(lambda: not jobs_of(instance, mmsid), seconds * SLOW, 0.2)


def test_dead_letter_and_replay(shared, posted, receiver):
    """retry-schedule is 1, 1 here: after three attempts the job is a dead letter, which the operator replays."""
    caller, path = posted(postback_secret=SIGNING)
    receiver.script(path, [500])
    mmsid = caller.save("x").mmsid
    job = dead_job(shared, mmsid)
    assert job, shared.run("job", "list")
    assert len(receiver.got(path)) == 3
    assert "500" in shared.run("job", "show", job)
    receiver.script(path, [200])
    shared.run("job", "retry", job)
    got = receiver.wait(path, 4, 20 * SLOW)
    assert len(got) == 4 and len({p.headers["webhook-id"] for p in got}) == 1
    assert no_job(shared, mmsid)


def test_dead_letter_discarded(shared, posted, receiver):
    caller, path = posted()
    receiver.script(path, [500])
    mmsid = caller.save("x").mmsid
    shared.run("job", "discard", dead_job(shared, mmsid))
    assert no_job(shared, mmsid)


def test_one_slow_customer_does_not_hold_up_another(posted, account, receiver):
    slow = account(postback_url=receiver.url("slow-customer"))
    receiver.script("slow-customer", [(200, 1.8)])
    for _ in range(4):
        slow.save("x")
    caller, path = posted()
    start = time.monotonic()
    caller.save("x")
    assert receiver.wait(path, 1, 5 * SLOW) and time.monotonic() - start < 1.5 * SLOW


def test_an_outage_holds_up_nobody(new_instance, receiver):
    """The servers of many accounts cannot be reached. Their postbacks wait, and are counted; another account's
    postbacks come at once, and theirs come when their servers are back."""
    instance = new_instance({"retry-schedule": "3600"}).serve()
    nowhere = f"http://127.0.0.1:{free_port()}/"
    callers = [instance.caller(postback_url=nowhere) for _ in range(20)]
    for caller in callers:
        assert caller.save("x").mmsid
    assert procs.wait_for(lambda: jobs(instance)["queued"] == 20 and jobs(instance)["leased"] == 0, 20 * SLOW)
    start = time.monotonic()
    instance.caller(postback_url=receiver.url("reached")).save("x")
    assert receiver.wait("reached", 1, 5 * SLOW) and time.monotonic() - start < 2 * SLOW
    assert procs.wait_for(lambda: jobs(instance) == {"queued": 20, "leased": 0, "dead": 0}, 5 * SLOW)
    instance.change(callers[0].account, postback_url=receiver.url("back"))
    instance.run("job", "retry", instance.run("job", "list").split()[0])
    assert receiver.wait("back", 1, 5 * SLOW)
    assert procs.wait_for(lambda: jobs(instance)["queued"] == 19, 5 * SLOW)
    instance.stop()


def jobs(instance):
    """Returns the numbers of postbacks by state as /metrics tells them."""
    text = instance.client().http("GET", "/metrics").body.decode()
    return {state: int(n) for state, n in re.findall(r'savemms_jobs{kind="postback",state="(\w+)"} (\d+)', text)}


@pytest.mark.parametrize("secret,key", [(SIGNING, SECRET), ("plain-secret-of-ours", b"plain-secret-of-ours")],
                         ids=["whsec", "plain"])
def test_signature(posted, receiver, secret, key):
    """The signature is verified by the Standard Webhooks specification, with code that shares nothing with the
    server."""
    caller, path = posted(postback_secret=secret)
    caller.save("x")
    postback = receiver.wait(path)[0]
    ident, stamp = postback.headers["webhook-id"], postback.headers["webhook-timestamp"]
    assert abs(int(stamp) - time.time()) < 30 and ident and "." not in ident
    signed = f"{ident}.{stamp}.".encode() + postback.body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert expected in postback.headers["webhook-signature"].split(" ")


def test_ids_differ_between_postbacks(posted, receiver):
    caller, path = posted(postback_secret=SIGNING)
    for _ in range(3):
        caller.save("x")
    assert len({p.headers["webhook-id"] for p in receiver.wait(path, 3)}) == 3


def test_deleted_template_sends_no_more(posted, receiver):
    caller, path = posted()
    receiver.script(path, [500])
    mmsid = caller.save("x").mmsid
    receiver.wait(path)
    assert caller.call("deleteMMSID", mmsid=mmsid).code is None
    time.sleep(2.5)
    assert len(receiver.got(path)) <= 2


def test_a_stop_hands_a_postback_back(new_instance, receiver):
    """The postback under way when the helper is told to stop goes out again at once, and its attempt does not count:
    the one failure after that is the first of the two that this schedule allows."""
    instance = new_instance({"retry-schedule": "300"}).serve()
    caller = instance.caller(postback_url=receiver.url("stopped"))
    receiver.script("stopped", [(200, 8), 500])
    mmsid = caller.save("x").mmsid
    assert procs.wait_for(lambda: receiver.scripts["/stopped"] == [500], 10 * SLOW)
    instance.restart()
    assert procs.wait_for(lambda: 500 in [p.status for p in receiver.got("stopped")], 30 * SLOW), instance.logs()[-3000:]
    assert procs.wait_for(lambda: [row[3] for row in jobs_of(instance, mmsid)] not in ([], ["leased"]), 10 * SLOW, 0.2)
    assert [row[3] for row in jobs_of(instance, mmsid)] == ["due"], instance.run("job", "list")
    instance.stop()


def test_a_slow_receiver_and_two_helpers(new_instance, receiver, tmp_path):
    """The receiver answers after three leases, and the other helper does not take the postback up meanwhile. When a
    helper is killed during a postback, another goes on as soon as the lease has expired."""
    instance = new_instance({"lease-seconds": "2", "postback-ms": "120000"}).serve()
    start = lambda: procs.start([program("savemms-helper"), "-C", instance.folder, "--stay"], str(tmp_path / "log"), instance.env)
    caller = instance.caller(postback_url=receiver.url("two"))
    receiver.script("two", [(200, 6), (200, 60), 200])
    mmsid = caller.save("x").mmsid
    assert procs.wait_for(lambda: len(receiver.scripts["/two"]) == 2, 10 * SLOW)
    first, other = instance.pids("savemms-helper"), start()
    assert len(receiver.wait("two", 1, 10 * SLOW)) == 1 and no_job(instance, mmsid)
    assert len(receiver.scripts["/two"]) == 2, "it was posted twice"
    assert procs.stop(other)
    mmsid = caller.save("x").mmsid
    assert procs.wait_for(lambda: len(receiver.scripts["/two"]) == 1, 10 * SLOW)
    instance.signal(first, signal.SIGKILL)
    other = start()
    assert no_job(instance, mmsid, 15)
    assert procs.stop(other)
    instance.stop()
