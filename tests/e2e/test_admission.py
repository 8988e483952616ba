"""More requests than there is room for: those beyond the limit are refused at once, and others still get answers."""

import concurrent.futures
import contextlib
import signal
import threading
import time

import procs
from console import Console
from instance import SLOW


def timed(call):
    began = time.monotonic()
    answer = call()
    return answer, time.monotonic() - began


def save(caller, slide):
    """Calls saveMMS and returns whatever answer comes back."""
    return caller.call("saveMMS", slides=[slide], name="n", subject="s")


def busy(answer):
    """Checks for the 503 of savemms-api(7), Answers, with its document and header."""
    assert answer.status == 503 and answer.code == "E503", answer
    assert int(answer.headers["retry-after"]) > 0
    return True


def test_one_account_cannot_take_everything(new_instance, put):
    instance = new_instance({"threads": "8", "account-requests": "3"}).serve()
    greedy, other = instance.caller(daily_limit=100), instance.caller()
    slow = [put("jpg", delay=2 * SLOW) for _ in range(16)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(timed, lambda u=u: save(greedy, {"image": u})) for u in slow]
        time.sleep(0.7 * SLOW)
        answers = [timed(lambda: save(other, "quick")) for _ in range(10)]
        got = [w.result() for w in waiting]
    assert all(a.mmsid and t < 0.5 * SLOW for a, t in answers), answers
    refused = [(a, t) for a, t in got if a.status != 200]
    assert refused and all(busy(a) for a, _ in refused)
    assert sorted(t for _, t in refused)[len(refused) // 2] < 0.1 * SLOW, [t for _, t in refused]
    saved = [a.mmsid for a, _ in got if a.status == 200]
    assert 3 <= len(saved) <= 6, len(saved)             # three in each of the two processes
    assert len(greedy.ids()) == len(saved)
    instance.stop()


def test_all_places_taken(new_instance, put):
    """With four places in each process, requests beyond them are refused at once, and service resumes afterwards."""
    instance = new_instance({"threads": "4", "account-requests": "4",
                             "max-pixels": "50000000"}).serve()
    callers = [instance.caller() for _ in range(6)]
    slow = [put("jpg", delay=2 * SLOW) for _ in range(18)]
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        waiting = [pool.submit(timed, lambda i=i, u=u: save(callers[i % 6], {"image": u})) for i, u in enumerate(slow)]
        time.sleep(0.7 * SLOW)
        beyond = [timed(lambda: save(callers[0], "x")) for _ in range(8)]
        got = [w.result() for w in waiting]
    assert all(busy(a) and t < 0.1 * SLOW for a, t in beyond), [(a.status, t) for a, t in beyond]
    assert sum(a.status == 200 for a, _ in got) == 8
    assert callers[0].save("again").mmsid
    instance.stop()


def test_one_account_cannot_take_the_transcoder(new_instance, put, samples):
    """An account whose animations take every place of the transcoder, and wait for more, does not keep another
    account's small picture waiting, and no code ever blames a picture for the wait."""
    instance = new_instance({"encode-jobs": "1", "max-frames": "300"}).serve("--module", "proxy_fcgi", server="apache")
    greedy, other = instance.caller(daily_limit=100), instance.caller()
    small = put("jpg")
    assert other.save({"image": small}).mmsid           # it is quick when nobody else is there
    slow = [put("gif", body=samples.animation(60 + i, 160)) for i in range(7)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(timed, lambda u=u: save(greedy, {"image": u})) for u in slow]
        assert procs.wait_for(lambda: len(instance.transcoders()[1]) >= 2, 20 * SLOW)
        answers = [timed(lambda: save(other, {"image": small, "text": str(i)})) for i in range(2)]
        ended = sum(w.done() for w in waiting)
        got = [w.result() for w in waiting]
    assert ended < len(slow), "the animations were too quick for the test"
    assert all(a.mmsid and t < 2 * SLOW for a, t in answers), answers
    assert all(a.code is None or busy(a) for a, _ in got), [a.code for a, _ in got]
    instance.stop()


@contextlib.contextmanager
def nothing_gets_ready(instance):
    """Stops each child of the transcoder when it has begun, as if its medium took for ever."""
    over = threading.Event()

    def stop_children():
        while not over.wait(0.005):
            for parent in instance.transcoders()[0]:
                for _ in range(20):
                    children = procs.read_proc(parent, f"task/{parent}/children").split()
                    instance.signal(map(int, children), signal.SIGSTOP)
                    time.sleep(0.001)

    thread = threading.Thread(target=stop_children)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_save_ends_in_time(new_instance, put, samples):
    """A save may take 5 seconds here until its media are made, and one image 4 of them. An image that is begun at once
    uses up its own time, which is its own fault. Another one of the same process waits for its turn meanwhile; it is
    under way when the time of its save is over, is given up, and does not get the blame. The size of a film is read no
    longer than an image is worked on."""
    instance = new_instance({"encode-jobs": "1", "request-ms": "1000", "image-cpu-seconds": "2", "account-requests": "4",
                             "max-pixels": "50000000"}).serve(
        "--module", "proxy_fcgi", server="apache")
    caller = instance.caller()
    large = samples.image(6000, 5000)
    urls = [put("jpg", body=large) for i in range(4)]
    film = put("mp4")
    with nothing_gets_ready(instance), concurrent.futures.ThreadPoolExecutor(4) as pool:
        got = [w.result() for w in [pool.submit(timed, lambda u=u: save(caller, {"image": u})) for u in urls]]
        assert {answer.code for answer, _ in got} == {"E341", "E503"}, instance.logs()[-3500:]
        for answer, took in got:
            assert 3.5 < took < 5.5 + 0.5 * SLOW and (answer.code == "E341" or busy(answer)), (answer, took)
        assert procs.wait_for(lambda: not instance.transcoders()[1], 5 * SLOW), "the child was not ended"
        answer, took = timed(lambda: save(caller, {"video": film}))
        assert answer.mmsid and took < 5 + 0.5 * SLOW, (answer, took)
    assert caller.ids() == [answer.mmsid]
    instance.stop()


def test_the_console_counts_too(new_instance, put):
    """What an account does in the console counts with its calls: while a call waits for a medium, it has no other place."""
    instance = new_instance({"threads": "8", "account-requests": "1"}).serve("--module", "proxy_fcgi", server="apache")
    caller = instance.caller()
    instance.run("account", "set", caller.account, "--password", "secret-1")
    console = Console(instance.port)
    assert console.sign_in(caller.account).status == 303
    page = console.get("compose")
    slow = put("jpg", delay=2 * SLOW)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(lambda: save(caller, {"image": slow}))
        time.sleep(0.7 * SLOW)
        answers = [console.post("compose", {**page.form("compose")["fields"], "do": "check"}), console.get("settings")]
        assert waiting.result().mmsid
    for answer in answers:
        assert answer.status == 503 and int(answer.headers["retry-after"]) > 0, answer.status
    assert console.get("settings").status == 200
    instance.stop()
