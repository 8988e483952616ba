"""A process that has no free descriptors for a while goes on afterwards."""

import resource
import time

from instance import SLOW


def test_out_of_descriptors(new_instance):
    """Threads that cannot accept a connection wait and do not end."""
    instance = new_instance({"threads": "4"}).serve()
    caller = instance.caller()
    caller.save("before")
    pids = instance.pids("libexec/savemms/savemms.fcgi")
    soft, hard = resource.prlimit(pids[0], resource.RLIMIT_NOFILE)
    assert soft > 1024 or soft == hard
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
