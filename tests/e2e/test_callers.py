"""Who is calling (savemms-api(7)): who the caller is, the order of these checks, and the cost of a call."""

import hashlib
import re
import threading
import time

import pytest

from client import PATH, Client, request_xml
from expected import TEXT, is_error
from instance import SLOW, as_cgi

FIELDS = {"name": "n", "fallbacksmstext": "f"}


def test_no_or_wrong_key(caller):
    for key in (None, "", "A" * 32, caller.key[:-1], caller.key + "A", caller.key.swapcase()):
        assert is_error(caller.save("x", key=key), "E104")


def user_call(caller, user, password):
    return caller.post(request_xml("saveMMS", None, ["x"], user=user, **{"pass": password}, **FIELDS))


def test_user_and_password(shared, caller):
    """PASS is the password or its MD5 in hex, in upper or lower case."""
    shared.run("account", "add", "withpass", "--password", "Secret word 1")
    user = "withpass"
    digest = hashlib.md5(b"Secret word 1").hexdigest()
    for password in (digest, digest.upper(), "Secret word 1"):
        assert user_call(caller, user, password).mmsid
    for password in ("", "wrong", digest[:-1], "secret word 1", hashlib.md5(b"wrong").hexdigest()):
        assert is_error(user_call(caller, user, password), "E104")
    assert is_error(user_call(caller, "nobody", digest), "E104")
    assert is_error(user_call(caller, caller.account, ""), "E104")


def test_guessing_is_slowed(new_instance):
    """Wrong passwords count by address, and by address and account: the attempts of an outsider are no longer checked,
    which looks like any wrong password, and the account's owner still gets in. The log names the address for fail2ban."""
    instance = new_instance({"api-tries": "3"}).serve("--module", "proxy_fcgi", server="apache")
    for user in ("guessed", "other"):
        instance.run("account", "add", user, "--password", "Secret word 3")
    number = iter(range(2, 200))

    def come(address=None):
        return instance.client(source="127.0.0.3", headers={"X-Forwarded-For": address or f"203.0.113.{next(number)}"})

    outsider, owner = come("203.0.113.1"), come()
    assert user_call(owner, "guessed", "Secret word 3").mmsid
    refused, times = [], []
    for password in ["wrong"] * 4 + ["Secret word 3"]:
        began = time.monotonic()
        refused.append(user_call(outsider, "guessed", password))
        times.append(time.monotonic() - began)
    assert all(is_error(a, "E104") for a in refused)
    assert len({(a.status, a.body, tuple(sorted(k for k in a.headers))) for a in refused}) == 1
    assert min(times) > max(times) / 20, times          # it takes as long as a check
    assert user_call(owner, "guessed", "Secret word 3").mmsid   # remembered, and checked anew:
    assert user_call(come(), "guessed", hashlib.md5(b"Secret word 3").hexdigest()).mmsid
    assert user_call(outsider, "other", "Secret word 3").mmsid  # another account, from the same address
    # All accounts together have five times as many tries from one address.
    for n in range(20):
        assert is_error(user_call(outsider, f"nobody{n}", "wrong"), "E104")
    assert is_error(user_call(outsider, "other", "Secret word 3"), "E104")
    assert is_error(user_call(come(), "x' from 192.0.2.1\n", "wrong"), "E104")
    log = instance.logs()
    assert log.count("api: wrong password from 203.0.113.1 for 'guessed'\n") == 3
    assert log.count("api: wrong password from 203.0.113.1 for 'guessed', one of too many: not checked") == 2
    assert "for 'x\\x27\\x20from\\x20192.0.2.1" in log and "192.0.2.1 for" not in log
    instance.stop()


