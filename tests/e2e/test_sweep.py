"""Blobs without references are removed after a day. Not every start of a helper looks for them."""

import fcntl
import hashlib
import os
import time

import procs
from client import Answer, request_xml
from instance import SLOW, as_cgi

DAY = 86400


def leave_blob(instance, data, age):
    """Leaves a blob like a process that dies before its commit. Returns its path."""
    name = hashlib.sha256(data).hexdigest()
    path = os.path.join(instance.folder, "media", name[:2], name[2:4], name)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    os.utime(path, (time.time() - age,) * 2)
    return path


def save(instance, key, slide):
    """Calls saveMMS without a web server, so that no helper stays. Returns the MMSID."""
    body = request_xml("saveMMS", key, [slide], name="n", fallbacksmstext="f").encode()
    status, headers, answer = as_cgi(instance, body)
    return Answer(status, headers, answer).mmsid


def work(instance, key, receiver, n):
    """Starts a helper and waits until it has ended."""
    assert save(instance, key, f"work {n}")
    assert len(receiver.wait("sweep", n, 20 * SLOW)) == n
    assert procs.wait_for(lambda: not instance.pids("savemms-helper"), 20 * SLOW)


def test_sweep(new_instance, put, receiver):
    instance = new_instance({"helper-linger": "0"})
    key = instance.account("sweep", postback_url=receiver.url("sweep"))
    mark = os.path.join(instance.folder, "run", "helper.swept")
    assert save(instance, key, {"image": put("jpg")})
    used = [os.path.join(at, name) for at, _, names in os.walk(instance.folder + "/media")
            for name in names if len(name) == 64]
    assert len(used) > 1
    for path in used:
        os.utime(path, (time.time() - 2 * DAY,) * 2)
    assert procs.wait_for(lambda: not instance.pids("savemms-helper"), 20 * SLOW)
    old, young = leave_blob(instance, b"old", 2 * DAY), leave_blob(instance, b"young", DAY / 2)
    os.unlink(mark)
    work(instance, key, receiver, 2)
    assert not os.path.exists(old) and os.path.exists(young) and all(map(os.path.exists, used))
    second = leave_blob(instance, b"second", 2 * DAY)
    work(instance, key, receiver, 3)
    assert os.path.exists(second), "swept twice within the hour"
    os.utime(mark, (time.time() - 7200,) * 2)
    work(instance, key, receiver, 4)
    assert not os.path.exists(second) and all(map(os.path.exists, used))
    third = leave_blob(instance, b"third", 2 * DAY)
    os.utime(mark, (time.time() - 7200,) * 2)
    with open(os.path.join(instance.folder, "run", "sweep.lock"), "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        work(instance, key, receiver, 5)
        assert os.path.exists(third), "swept while another helper was sweeping"
    work(instance, key, receiver, 6)
    assert not os.path.exists(third) and all(map(os.path.exists, used))
