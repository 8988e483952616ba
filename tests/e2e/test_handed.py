"""A message that was handed over stays handed over: a helper that dies before the store has recorded that leaves a note."""

import fcntl
import http.server
import os
import signal
import threading
import time

import pytest

import procs
from instance import SLOW

FROM, TO = "12345", "19995550001"


class Gateway:
    """An SMS gateway that holds the instance's store from the moment it takes a message, so that nobody can record
    that."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, format, *args):
                """Says nothing."""

            def do_GET(self):
                outer.hold()
                outer.taken += 1
                self.send_response(202)
                self.end_headers()
                self.wfile.write(b"0: Accepted for delivery")

        self.taken, self.store, self.lock = 0, None, None
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/send"

    def hold(self):
        if self.store is not None:
            self.lock = open(os.path.join(self.store, "db", "lock"), "rb")
            fcntl.flock(self.lock, fcntl.LOCK_EX)

    def let_go(self):
        self.store = None
        self.lock.close()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture(scope="module")
def gateway():
    server = Gateway()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def instance(new_instance, gateway):
    return new_instance({"transport-gateway": f"kind=sms-http url={gateway.url} user=u password=p", "sms-routes": "default=gateway",
                         "carrier-none": "mms=no prefixes=1999", "lease-seconds": 2}).serve()


@pytest.mark.parametrize("deleted", [True, False])
def test_handed_over_and_not_recorded(instance, gateway, receiver, deleted):
    """The gateway has taken the message, the helper dies, and the template may be deleted: the message was sent, and is
    not sent again."""
    path, before = f"handed-{deleted}", gateway.taken
    caller = instance.caller(senders=FROM, postback_url=receiver.url(path))
    mmsid = caller.save("x").mmsid
    receiver.wait(path, 1)
    gateway.store = instance.folder
    answer = caller.call("sendSavedMMS", mmsid=mmsid, to=TO, **{"from": FROM})
    assert answer.code is None
    assert procs.wait_for(lambda: gateway.taken > before, 15 * SLOW)
    time.sleep(0.3 * SLOW)                              # the helper has the answer and waits for the store
    instance.signal(instance.pids("savemms-helper"), signal.SIGKILL)
    gateway.let_go()
    if deleted:
        assert caller.call("deleteMMSID", mmsid=mmsid).code is None
    told = receiver.wait(path, 2, 30 * SLOW)[1]
    assert (told.text("CODE"), told.text("SENTAS"), told.text("TRACKINGID")) == ("N101", "SMS", answer.get("TRACKINGID"))
    assert gateway.taken == before + 1
    assert "transport: gateway" in instance.run("message", "show", answer.get("TRACKINGID"))
    assert "no inconsistencies" in instance.run("check")
