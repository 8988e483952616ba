"""SIGKILL of any process at any moment loses no acknowledged template, and every job ends."""

import os
import random
import signal
import threading
import time

import pytest

import procs
from instance import SLOW

KILLS = int(os.environ.get("SAVEMMS_KILLS", "100"))
VICTIMS = ("savemms.fcgi", "savemms-helper", "savemms-transcode")


class Savers:
    """Clients that go on whatever happens to their connection. Only Success counts as acknowledged."""

    def __init__(self, instance, key, media, n=6):
        self.instance, self.key, self.media = instance, key, media
        self.acknowledged, self.cut, self.stop = [], 0, threading.Event()
        self.threads = [threading.Thread(target=self.save, args=(i,), daemon=True) for i in range(n)]
        for t in self.threads:
            t.start()

    def save(self, number):
        caller = self.instance.client(self.key, timeout=30 * SLOW)
        chance = random.Random(number)
        while not self.stop.is_set():
            slide, caller.port = chance.choice(self.media), self.instance.port
            try:
                answer = caller.save(slide)
                if answer.code is None:
                    self.acknowledged.append(answer.mmsid)
                    continue
            except (OSError, AssertionError, SyntaxError, ValueError):
                pass                        # an answer that was cut short, or the web server's own 5xx
            except Exception as e:          # exceptions of http.client with the same meaning
                if type(e).__module__ != "http.client":
                    raise
            self.cut += 1
            time.sleep(0.05)

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join(60 * SLOW)
        assert not [t for t in self.threads if t.is_alive()], "a client is stuck"


def victims(instance):
    return [(pid, command) for pid, command in procs.of_instance(instance.folder)
            if any(v in command for v in VICTIMS)]


@pytest.mark.slow
def test_random_kills(new_instance, put, samples, receiver):
    instance = new_instance({"lease-seconds": 2, "encode-attempts": 20, "retry-schedule": "1, 1, 1, 1, 1, 1, 1, 1, 1, 1"}).serve()
    caller = instance.caller(postback_url=receiver.url("kill"))
    small = put("jpg", body=samples.image(160, 120))
    media = [{"text": "only text"}, {"text": "x", "image": small}, {"vcard": put("vcf")}, {"text": "y", "image": small},
             {"text": "only text"}, {"audio": put("amr")}]
    savers, chance, killed, restarts = Savers(instance, caller.key, media), random.Random(1), {}, 0
    ends = time.monotonic() + 60 + KILLS * SLOW
    while sum(killed.values()) < KILLS and time.monotonic() < ends:
        time.sleep(chance.uniform(0.005, 0.25))
        if instance.server.poll() is not None:      # serve ended with its helper
            instance.restart()
            restarts += 1
        running = victims(instance)
        if not running:
            continue
        pid, command = chance.choice(running)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        name = next(v for v in VICTIMS if v in command)
        killed[name] = killed.get(name, 0) + 1
    savers.end()
    assert sum(killed.values()) == KILLS, f"only {killed} could be killed"
    time.sleep(1)                                   # gives serve time to notice that its helper is gone
    if instance.server.poll() is not None:
        instance.restart()
        restarts += 1
    caller.port = instance.port
    killed["and serve started again"] = restarts
    assert len(savers.acknowledged) > KILLS / 4, (len(savers.acknowledged), savers.cut, killed)
    check(instance, caller, savers, receiver, killed)
    instance.stop()


def check(instance, caller, savers, receiver, killed):
    """Checks that every acknowledged template can be read and reaches its end, and that postbacks arrived."""
    assert procs.wait_for(instance.answers, 30 * SLOW), "no answer any more"
    lost = [m for m in savers.acknowledged if caller.call("getMMSIDDetails", mmsid=m).code is not None]
    assert not lost, f"{len(lost)} of {len(savers.acknowledged)} lost after {killed}"
    assert len(set(savers.acknowledged)) == len(savers.acknowledged), "an MMSID was given twice"
    finished = procs.wait_for(lambda: not open_jobs(instance), 120 * SLOW, 0.5)
    assert finished, f"jobs stuck after {killed}:\n" + instance.run("job", "list")
    states = {m: caller.details(m).findtext("STATE") for m in savers.acknowledged}
    assert set(states.values()) == {"ready"}, {m: s for m, s in states.items() if s != "ready"}
    told = {p.text("MMSID") for p in receiver.got("kill") if p.status == 200}
    assert set(savers.acknowledged) <= told, len(set(savers.acknowledged) - told)
    print(f"kill: {killed}, {len(savers.acknowledged)} acknowledged, {savers.cut} cut off, none lost")


def open_jobs(instance):
    """Returns the rows of the queue that are not dead. Dead jobs fail the test by their template's state or
    postback."""
    rows = [line.split() for line in instance.run("job", "list").splitlines()]
    return [row for row in rows if len(row) > 3 and row[3] != "dead"]
