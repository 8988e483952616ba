"""A body that arrives slowly holds a place no longer than body-seconds, whatever the web server passes on."""

import threading
import time

import pytest

import fastcgi
from client import request_xml
from instance import SLOW

SECONDS = 2


@pytest.fixture(scope="module")
def served(new_instance):
    instance = new_instance({"threads": "4", "account-requests": "4", "body-seconds": str(SECONDS), "max-request-bytes": "4096"})
    instance.serve()
    instance.caller = instance.caller()
    yield instance
    instance.stop()


def trickle(request, seconds):
    """Sends a byte now and then, until the program closes the connection or time is up."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and request.send(b" "):
        time.sleep(0.1)


def whole(instance, path):
    body = request_xml("saveMMS", instance.caller.key, ["x"], name="n", fallbacksmstext="f").encode()
    request = fastcgi.Request(path, len(body))
    request.send(body)
    request.send(b"")
    answer = request.answer()
    request.close()             # web servers do this, too, and the program waits for it a little
    return answer


def test_slow_bodies_end_in_time(served):
    """Slow bodies take all places of a process. Callers who come meanwhile are refused at once, and later callers are
    served."""
    path = fastcgi.sockets(served)[0]
    slow = [fastcgi.Request(path, 4000) for _ in range(4)]
    feeders = [threading.Thread(target=trickle, args=(r, 30 * SLOW), daemon=True) for r in slow]
    for t in feeders:
        t.start()
    time.sleep(0.3 * SLOW)
    answer, took = whole(served, path)
    assert answer.status == 503 and answer.code == "E503" and int(answer.headers["retry-after"]) > 0 and took < 0.1 * SLOW, took
    for request in slow:
        answer, took = request.answer()
        assert answer.status == 400 and answer.code == "E100", answer
        assert SECONDS - 0.2 < took < SECONDS + 2 * SLOW, took
        request.close()
    answer, took = whole(served, path)
    assert answer.mmsid and took < SLOW


def test_a_refused_body_is_not_waited_for(served):
    """The 413 comes before the body, and the rest of the body delays nobody for long."""
    path = fastcgi.sockets(served)[0]
    time.sleep(0.5 * SLOW)      # by then the places of the test before are free
    slow = [fastcgi.Request(path, 5000) for _ in range(4)]
    for request in slow:
        answer, took = request.answer() if request.send(b"<") else (None, 0)
        assert answer.status == 413 and took < SLOW, (answer, took)
    feeders = [threading.Thread(target=trickle, args=(r, 30 * SLOW), daemon=True) for r in slow]
    for t in feeders:
        t.start()
    time.sleep(SECONDS + SLOW)
    answer, took = whole(served, path)
    assert answer.mmsid and took < SLOW
    for request in slow:
        request.close()
