"""Whoever makes a job wakes the workers that take it: nothing waits for the next look into the queue, which comes after
two seconds."""

import time

import procs
from test_send import send

LOOK = 2.0          # seconds between two looks of workers that nobody wakes (helper/work.c)


def quickest(attempt, times=4):
    """Returns the least of a few measured times: a busy machine makes some of them longer, none of them shorter."""
    return min(attempt() for _ in range(times))


def test_from_send_to_postback(shared, account, receiver):
    path = "wake-send"
    caller = account(senders="12345", postback_url=receiver.url(path))
    mmsid = caller.save("x").mmsid
    count = len(receiver.wait(path, 1))

    def attempt():
        nonlocal count
        count += 1
        began = time.monotonic()
        assert send(caller, mmsid).code is None
        assert receiver.wait(path, count)[-1].text("CODE") == "N101"
        return time.monotonic() - began

    assert quickest(attempt) < LOOK / 2


def test_from_encode_to_postback(shared, account, put, receiver):
    """The sound is encoded already, so that the encode itself takes no time."""
    path = "wake-encode"
    sound = put("wav")
    caller = account(postback_url=receiver.url(path))
    caller.save({"audio": sound})
    count = len(receiver.wait(path, 1))

    def attempt():
        nonlocal count
        count += 1
        began = time.monotonic()
        mmsid = caller.save({"audio": sound}).mmsid
        assert receiver.wait(path, count)[-1].text("MMSID") == mmsid
        return time.monotonic() - began

    assert quickest(attempt) < LOOK / 2


def test_the_operator_wakes(shared, account, receiver):
    """A dead postback that the operator queues again is sent at once."""
    path = "wake-operator"
    receiver.script(path, [500])
    caller = account(postback_url=receiver.url(path))
    mmsid = caller.save("x").mmsid

    def dead():
        rows = [line.split("\t") for line in shared.run("job", "list").splitlines()]
        return [row[0] for row in rows if row[2] == mmsid and "dead" in row[3]]

    def attempt():
        jobs = procs.wait_for(dead, 30)
        count = len(receiver.wait(path, 1))
        began = time.monotonic()
        shared.run("job", "retry", jobs[0])
        receiver.wait(path, count + 1)
        return time.monotonic() - began

    assert quickest(attempt, 2) < LOOK / 2
