"""Replaces the programs of a running instance while clients save and send: what test_upgrade.py and
tests/install/upgrade.py share."""

import os
import re
import shutil
import subprocess
import threading
import time

import procs
from instance import PREFIX, SLOW, program

LATE = 10       # seconds by which an upgrade may delay a job
FILM_S = 0.6    # between two films
PROGRAMS = ("savemms", "savemms.fcgi", "savemms-helper", "savemms-transcode")


class Installed:
    """A copy of an installation, over which another can be installed as "make install" does it."""

    def __init__(self, folder, source=PREFIX):
        self.prefix = str(folder)
        for part in ("bin", "libexec", "share"):
            shutil.copytree(os.path.join(source, part), os.path.join(self.prefix, part), symlinks=True)

    def install(self, source=PREFIX):
        for name in PROGRAMS:
            subprocess.run(["install", "-m", "755", program(name, source), program(name, self.prefix)], check=True)


class Clients:
    """Four clients: two save images, one films, one sends messages. They note what was refused, and when each
    template was saved."""

    def __init__(self, caller, put, samples):
        self.caller, self.refused, self.saved, self.sent = caller, [], {}, 0
        image = put("jpg", body=samples.image(320, 240))
        self.slides = {"image": [{"image": image}], "film": [{"video": put("mp4")}]}
        self.ready = caller.save("to be sent").mmsid
        self.stop = threading.Event()
        jobs = (self.save, "image"), (self.save, "image"), (self.save, "film"), (self.send, None)
        self.threads = [threading.Thread(target=self.repeat, args=job, daemon=True) for job in jobs]

    def repeat(self, what, how):
        while not self.stop.is_set():
            try:
                code = what(how)
                if code is not None:
                    self.refused.append(code)
            except (OSError, AssertionError, SyntaxError) as e:
                self.refused.append(repr(e))
            time.sleep(FILM_S if how == "film" else 0.02)

    def save(self, how):
        answer = self.caller.save(*self.slides[how])
        if answer.code is None:
            self.saved[answer.mmsid] = time.time(), how
        return answer.code

    def send(self, how):
        code = self.caller.call("sendSavedMMS", mmsid=self.ready, to="15550100001", **{"from": "12345"}).code
        self.sent += code is None
        return code

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def warm(self, receiver, name):
        """Waits until each kind of job has been done a few times, so that it is known how long they take."""
        def done(how):
            return sum(mmsid in told(receiver, name) for mmsid, (_, of) in list(self.saved.items()) if of == how)
        assert procs.wait_for(lambda: done("film") >= 3 and done("image") >= 3, 60 * SLOW), self.refused[:5]

    def __exit__(self, *exc):
        self.stop.set()
        for t in self.threads:
            t.join(60)


def instance_in(new_instance, installed, **settings):
    return new_instance({"deliver-schedule": "1, 1, 1", "helper-linger": "2", **settings}, prefix=installed.prefix)


def told(receiver, name):
    """Returns, for each MMSID, when its postbacks came."""
    out = {}
    for p in receiver.got(name):
        if p.text("CODE") == "N003":
            out.setdefault(p.text("MMSID"), []).append(p.at)
    return out


def are_new(instance, name):
    """Tells whether all the instance's processes of this program run the file that is installed now."""
    pids = instance.pids(name)
    return bool(pids) and not any(os.readlink(f"/proc/{pid}/exe").endswith(" (deleted)") for pid in pids)


def faults(instance):
    """Returns what savemms check finds wrong. 0.1.0 does not know the key of one byte that newer programs write
    (savemms-store(5), LAYOUTS)."""
    lines = instance.command("check")[1].splitlines()
    assert lines and "inconsistencies" in lines[-1], lines
    return [line for line in lines[:-1] if line != "a key of 1 bytes that begins with 0 belongs to no table"]


def check(instance, receiver, name, clients, upgraded_at, previous=False, interrupted=False):
    """Checks what an upgrade must not do: refuse a request, lose a job, delay one, or count an attempt.
    previous: 0.1.0 took part, which takes a lease for lost that it renews while the job ends. interrupted: its helper was
    told to stop, which breaks off what it does."""
    assert not clients.refused, (len(clients.refused), len(clients.saved), clients.refused[:5])
    assert clients.sent > 10 and len(clients.saved) > 20
    assert procs.wait_for(lambda: set(told(receiver, name)) >= set(clients.saved), 60 * SLOW), \
        (len(told(receiver, name)), len(clients.saved), instance.logs()[-4000:])
    came = told(receiver, name)
    if not interrupted:
        assert all(len(times) == 1 for times in came.values()), "a postback came twice"
    for how in ("image", "film"):
        waits = {mmsid: came[mmsid][0] - at for mmsid, (at, of) in clients.saved.items() if of == how}
        before = [w for mmsid, w in waits.items() if came[mmsid][0] < upgraded_at]
        after = [w for mmsid, w in waits.items() if came[mmsid][0] >= upgraded_at]
        assert before and after, (how, len(before), len(after))
        assert max(after) < max(before) + LATE * SLOW, (how, max(before), max(after))
    status = instance.run("status")
    assert re.search(r"deliver jobs: 0 queued .*, 0 leased, 0 dead", status), status
    again = re.findall(r".* attempt (?:[2-9]|1\d).*|.*again later.*" + ("" if previous else "|.*lease .*lost.*"), instance.logs())
    assert interrupted or not again, again[:5]
    assert not faults(instance)
