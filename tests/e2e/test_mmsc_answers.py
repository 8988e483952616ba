"""What MMSCs really answer, and report: other types, charsets and encodings than the standard's, and pages of proxies.
Sending (savemms-api(7)) must never hand a message over twice because an answer cannot be read."""

import base64
import gzip
import http.server
import json
import re
import threading
import urllib.parse

import pytest

import procs
from client import Client
from console import Console
from instance import SLOW

FROM = "12345"
AUTH = "Basic " + base64.b64encode(b"mmsc:s3cret word").decode()
XML, SPACE = "text/xml; charset=utf-8", "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"


def envelope(inner, declaration='<?xml version="1.0"?>'):
    return (f'{declaration}<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header><m:TransactionID '
            f'xmlns:m="{SPACE}">t</m:TransactionID></S:Header><S:Body>{inner}</S:Body></S:Envelope>')


def taken(ident, text="Success", declaration='<?xml version="1.0"?>'):
    return envelope(f"<SubmitRsp><Status><StatusCode>1000</StatusCode><StatusText>{text}</StatusText></Status>"
                    f"<MessageID>{ident}</MessageID></SubmitRsp>", declaration)


def report(ident, status="Retrieved"):
    return envelope(f"<DeliveryReportReq><MessageID>{ident}</MessageID><MMStatus>{status}</MMStatus></DeliveryReportReq>")


def fault(detail):
    return envelope(f"<S:Fault><faultcode>S:Server</faultcode><faultstring>no</faultstring><detail>{detail}</detail></S:Fault>")


def related(text, start="start=env;"):
    return (f"--b\r\nContent-Type: text/plain\r\nContent-ID: <other>\r\n\r\nx\r\n--b\r\nContent-Type: text/xml; charset=utf-16\r\n"
            f"Content-ID: <Env>\r\n\r\n").encode() + text.encode("utf-16") + b"\r\n--b--\r\n", \
        f'multipart/related; x="; boundary=c"; {start} boundary="b"'


def status(code):
    return f"<Status><StatusCode>{code}</StatusCode><StatusText>never</StatusText></Status>"


