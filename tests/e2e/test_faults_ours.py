"""Faults of this machine never count against a file. A fault that every file would have met is E503 at a save. An
encode waits, at last for the operator, while its template stays "encoding". A file that uses up its own limits still
fails."""

import concurrent.futures
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

import procs
from client import Answer, request_xml
from instance import SLOW, as_cgi, program
from test_faults_served import FAIL, sanitized
from test_queue import film

GIFSICLE = shutil.which("gifsicle") or "/usr/bin/gifsicle"
PRELOADED = pytest.mark.skipif(shutil.which("cc") is None or sanitized(), reason="no C compiler, or a build that has its own malloc")
LAYER_TWO = b"\xff\xfd\x90\x04 one frame that starts, of MPEG audio layer II"     # only libmagic knows it
FAULTS = ["missing", "not executable", "ends at once", pytest.param("disk full", marks=PRELOADED)]


class Machine:
    """An instance whose transcoder can be broken. No helper runs except in work(), so that nothing happens in
    between."""

    def __init__(self, new_instance, folder, **settings):
        self.folder, self.transcoder = folder, os.path.join(folder, "transcoder")
        self.mend()
        self.instance = new_instance({"transcode-program": self.transcoder, "helper-program": "none", "encode-attempts": 1,
                                      **{k.replace("_", "-"): v for k, v in settings.items()}})
        self.key = None

    def put(self, text=None, mode=0o700):
        """Makes this text the transcoder; None removes it."""
        if os.path.lexists(self.transcoder):
            os.unlink(self.transcoder)
        if text is not None:
            with open(self.transcoder, "wb") as f:
                f.write(text)
            os.chmod(self.transcoder, mode)

    def mend(self):
        self.put(f'#!/bin/sh\nexec {program("savemms-transcode")} "$@"\n'.encode())

    def spoil(self, fault):
        if fault == "missing":
            self.put()
        elif fault == "not executable":
            self.put(b"#!/bin/sh\n", 0o600)
        elif fault == "ends at once":
            self.put(b"#!/bin/sh\nexit 1\n")
        elif fault == "disk full":
            library = os.path.join(self.folder, "fail.so")
            subprocess.run(["cc", "-O1", "-fPIC", "-fvisibility=hidden", "-shared", "-o", library, FAIL, "-ldl"], check=True)
            self.put(f"#!/bin/sh\nFAIL_PROGRAM=savemms-transcode FAIL_KIND=write FAIL_N=1 FAIL_FROM=1 FAIL_ERRNO=28 "
                     f'LD_PRELOAD={library} exec {program("savemms-transcode")} "$@"\n'.encode())
        elif fault == "no gifsicle":
            with open(program("savemms-transcode"), "rb") as f:
                text = f.read()
            assert GIFSICLE.encode() + b"\0" in text
            self.put(text.replace(GIFSICLE.encode() + b"\0", GIFSICLE[:-1].encode() + b"0\0"))
        elif fault == "no libmagic":
            self.put(f'#!/bin/sh\nMAGIC=/nonexistent/magic exec {program("savemms-transcode")} "$@"\n'.encode())

    def save(self, slide, **env):
        """Returns saveMMS's answer without a web server. Each save has a transcoder of its own."""
        if self.key is None:
            self.account()
        body = request_xml("saveMMS", self.key, [slide], name="n", fallbacksmstext="f").encode()
        status, headers, answer = as_cgi(self.instance, body, **env)
        return Answer(status, headers, answer)

    def get(self, body):
        """Returns the status of a GET of this source."""
        path = f"/media/{hashlib.sha256(body).hexdigest()}.mp3"
        return as_cgi(self.instance, method="GET", REQUEST_URI=path, SCRIPT_NAME=path)[0]

    def account(self, **settings):
        self.key = self.instance.account("a", **settings)

    def work(self):
        """Does all work that is due."""
        subprocess.run([program("savemms-helper"), "-C", self.instance.folder, "--drain"], env=self.instance.env, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60 * SLOW)

    def state(self, mmsid):
        shown = self.instance.run("template", "show", mmsid)
        return next(line.split()[1] for line in shown.splitlines() if line.startswith("state:"))

    def dead(self):
        return json.loads(self.instance.run("status", "--json"))["jobs"]["encode"]["dead"]

    def work_until_dead(self, n):
        def tried():
            self.work()
            return self.dead() == n
        assert procs.wait_for(tried, 30 * SLOW, 0.3), self.instance.logs()[-3000:]