def test_many_calls_at_once_with_a_good_password(new_instance):
    """Calls that are being checked at the same moment do not count as wrong ones, even where one wrong one is the limit."""
    instance = new_instance({"api-tries": "1", "threads": "64"}).serve("--module", "proxy_fcgi", server="apache")
    instance.run("account", "add", "crowd", "--password", "Secret word 4")
    got = []
    threads = [threading.Thread(target=lambda: got.append(user_call(instance.client(), "crowd", "Secret word 4")))
               for _ in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(got) == 24 and all(a.code is None for a in got), {a.code for a in got}
    instance.stop()


def test_who_has_no_account_waits_as_long(shared, caller):
    """The time of a refusal does not tell whether the user exists."""
    shared.run("account", "add", "timed", "--password", "Secret word 2")

    def shortest(user, password):
        times = []
        for _ in range(4):
            start = time.monotonic()
            assert is_error(user_call(caller, user, password), "E104")
            times.append(time.monotonic() - start)
        return min(times)

    for password in ("wrong", "x" * 300):
        known, unknown = shortest("timed", password), shortest("nobody", password)
        # A check takes tens of milliseconds. Refusals without one differ only by the scheduler's delays.
        assert known / 3 < unknown < known * 3 or abs(known - unknown) < 0.005, (password, known, unknown)


def saved_soon(caller):
    """Saves, and tries again a few times when all places are taken at that moment."""
    for _ in range(40):
        answer = caller.call("saveMMS", slides=["x"], name="n", subject="s")
        if answer.status == 200:
            return answer.mmsid
        time.sleep(0.05)
    return None


def test_a_flood_of_passwords_leaves_threads_for_others(new_instance):
    """At most half of the threads check passwords. A caller who finds them busy is told to come again."""
    instance = new_instance({"threads": "4"}).serve()
    caller, seen, stop = instance.caller(), [], threading.Event()

    def guess():
        mine = instance.client()
        while not stop.is_set():
            answer = user_call(mine, "nobody", "wrong")
            seen.append((answer.status, answer.code, answer.headers.get("retry-after")))

    threads = [threading.Thread(target=guess, daemon=True) for _ in range(12)]
    for t in threads:
        t.start()
    try:
        assert all(saved_soon(caller) for _ in range(5))
        ends = time.monotonic() + 20 * SLOW
        while (503, "E503", "5") not in seen and time.monotonic() < ends:
            time.sleep(0.1)
    finally:
        stop.set()
        for t in threads:
            t.join(20 * SLOW)
    assert set(seen) == {(503, "E503", "5"), (200, "E104", None)}
    instance.stop()


@pytest.mark.parametrize("settings,code", [
    ({"api": "off"}, "E109"), ({"rights": "off"}, "E105"), ({"ip_whitelist": "10.0.0.0/8,192.168.1.1"}, "E112"),
    ({"actions": "getMmsIds,deleteMMSID"}, "E107"),
])
def test_account_settings(account, settings, code):
    assert is_error(account(**settings).save("x"), code)


def test_settings_that_admit(account):
    caller = account(ip_whitelist="10.0.0.0/8,127.0.0.0/8", actions="savemms,getMMSIDDetails")
    assert caller.save("x").mmsid
    assert is_error(caller.call("getMmsIds"), "E107")


def test_order_of_checks(shared, account):
    """Each check answers before the checks after it."""
    caller = account(api="off", rights="off", ip_whitelist="10.0.0.1", actions="getMmsIds", min_interval=600)
    name = caller.account
    assert is_error(Client(caller.port, "B" * 32).save("x"), "E104")
    for code, change in (("E109", {"api": "on"}), ("E105", {"rights": "on"}), ("E112", {"ip_whitelist": "127.0.0.1"}),
                         ("E107", {"actions": "all"})):
        assert is_error(caller.save("x"), code)
        shared.change(name, **change)
    assert caller.save("x").mmsid
    assert is_error(caller.save("x"), "E106", 600)


def test_interval_before_throughput_before_day(shared, account):
    caller = account(min_interval=600, throughput=1, daily_limit=1)
    assert caller.save("x").mmsid
    assert is_error(caller.save("x"), "E106", 600)
    shared.change(caller.account, min_interval=0, throughput=1)
    assert caller_until(caller, {"E113"}, 30), "E113 was never answered"
    shared.change(caller.account, throughput=0)
    assert is_error(caller.save("x"), "E120")


def caller_until(caller, codes, tries):
    """Calls again and again until an answer has one of the codes. Returns False when none did."""
    return any(caller.save("x").code in codes for _ in range(tries))


def test_throughput_is_for_each_action(account):
    caller = account(throughput=2)
    codes = [caller.save("x").code for _ in range(12)]
    assert "E113" in codes and codes[:2] == [None, None]
    assert codes.count(None) <= 6, codes
    assert caller.call("getMmsIds").code is None


def test_refusals_cost_no_quota(account, shared):
    caller = account(daily_limit=2, actions="getMmsIds")
    for _ in range(5):
        assert is_error(caller.save("x"), "E107")
    shared.change(caller.account, actions="all")
    assert caller.save("x").mmsid
    assert caller.save("x").mmsid
    assert is_error(caller.save("x"), "E120")


def test_failed_saves_cost_quota(account):
    """Only E104 to E107 do not count."""
    caller = account(daily_limit=2)
    assert is_error(caller.save(), "E312")
    assert is_error(caller.save(), "E312")
    assert is_error(caller.save("x"), "E120")


@pytest.mark.parametrize("settings,code,free", [({"min_interval": 600}, "E106", 1), ({"daily_limit": 3}, "E120", 3)])
def test_counters_hold_across_processes(shared, account, settings, code, free):
    """Calls through the web server and calls in a process of their own count together."""
    caller = account(**settings)
    body = request_xml("saveMMS", caller.key, ["x"], **FIELDS).encode()
    ways = [lambda: caller.post(body).body, lambda: as_cgi(shared, body)[2]]
    for i in range(free):
        assert b"Success" in ways[i % 2]()
    for way in ways:
        assert code.encode() in way()


def test_throughput_across_processes(shared, account):
    caller = account(throughput=1)
    body = request_xml("saveMMS", caller.key, ["x"], **FIELDS).encode()
    answers = [as_cgi(shared, body)[2] for _ in range(2)] + [caller.post(body).body for _ in range(6)]
    assert any(b"E113" in a for a in answers)


def test_quota_survives_a_restart(new_instance):
    instance = new_instance().serve()
    caller = instance.caller(daily_limit=1)
    assert caller.save("x").mmsid
    instance.restart()
    caller.port = instance.port
    assert is_error(caller.save("x"), "E120")
    instance.stop()


WHITE = "203.0.113.7"


@pytest.mark.parametrize("forwarded,ok", [
    (WHITE, True), ("198.51.100.9, " + WHITE, True), (WHITE + ", 198.51.100.9", False),
    (WHITE + ", 127.0.0.3", True), ("", False), (None, False), ("junk", False), ("::ffff:" + WHITE, True),
    (WHITE + ":4711", True), (f"[::ffff:{WHITE}]:4711", True), (WHITE + ", unknown", False),
])
def test_forwarded_by_a_trusted_proxy(account, forwarded, ok):
    """127.0.0.3 is the trusted proxy. The caller's address is the last one that is not a proxy."""
    caller = account(ip_whitelist=WHITE)
    caller.source = ("127.0.0.3", 0)
    caller.headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    assert caller.save("x").code == (None if ok else "E112")


def test_forwarded_by_anybody_else_counts_for_nothing(account):
    caller = account(ip_whitelist=WHITE)
    caller.headers = {"X-Forwarded-For": WHITE}
    assert is_error(caller.save("x"), "E112")


@pytest.mark.parametrize("headers,ok", [
    ({"Forwarded": f'for=198.51.100.9, For="{WHITE}:4711";proto=https'}, True),
    ({"Forwarded": f"for={WHITE}, for=198.51.100.9"}, False), ({"Forwarded": f"for={WHITE}, for=_hidden"}, False),
    ({"Forwarded": f"for={WHITE}", "X-Forwarded-For": WHITE}, True),
    ({"Forwarded": f"for={WHITE}", "X-Forwarded-For": "198.51.100.9"}, False),
    ({"Forwarded": "for=198.51.100.9", "X-Forwarded-For": WHITE}, False),
])
def test_forwarded_of_rfc_7239(account, headers, ok):
    caller = account(ip_whitelist=WHITE)
    caller.source, caller.headers = ("127.0.0.3", 0), headers
    assert caller.save("x").code == (None if ok else "E112")


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": x} for x in ("unknown", "_hidden", ",", "127.0.0.1, ", "x")] +
                         [{"Forwarded": x} for x in ("for=unknown", "for=_hidden", "proto=https", "127.0.0.1")])
