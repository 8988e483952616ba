"""Many queued messages, four helpers, and kills at random: every message goes out once, and none is lost."""

import collections
import concurrent.futures
import http.client
import os
import random
import signal
import time

import pytest

import procs
from client import PATH, request_xml
from instance import SLOW, program

SENDS = int(os.environ.get("SAVEMMS_SENDS", "10000"))
CLIENTS, HELPERS, KILLS = 16, 4, 25
FROM = "12345"


def send_some(port, key, mmsid, numbers):
    """Sends to each number over one connection. Returns the TRACKINGIDs."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    out = []
    for number in numbers:
        body = request_xml("sendSavedMMS", key, mmsid=mmsid, to=number, raw=f"<FROM>{FROM}</FROM><DATA><N>{number}</N></DATA>")
        connection.request("POST", PATH, body, {"Content-Type": "text/xml"})
        answer = connection.getresponse().read().decode()
        assert "<STATUS>Success</STATUS>" in answer, answer
        out.append(answer.split("<TRACKINGID>")[1].split("<")[0])
    connection.close()
    return out


def waiting(instance):
    return sum("\tdeliver\t" in line for line in instance.run("job", "list").splitlines())


@pytest.mark.slow
def test_sends_under_kills(new_instance, tmp_path):
    instance = new_instance({"lease-seconds": 2, "threads": "32", "account-requests": "32"}).serve()
    caller = instance.caller(senders=FROM)
    mmsid = caller.save("Hello {$n}", "two", "three").mmsid
    with instance.no_helper():                      # the test's own helpers do the work
        drain(instance, caller, mmsid, tmp_path)
    assert instance.command("check", seconds=120)[0] == 0
    instance.stop()


def drain(instance, caller, mmsid, tmp_path):
    numbers = [str(15550000000 + i) for i in range(SENDS)]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        parts = pool.map(lambda i: send_some(instance.port, caller.key, mmsid, numbers[i::CLIENTS]), range(CLIENTS))
        tracking = [t for part in parts for t in part]
    assert len(set(tracking)) == SENDS
    chance, killed, began = random.Random(11), 0, time.monotonic()
    start = lambda: procs.start([program("savemms-helper"), "-C", instance.folder, "--stay"], str(tmp_path / "log"), instance.env)
    helpers = [start() for _ in range(HELPERS)]
    ends = time.monotonic() + 180 * SLOW
    try:
        while (killed < KILLS or waiting(instance)) and time.monotonic() < ends:
            if killed < KILLS:
                time.sleep(chance.uniform(0.05, 0.25))
                victim = chance.randrange(HELPERS)
                os.kill(helpers[victim].pid, signal.SIGKILL)
                helpers[victim].wait(10)
                helpers[victim] = start()
                killed += 1
            else:
                time.sleep(0.2)
        took = time.monotonic() - began
        assert waiting(instance) == 0
    finally:
        for helper in helpers:
            procs.stop(helper)
    files = [n for n in os.listdir(os.path.join(instance.folder, "outbox")) if n != "tmp"]
    assert collections.Counter(n.split(".")[0] for n in files) == collections.Counter(tracking)
    print(f"sends: {SENDS} messages, {killed} kills of {HELPERS} helpers, {took:.1f} s, each out once")