# name: (HTTP status, Content-Type, body, other headers)
TAKEN = {
    "multipart": (200, related(taken("&lt;m-1>"))[1], related(taken("&lt;m-1>"))[0], {}),
    "latin-1": (200, "text/xml; charset=iso-8859-1", taken("m-2", "Größe").encode("latin-1"), {}),
    "latin-1 declared": (200, "text/xml", taken("m-3", "Größe", '<?xml version="1.0" encoding="ISO-8859-1"?>').encode("latin-1"), {}),
    "utf-16": (200, "application/soap+xml", taken("m-4", "Größe", "").encode("utf-16"), {}),
    "gzip": (200, XML, gzip.compress(taken("m-5").encode()), {"Content-Encoding": "gzip"}),
    "blank line": (200, XML, b"\r\n" + taken("m-6").encode(), {}),
    "called a page": (200, "text/html", taken("m-7").encode(), {}),
    "without a type": (200, None, taken("m-8").encode(), {}),
    "with an error's status": (500, XML, taken("m-9").encode(), {}),
    "unknown encoding": (200, XML, taken("m-10").encode(), {"Content-Encoding": "x-nonsense"}),
    "gzip beside an unknown encoding": (200, XML, gzip.compress(taken("m-11").encode()), {"Content-Encoding": "gzip, x-nonsense"}),
}
UNDERSTOOD = len(TAKEN)
TAKEN.update({
    "cut off": (200, XML, taken("x").encode()[:150], {}),
    "shorter than announced": (200, XML, taken("x").encode()[:150], {"Content-Length": "400"}),
    "unknown charset": (200, "text/xml; charset=nonsense", taken("x").encode(), {}),
    "no status": (200, XML, envelope("<SubmitRsp/>").encode(), {}),
    "other XML": (200, "application/xml", b"<ok/>", {}),
    "document type": (200, XML, b"<!DOCTYPE x [<!ENTITY e 'f'>]><x>&e;</x>", {}),
    "empty": (200, XML, b"", {}),
    "blank": (202, None, b" \r\n", {}),
    "no content": (204, None, b"", {}),
    "gzip cut off": (200, XML, gzip.compress(taken("x").encode())[:100], {"Content-Encoding": "gzip, x-nonsense"}),
    "lost in encodings": (200, XML, b"?", {"Content-Encoding": "br, x-nonsense"}),
})
HELD = {
    "page": (200, "text/html", b"<!-- x --><!DOCTYPE html><html><body><p>Welcome &nbsp; to the proxy</body></html>", {}),
    "page called XML": (200, XML, b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", {}),
    "text": (200, "text/plain", b"OK", {}),
    "json": (200, "application/json", b'{"status": 1000}', {}),
}
REFUSED = {
    "status in the detail": (500, XML, fault(status(2002)).encode(), {}),
    "code in the detail": (500, XML, fault("<StatusCode>2002</StatusCode>").encode(), {}),
    "behind another": (500, XML, fault(f"<trace>a</trace><m:RSErrorRsp xmlns:m='{SPACE}'>{status(4004)}</m:RSErrorRsp>").encode(), {}),
    "with a good HTTP status": (200, XML, fault(status(2001)).encode(), {}),
    "unknown encoding": (200, XML, envelope(f"<SubmitRsp>{status(2002)}</SubmitRsp>").encode(), {"Content-Encoding": "UTF-8"}),
}
REPORTS = {
    "bare": ("r1", "<r1>", {}, None),
    "in brackets": ("<r2@mmsc>", "r2@mmsc", {}, None),
    "in quotes": ("\"r3\"", "'<r3>'", {}, None),
    "long": ("r4" * 300, "<" + "r4" * 300 + ">", {}, None),
    "gzip": ("r5", "r5", {"Content-Encoding": "gzip"}, lambda body: (gzip.compress(body.encode()), XML)),
    "utf-16": ("r6", "r6", {}, lambda body: (body.encode("utf-16"), "text/xml")),
    "multipart": ("r7", "r7", {}, lambda body: related(body, 'start="<ENV>";')),
    "start that is not there": ("r8", "r8", {}, lambda body: (
        b"--b\r\nContent-ID: <x>\r\n\r\n" + body.encode() + b"\r\n--b--\r\n", "multipart/related; start=\"<y>\"; boundary=b")),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, format, *args):
        """Logs nothing."""

    def do_GET(self):
        self.answer(urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["to"][0])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(re.search(rb"<To><Number>(\d+)</Number>", body).group(1).decode())

    def answer(self, to):
        with self.server.lock:
            answers = self.server.answers[to]
            code, mime, text, headers = answers.pop(0) if len(answers) > 1 else answers[0]
            self.server.got.append(to)
        self.send_response(code)
        for name, value in {"Content-Type": mime, "Content-Length": str(len(text)), **headers}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture(scope="module")
def mmsc():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.lock, server.answers, server.got = threading.Lock(), {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def place(new_instance, mmsc):
    instance = new_instance({
        "transport-mmsc": f"kind=mm7 version=6.8.0 url=http://127.0.0.1:{mmsc.server_address[1]}/ vasp=v vas=v",
        "transport-sms": f"kind=sms-http url=http://127.0.0.1:{mmsc.server_address[1]}/", "carrier-none": "mms=no prefixes=199",
        "mms-routes": "default=mmsc", "sms-routes": "default=sms", "report-auth": "mmsc:s3cret word", "deliver-schedule": "1, 1", "transport-ms": "3000"}).serve()
    yield instance
    instance.stop()


@pytest.fixture
def sender(place, mmsc, receiver, hook):
    """sender(answers) sends one message for each list of answers and returns their TRACKINGIDs; wait(n) waits for
    postbacks and returns {TRACKINGID: [CODE, ...]}; posted(TRACKINGID) is how often the MMSC got it."""
    caller = place.caller(senders=FROM, postback_url=receiver.url(hook))
    mmsid, numbers = caller.save("x", subject="s").mmsid, {}

    def send(*answers, prefix="1555"):
        out = []
        for answer in answers:
            to = f"{prefix}{len(mmsc.answers):07}"
            mmsc.answers[to] = list(answer)
            sent = caller.call("sendSavedMMS", mmsid=mmsid, to=to, **{"from": FROM})
            out.append(sent.get("TRACKINGID"))
            numbers[out[-1]] = to
        return out

    def codes():
        found = {}
        for p in receiver.got(hook):
            if p.text("CODE") != "N003":
                found.setdefault(p.text("TRACKINGID"), []).append((p.text("CODE"), p.text("STATUSDETAILS")))
        return found

    def wait(n):
        assert procs.wait_for(lambda: sum(map(len, codes().values())) >= n, 20 * SLOW), (codes(), place.logs()[-3000:])
        return {t: [code for code, _ in c] for t, c in codes().items()}
    caller.send, caller.codes, caller.wait, caller.posted = send, codes, wait, lambda t: mmsc.got.count(numbers[t])
    return caller


def test_answers_that_mean_taken(place, sender):
    tracking = sender.send(*([answer] for answer in TAKEN.values()))
    codes = sender.wait(len(TAKEN))
    assert {name: (codes.get(t), sender.posted(t)) for name, t in zip(TAKEN, tracking)} == {name: (["N101"], 1) for name in TAKEN}
    for i, t in enumerate(tracking[:UNDERSTOOD]):
        assert f"transport's id: m-{i + 1}\n" in place.run("message", "show", t)
    for t in tracking[UNDERSTOOD:]:
        assert re.search(rf"warn.*{t} counts as handed over", place.logs()), t


def test_answers_of_an_sms_gateway(sender):
    """It took the SMS and cannot recognize it when it comes again, so the status is enough."""
    tracking = sender.send([(202, "text/html", b"0: Accepted", {"Content-Encoding": "UTF-8"})],
                           [(202, "text/html", b"0: Acc", {"Content-Length": "11"})], prefix="1995")
    assert sender.wait(2) == {t: ["N101"] for t in tracking}
    assert [sender.posted(t) for t in tracking] == [1, 1]


def test_faults_that_are_permanent(sender):
    tracking = sender.send(*([answer] for answer in REFUSED.values()))
    codes = sender.wait(len(REFUSED))
    assert {name: (codes.get(t), sender.posted(t)) for name, t in zip(REFUSED, tracking)} == {name: (["E101"], 1) for name in REFUSED}


def state(place, tracking):
    return re.search(r"^state: (\w+)$", place.run("message", "show", tracking), re.M).group(1)


def test_pages_hold_the_message(place, sender):
    """It is neither sent again nor called sent, until the operator releases or fails it."""
    good = (200, XML, taken("h").encode(), {})
    tracking = sender.send(*([answer, good] for answer in HELD.values()))
    assert procs.wait_for(lambda: all(state(place, t) == "held" for t in tracking), 15 * SLOW), place.logs()[-3000:]
    assert "why: HTTP status 200 came with something that is not MM7: text/html" in place.run("message", "show", tracking[0])
    assert re.search(rf"{tracking[0]}\s.*\sheld\s", place.run("message", "list"))
    # the alarm
    assert json.loads(place.run("status", "--json"))["jobs"]["deliver"]["dead"] == len(HELD)
    assert f"warning: {len(HELD)} messages are held" in place.run("status")
    assert f'savemms_jobs{{kind="deliver",state="dead"}} {len(HELD)}\n' in Client(place.port).http("GET", "/metrics").body.decode()
    assert re.search(rf"error.*{tracking[0]} is held", place.logs())
    # other messages go on, and retrying all dead jobs leaves these alone
    other, = sender.send([good])
    assert "queued again: 0" in place.run("job", "retry", "--all-dead")
    assert sender.wait(1) == {other: ["N101"]}
    assert [sender.posted(t) for t in tracking] == [1] * len(tracking)
    place.run("message", "release", tracking[0])
    place.run("message", "fail", tracking[1])
    assert {t: c for t, c in sender.wait(3).items() if t != other} == {tracking[0]: ["N101"], tracking[1]: ["E101"]}
    assert sender.codes()[tracking[1]] == [("E101", "given up by the operator")]
    assert (state(place, tracking[0]), state(place, tracking[1])) == ("sent", "failed")
    assert [sender.posted(t) for t in tracking] == [2, 1, 1, 1]
    for word in ("release", "fail"):
        assert f"message {tracking[0]} is not held" in place.command("message", word, tracking[0])[2]
    assert place.command("check")[0] == 0


def test_held_in_the_console(place, sender):
    place.run("account", "set", sender.account, "--password", "secret-1")
    tracking, = sender.send([HELD["page"]])
    assert procs.wait_for(lambda: state(place, tracking) == "held", 15 * SLOW)
    console = Console(place.port)
    assert console.sign_in(sender.account).status == 303
    assert b'<span class="mark held">held</span>' in console.get("messages").body
    place.run("message", "fail", tracking)


def test_discarding_a_held_delivery_tells_the_customer(place, sender):
    """By the command and in the console."""
    place.run("account", "set", sender.account, "--password", "secret-1", "operator=on")
    tracking = sender.send([HELD["page"]], [HELD["text"]])
    assert procs.wait_for(lambda: all(state(place, t) == "held" for t in tracking), 15 * SLOW)
    console = Console(place.port)
    assert console.sign_in(sender.account).status == 303
    # no other message is held here, and these were sent one after the other
    jobs = re.findall(r"operator/jobs/(\d+)/discard", console.get("operator").body.decode())[-2:]
    place.run("job", "discard", jobs[0])
    assert console.send("operator", f"jobs/{jobs[1]}/discard").status == 303
    assert sender.wait(2) == {t: ["E101"] for t in tracking}
    assert [state(place, t) for t in tracking] == ["failed", "failed"]


def test_reports(place, sender):
    """MessageIDs are the same with and without brackets and quotes; reports come in any form."""
    tracking = sender.send(*([(200, XML, taken(r[0].replace("<", "&lt;")).encode(), {})] for r in REPORTS.values()))
    sender.wait(len(REPORTS))
    for name, (_, ident, headers, form) in REPORTS.items():
        body, mime = (form or (lambda text: (text.encode(), XML)))(report(ident.replace("<", "&lt;")))
        answer = Client(place.port).http("POST", "/report/mm7", body, {"Content-Type": mime, "Authorization": AUTH, **headers})
        assert b"<StatusCode>1000</StatusCode>" in answer.body, (name, answer)
    codes = sender.wait(2 * len(REPORTS))
    assert {name: codes.get(t) for name, t in zip(REPORTS, tracking)} == {name: ["N101", "N102"] for name in REPORTS}


def test_gzip_that_is_none(place):
    """Not gzip, cut off, or a bomb."""
    for body in (b"x", gzip.compress(report("x").encode())[:-9], gzip.compress(b" " * (1 << 24))):
        answer = Client(place.port).http("POST", "/report/mm7", body, {"Content-Encoding": "gzip", "Authorization": AUTH})
        assert answer.status == 400, answer
