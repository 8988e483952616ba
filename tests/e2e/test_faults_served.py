"""Faults under a running server: the disk is full, a sync fails, the folder is read-only, memory is short. The caller
gets E503, nothing is half stored, and service returns in the same processes when the fault is gone."""

import concurrent.futures
import errno
import os
import shutil
import subprocess
import time

import pytest

import procs
from instance import PREFIX, SLOW, Instance
from media_server import MediaServer, Resource
from postback_receiver import PostbackReceiver

HERE = os.path.dirname(os.path.abspath(__file__))
FAIL = os.path.join(HERE, "..", "fault", "fail.c")


def sanitized():
    with open(os.path.join(PREFIX, "libexec/savemms/savemms.fcgi"), "rb") as f:
        return b"__asan_init" in f.read()


pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("cc") is None or sanitized(),
                                                   reason="no C compiler, or a build that has its own malloc")]


class Fault:
    """Switches faults in an instance's programs on and off (tests/fault/fail.c)."""

    def __init__(self, new_instance, folder, settings=None):
        self.file, library = str(folder / "fault"), str(folder / "fail.so")
        subprocess.run(["cc", "-O1", "-fPIC", "-fvisibility=hidden", "-shared", "-o", library, FAIL, "-ldl"], check=True)
        self.instance = new_instance(settings)
        self.instance.env.update(LD_PRELOAD=library, FAIL_WHILE=self.file)
        self.instance.serve()

    def on(self, program, kind, error, every=1):
        with open(self.file + ".new", "w") as f:
            f.write(f"{program} {kind} {error} {every}")
        os.rename(self.file + ".new", self.file)

    def off(self):
        os.unlink(self.file)


@pytest.fixture(scope="module")
def fault(new_instance, tmp_path_factory):
    f = Fault(new_instance, tmp_path_factory.mktemp("fault"))
    # libfcgi ends the process when it gets no memory itself, and the web server starts another.
    f.instance.faults = lambda: [line for line in Instance.faults(f.instance) if "fcgiapp.c" not in line]
    yield f
    f.instance.stop()


FAULTS = {
    "disk full": ("write", errno.ENOSPC, 1), "quota": ("write", errno.EDQUOT, 1), "read-only": ("write", errno.EROFS, 1),
    "sync": ("sync", errno.EIO, 1), "sync now and then": ("sync", errno.EIO, 3), "disk": ("write", errno.EIO, 4),
    "memory": ("alloc", 0, 5), "no memory": ("alloc", 0, 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_served_through_a_fault(fault, put, samples, name):
    kind, error, every = FAULTS[name]
    instance = fault.instance
    instance.restart()                  # a program that recovered the store many times ends by itself (kv_bdb_worn)
    caller = instance.caller()
    slides = ["only text", {"image": put("jpg", body=samples.image(160, 120)), "text": "x"}, {"vcard": put("vcf")}]
    known = [caller.save(s).mmsid for s in slides]
    pids = instance.pids("libexec/savemms/savemms.fcgi")

    def attempt(i):
        try:
            answer = caller.call("saveMMS", slides=[slides[i % 3]], name="n", fallbacksmstext="f")
        except OSError:
            return None
        return answer if answer.headers.get("content-type", "").startswith("text/xml") else None  # lighttpd's own 5xx

    fault.on("savemms.fcgi", kind, error, every)
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(attempt, range(24)))
    finally:
        fault.off()
    began = time.monotonic()
    while (answer := attempt(1)) is None or answer.code is not None:
        assert time.monotonic() - began < (3 if kind != "alloc" else 10) * SLOW, answer
        time.sleep(0.1)
    told = [a for a in answers if a is not None]
    if kind != "alloc":                 # without memory the FastCGI library drops some requests
        assert len(told) == len(answers), answers
        assert instance.pids("libexec/savemms/savemms.fcgi") == pids
    refused = [a for a in told if a.code is not None]
    assert {a.code for a in refused} <= {"E503"}, {str(a) for a in refused if a.code != "E503"}
    assert refused or every > 1 or kind == "alloc"
    stored = {*known, answer.mmsid, *(a.mmsid for a in told if a.code is None)}
    # A save without an answer may be stored or not. The same is true where a sync failed and went on failing: the log's
    # contents may be there when the disk works again.
    unknown = len(answers) - len(told) + (len(refused) if error == errno.EIO else 0)
    assert stored <= set(caller.ids()) and len(caller.ids()) <= len(stored) + unknown
    for mmsid in caller.ids():
        caller.details(mmsid)
    assert "no inconsistencies" in instance.run("check")


def test_an_encode_waits_for_the_faults_end(new_instance, tmp_path, put, samples, receiver):
    """A disk that is full for a while does not cost the encode an attempt. This encode has only one."""
    fault = Fault(new_instance, tmp_path, {"encode-attempts": "1", "lease-seconds": "2"})
    instance = fault.instance
    caller = instance.caller(postback_url=receiver.url("full"))
    fault.on("savemms-helper", "write", errno.ENOSPC)
    mmsid = caller.save({"audio": put("wav", body=samples["wav"])}).mmsid
    time.sleep(8)
    assert caller.details(mmsid).findtext("STATE") == "encoding"
    fault.off()
    got = receiver.wait("full", 1, 40 * SLOW)
    assert got and got[0].text("CODE") == "N003", instance.logs()[-3000:]
    assert caller.details(mmsid).findtext("STATE") == "ready"
    instance.stop()


def test_what_was_done_is_not_done_again(new_instance, tmp_path):
    """The disk becomes full for more than three leases while a gateway takes a message, and again while a customer's
    server takes its postback. The helper records both when it can, and hands neither over again."""
    gateway, receiver = MediaServer(), PostbackReceiver(on_postback=lambda p: p.text("TRACKINGID") and break_once("postback"))
    fault = Fault(new_instance, tmp_path, {
        "lease-seconds": "2", "postback-ms": "1000", "sms-routes": "default=sms", "carrier-nomms": "mms=no prefixes=1555",
        "transport-sms": f"kind=sms-http url={gateway.url('sendsms')} user=u password=p"})
    instance, broken = fault.instance, []

    def break_once(what):
        if what not in broken:
            fault.on("savemms-helper", "write", errno.ENOSPC)
            broken.append(what)

    def take(path):
        break_once("message")
        return Resource(b"0: Accepted for delivery", "text/plain", status=202)

    gateway.find = take
    caller = instance.caller(senders="12345", postback_url=receiver.url("told"))
    mmsid = caller.save("x").mmsid
    answer = caller.call("sendSavedMMS", mmsid=mmsid, to="15555550001", **{"from": "12345"})
    assert answer.code is None, answer
    for what in ("message", "postback"):
        assert procs.wait_for(lambda: what in broken, 30 * SLOW), instance.logs()[-3000:]
        time.sleep(5)                               # the lease of the message ends meanwhile
        fault.off()
    assert procs.wait_for(lambda: not instance.run("job", "list").strip(), 60 * SLOW), instance.run("job", "list")
    assert len(gateway.hits) == 1, gateway.hits
    told, = [p for p in receiver.got("told") if p.text("TRACKINGID")]
    assert told.text("CODE") == "N101" and told.text("TRACKINGID") == answer.get("TRACKINGID")
    assert "no inconsistencies" in instance.run("check")
    instance.stop()
    gateway.stop()
    receiver.stop()
