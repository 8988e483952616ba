"""Restarts and updates lose nothing (savemms-api(7), Readiness, and the leases of the queue), and a server that ends
leaves nothing behind."""

import threading

from instance import SLOW
from procs import wait_for


def test_restart_keeps_everything(new_instance, put, receiver):
    """The next server does the work that waited when the last one ended."""
    instance = new_instance({"retry-schedule": "1, 1, 1, 1, 1, 1"}).serve()
    caller = instance.caller(postback_url=receiver.url("restart"))
    made = [caller.save({"audio": put("wav"), "text": str(i)}).mmsid for i in range(6)]
    instance.restart()
    caller.port = instance.port
    assert caller.ids() == made[::-1]
    # A postback whose answer the end of the server cut off comes twice, so the customer may get more than there are.
    wait_for(lambda: {p.text("MMSID") for p in receiver.got("restart")} == set(made), 90 * SLOW)
    told = {(p.text("MMSID"), p.text("CODE")) for p in receiver.got("restart")}
    assert told == {(mmsid, "N003") for mmsid in made}
    instance.stop()


def test_restart_while_clients_save(new_instance):
    """Every acknowledged MMSID still exists afterwards."""
    instance = new_instance().serve()
    caller = instance.caller()
    saved, stop = [], threading.Event()

    def save_all():
        mine = instance.client(caller.key, timeout=10)
        while not stop.is_set():
            mine.port = instance.port
            try:
                answer = mine.save("x")
            except (OSError, AssertionError, SyntaxError):
                continue                    # the restart cut off the answer, so nothing was acknowledged
            if answer.code is None:
                saved.append(answer.mmsid)

    threads = [threading.Thread(target=save_all, daemon=True) for _ in range(4)]
    for t in threads:
        t.start()
    for _ in range(3):
        stop.wait(1)
        instance.restart()
    stop.set()
    for t in threads:
        t.join(20)
    caller.port = instance.port
    stored = set(caller.ids())
    assert saved and set(saved) <= stored, len(set(saved) - stored)
    instance.stop()


def test_restart_under_apache(new_instance):
    instance = new_instance().serve(server="apache")
    caller = instance.caller()
    first = caller.save("x").mmsid
    instance.restart(server="apache")
    caller.port = instance.port
    assert caller.ids() == [first]
    instance.stop()