@pytest.fixture
def machine(new_instance, tmp_path):
    made = []

    def make(**settings):
        made.append(Machine(new_instance, str(tmp_path), **settings))
        return made[0]
    yield make
    for m in made:
        assert not m.instance.faults()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_save_blames_no_file(machine, put, samples, fault):
    m = machine()
    slides = {"still": {"image": put("jpg")}, "png": {"image": put("png")}, "animation": {"image": put("gif", body=samples.animation(5))},
              "sound": {"audio": put("mp3")}, "film": {"video": put("3gp")}, "odd": {"audio": put("mp3", body=LAYER_TWO)},
              "text": {"image": put("jpg", body=b"no picture at all\n")}}
    m.spoil(fault)
    answers = {name: m.save(slide) for name, slide in slides.items()}
    if fault == "disk full":            # a save only probes the medium and writes no file
        assert {answers.pop(name).code for name in ("sound", "film", "odd")} == {None}
        assert answers.pop("text").code == "E341"
    assert {a.code for a in answers.values()} == {"E503"}, answers
    assert m.save("only text").code is None
    m.mend()
    assert m.save(slides.pop("text")).code == "E341"
    assert {m.save(slide).code for slide in slides.values()} == {None}
    # A damaged file is still reported as damaged.
    assert m.save({"image": put("jpg", body=samples["jpg"][:3000])}).code == "E341"
    assert "no inconsistencies" in m.instance.run("check")


def test_no_gifsicle(machine, put, samples):
    m = machine()
    m.spoil("no gifsicle")
    assert m.save({"image": put("gif", body=samples.animation(5))}).code == "E503"
    assert m.save({"image": put("jpg")}).code is None
    assert m.save({"image": put("gif", body=samples.animation(1))}).code is None        # a single frame needs no gifsicle
    assert m.save({"image": put("gif", body=samples.animation(5)[:-9])}).code == "E341"     # known before gifsicle is run
    m.mend()
    assert m.save({"image": put("gif", body=samples.animation(5))}).code is None


def test_no_libmagic(machine, put):
    """Formats that our own rules do not know are left to libmagic. Without libmagic they cannot be classified."""
    m = machine()
    m.account(transcoding="off")
    unknown, odd = {"image": put("jpg", body=b"no picture at all\n")}, {"audio": put("mp3", body=LAYER_TWO)}
    assert m.save(unknown).code == "E341"
    assert m.save(odd).code is None
    assert m.get(LAYER_TWO) == 200
    for fault in ("no libmagic", "missing"):
        m.spoil(fault)
        assert m.save(unknown).code == m.save(odd).code == "E503"
        assert m.save({"image": put("jpg")}).code is None
        assert m.get(LAYER_TWO) == 503
    m.mend()
    assert m.get(LAYER_TWO) == 200


@pytest.mark.parametrize("fault", FAULTS)
def test_an_encode_waits_for_the_operator(machine, put, receiver, fault):
    m = machine(encode_schedule="0, 1")
    path = "ours-" + fault.replace(" ", "-")
    m.account(postback_url=receiver.url(path))
    mmsid = m.save({"video": put("3gp")}).mmsid
    m.spoil(fault)
    m.work_until_dead(1)
    assert m.instance.logs().count("a fault of this machine") == 3      # the first one and one after each wait
    m.work()
    assert m.state(mmsid) == "encoding" and m.dead() == 1
    assert not receiver.got(path)
    assert "warning: 1 encodes wait because of a fault of this machine" in m.instance.run("status")
    assert 'savemms_jobs{kind="encode",state="dead"} 1\n' in metrics(m.instance)
    m.instance.run("job", "retry", "--all-dead")
    assert m.dead() == 0
    m.work_until_dead(1)                # nothing was repaired, so it waits again
    assert m.state(mmsid) == "encoding"
    m.mend()
    m.instance.run("job", "retry", "--all-dead")
    m.work()
    assert m.state(mmsid) == "ready", m.instance.logs()[-3000:]
    got = receiver.wait(path, 1, 10 * SLOW)
    assert [(p.text("CODE"), p.text("MMSID")) for p in got] == [("N003", mmsid)]
    assert "warning" not in m.instance.run("status")
    assert 'savemms_jobs{kind="encode",state="dead"} 0\n' in metrics(m.instance)


def metrics(instance):
    """Returns /metrics as a visitor of the web server sees it."""
    instance.serve()
    try:
        return instance.client().http("GET", "/metrics").body.decode()
    finally:
        instance.stop()


