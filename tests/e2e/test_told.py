"""What a caller is told is what is stored: after an E503 nothing is kept, and who is told nothing is told nothing wrong,
also where the disk fails or the process that syncs for all others is stopped."""

import concurrent.futures
import fcntl
import os
import shutil
import subprocess
import time

import pytest

from client import Answer, request_xml
from instance import SLOW, as_cgi
from test_faults_served import FAIL, sanitized
from test_send import FROM, TO

PRELOADED = pytest.mark.skipif(shutil.which("cc") is None or sanitized(), reason="no C compiler, or a build that has its own malloc")


def test_who_syncs_is_stopped(shared, account):
    """A process holds the sync of all and does not go on. Nobody is refused who is then served."""
    caller = account(senders=FROM)
    first = caller.save("x").mmsid
    with open(os.path.join(shared.folder, "db", "sync"), "r+b") as f, concurrent.futures.ThreadPoolExecutor(3) as pool:
        fcntl.flock(f, fcntl.LOCK_EX)
        began = time.monotonic()
        calls = [pool.submit(caller.call, "saveMMS", slides=("y",), name="n", fallbacksmstext="f"),
                 pool.submit(caller.call, "deleteMMSID", mmsid=first)]
        save, delete = (c.result() for c in calls)
        assert save.code is None and delete.code is None, (save, delete)
        assert time.monotonic() - began < 9 * SLOW
        sent = caller.call("sendSavedMMS", mmsid=save.mmsid, to=TO, **{"from": FROM})
        assert sent.code is None, sent
    assert caller.ids() == [save.mmsid]


@pytest.fixture(scope="module")
def failing(new_instance, tmp_path_factory):
    """failing(n, kind, error, request) makes the n-th such call of the program fail. Returns its answer, or None if it
    makes fewer calls."""
    folder = tmp_path_factory.mktemp("fail")
    library, report = str(folder / "fail.so"), str(folder / "report")
    subprocess.run(["cc", "-O1", "-fPIC", "-fvisibility=hidden", "-shared", "-o", library, FAIL, "-ldl"], check=True)
    instance = new_instance({"helper-program": "none"})
    key = instance.account("a", senders=FROM)

    def call(action, n=None, kind="sync", **fields):
        env = {}
        if n is not None:
            env = {"LD_PRELOAD": library, "FAIL_PROGRAM": "savemms.fcgi", "FAIL_KIND": kind, "FAIL_N": str(n),
                   "FAIL_ERRNO": "5", "FAIL_REPORT": report}
            open(report, "w").close()
        try:
            answer = Answer(*as_cgi(instance, request_xml(action, key, **fields).encode(), **env))
        except AssertionError:                  # the program ended before it could answer
            answer = Answer(0, {}, b"")
        return answer if n is None or os.path.getsize(report) else None

    def reported():
        with open(report) as f:
            return f.read()

    call.instance, call.reported = instance, reported
    return call


@PRELOADED
def test_a_delete_short_of_memory(failing):
    """Each of the last allocations of a delete fails, before and after its commit: E503 says that the template is still
    there."""
    def saved():
        return failing("saveMMS", slides=("x",), name="n", fallbacksmstext="f").mmsid

    failing("deleteMMSID", 0, kind="alloc", mmsid=saved())
    mmsid, total = None, int(failing.reported().split()[1])
    for n in range(total - 40, total + 1):
        mmsid = mmsid or saved()
        answer = failing("deleteMMSID", n, kind="alloc", mmsid=mmsid)
        gone = failing("getMMSIDDetails", mmsid=mmsid).code == "E241"
        assert answer is None or answer.status == 0 or gone == (answer.code is None), (n, answer)
        mmsid = None if gone else mmsid


@PRELOADED
def test_one_sync_fails(failing):
    """Each sync of a save, a delete and a send in turn. The caller learns what became of it."""
    def ids():
        answer = failing("getMmsIds")
        return [] if answer.code else [i.strip() for i in answer.get("MMSIDS").split(",")]

    def messages():
        return len(failing.instance.run("message", "list").splitlines())

    points = 0
    for action in ("saveMMS", "deleteMMSID", "sendSavedMMS"):
        for n in range(1, 50):
            text = {"slides": ("x",), "name": "n", "fallbacksmstext": "f"}
            mmsid = failing("saveMMS", **text).mmsid if action != "saveMMS" else None
            fields = text if action == "saveMMS" else {"mmsid": mmsid} if action == "deleteMMSID" else \
                {"mmsid": mmsid, "to": TO, "from": FROM}
            before, sent = ids(), messages()
            answer = failing(action, n, **fields)
            if answer is None:
                break
            assert answer.code in (None, "E503"), answer
            done = {"saveMMS": lambda: len(ids()) == len(before) + 1, "deleteMMSID": lambda: mmsid not in ids(),
                    "sendSavedMMS": lambda: messages() == sent + 1}[action]()
            assert done == (answer.code is None), (action, n, answer)
            points += 1
    assert points >= 6
    assert "no inconsistencies" in failing.instance.run("check")
