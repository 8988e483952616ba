"""Faults of the machine: the caller gets E503 or a 503, nothing is half stored, and service returns with the end of the
fault, without a restart."""

import concurrent.futures
import fcntl
import os
import subprocess
import sys
import time

import pytest

from instance import SLOW


@pytest.fixture(scope="module")
def served(new_instance):
    instance = new_instance().serve()
    yield instance
    instance.stop()


def refused(answer):
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "E503", "5"), answer
    return True


def test_media_folder_that_cannot_be_written(served, put):
    """During the fault a text can be stored and an image cannot. Afterwards both can."""
    caller = served.caller()
    before = caller.save({"image": put("jpg"), "text": "x"}).mmsid
    folders = [root for root, _, _ in os.walk(os.path.join(served.folder, "media"))]
    modes = {folder: os.stat(folder).st_mode & 0o777 for folder in folders}
    try:
        for folder in folders:
            os.chmod(folder, 0o500)
        assert refused(caller.save({"image": put("png"), "text": "x"}))
        text = caller.save("only text").mmsid
    finally:
        for folder, mode in modes.items():
            os.chmod(folder, mode)
    after = caller.save({"image": put("png"), "text": "x"}).mmsid
    assert caller.ids() == [after, text, before]
    assert "no inconsistencies" in served.run("check")


@pytest.mark.slow
def test_store_that_somebody_holds(served):
    """A process holds the store's lock and does not go on: callers get a 503 after ten seconds, and service when the
    lock is free."""
    caller = served.caller()
    first = caller.save("x").mmsid
    with open(os.path.join(served.folder, "db", "lock"), "r+b") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        began = time.monotonic()
        answer = caller.call("saveMMS", slides=("y",), name="n", fallbacksmstext="f")
        assert answer.status == 503 and refused(answer)
        took = time.monotonic() - began
        assert 9 < took < 25 * SLOW, took
    began = time.monotonic()
    second = caller.save("z").mmsid
    assert time.monotonic() - began < 2 * SLOW
    assert caller.ids() == [second, first]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lock", "door"])
def test_media_folder_that_somebody_holds(served, put, name):
    """A process holds a lock of the media folder and does not go on: who needs it gets a 503 after ten seconds; others do
    not notice. Service returns when the lock is free."""
    caller = served.caller()
    picture = {"image": put("jpg")}
    first = caller.save(picture).mmsid
    with open(os.path.join(served.folder, "media", name), "r+b") as f, concurrent.futures.ThreadPoolExecutor(2) as pool:
        fcntl.flock(f, fcntl.LOCK_EX)
        began = time.monotonic()
        save = pool.submit(caller.call, "saveMMS", slides=(picture,), name="n", fallbacksmstext="f")
        delete = pool.submit(caller.call, "deleteMMSID", mmsid=first)
        text = caller.save("only text").mmsid
        assert time.monotonic() - began < 5
        for answer in (save.result(), delete.result()):
            assert answer.status == 503 and refused(answer)
            assert answer.headers["retry-after"]
        assert 9 < time.monotonic() - began < 25 * SLOW
        assert caller.ids() == [text, first]
    second = caller.save(picture).mmsid
    assert caller.call("deleteMMSID", mmsid=first).code is None
    assert caller.ids() == [second, text]


def test_a_writer_of_media_that_is_stopped(served, put):
    """It shares the lock: a delete waits for it, but other writers get in between."""
    caller = served.caller()
    picture = {"image": put("jpg")}
    first = caller.save(picture).mmsid
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with open(os.path.join(served.folder, "media", "lock"), "r+b") as f:
            fcntl.flock(f, fcntl.LOCK_SH)
            delete = pool.submit(caller.call, "deleteMMSID", mmsid=first)
            time.sleep(0.3)
            assert not delete.done()
            began = time.monotonic()
            second = caller.save(picture).mmsid
            assert time.monotonic() - began < 8
        assert delete.result().code is None
    assert caller.ids() == [second]


def test_served_on_a_full_disk(tmp_path):
    """savemms serve starts on a full disk; what is there can be read, and what is new gets a 503 until there is
    room."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, timeout=10).returncode != 0:
        pytest.skip("no name spaces for ordinary users here")
    done = subprocess.run(["unshare", "-rm", "sh", "-ec", f'mount -t tmpfs -o size=64m,mode=1777 none {tmp_path}; '
                           'exec unshare --user --map-user=1000 --map-group=1000 "$@"', "sh",
                           sys.executable, "-B", os.path.join(os.path.dirname(__file__), "full_disk_inside.py"), str(tmp_path)],
                          capture_output=True, text=True, timeout=120 * SLOW)
    assert done.returncode == 0, done.stdout + done.stderr


def test_spoilt_record_is_one_templates_trouble(served, put):
    """A blob that is missing does not block access to the rest. The check names it."""
    caller = served.caller()
    keep, gone = caller.save("x").mmsid, caller.save({"image": put("gif"), "text": "x"}).mmsid
    shown = served.run("template", "show", gone)
    sha = next(w for line in shown.splitlines() for w in line.replace("/", " ").split() if len(w) == 64)
    path = os.path.join(served.folder, "media", sha[:2], sha[2:4], sha)
    os.unlink(path)
    status, out, _ = served.command("check")
    assert status == 1 and sha in out
    assert set(caller.ids()) == {keep, gone}
    assert caller.call("deleteMMSID", mmsid=gone).code is None
    assert "no inconsistencies" in served.run("check")
