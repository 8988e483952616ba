"""savemms reload: the programs take over the settings, refuse wrong ones, and name what needs a new start."""

import os
import signal
import subprocess

import pytest

import procs
from instance import SLOW, program


def save(caller):
    """Saves two slides. Returns the error's code, or None."""
    answer = caller.save("one", "two")
    return None if answer.get("STATUS") == "Success" else answer.code


@pytest.fixture(params=["lighttpd", "apache"], scope="module")
def place(request, new_instance):
    place = new_instance({"helper-linger": "60"}).serve(server=request.param)
    yield place
    place.stop()


def test_reload(place, receiver):
    caller = place.caller()
    assert save(caller) is None
    pids = place.pids("savemms.fcgi")
    place.configure({"max-slides": "1"})
    assert save(caller) is None                                 # nobody has asked for it yet
    out = place.run("reload")
    assert len(out.splitlines()) == 1, out
    assert all(save(caller) == "E225" for _ in range(8))        # in every process
    assert place.pids("savemms.fcgi") == pids

    # What is wrong is refused as a whole, by the command and by the programs.
    conf = os.path.join(place.folder, "savemms.conf")
    with open(conf) as f:
        good = f.read()
    place.configure({"max-slides": "9", "threads": "many"})
    status, out, err = place.command("reload")
    assert status == 1 and "threads" in err and out == ""
    assert save(caller) == "E225"
    with open(conf, "w") as f:
        f.write(good)
    place.configure({"max-slides": "9", "threads": "32", "encode-jobs": "1"})
    out = place.run("reload")
    assert save(caller) is None
    assert sum("threads takes effect when the web server" in line for line in out.splitlines()) == 1
    assert [line.split()[0] for line in out.splitlines()[1:]].count("encode-jobs") >= 1
    assert "max-slides" not in out


def test_the_log_moves(place):
    caller = place.caller()
    other = os.path.join(place.folder, "log", "other.log")
    place.configure({"log-file": other})
    place.run("reload")
    assert save(caller) is None
    with open(other) as f:
        assert caller.account in f.read()


def helpers_that_refuse(place, url):
    """Returns the pids of helpers whose postbacks to the URL are refused by settings. The settings allow them afterwards,
    but nobody has told the helpers."""
    place.configure({"outgoing-allow": "", "retry-schedule": ", ".join(["1"] * 20)})
    place.run("reload")
    assert save(place.caller(postback_url=url)) is None
    assert procs.wait_for(lambda: "refused: loopback" in place.run("job", "list"), 20 * SLOW)
    pids = place.pids("savemms-helper")
    assert len(pids) >= 1
    place.configure({"outgoing-allow": "127.0.0.0/8"})
    return pids


def test_a_running_helper(place, receiver):
    """Its postbacks may use a port only after the operator has allowed it."""
    pids = helpers_that_refuse(place, receiver.url("reload"))
    place.run("reload")
    assert receiver.wait("reload", 1, 20 * SLOW)
    assert set(place.pids("savemms-helper")) & set(pids)
    # A helper that starts later takes nothing back of what this one still runs with.
    place.configure({"postback-jobs": "3"})
    subprocess.run([program("savemms-helper"), "--drain"], env=place.env, timeout=60 * SLOW, check=True)
    assert "postback-jobs takes effect when the helper is started again" in place.run("reload").splitlines()


def test_a_new_start_of_the_program_tells_the_helper(place, receiver):
    """Who restarts the web server or the service after a change expects that all of savemms has it."""
    pids = helpers_that_refuse(place, receiver.url("restart"))
    place.signal(place.pids("savemms.fcgi"), signal.SIGUSR1)
    assert procs.wait_for(place.answers, 20 * SLOW)
    assert receiver.wait("restart", 1, 20 * SLOW)
    assert set(place.pids("savemms-helper")) & set(pids)
