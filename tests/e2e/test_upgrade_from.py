"""Upgrades from the previous release, 0.1.0, and the way back (README, Upgrades). tests/install/test_upgrade.sh builds
that release from the history and names its installation in SAVEMMS_PREVIOUS; without it these tests are skipped."""

import json
import os
import signal
import subprocess
import time

import pytest

import procs
from client import PATH, Client
from instance import PREFIX, SLOW
from test_dialects import A, Wire, ok_b
from upgrading import Clients, Installed, are_new, check, faults, instance_in, told

PREVIOUS = os.environ.get("SAVEMMS_PREVIOUS")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PREVIOUS, reason="SAVEMMS_PREVIOUS names no installation of 0.1.0")]
EXPIRY = {"mms-expiry-timestamp": "2099-01-01T00:00:00Z"}
PHASE = 3 * SLOW    # seconds of load before and after each step


@pytest.fixture
def installed(tmp_path):
    return Installed(tmp_path / "prefix", PREVIOUS)


def reload_server(instance):
    """Has lighttpd start its programs anew, which ends those of 0.1.0 between two requests."""
    for pid in instance.pids("sbin/lighttpd"):
        os.kill(pid, signal.SIGUSR1)


def wait_new(instance, part="savemms.fcgi"):
    assert procs.wait_for(lambda: are_new(instance, part), 60 * SLOW), instance.logs()[-4000:]


def version(instance):
    return instance.run("--version").split()[1]


def send_new(caller):
    return caller.call("sendMMS", slides=["sent"], to="15551230001", fallbacksmstext="f", **{"from": "12345"})


def save_once(caller):
    """Saves under a key; the second answer must be the first again."""
    keyed = Client(caller.port, caller.key, headers={"Idempotency-Key": '"k"'})
    answers = [keyed.call("saveMMS", slides=["once"], name="n", fallbacksmstext="f") for _ in range(2)]
    assert answers[0].body == answers[1].body, answers
    return answers[1]


def send_c(caller, mmsid, **more):
    """Sends in dialect C, at the URL that the web server of 0.1.0 has."""
    fields = {"action": "sendsavedmms", "mms-id": mmsid, "to": "15551230001", "from": "12345", "fallback-sms-text": "f", **more}
    answer = caller.http("POST", PATH, json.dumps(fields).encode(), {"x-api-key": caller.key})
    assert answer.status == 200, answer
    return json.loads(answer.body)


def test_there_and_back(new_instance, installed, put, samples, receiver):
    """From 0.1.0 to this version and back, twice, under load: both versions use the store for a while."""
    instance = instance_in(new_instance, installed).serve()
    caller = instance.caller(postback_url=receiver.url("there"), senders="12345")
    for name, source in ("there", PREFIX), ("back", PREVIOUS), ("again", PREFIX):
        instance.change(caller.account, postback_url=receiver.url(name))
        with Clients(caller, put, samples) as clients:
            clients.warm(receiver, name)
            old = version(instance)
            installed.install(source)
            assert version(instance) != old
            at = time.time()
            time.sleep(PHASE)           # the programs of both versions work side by side
            if source == PREFIX:
                reload_server(instance)
            wait_new(instance)
            time.sleep(PHASE)
        check(instance, receiver, name, clients, at, previous=True)
    assert "store has layout 1" in instance.run("status")
    instance.stop()


def test_migration_ends_the_way_back(new_instance, installed, put, samples, receiver):
    """savemms migrate waits until nobody of 0.1.0 has the store open. After it, 0.1.0 refuses the store, whatever it
    finds, and nothing is lost."""
    instance = instance_in(new_instance, installed).serve()
    caller = instance.caller(postback_url=receiver.url("m"), senders="12345")
    with Clients(caller, put, samples) as clients:
        clients.warm(receiver, "m")
        installed.install()
        status, out, err = instance.command("migrate")
        assert status == 1 and "savemms.fcgi (deleted)" in out and "older programs have the store open" in err, (out, err)
        status, out, err = instance.command("migrate", "--dry-run")
        assert status == 1 and "would be brought to 2" in out, (out, err)
        at = time.time()
        reload_server(instance)
        wait_new(instance)
        refused = send_new(caller)
        assert refused.code == "E503" and refused.status == 200, refused    # it lasts until the migration
        refused = save_once(caller)                     # it cannot keep what the header asks for
        assert refused.code == "E503" and refused.status == 200, refused
        saved = caller.save("sent by C").mmsid
        assert send_c(caller, saved, **EXPIRY)["error-code"] == "E503"      # neither can that be kept
        assert send_c(caller, saved)["status"] == "Success"
        instance.signal(instance.pids("savemms-helper"), signal.SIGTERM)    # that of 0.1.0 does not make way
        ended = subprocess.Popen([instance.program, "--version"], stdout=subprocess.DEVNULL)    # and nobody asks how
        assert procs.wait_for(lambda: instance.command("migrate")[0] == 0, 30 * SLOW), instance.command("migrate")
        assert ended.wait(20) == 0
        assert "store has layout" not in instance.run("status")
        assert send_new(caller).mmsid and send_c(caller, saved, **EXPIRY)["status"] == "Success"
        assert save_once(caller).headers["idempotency-replayed"] == "true"
        time.sleep(PHASE)
    check(instance, receiver, "m", clients, at, previous=True, interrupted=True)
    ids = caller.ids()
    installed.install(PREVIOUS)
    status, out, err = instance.command("status")
    assert status == 1 and "written by a newer version" in err
    assert procs.wait_for(lambda: not instance.answers(), 30 * SLOW), "0.1.0 serves a store of layout 2"
    installed.install()
    instance.restart()                  # savemms serve ends when its helper cannot work
    caller.port = instance.port
    assert caller.ids() == ids and not faults(instance)
    instance.stop()


