"""The console without a browser: who may sign in, what a form needs, and what each page can do."""

import html
import itertools
import re
import time
import urllib.parse

import pytest

import procs
from console import Console
from instance import SLOW, Failed, as_cgi

PASSWORD = "secret-1"
NUMBER = itertools.count(1)
POLICY = {
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "media-src 'self'",
    "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"}


@pytest.fixture(scope="module")
def place(new_instance):
    """An instance of its own, because it counts guesses and sessions for all accounts."""
    return new_instance({"console-idle-seconds": "600", "console-tries": "4"}).serve()


@pytest.fixture
def person(place):
    """person(settings) makes an account with a password and returns its caller and console, signed in. Each comes from
    an address of its own, so that guesses count only against itself."""
    def make(sign_in=True, **settings):
        caller = place.caller(**settings)
        place.run("account", "set", caller.account, "--password", PASSWORD)
        n = next(NUMBER)
        console = Console(place.port, headers={"X-Forwarded-For": f"198.51.100.{n}"}, source="127.0.0.3")
        if sign_in:
            assert console.sign_in(caller.account).status == 303
        return caller, console
    return make


def test_headers_and_cookies(person):
    caller, console = person(sign_in=False)
    answer = console.get("sign-in")
    assert answer.status == 200 and len(answer.body) < 100000
    assert {part.strip() for part in answer.headers["content-security-policy"].split(";")} == POLICY
    assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
    answer = console.sign_in(caller.account)
    assert answer.status == 303 and answer.headers["location"] == "./"
    line = next(line for line in console.set_cookie if "session" in line)
    assert "HttpOnly" in line and "SameSite=Strict" in line and "Path=/" in line and "Secure" not in line
    total = 0
    for path in ("templates", "console.css", "style.css", "console.js"):
        answer = console.get(path)
        assert answer.status == 200
        total += len(answer.body)
    assert total < 100000


def test_secure_cookies_where_the_outside_is_tls(new_instance):
    place = new_instance({"base-url": "https://mms.example"}).serve()
    caller = place.caller()
    place.run("account", "set", caller.account, "--password", PASSWORD)
    console = Console(place.port)
    assert console.sign_in(caller.account).status == 303
    line = next(line for line in console.set_cookie if "session" in line)
    assert line.startswith("__Host-") and "Secure" in line and "Path=/" in line and "Domain" not in line
    place.stop()


