"""A process that has no free descriptors for a while goes on afterwards."""

import resource
import time

import procs
from instance import SLOW


def limits(pid):
    return resource.prlimit(pid, resource.RLIMIT_NOFILE)


def test_out_of_descriptors(new_instance):
    """Threads that cannot accept a connection wait and do not end."""
    instance = new_instance({"threads": "4"}).serve()
    caller = instance.caller()
    caller.save("before")
    pids = instance.pids("libexec/savemms/savemms.fcgi")
    for pid in pids:                    # one that has just started raises its limit before it serves
        assert procs.wait_for(lambda p=pid: limits(p)[0] > 1024 or len(set(limits(p))) == 1, 10 * SLOW), limits(pid)
    soft, hard = limits(pids[0])
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, hard))
    hungry = [instance.client(caller.key, timeout=1) for _ in range(12)]
    for client in hungry:
        try:
            client.save("meanwhile")
        except (OSError, AssertionError, SyntaxError):
            pass                                # no answer, because no descriptor is free
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    ends = time.monotonic() + 20 * SLOW
    while time.monotonic() < ends:
        try:
            if caller.save("after").mmsid:
                break
        except (OSError, AssertionError, SyntaxError):
            time.sleep(0.2)
    assert instance.pids("libexec/savemms/savemms.fcgi") == pids
    for _ in range(8):
        assert caller.save("and on").mmsid
    instance.stop()