def test_the_first_media_come_after_the_upgrade(new_instance, installed, put, receiver, samples):
    """Programs of 0.1.0 that have decoded nothing yet start the new transcoder, which answers as they expect."""
    instance = instance_in(new_instance, installed).serve()
    caller = instance.caller(postback_url=receiver.url("first"))
    assert caller.save("no medium").mmsid
    assert procs.wait_for(lambda: told(receiver, "first"), 20 * SLOW)
    installed.install()
    made = caller.save({"image": put("jpg")}, {"image": put("gif")}, {"video": put("mp4")}, {"audio": put("wav")}).mmsid
    assert procs.wait_for(lambda: made in told(receiver, "first"), 60 * SLOW), instance.logs()[-4000:]
    assert instance.wait_state(caller, made) == "ready"
    broken = put("jpg", body=samples["jpg"][:300])
    assert caller.save({"image": broken}).code not in (None, "E503")
    assert "another" not in instance.logs() and "again later" not in instance.logs()
    instance.stop()


def test_dialects_in_a_store_of_layout_1(new_instance, installed, receiver, tmp_path):
    """0.1.0 reads all that this version stores there: templates and messages of any dialect, whose postbacks are those of A,
    a postback to be tried again, and the account, also when its receiver says 410. Settings that 0.1.0 does not know are
    refused."""
    instance = instance_in(new_instance, installed, **{"retry-schedule": "300"}).serve()
    caller = instance.caller(postback_url=receiver.url("old"), senders="12345")
    installed.install()
    reload_server(instance)
    wait_new(instance)
    caller.port = instance.port
    status, _, err = instance.command("account", "set", caller.account, "postback-dialect=C")
    assert status == 1 and "postback-dialect needs a store of layout 2: run savemms migrate first" in err, err
    wire, made, sent = Wire(caller), [], []
    receiver.script("old", [200, 200, 410, 500])
    for save in (lambda: wire.json(path=A)["mms-id"],   # the web server knows no other URL yet
                 lambda: ok_b(wire.xml("<name>n</name><slide><message-text>t</message-text></slide>", path=A))):
        made.append(save())
        assert receiver.wait("old", len(made), 20 * SLOW)[-1].text("MMSID") == made[-1]
    file = tmp_path / "file"
    file.write_text("<RESPONSE><MMSID>5</MMSID><SUBJECT>s</SUBJECT><SLIDE><TEXT>t</TEXT></SLIDE></RESPONSE>")
    out = instance.run("account", "import", instance.caller().account, "--url", f"http://127.0.0.1:{instance.port}", file)
    assert out.startswith("5\t"), out                  # without an Idempotency-Key, which is refused
    for mmsid in made:
        answer = wire.json(json.dumps({"action": "sendSavedMMS", "mms-id": mmsid, "to": "15551230001", "from": "12345",
                                       "fallback-sms-text": "f"}), path=A)
        sent.append(answer["tracking-id"])
    assert len(receiver.wait("old", 4, 20 * SLOW)) == 4

    def jobs():
        return [line for line in instance.run("job", "list").splitlines() if "HTTP status" in line]
    assert procs.wait_for(lambda: len(jobs()) == 2, 20 * SLOW), instance.run("job", "list")     # 410 counts as any other answer
    installed.install(PREVIOUS)
    assert "0.1.0" in instance.run("--version")
    for mmsid, tracking in zip(made, sent):
        assert "state: ready" in instance.run("template", "show", mmsid)
        assert "state: sent" in instance.run("message", "show", tracking)
    assert len(jobs()) == 2
    for line in jobs():
        assert "<CODE>N101</CODE>" in instance.run("job", "show", line.split()[0])
    assert "postback-url=" in instance.run("account", "show", caller.account)
    installed.install()
    instance.stop()