def test_secure_cookies_behind_a_trusted_proxy(person):
    """The proxy terminates TLS under another name. A form comes from the site that the proxy serves."""
    caller, console = person(sign_in=False)
    console.headers.update({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mms.example"})
    assert console.sign_in(caller.account, headers={"Origin": "https://evil.example"}).status == 403
    assert console.sign_in(caller.account, headers={"Origin": "https://mms.example"}).status == 303
    line = next(line for line in console.set_cookie if "session" in line)
    assert line.startswith("__Host-") and "Secure" in line


def test_everything_is_shut_to_strangers(person, place):
    stranger = Console(place.port)
    for path in ("templates", "templates/100001", "settings", "operator", "try", "templates/100001/request"):
        answer = stranger.get(path)
        assert answer.status == 303 and "sign-in" in answer.headers["location"], path
    for path in ("settings", "settings/key", "templates/100001/delete", "sign-out", "operator/jobs/1/retry"):
        assert stranger.post(path, {"token": "0" * 64}).status == 403
    assert stranger.get("nothing").status == 404 and stranger.post("templates", {}).status == 405
    # The user returns to the requested page, and never to another site.
    caller, console = person(sign_in=False)
    place_to_be = console.get("templates?q=a").headers["location"]
    assert console.send(place_to_be, "sign-in", name=caller.account, password=PASSWORD).headers["location"] == "./templates"
    for evil in ("//example.org/", "https://example.org/", "javascript:alert(1)", "/etc", "a//b", "..", "a\nb"):
        console.cookies.clear()
        page = "sign-in?" + urllib.parse.urlencode({"next": evil})
        answer = console.send(page, "sign-in", name=caller.account, password=PASSWORD)
        assert answer.status == 303 and answer.headers["location"] == "./", evil


def test_signing_out(person, place):
    caller, console = person()
    other = Console(place.port, headers=console.headers, source="127.0.0.3")
    assert other.sign_in(caller.account).status == 303
    stolen = dict(console.cookies)
    assert console.send("templates", "sign-out").status == 303
    assert not any("session" in name for name in console.cookies)
    console.cookies = stolen
    assert console.get("templates").status == 303            # the server, too, has ended the session
    assert other.get("templates").status == 200
    third = Console(place.port, headers=console.headers, source="127.0.0.3")
    assert third.sign_in(caller.account).status == 303
    assert third.send("settings", "sign-out-everywhere").status == 303
    assert other.get("templates").status == 303


def test_a_new_password_ends_the_sessions(person, place):
    caller, console = person()
    assert console.get("templates").status == 200
    place.run("account", "set", caller.account, "--password", "another")
    assert console.get("templates").status == 303


def test_sessions_end_when_unused(new_instance):
    place = new_instance({"console-idle-seconds": "2"}).serve()
    caller = place.caller()
    place.run("account", "set", caller.account, "--password", PASSWORD)
    console = Console(place.port)
    console.sign_in(caller.account)
    for _ in range(4):
        time.sleep(0.9)
        assert console.get("templates").status == 200       # use keeps the session alive
    time.sleep(2.6)
    assert console.get("templates").status == 303
    place.stop()


def test_forms_of_others_are_refused(person):
    caller, console = person()
    form = console.get("settings").form("settings")["fields"]
    good = {**form, "ip-whitelist": "192.0.2.0/24"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
                    {"Origin": "https://evil.example"}, {"Origin": "http://127.0.0.1:1"}):
        assert console.post("settings", good, headers).status == 403, headers
    for token in ("", "0" * 64, None):
        fields = {k: v for k, v in {**good, "token": token}.items() if v is not None}
        assert console.post("settings", fields).status == 403
    assert console.get("settings").form("settings")["fields"]["ip-whitelist"] == ""
    # A session does not accept another session's token.
    other = Console(console.port, headers=console.headers, source="127.0.0.3")
    other.sign_in(caller.account)
    assert other.post("settings", good).status == 403
    assert console.post("settings", good, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}).status == 303
    assert console.get("settings").form("settings")["fields"]["ip-whitelist"] == "192.0.2.0/24"
    # Another site cannot sign a user in.
    stranger = Console(console.port)
    assert stranger.post("sign-in", {"name": caller.account, "password": PASSWORD, "token": "x" * 32}).status == 403
    too_long = console.post("settings", {**good, "x": "y" * 70000})
    assert too_long.status == 413


def test_guessing_is_slowed(person, place):
    """Wrong passwords count by address, and by address and account, never by the account alone: its owner still gets
    in."""
    caller, console = person(sign_in=False)
    for _ in range(4):
        answer = console.sign_in(caller.account, "wrong")
        assert answer.status == 403 and "Wrong account name or password." in answer.page.text
    answer = console.sign_in(caller.account)
    assert answer.status == 429 and int(answer.headers["retry-after"]) > 0 and "Too many wrong passwords" in answer.page.text
    # From elsewhere its owner signs in, and another account does from the same address.
    other_caller, elsewhere = person(sign_in=False)
    assert elsewhere.sign_in(caller.account).status == 303
    come = lambda who: Console(place.port, headers=who.headers, source="127.0.0.3")
    assert come(console).sign_in(other_caller.account).status == 303
    assert "console: wrong password from" in place.logs()
    for n in range(16):     # five times as many for all accounts from one address
        assert console.sign_in(f"nobody{n}", "wrong").status == 403
    assert console.sign_in(other_caller.account).status == 429
    assert come(elsewhere).sign_in(other_caller.account).status == 303
    nobody = person(sign_in=False)[1]
    for _ in range(4):
        assert nobody.sign_in("no-such-account", "wrong").status == 403
    assert nobody.sign_in("no-such-account", "wrong").status == 429
    # A name that looks like an address locks none.
    third, there = person(sign_in=False)
    for name in 4 * [f"from {there.headers['X-Forwarded-For']}"]:
        person(sign_in=False)[1].sign_in(name, "wrong")
    assert there.sign_in(third.account).status == 303


def test_an_account_sees_only_its_own(person):
    caller, console = person()
    other, others = person()
    mine = caller.save("mine", name="Mine alone").mmsid
    assert "Mine alone" in console.get("templates").page.text
    assert "Mine alone" not in others.get("templates").page.text
    for path in ("", "/delete", "/request", "/page/"):
        assert console.get(f"templates/{mine}{path}").status == 200, path
        assert others.get(f"templates/{mine}{path}").status == 404, path
    token = others.get("settings").form("settings")["fields"]["token"]
    for path in ("/delete", "/again"):
        assert others.post(f"templates/{mine}{path}", {"token": token}).status == 404
    assert caller.details(mine) is not None
    assert others.get("operator").status == 404             # not an operator


def test_list_and_search(person):
    caller, console = person()
    assert "No templates yet" in console.get("templates").page.text
    ids = [caller.save("text", name=f"Number {i} <b>&\"", subject="Wort" if i == 3 else "").mmsid for i in range(23)]
    answer = console.get("templates")
    assert answer.page.text.index("Number 22") < answer.page.text.index("Number 3 ") and "Number 2 " not in answer.page.text
    assert "Number 22 <b>&\"" in answer.page.text and b"<b>&\"" not in answer.body
    assert "23 templates in all" in answer.page.text
    older = [f for f in answer.page.forms if ("from", "20") in f["buttons"]]
    assert len(older) == 1
    answer = console.get("templates?from=20")
    assert "Number 2 " in answer.page.text and "Number 3 " not in answer.page.text
    answer = console.get("templates?q=NUMBER+1")
    assert "Number 1 " in answer.page.text and "Number 19" in answer.page.text and "Number 2 " not in answer.page.text
    assert "Number 3" in console.get("templates?q=wort").page.text
    answer = console.get(f"templates?q={ids[7]}")
    assert "Number 7" in answer.page.text and answer.page.text.count("1 slide") == 1
    assert "No matches" in console.get("templates?q=zzz").page.text
    assert console.get("templates?q=%2500%01&from=x").status == 200


def test_a_template(person, put, place, samples):
    caller, console = person()
    mmsid = caller.save({"image": put("jpg"), "text": "Hello {$name|you} <i>"}, {"vcard": put("vcf")}, {"ical": put("ics")},
                        {"pdf": put("pdf")}, name="All kinds", subject="A subject", client_reference="ref-1").mmsid
    answer = console.get(f"templates/{mmsid}")
    text = answer.page.text
    for part in ("All kinds", "ref-1", "A subject", "ready", "Hello you <i>", "image/jpeg", "Class S", "Class XL",
                 "Original and renditions"):
        assert part in text, part
    assert b"<i>" not in answer.body
    media = [s for s in answer.page.sources if "/media/" in s]
    assert media
    for url in media:
        assert console.get(urllib.parse.urljoin("/console/templates/x", url)).status == 200

    def attached(kind):
        body = console.get(f"templates/{mmsid}?as={kind}").body.decode()
        phone = body[body.index('class="phone"'):body.index('id="media"')]
        return {ext for ext in ("vcf", "ics", "pdf") if f".{ext}\"" in phone}

    assert attached("iphone") == {"vcf", "ics", "pdf"} and attached("android") == {"vcf"}
    assert attached("other") == set() and attached("unknown") == {"vcf"}
    sms = console.get(f"templates/{mmsid}?as=sms").page
    assert "a fallback http://127.0.0.1" in sms.text and "/m/…" in sms.text
    page = console.get(f"templates/{mmsid}/page/")
    assert "Hello you" in page.page.text
    for url in (s for s in page.page.sources + page.page.links if not s.startswith("..")):
        assert console.get(f"templates/{mmsid}/page/{url}").status == 200, url


def test_as_a_request(person, put):
    caller, console = person()
    url = put("jpg")
    mmsid = caller.save({"image": url, "text": "a & b <c>\nline", "duration": "5"}, "two", name="N & M", subject="S",
                        client_reference="r").mmsid
    body = console.get(f"templates/{mmsid}/request").body.decode()
    xml = html.unescape(re.search(r"<textarea[^>]*>\n(.*)</textarea>", body, re.S).group(1))
    answer = caller.post(xml.replace("YOUR-API-KEY", caller.key))
    first, second = caller.details(mmsid), caller.details(answer.mmsid)
    for name in ("NAME", "SUBJECT", "FALLBACK_SMS_TEXT", "CLIENT_REFERENCE", "TOTAL_SLIDES", "SIZE"):
        assert first.findtext(name) == second.findtext(name), name
    assert first.find("SLIDE").findtext("TEXT") == second.find("SLIDE").findtext("TEXT")


def test_deleting(person):
    caller, console = person()
    mmsid = caller.save("text").mmsid
    assert console.get(f"templates/{mmsid}/delete").status == 200 and caller.ids() == [mmsid]     # asking deletes nothing
    answer = console.send(f"templates/{mmsid}/delete", "delete")
    assert answer.status == 303 and caller.ids() == []
    assert "deleted" in console.get("templates?said=deleted").page.text
    assert console.get(f"templates/{mmsid}").status == 404


def test_postbacks_and_again(person, receiver):
    name = f"console{next(NUMBER)}"
    caller, console = person(postback_url=receiver.url(name))
    receiver.script(name, [500, 200])
    mmsid = caller.save("text").mmsid
    assert procs.wait_for(lambda: len(receiver.got(name)) == 2, 20 * SLOW)
    assert procs.wait_for(lambda: "HTTP 200" in console.get(f"templates/{mmsid}").page.text, 10 * SLOW)
    text = console.get(f"templates/{mmsid}").page.text
    assert "HTTP 500" in text and text.count("N003") == 2
    assert console.send(f"templates/{mmsid}", "again").status == 303
    assert procs.wait_for(lambda: len(receiver.got(name)) == 3, 20 * SLOW)
    assert receiver.got(name)[2].body == receiver.got(name)[0].body
    assert procs.wait_for(lambda: console.get(f"templates/{mmsid}").page.text.count("N003") == 3, 10 * SLOW)


def test_settings(person, place, receiver):
    caller, console = person()
    page = console.get("settings")
    fields = page.form("settings")["fields"]
    assert set(fields) == {"token", "postback-url", "postback-secret", "ip-whitelist", "transcoding", "password"}
    assert "Set by the operator" in page.page.text and "3000 KB" in page.page.text
    # The operator's settings cannot be changed, whatever the form contains.
    answer = console.send("settings", "settings", **{"daily-limit": "7", "operator": "on", "transcoding": "off", "api": "off"})
    assert answer.status == 303
    shown = place.run("account", "show", caller.account)
    assert "daily-limit=0" in shown and "operator=off" in shown and "transcoding=off" in shown and "api=on" in shown
    # The page shows errors with the words of the operator's command, and nothing is saved.
    answer = console.send("settings", "settings", **{"postback-url": "ftp://x", "transcoding": "on"})
    try:
        place.run("account", "set", caller.account, "postback-url=ftp://x")
        raise AssertionError("ftp:// was taken")
    except Failed as e:
        words = re.search(r"postback-url must be [^\n]*", str(e)).group(0)
    assert answer.status == 400 and words in answer.page.text
    assert "transcoding=off" in place.run("account", "show", caller.account)
    assert console.send("settings", "settings", **{"ip-whitelist": "192.0.2.0/24"}).status == 303
    assert caller.call("getMmsIds").code == "E112"
    assert console.send("settings", "settings", **{"ip-whitelist": ""}).status == 303
    assert caller.call("getMmsIds").code == "E200"
    assert "Calls today" in console.get("settings").page.text


def test_what_the_operator_leaves_to_accounts(new_instance):
    place = new_instance({"console-keys": "senders"}).serve()
    caller = place.caller()
    place.run("account", "set", caller.account, "--password", PASSWORD)
    console = Console(place.port)
    console.sign_in(caller.account)
    assert set(console.get("settings").form("settings")["fields"]) == {"token", "senders"}
    assert console.send("settings", "settings", senders="12345", **{"postback-url": "http://x.example/"}).status == 303
    shown = place.run("account", "show", caller.account)
    assert "senders=12345" in shown and "postback-url=\n" in shown
    place.stop()


def test_the_key(person):
    caller, console = person()
    assert caller.key not in console.get("settings").body.decode()
    answer = console.send("settings", "settings/key", ("do", "show"), password="wrong")
    assert answer.status == 403 and caller.key.encode() not in answer.body
    answer = console.send("settings", "settings/key", ("do", "show"), password=PASSWORD)
    assert answer.status == 200 and caller.key.encode() in answer.body and answer.headers["cache-control"] == "no-store"
    answer = console.send("settings", "settings/key", ("do", "new"), password=PASSWORD)
    new = re.search(r'id="api-key" value="([A-Za-z0-9]{32})"', answer.body.decode()).group(1)
    assert new != caller.key and caller.call("getMmsIds").code == "E104"
    assert caller.call("getMmsIds", key=new).code == "E200"
    for _ in range(4):
        console.send("settings", "settings/key", ("do", "show"), password="wrong")
    assert console.send("settings", "settings/key", ("do", "show"), password=PASSWORD).status == 429


def test_the_secret_and_a_test_postback(person, receiver, place):
    name = f"console{next(NUMBER)}"
    caller, console = person()
    assert console.send("settings", "settings", **{"postback-url": receiver.url(name)}).status == 303
    # It changes only with the password, whichever way.
    before = place.run("account", "show", caller.account)
    for button, fields in ((("make", "secret"), {}), (("make", "secret"), {"password": "wrong"}), (None, {"postback-secret": "whsec_" + "A" * 32})):
        answer = console.send("settings", "settings", button, **fields)
        assert answer.status == 403 and "Nothing was shown or changed" in answer.page.text, answer.status
    assert place.run("account", "show", caller.account) == before
    assert console.send("settings", "settings", ("make", "secret"), password=PASSWORD).status == 303
    shown = place.run("account", "show", caller.account)
    secret = re.search(r"postback-secret=(whsec_\S+)", shown).group(1)
    assert secret not in console.get("settings").body.decode() and "Forget the former secret" not in console.get("settings").body.decode()
    # The one before a new one signs as well, until the account says that it need not.
    assert console.send("settings", "settings", ("make", "secret"), password=PASSWORD).status == 303
    assert f"postback-secret-old={secret}\n" in place.run("account", "show", caller.account)
    assert secret not in console.get("settings").body.decode() and "Forget the former secret" in console.get("settings").body.decode()
    assert console.send("settings", "settings", ("make", "over")).status == 403
    assert console.send("settings", "settings", ("make", "over"), password=PASSWORD).status == 303
    shown = place.run("account", "show", caller.account)
    assert "postback-secret-old=\n" in shown and secret not in shown
    secret = re.search(r"postback-secret=(whsec_\S+)", shown).group(1)
    # Saving other settings leaves it unchanged.
    assert console.send("settings", "settings", transcoding="off").status == 303
    assert secret in place.run("account", "show", caller.account)
    answer = console.send("settings", "settings/test")
    assert answer.status == 200 and "Your server accepted the postback" in answer.page.text
    got = receiver.got(name)[-1]
    assert got.text("CODE") == "N003" and got.text("MMSID") == "0"
    for header in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        assert f"{header}: {got.headers[header]}" in answer.page.text
    receiver.script(name, [503])
    answer = console.send("settings", "settings/test")
    assert "did not accept the postback" in answer.page.text and "503" in answer.page.text
    place.run("account", "set", caller.account, "postback-url=http://192.0.2.1/")
    answer = console.send("settings", "settings/test")
    assert "no response" in answer.page.text                  # the address policy refuses it
    # What names and ports lead to inside is not told, by words or times: the log has it.
    said = set()
    for url, reason in (("http://192.0.2.1/", "refused"), ("http://localhost:9/", "refused"), ("http://no.such.name.invalid/", "resolve")):
        place.run("account", "set", caller.account, f"postback-url={url}")
        answer = console.send("settings", "settings/test")
        text = answer.page.text.split("Response")[1].split("savemms")[0]
        assert "could not be reached" in text and " ms" not in text, text
        said.add(text)
        log = [line for line in place.logs().splitlines() if f"account={caller.account} test postback" in line][-1]
        assert reason in log.lower(), log
    assert len(said) == 1
    assert console.send("settings", "settings", ("make", "none")).status == 403
    assert console.send("settings", "settings", ("make", "none"), password=PASSWORD).status == 303
    assert "postback-secret=\n" in place.run("account", "show", caller.account)


def test_operator(person, place, receiver):
    caller, console = person(operator="on")
    name = f"console{next(NUMBER)}"
    victim, _ = person(sign_in=False, postback_url=receiver.url(name))
    receiver.script(name, [500] * 3)
    mmsid = victim.save("text").mmsid
    assert procs.wait_for(lambda: "HTTP status 500" in console.get("operator").page.text, 30 * SLOW)
    text = console.get("operator").page.text
    for part in ("Queue", "encode", "postback", "Helpers running", "free of", caller.account, victim.account):
        assert part in text, part
    job = re.search(r"operator/jobs/(\d+)/retry", console.get("operator").body.decode()).group(1)
    assert console.send("operator", f"jobs/{job}/retry").status == 303
    assert procs.wait_for(lambda: len(receiver.got(name)) == 4, 20 * SLOW)
    assert procs.wait_for(lambda: f"jobs/{job}/" not in console.get("operator").body.decode(), 10 * SLOW)
    receiver.script(name, [500] * 3)
    victim.save("text")
    assert procs.wait_for(lambda: "HTTP status 500" in console.get("operator").page.text, 30 * SLOW)
    job = re.search(r"operator/jobs/(\d+)/discard", console.get("operator").body.decode()).group(1)
    assert console.send("operator", f"jobs/{job}/discard").status == 303
    assert f"jobs/{job}/" not in console.get("operator").body.decode()
    assert mmsid


def test_metrics(place, person):
    caller, console = person()
    before = figures(console)
    caller.save("text")
    caller.call("getMMSIDDetails", mmsid="1")
    caller.call("nothing")
    after = figures(console)
    for key in ('savemms_calls_total{action="saveMMS",result="Success"}',
                'savemms_calls_total{action="getMMSIDDetails",result="E241"}',
                'savemms_calls_total{action="none",result="E100"}', "savemms_templates"):
        assert after[key] == before.get(key, 0) + 1, key
    for key in ("savemms_disk_free_bytes", 'savemms_jobs{kind="encode",state="dead"}',
                'savemms_job_oldest_seconds{kind="postback"}', "savemms_helpers"):
        assert key in after
    # From other addresses, nothing is visible.
    assert console.http("GET", "/metrics").status == 403
    assert Console(place.port).http("POST", "/metrics", "").status == 405


def figures(console):
    answer = Console(console.port).http("GET", "/metrics")
    assert answer.status == 200 and answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    out, kinds = {}, {}
    for line in answer.body.decode().splitlines():
        if line.startswith("# TYPE"):
            kinds[line.split()[2]] = line.split()[3]
        elif not line.startswith("#"):
            key, value = line.rsplit(" ", 1)
            name = re.sub("_(bucket|sum|count)$", "", key.split("{")[0])
            assert name in kinds and re.fullmatch(r"[a-z_]+(\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\})?", key), line
            out[key] = float(value)
    return out


def test_health(new_instance):
    place = new_instance().serve()
    console = Console(place.port)
    assert console.http("GET", "/healthz").status == 200 and console.http("GET", "/readyz").status == 200
    place.configure({"reserve-mb": "1048576"})
    place.restart()
    console = Console(place.port)
    assert console.http("GET", "/healthz").status == 200
    answer = console.http("GET", "/readyz")
    assert answer.status == 503 and b"Disk space is low" in answer.body
    place.stop()


def test_plain_forms_from_the_console(person):
    caller, console = person()
    page = console.get("try")
    for url in page.page.links:
        if url.endswith(".html"):
            assert console.get(url.lstrip("./")).status == 200
    form = console.get("save.html").form("API/wxml/1.3")
    url = urllib.parse.urljoin("/console/save.html", form["action"])
    fields = {"action": "saveMMS", "api_key": caller.key, "name": "n", "subject": "s", "slide_1_text": "t"}
    answer = console.post(url, fields)
    assert answer.status == 307
    answer = console.post(urllib.parse.urljoin(url, answer.headers["location"]), fields)
    assert b"<STATUS>Success" in answer.body


def test_messages(person, receiver):
    name = f"console{next(NUMBER)}"
    caller, console = person(senders="12345", postback_url=receiver.url(name))
    _, stranger = person()
    assert "No messages yet" in console.get("messages").page.text
    mmsid = caller.save("Hello {$name|you}").mmsid
    tracking = [caller.call("sendSavedMMS", mmsid=mmsid, to=f"1555123{i:04}", **{"from": "12345"}, client_reference=f"r{i}",
                            raw="<DATA><NAME>Ana</NAME></DATA>").get("TRACKINGID") for i in range(22)]
    assert all(tracking)
    answer = console.get("messages")
    assert "15551230021" in answer.page.text and "15551230001 " not in answer.page.text
    before = next(value for f in answer.page.forms for n, value in f["buttons"] if n == "before")
    assert "15551230001 " in console.get(f"messages?before={before}").page.text
    answer = console.get("messages?q=0007")
    assert answer.page.text.count("· template") == 1 and "15551230007" in answer.page.text
    for word in (tracking[3], "r3"):
        assert "15551230003" in console.get(f"messages?q={word}").page.text
    assert "No matches" in console.get("messages?q=999999").page.text
    path = next(link for link in console.get(f"messages?q={tracking[3]}").page.links if "messages/" in link).lstrip("./")
    assert procs.wait_for(lambda: "HTTP 200" in console.get(path).page.text, 20 * SLOW)
    page = console.get(path).page
    for part in (tracking[3], "as MMS", "class M", "N101", "sent", "{$NAME}", "Ana", "Page opened 0 times"):
        assert part in page.text, part
    opened = next(link for link in page.links if "/m/" in link)
    assert console.get(urllib.parse.urljoin("/console/" + path, opened)).status == 200
    assert "Page opened 1 time" in console.get(path).page.text
    assert stranger.get(path).status == 404 and "No messages yet" in stranger.get("messages").page.text
    # A postback that was given up is sent again.
    assert procs.wait_for(lambda: len(receiver.got(name)) == 23, 20 * SLOW)
    receiver.script(name, [500])
    caller.call("sendSavedMMS", mmsid=mmsid, to="15559990000", **{"from": "12345"})
    path = next(link for link in console.get("messages?q=15559990000").page.links if "messages/" in link).lstrip("./")
    assert procs.wait_for(lambda: "postback : failed" in console.get(path).page.text, 30 * SLOW)
    token = stranger.get("settings").form("settings")["fields"]["token"]
    assert stranger.post(f"{path}/again", {"token": token}).status == 404
    receiver.script(name, [200])
    assert console.send(path, "again").status == 303
    assert procs.wait_for(lambda: "HTTP 200" in console.get(path).page.text, 20 * SLOW)
    assert not any("again" in f["action"] for f in console.get(path).page.forms)


def test_below_a_folder_and_as_cgi(place):
    """The pages work wherever the web server puts them. This test uses plain CGI below /mms/."""
    status, headers, _ = as_cgi(place, method="GET", REQUEST_URI="/mms/console", CONTENT_TYPE=None, CONTENT_LENGTH=None)
    assert status == 303 and headers["location"] == "console/"
    status, headers, _ = as_cgi(place, method="GET", REQUEST_URI="/mms/console/templates/5?as=sms", CONTENT_TYPE=None)
    assert status == 303 and headers["location"] == "../sign-in?next=templates/5"
    status, headers, body = as_cgi(place, method="GET", REQUEST_URI="/mms/console/sign-in", CONTENT_TYPE=None)
    assert status == 200 and b'href="./console.css' in body and b'action="./sign-in"' in body
    status, headers, body = as_cgi(place, method="GET", REQUEST_URI="/mms/console/console.css", CONTENT_TYPE=None)
    assert status == 200 and headers["content-type"].startswith("text/css")
    status, headers, body = as_cgi(place, b"x=1", REQUEST_URI="/mms/console/settings", HTTPS="on",
                                   CONTENT_TYPE="application/x-www-form-urlencoded")
    assert status == 403
