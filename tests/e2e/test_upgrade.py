"""An upgrade over a running server (savemms.fcgi(8) and savemms-helper(8), Upgrades): the programs are replaced while
clients save and send. Each goes on as the new one, no request fails, and no job is late or tried twice."""

import os
import time

import pytest

import media
import procs
from client import Answer, request_xml
from instance import SLOW, as_cgi, program
from media_server import Resource
from upgrading import Clients, Installed, are_new, check, instance_in, told


@pytest.mark.parametrize("server,module", [("lighttpd", None), pytest.param("apache", "fcgid", marks=pytest.mark.slow),
                                           pytest.param("apache", "proxy_fcgi", marks=pytest.mark.slow)])
def test_programs_go_on_as_the_new_ones(new_instance, tmp_path, put, samples, receiver, server, module):
    installed = Installed(tmp_path / "prefix")
    name = f"upgrade-{server}-{module}"
    instance = instance_in(new_instance, installed).serve(*(["--module", module] if module else []), server=server)
    caller = instance.caller(postback_url=receiver.url(name), senders="12345")
    with Clients(caller, put, samples) as clients:
        clients.warm(receiver, name)
        before = instance.pids("savemms.fcgi")
        installed.install()
        at = time.time()
        for part in ("savemms.fcgi", "savemms-helper"):
            assert procs.wait_for(lambda: are_new(instance, part), 30 * SLOW), (part, instance.logs()[-4000:])
        time.sleep(2 * SLOW)
    assert set(before) <= set(instance.pids("savemms.fcgi")), "a process ended instead of going on"
    check(instance, receiver, name, clients, at)
    instance.stop()


def test_the_transcoder_is_that_of_the_program(new_instance, tmp_path, put, samples):
    """A program starts the transcoder of its own version, even when none is left where it was, or a foreign one: the
    two may not understand each other, and a customer must not be told that a medium is wrong."""
    installed = Installed(tmp_path / "prefix")
    instance = instance_in(new_instance, installed).serve()
    caller = instance.caller()
    assert caller.save("no medium yet").mmsid
    transcoder = program("savemms-transcode", installed.prefix)
    os.unlink(transcoder)
    with open(transcoder, "w") as f:
        f.write("#!/bin/sh\nexit 1\n")
    os.chmod(transcoder, 0o755)
    assert caller.save({"image": put("jpg", body=samples.image(320, 240))}).mmsid
    instance.stop()


def helpers(instance):
    return instance.pids("libexec/savemms/savemms-helper")


def is_old(pid):
    return os.readlink(f"/proc/{pid}/exe").endswith(" (deleted)")


@pytest.mark.slow
def test_a_busy_helper_starts_its_successor(new_instance, tmp_path, samples, origin, receiver):
    """A helper that savemms.fcgi started goes on with its long film, and the new one does what comes meanwhile."""
    installed = Installed(tmp_path / "prefix")
    instance = instance_in(new_instance, installed)
    key = instance.account("a", postback_url=receiver.url("busy"))
    path = samples.path("long.mp4")
    media.ffmpeg(path, "-f", "lavfi", "-i", "testsrc=size=640x480:rate=25:duration=40", "-c:v", "libx264", "-preset", "ultrafast",
                 "-pix_fmt", "yuv420p")
    film = origin.add("busy/long.mp4", Resource(media.read(path), "video/mp4"))

    def save(**slide):
        body = request_xml("saveMMS", key, [slide], name="n", fallbacksmstext="f").encode()
        status, _, answer = as_cgi(instance, body, SAVEMMS_LIBEXEC=os.path.join(installed.prefix, "libexec/savemms"))
        assert status == 200 and b"Success" in answer, answer
        return Answer(status, {"content-type": "text/xml; charset=utf-8"}, answer).mmsid

    long = save(video=film)
    assert procs.wait_for(lambda: "1 leased" in instance.run("status"), 20 * SLOW), instance.logs()[-3000:]
    old, = helpers(instance)
    installed.install()
    assert procs.wait_for(lambda: len(helpers(instance)) == 2, 20 * SLOW), instance.logs()[-3000:]
    short = save(text="x")
    assert procs.wait_for(lambda: short in told(receiver, "busy"), 10 * SLOW), instance.logs()[-3000:]
    assert long not in told(receiver, "busy") and is_old(old), "the film was too short for this test"
    assert procs.wait_for(lambda: long in told(receiver, "busy"), 90 * SLOW)
    assert procs.wait_for(lambda: not helpers(instance), 30 * SLOW), "a helper does not end"
    assert len(told(receiver, "busy")[long]) == 1 and "again" not in instance.logs()


def test_a_draining_helper_goes_on_as_the_new_one(new_instance, tmp_path, receiver):
    installed = Installed(tmp_path / "prefix")
    instance = instance_in(new_instance, installed)
    key = instance.account("a", postback_url=receiver.url("drain"))
    receiver.script("drain", [(200, 0.5)] * 12)
    for _ in range(12):
        body = request_xml("saveMMS", key, ["x"], name="n", fallbacksmstext="f").encode()
        assert b"Success" in as_cgi(instance, body, SAVEMMS_LIBEXEC="/nowhere")[2]
    drain = procs.start([program("savemms-helper", installed.prefix), "--drain"], instance.log, instance.env)
    assert procs.wait_for(lambda: receiver.got("drain"), 10 * SLOW)
    installed.install()
    assert procs.wait_for(lambda: drain.poll() is not None or not is_old(drain.pid), 20 * SLOW)
    assert drain.poll() is None, "it ended before it could be seen"
    assert drain.wait(60 * SLOW) == 0 and len(receiver.got("drain")) == 12
    assert "queued (oldest 0 s), 0 leased, 0 dead" in instance.run("status")
