"""An upgrade over a running server (savemms.fcgi(8) and savemms-helper(8), Upgrades): the programs are replaced while
clients save and send. Each goes on as the new one, no request fails, and no job is late or tried twice."""

import os
import time

import pytest

import procs
from instance import SLOW, program
from upgrading import Clients, Installed, are_new, check, instance_in


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