def test_after_encode_hold_it_fails(machine, put, receiver):
    """The encode is kept until then. A shorter encode-hold ends it although nothing was repaired."""
    m = machine(encode_schedule="0")
    m.account(postback_url=receiver.url("hold"))
    ids = {"E002": m.save({"audio": put("mp3")}).mmsid, "E003": m.save({"video": put("3gp")}).mmsid}
    m.spoil("missing")
    m.work_until_dead(2)
    m.work()
    m.work()
    assert m.dead() == 2 and {m.state(i) for i in ids.values()} == {"encoding"}
    m.instance.configure({"encode-hold": 1})
    time.sleep(1)

    def over():
        m.work()                        # an overdue job is due for the helper that finds it, or for the next one
        return {m.state(i) for i in ids.values()} == {"failed"}
    assert procs.wait_for(over, 20 * SLOW), m.instance.logs()[-3000:]
    m.work()
    got = receiver.wait("hold", 2, 10 * SLOW)
    assert {p.text("CODE"): p.text("MMSID") for p in got} == ids
    assert m.dead() == 0 and not m.instance.run("job", "list").strip()


def kill_working(instance, whom, how, times):
    """Kills so many transcoders (0), or children of theirs (1), that work on a medium, one after the other."""
    killed = []

    def another():
        found = instance.transcoders()
        return all(found) and found[whom][0] not in killed and found[whom][0]

    for _ in range(times):
        pid = procs.wait_for(another, 30 * SLOW, 0.005)
        assert pid, instance.logs()[-3000:]
        os.kill(pid, how)
        killed.append(pid)


@pytest.mark.parametrize("times, code", [(1, None), (2, "E503")])
@pytest.mark.parametrize("whom", [0, 1], ids=["transcoder", "its child"])
def test_a_killed_picture(machine, put, samples, whom, times, code):
    """The kernel, short of memory, kills the process that works on a picture: it is tried once more, and then the fault
    is ours."""
    m = machine(image_cpu_seconds=60, request_ms=30000)
    slide = {"image": put("gif", body=samples.animation(20, 800))}
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(m.save, slide)
        kill_working(m.instance, whom, signal.SIGKILL, times)
        answer = answer.result()
    assert answer.code == code, m.instance.logs()[-3000:]


def test_killed_from_outside(machine, put, samples, receiver):
    """The kernel (short of memory), a service manager or the transcoder itself kills the encode. It is tried once more
    at once; killed again, it is a fault of this machine. An encode that may be tried once is tried again each time."""
    m = machine(encode_schedule="0, 0, 0", medium_ms=20000, request_ms=30000)
    m.account(postback_url=receiver.url("killed"))
    mmsid = m.save({"video": put("mp4", body=film(samples, "film2", 2, "320x240", 15))}).mmsid
    helper = subprocess.Popen([program("savemms-helper"), "-C", m.instance.folder, "--drain"], env=m.instance.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for n, (whom, how) in enumerate([(1, signal.SIGKILL), (1, signal.SIGTERM), (0, signal.SIGKILL)], 1):
            kill_working(m.instance, whom, how, 2)
            assert procs.wait_for(lambda: m.instance.logs().count("a fault of this machine") == n, 30 * SLOW, 0.01)
        assert helper.wait(60 * SLOW) == 0
    finally:
        if helper.poll() is None:
            helper.kill()
            helper.wait()
    assert m.state(mmsid) == "ready", m.instance.logs()[-3000:]
    assert [p.text("CODE") for p in receiver.wait("killed", 1, 10 * SLOW)] == ["N003"]


def test_a_lost_source_is_ours(machine, put, receiver):
    """Our disk has lost the customer's source. This is not the file's fault, and the return of the source repairs
    it."""
    m = machine(encode_schedule="")
    m.account(postback_url=receiver.url("lost"))
    mmsid = m.save({"audio": put("mp3")}).mmsid
    source = next(line.split(": ", 1)[1] for line in m.instance.run("template", "show", mmsid).splitlines() if "file: " in line)
    os.rename(source, source + ".away")
    m.work_until_dead(1)
    assert m.state(mmsid) == "encoding" and not receiver.got("lost")
    os.rename(source + ".away", source)
    m.instance.run("job", "retry", "--all-dead")
    m.work()
    assert m.state(mmsid) == "ready"
    assert [p.text("CODE") for p in receiver.wait("lost", 1, 10 * SLOW)] == ["N003"]


@pytest.mark.parametrize("limit", ["av_cpu_seconds", "av_wall_seconds"])
def test_a_film_that_uses_up_its_time(machine, put, samples, receiver, limit):
    """The limits belong to the file: it fails, and the operator is not called."""
    m = machine(**{limit: 1}, medium_ms=20000, request_ms=30000)
    m.account(postback_url=receiver.url(limit))
    mmsid = m.save({"video": put("mp4", body=film(samples, "film8", 8))}).mmsid
    m.work()
    assert m.state(mmsid) == "failed" and m.dead() == 0
    assert [p.text("CODE") for p in receiver.wait(limit, 1, 10 * SLOW)] == ["E003"]
    assert "a fault of this machine" not in m.instance.logs()