def test_an_address_that_cannot_be_read_is_nobodys(shared, account, headers):
    """It is never the proxy's, who is allowed what outsiders are not. (lighttpd passes on no empty header.)"""
    proxy = Client(shared.port, source="127.0.0.3")
    assert proxy.http("GET", "/metrics").status == 200      # the proxy asks for itself
    proxy.headers = headers
    assert proxy.http("GET", "/metrics").status == 403
    listed, free = account(ip_whitelist="127.0.0.0/8, 0.0.0.0/0, ::/0"), account()
    for caller, code in (listed, "E112"), (free, None):
        caller.source, caller.headers = ("127.0.0.3", 0), headers
        assert caller.save("x").code == code


@pytest.mark.parametrize("headers,base", [
    ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mms.example"}, "https://mms.example/"),
    ({"X-Forwarded-Proto": "HTTPS, http", "Host": "mms.example:8443"}, "https://mms.example:8443/"),
    ({"Forwarded": 'for=198.51.100.9;proto=https;host="mms.example"'}, "https://mms.example/"),
    ({"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a/b", "Host": "mms.example"}, "http://mms.example/"),
])
def test_links_lead_to_the_proxy(caller, put, headers, base):
    mmsid = caller.save({"image": put("jpg")}).mmsid

    def url():
        return caller.details(mmsid).findtext(".//RENDITION/URL") or caller.details(mmsid).findtext(".//IMAGE/URL")

    caller.headers = headers
    caller.source = ("127.0.0.3", 0)
    assert url().startswith(base), url()
    caller.source = None
    assert not url().startswith("https:")


def test_rotated_key(shared, account):
    caller = account()
    out = shared.run("account", "rotate-key", caller.account)
    new = re.search(r"\b[A-Za-z0-9]{32}\b", out).group(0)
    assert is_error(caller.save("x"), "E104")
    assert caller.save("x", key=new).mmsid


def test_key_is_in_no_log(shared, caller):
    caller.save("x")
    caller.pairs({"action": "getMmsIds", "api_key": caller.key})
    assert caller.key not in shared.logs()


def test_answers_of_get(caller):
    assert caller.http("GET", PATH + "?action=getMmsIds&api_key=" + "C" * 32).info == TEXT["E104"]
