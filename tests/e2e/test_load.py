"""64 clients at once, with slow media servers: nothing is lost, nothing hangs, and memory does not grow."""

import os
import threading
import time

import pytest

import procs
from instance import SLOW

SECONDS = float(os.environ.get("SAVEMMS_LOAD_SECONDS", "15"))
CLIENTS = 64
GROWTH_KB = 8 << 10         # how much a process's private memory may grow after its start phase


class Load:
    """Clients that save again and again until they are told to stop."""

    def __init__(self, instance, key, slides):
        self.instance, self.key, self.slides = instance, key, slides
        self.saved, self.refused, self.slowest, self.stop = [], [], 0.0, threading.Event()
        self.threads = [threading.Thread(target=self.client, daemon=True) for _ in range(CLIENTS)]

    def client(self):
        caller = self.instance.client(self.key, timeout=60 * SLOW)
        while not self.stop.is_set():
            start = time.monotonic()
            try:
                answer = caller.save(*self.slides())
                (self.saved if answer.code is None else self.refused).append(answer.mmsid if answer.code is None else answer)
            except (OSError, AssertionError) as e:
                self.refused.append(e)
            self.slowest = max(self.slowest, time.monotonic() - start)

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *exc):
        self.stop.set()
        for t in self.threads:
            t.join(90 * SLOW)


def memory(instance):
    """Returns the private memory of the largest FastCGI process, in KiB."""
    return max([procs.private_kb(pid) for pid in instance.pids("savemms.fcgi")], default=0)


@pytest.mark.slow
def test_load(new_instance, put, samples, receiver):
    instance = new_instance({"threads": 64, "medium-ms": 30000, "request-ms": 60000}).serve()
    key = instance.account("a", postback_url=receiver.url("load"))
    small = samples.image(160, 120)
    slow = [put("jpg", body=small, delay=2) for _ in range(8)]
    turn = iter(range(10**9))
    instance.client(key).save({"image": slow[0]})
    with Load(instance, key, lambda: [{"image": slow[next(turn) % 8], "text": "x"}]) as load:
        time.sleep(SECONDS * 0.3)
        warm = memory(instance)
        time.sleep(SECONDS * 0.7)
        end = memory(instance)
    assert not [t for t in load.threads if t.is_alive()], "a client is stuck"
    assert not load.refused, load.refused[:5]
    assert len(load.saved) == len(set(load.saved)) >= CLIENTS * SECONDS / 12 / SLOW
    missing = set(load.saved) - set(instance.client(key).ids())
    assert not missing, f"{len(missing)} of {len(load.saved)} lost"
    assert load.slowest < 30 * SLOW
    assert 0 < end <= warm + GROWTH_KB, (warm, end)
    got = procs.wait_for(lambda: len(receiver.got("load")) > len(load.saved), 60 * SLOW, 0.2)
    assert got, f"{len(receiver.got('load'))} postbacks for {len(load.saved) + 1} templates"
    print(f"load: {len(load.saved)} saved in {SECONDS} s, slowest {load.slowest:.1f} s, "
          f"private memory {warm} then {end} KiB")
    instance.stop()
