"""Sending (savemms-api(7)) by MM7 and by Kannel's URL, against "savemms carrier", with reports and their postbacks."""

import base64
import email
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

import procs
from carrier import Carrier
from client import Client
from instance import SLOW, free_port, program

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))

import mms                                                      # noqa: E402

FROM, OLD = "12345", "15550009999"
SPACES = {"5.3.0": "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0",
          "6.8.0": "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"}
AUTH = "Basic " + base64.b64encode(b"mmsc:s3cret word").decode()

RULES = """
to=1700* mms accept report=forwarded,delivered report-delay=0.1 handset="Apple iPhone 14"
to=1701* mms refuse-size=20000
to=1702* mms refuse text="no such subscriber"
to=1703* mms error=503 times=1
to=1703* mms accept delay=0.1
to=1704* mms drop times=1
to=1705* mms accept report=expired text="three days"
to=1706* mms lose
to=1707* mms refuse
to=1707* sms accept report=failed text="absent subscriber"
to=1708* mms error=500
to=1708* sms accept
to=1709* mms error=400
to=1711* mms refuse=4006 times=2
to=1712* mms accept delay=0.1 report-delay=0
to=1713* mms accept delay=0.1 report=none
to=1714* mms accept report=none
"""


@pytest.fixture(scope="module")
def ways(new_instance, tmp_path_factory):
    """Returns (instance, carrier). Every MMS goes to the carrier by MM7 6.8.0, those of OLD by 5.3.0, and SMS by
    sendsms."""
    port = free_port()
    way = f"url=http://127.0.0.1:{port}/mm7 vasp=savemms vas=news user=va password=pa&ss"
    instance = new_instance({
        "transport-new": f"kind=mm7 version=6.8.0 {way}", "transport-old": f"kind=mm7 version=5.3.0 {way}",
        "transport-kannel": f"kind=sms-http url=http://127.0.0.1:{port}/cgi-bin/sendsms user=va password=pa&ss",
        "carrier-nomms": "mms=no prefixes=1710", "report-auth": "mmsc:s3cret word", "deliver-schedule": "1, 1", "lease-seconds": "2",
        "mms-routes": f"sender:{OLD}=old, default=new", "sms-routes": "default=kannel", "transport-ms": "3000"}).serve()
    carrier = Carrier(tmp_path_factory.mktemp("carrier"), RULES, port=port, user="va:pa&ss",
                      report=f"http://127.0.0.1:{instance.port}/report/mm7", report_user="mmsc:s3cret word")
    yield instance, carrier
    last = carrier.stop()
    assert last["faults"] == "0", carrier.text()


@pytest.fixture
def told(ways, receiver, hook):
    """A caller that may send and that waits for its postbacks."""
    instance, carrier = ways
    caller = instance.caller(senders=f"{FROM}, {OLD}", postback_url=receiver.url(hook))

    def wait(n):
        """Waits for the first n delivery postbacks and returns them. N003 is about the template."""
        def ours():
            return [p for p in receiver.got(hook) if p.text("CODE") != "N003"]
        assert procs.wait_for(lambda: len(ours()) >= n, 20 * SLOW), (receiver.got(hook), carrier.text(), instance.logs()[-3000:])
        return ours()[:n]
    caller.wait, caller.carrier, caller.path = wait, carrier, hook
    return caller


def send(caller, to, *slides, sender=FROM, **fields):
    slides = slides or ("some text",)
    mmsid = caller.save(*slides, subject="My subject & <more>").mmsid
    answer = caller.call("sendSavedMMS", mmsid=mmsid, to=to, **{"from": sender, **fields})
    assert answer.code is None, answer
    return answer.get("TRACKINGID")


def codes(postbacks):
    return [p.text("CODE") for p in postbacks]


def check_schema(tmp_path, soap, version):
    with open(os.path.join(HERE, "mm7.rng")) as f:
        schema = f.read().replace("urn:mm7", SPACES[version])
    (tmp_path / "mm7.rng").write_text(schema)
    (tmp_path / "soap.xml").write_bytes(soap)
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", str(tmp_path / "mm7.rng"),
                           str(tmp_path / "soap.xml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stderr, soap)


@pytest.mark.parametrize("version", ["5.3.0", "6.8.0"])
def test_mm7_there_and_back(ways, told, put, tmp_path, version):
    """The message is taken, forwarded (which is not the end) and retrieved with a handset: N101 and N102. The envelope
    is checked by a schema of our own, and the MMS by tshark."""
    sender = OLD if version == "5.3.0" else FROM
    to = "17005550101" if version == "5.3.0" else "17005550102"
    jpeg = put("jpg")
    tracking = send(told, to, {"image": jpeg, "text": "Grüße 😀"}, {"text": "two", "audio": None}, sender=sender,
                    client_reference="r & 1")
    sent, delivered = told.wait(2)
    assert codes([sent, delivered]) == ["N101", "N102"]
    assert sent.text("SENTAS") == "MMS" and sent.text("TRACKINGID") == tracking
    assert delivered.text("STATUS") == "Message Sent/Delivered" and delivered.text("HANDSET") == "Apple iPhone 14"
    assert delivered.text("OS") == "iOS" and delivered.text("CLIENT_REFERENCE") == "r & 1"
    line, = told.carrier.lines("mms", transaction=tracking)
    assert (line["to"], line["from"], line["version"], line["code"]) == (to, sender, version, "1000")
    assert line["subject"] == "My subject & <more>" and "fault" not in line
    assert [r["status"] for r in told.carrier.wait("report mm7", 2, id=line["id"])] == ["Forwarded", "Retrieved"]
    check_schema(tmp_path, told.carrier.kept(line, "soap.xml"), version)
    check_by_tshark(tmp_path, told.carrier.kept(line, "mms"))


def check_by_tshark(tmp_path, entity):
    """Checks the MMS as tshark decodes it: the SMIL, the image and two texts."""
    head, body = entity.split(b"\r\n\r\n", 1)
    kind = re.sub(r"\s+", " ", email.message_from_bytes(head + b"\r\n\r\n")["Content-Type"])
    types, ids, broken = mms.tshark(str(tmp_path), mms.request(kind, body), "mime_multipart.header.content-type",
                                    "mime_multipart.header.content-id", "_ws.malformed")
    assert [t.split(";")[0] for t in types] == ["application/smil", "image/jpeg", "text/plain", "text/plain"], types
    assert len(set(ids)) == 4 and broken == [""] and not mms.problems, (ids, broken, mms.problems)


def test_too_big_becomes_sms(told, put, samples):
    """After 2004 the text and the link go as an SMS instead, and the report comes by Kannel."""
    tracking = send(told, "17015550101", {"image": put(body=samples.image(400, 400, noise=60), mime="image/jpeg",
                                                       name="n.jpg"), "text": "x"})
    sent, delivered = told.wait(2)
    assert codes([sent, delivered]) == ["N101", "N202"] and sent.text("SENTAS") == "SMS"
    line, = told.carrier.lines("mms", transaction=tracking)
    assert line["code"] == "2004" and int(line["bytes"]) > 20000
    sms, = told.carrier.wait("sms", to="17015550101")
    assert re.fullmatch(r"a fallback http://127\.0\.0\.1:\d+/m/[A-Za-z0-9]{32}", sms["text"]), sms
    assert sms["coding"] == "0" and sms["http"] == "202"


def test_small_enough_for_the_same_carrier(told):
    send(told, "17015550102")
    assert codes(told.wait(2)) == ["N101", "N102"]


def test_sms_that_is_no_gsm(told):
    """The carrier has no MMS. Cyrillic and an emoji need UCS-2, a euro sign does not. Delivery fails: E202."""
    for text, coding in (("Привет 😀 {$a}", "2"), ("a€b {$a}", "0")):
        mmsid = told.save("x", fallbacksmstext=text).mmsid
        told.call("sendSavedMMS", mmsid=mmsid, to="17105550101", **{"from": FROM}, raw="<DATA><a>&amp;+%41 ü</a></DATA>",
                  disablefallbackSMSlink="yes")
        want = text.replace("{$a}", "&+%41 ü")
        assert procs.wait_for(lambda: told.carrier.lines("sms", text=want), 15 * SLOW), told.carrier.text()
        assert told.carrier.lines("sms", text=want)[0]["coding"] == coding


def test_reports_that_it_failed(told, ways):
    send(told, "17055550101")
    sent, ended = told.wait(2)
    assert codes([sent, ended]) == ["N101", "E102"]
    assert ended.text("STATUS") == "Message Sent/Expired" and ended.text("STATUSDETAILS") == "three days"
    assert "\nreport: Expired\n" in ways[0].run("message", "show", sent.text("TRACKINGID"))


def test_refused(told):
    """A final refusal is E101, with the MMSC's text."""
    send(told, "17025550101")
    failed, = told.wait(1)
    assert failed.text("CODE") == "E101" and failed.text("STATUS") == "Message Failed"
    assert failed.text("STATUSDETAILS") == "the MMSC answered 2001 Operation restricted: no such subscriber"
    send(told, "17095550101")
    assert told.wait(2)[1].text("STATUSDETAILS").startswith("the MMSC answered HTTP status 400")
    assert len(told.carrier.lines("mms", to="17025550101")) == 1


def test_tried_again_after_an_error(told):
    """After a 503, and after MM7's 4006 twice, the message is finally sent, once."""
    send(told, "17035550101")
    assert codes(told.wait(2)) == ["N101", "N102"]
    assert [x.get("code") or x.get("http") for x in told.carrier.lines("mms", to="17035550101")] == ["503", "1000"]
    send(told, "17115550101")
    assert codes(told.wait(4)[2:]) == ["N101", "N102"]
    assert [x["code"] for x in told.carrier.lines("mms", to="17115550101")] == ["4006", "4006", "1000"]


def test_answer_lost_on_the_way(told):
    """The MMSC takes the message but closes the connection before it answers. The message is handed over again with the
    same TransactionID, and the MMSC recognizes it."""
    tracking = send(told, "17045550101")
    assert codes(told.wait(2)) == ["N101", "N102"]
    lines = told.carrier.lines("mms", transaction=tracking)
    assert len(lines) == 2 and lines[0]["answer"] == "none" and lines[1]["again"] == "yes"
    assert lines[0]["id"] == lines[1]["id"]


def test_given_up(told):
    """Every answer is 500: after the schedule's last attempt comes E101."""
    send(told, "17085550101")
    assert codes(told.wait(1)) == ["E101"]
    assert len(told.carrier.lines("mms", to="17085550101")) == 3


def test_lost(told, ways):
    """The message is taken, but no report follows: N101 is the only postback. A report by hand then ends it, and a
    second one changes nothing."""
    tracking = send(told, "17065550101")
    told.wait(1)
    line, = told.carrier.lines("mms", transaction=tracking)
    assert report(told, line["id"], "Deferred") == (200, "1000")
    assert report(told, line["id"], "Rejected") == (200, "1000")
    assert report(told, line["id"], "Retrieved") == (200, "1000")
    assert codes(told.wait(2)) == ["N101", "E102"] and told.wait(2)[1].text("STATUS") == "Message Sent/Rejected"
    assert "\nreport: Rejected\n" in ways[0].run("message", "show", tracking)


def test_an_interim_report_names_the_handset(told, ways):
    """Forwarded is not the end, but its UACapabilities tell what the number's handset is."""
    tracking = send(told, "17145550198")
    told.wait(1)
    line, = told.carrier.lines("mms", transaction=tracking)

    def dry():
        return ways[0].run("send", "--dry-run", told.ids()[0], "--to", "17145550198")
    assert "handset unknown" in dry()
    body = report_body(line["id"], "Forwarded")
    more = '<m:UACapabilities UAProf="Apple iPhone 14"/></m:DeliveryReportReq>'
    answer = post(told, body.replace("</m:DeliveryReportReq>", more))
    assert answer.status == 200 and "<StatusCode>1000<" in answer.body.decode(), answer
    assert "handset iphone" in dry() and "state: sent" in ways[0].run("message", "show", tracking)
    assert codes(told.wait(1)) == ["N101"]


ENVELOPE = """<?xml version="1.0"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header>
<m:TransactionID xmlns:m="%s" S:mustUnderstand="1">t-1</m:TransactionID></S:Header><S:Body>%s</S:Body></S:Envelope>"""


def report_body(message_id, status):
    space = SPACES["5.3.0"]
    return ENVELOPE % (space, f"""<m:DeliveryReportReq xmlns:m="{space}"><m:MM7Version>5.3.0</m:MM7Version>
<m:MessageID> {message_id} </m:MessageID><m:Recipient><m:Number>1</m:Number></m:Recipient><m:Sender><m:Number>2</m:Number>
</m:Sender><m:Date>2026-01-01T00:00:00Z</m:Date><m:MMStatus>{status}</m:MMStatus></m:DeliveryReportReq>""")


def post(told, body, path="/report/mm7", mime='text/xml; charset="utf-8"', auth=AUTH):
    port = int(told.port)
    return Client(port).http("POST", path, body.encode(), {"Content-Type": mime, **({"Authorization": auth} if auth else {})})


def report(told, message_id, status, **how):
    answer = post(told, report_body(message_id, status), **how)
    code = re.search(r"<StatusCode>(\d+)</StatusCode>", answer.body.decode())
    return answer.status, code and code.group(1)


def test_reports_that_are_none(told, ways):
    """Reports about an unknown message, without authorization, not well formed, with a document type, or too long."""
    for path in ("/report/mm7", "/report/mm7/new"):           # while messages are on their way, the answer is "come again"
        assert procs.wait_for(lambda: report(told, "unknown", "Retrieved", path=path) == (200, "2005"), 15 * SLOW), path
    for auth in (None, "Basic bW1zYzp3cm9uZw==", "Basic", AUTH + "x"):
        answer = post(told, report_body("x", "Retrieved"), auth=auth)
        assert answer.status == 401 and "www-authenticate" in answer.headers, answer
    for body, status, code in (("<a", 500, "2007"), ("", 500, "2007"), ("<a/>", 500, "2007"),
                               ("<!DOCTYPE x>" + report_body("x", "Retrieved"), 500, "2007"),
                               (ENVELOPE % (SPACES["6.8.0"], "<SubmitReq/>"), 500, "4003"),
                               (report_body("", "Retrieved"), 200, "4004"), (report_body("x", ""), 200, "4004")):
        answer = post(told, body)
        assert answer.status == status and f"<StatusCode>{code}</StatusCode>" in answer.body.decode(), (body, answer)
        ElementTree.fromstring(answer.body)
    assert post(told, "x" * 70000).status == 413
    assert Client(told.port).http("GET", "/report/mm7", headers={"Authorization": AUTH}).status == 405
    for path, status in (("/report", 404), ("/report/x", 404), ("/report/sms/" + "A" * 32, 400),
                         ("/report/sms/" + "A" * 32 + "?status=1", 404), ("/report/sms/?status=1", 404),
                         ("/report/sms/" + "A" * 32 + "?status=x", 400), ("/report/sms/" + "A" * 32 + "?status=8", 200)):
        assert Client(told.port).http("GET", path).status == status, path


def test_reports_that_overtake(told):
    """The report arrives before the helper has recorded that the message was taken. It waits or comes again."""
    mmsid = told.save("x").mmsid
    for i in range(10):
        assert told.call("sendSavedMMS", mmsid=mmsid, to=f"1712555000{i}", **{"from": FROM}).code is None
    postbacks = told.wait(20)
    for tracking in {p.text("TRACKINGID") for p in postbacks}:
        assert [p.text("CODE") for p in postbacks if p.text("TRACKINGID") == tracking] == ["N101", "N102"]


def test_helper_killed_while_sending(told, ways):
    """A message that was handed over but not recorded is handed over again, and the MMSC recognizes it: each message is
    sent once."""
    instance, carrier = ways
    mmsid = told.save("x").mmsid
    tracking = [told.call("sendSavedMMS", mmsid=mmsid, to=f"171355500{i:02}", **{"from": FROM}).get("TRACKINGID")
                for i in range(30)]

    def ours():
        return [x for x in carrier.lines("mms") if x["to"].startswith("1713")]
    for _ in range(2):
        enough = len(ours()) + 4
        assert procs.wait_for(lambda: len(ours()) >= enough, 15 * SLOW), carrier.text()
        procs.kill_all([(pid, "") for pid in instance.pids("savemms-helper")])
        told.save("x")                                          # wakes the next helper
    postbacks = told.wait(30)
    assert sorted(p.text("TRACKINGID") for p in postbacks) == sorted(tracking) and set(codes(postbacks)) == {"N101"}
    ids = {x["transaction"]: x["id"] for x in ours()}
    assert sorted(ids) == sorted(tracking) and all(x["id"] == ids[x["transaction"]] for x in ours())
    assert [x for x in ours() if "again" in x], "no helper was killed between handing over and recording"


def test_report_in_a_multipart(told):
    """Some MMSCs send a multipart whose root part, named by start, is the envelope."""
    tracking = send(told, "17065550102")
    told.wait(1)
    line, = told.carrier.lines("mms", transaction=tracking)
    body = ("preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: text/xml\r\nContent-ID: <r>\r\n\r\n"
            + report_body(line["id"], "Retrieved") + "\r\n--b--\r\n")
    answer = post(told, body, mime='multipart/related; type="text/xml"; start="<r>"; boundary=b')
    assert "<StatusCode>1000</StatusCode>" in answer.body.decode(), answer
    assert codes(told.wait(2)) == ["N101", "N102"]


def test_who_may_report(new_instance):
    """With no setting, MM7 reports are refused, because MessageIDs can be guessed. With networks set, addresses in them
    may report."""
    instance = new_instance().serve()
    instance.port_only = Client(instance.port)
    body = report_body("x", "Retrieved").encode()
    assert instance.port_only.http("POST", "/report/mm7", body).status == 403
    assert instance.port_only.http("GET", "/report/sms/" + "A" * 32 + "?status=1").status == 404
    instance.stop()
    instance.configure({"report-from": "127.0.0.9/32"})
    instance.serve()
    assert Client(instance.port).http("POST", "/report/mm7", body).status == 403
    assert Client(instance.port).http("GET", "/report/sms/" + "A" * 32 + "?status=1").status == 403
    assert Client(instance.port, source="127.0.0.9").http("POST", "/report/mm7", body).status == 200
    instance.stop()


@pytest.mark.parametrize("how", [["--module", "fcgid"], ["--module", "proxy_fcgi"], ["--module", "cgid"]])
def test_authentication_gets_through_apache(new_instance, how):
    """Apache hides the header from programs unless it is told otherwise."""
    instance = new_instance({"report-auth": "mmsc:s3cret word"}).serve(*how, server="apache")
    body, path = report_body("x", "Retrieved").encode(), "/report/mm7"
    assert Client(instance.port).http("POST", path, body, {"Content-Type": "text/xml"}).status == 401
    answer = Client(instance.port).http("POST", path, body, {"Content-Type": "text/xml", "Authorization": AUTH})
    assert answer.status == 200 and b"<StatusCode>2005</StatusCode>" in answer.body, answer
    instance.stop()


def test_transports_need_no_hole_for_customers(new_instance, tmp_path, put):
    """A gateway on the same machine can be reached although loopback and its port are closed to customers' URLs."""
    carrier = Carrier(tmp_path / "c")
    instance = new_instance({"outgoing-allow": "", "outgoing-ports": "80, 443", "mms-routes": "default=mmsc",
                             "transport-mmsc": f"kind=mm7 url={carrier.mm7}"}).serve()
    caller = instance.caller(senders=FROM)
    assert caller.save({"image": put("jpg")}).code == "E351"
    send(caller, "15550000001")
    assert carrier.wait("mms")[0]["code"] == "1000"
    instance.stop()
    assert carrier.stop()["mms"] == "1"


def test_carrier_sees_what_is_wrong(tmp_path):
    """The simulator does not accept everything: it finds each of these faults."""
    carrier = Carrier(tmp_path / "c", 'to=1* mms accept\nto=19* sms refuse text="no route"\nto=18* sms drop # gone\n')
    good = submit()
    client = Client(carrier.port)

    def code(body, mime='multipart/related; type="text/xml"; start="<s>"; boundary=o'):
        answer = client.http("POST", "/mm7", body.encode(), {"Content-Type": mime})
        ElementTree.fromstring(answer.body)
        return re.search(r"<StatusCode>(\d+)", answer.body.decode()).group(1)
    assert code(good) == "1000"
    for how in ("binary\r\n\r\n\x01\n\r" + "x" * 2000, "8bit\r\n\r\nü\r\n" + "x" * 998, "7bit\r\n\r\nx"):
        assert code(good.replace("base64\r\n\r\nAAECAwQ=", how)) == "1000", how[:20]
    for old, new, want in (("6.8.0", "7.0.0", "4002"), (">T1<", "><", "4004"), ("REL-6", "REL-5", "4004"),
                           ("<Number>15", "<Number>x5", "2002"), ("cid:c", "cid:d", "2007"), ("<c>", "<d>", "2007"),
                           ("<i.jpg>", "<j.jpg>", "2007"), ("AAEC", "AA*C", "2007"), ("application/smil", "text/html", "2007"),
                           ("SubmitReq", "CancelReq", "4003"), ("--i--", "--i", "2007"), ("</smil>", "</smi>", "2007"),
                           ("base64", "x-uuencode", "2007"), ("base64\r\n\r\nAAECAwQ=", "7bit\r\n\r\nü", "2007"),
                           ("base64\r\n\r\nAAECAwQ=", "8bit\r\n\r\na\nb", "2007"),
                           ("base64\r\n\r\nAAECAwQ=", "8bit\r\n\r\n" + "x" * 999, "2007"),
                           ("<env:Body>", "<env:Bod>", "2007"), ("SenderAddress", "SenderAdress", "4004")):
        assert old in good
        assert code(good.replace(old, new)) == want, (old, new, carrier.text())
    for args, status, text in (("to=1&from=2&text=x", 202, "0: Accepted for delivery\n"), ("from=2&text=x", 400, None),
                               ("to=1&text=x", 400, None), ("to=19&from=2&text=x", 400, "no route\n"),
                               ("to=1&from=2&text=%ff", 400, None)):
        answer = client.http("GET", "/cgi-bin/sendsms?" + args)
        assert answer.status == status and (text is None or answer.body.decode() == text), (args, answer)
    with pytest.raises(OSError):
        client.http("GET", "/cgi-bin/sendsms?to=18&from=2&text=x")
    last = carrier.stop()
    assert (last["mms"], last["sms"], last["refused"], last["faults"]) == ("1", "2", "1", "21"), last


def submit():
    """Returns a small, correct SubmitReq. Its boundaries are o and i, and it has no base64, so that a test's
    replacement breaks no other part."""
    smil = ('<smil><head><layout/></head><body><par><img src="cid:i.jpg"/></par></body></smil>')
    return "\r\n".join((
        "--o", "Content-Type: text/xml", "Content-ID: <s>", "", '<?xml version="1.0"?><env:Envelope xmlns:env='
        '"http://schemas.xmlsoap.org/soap/envelope/"><env:Header><TransactionID xmlns="' + SPACES["6.8.0"] +
        '" env:mustUnderstand="1">T1</TransactionID></env:Header><env:Body><SubmitReq xmlns="' + SPACES["6.8.0"] +
        '"><MM7Version>6.8.0</MM7Version><SenderIdentification><SenderAddress><ShortCode>123</ShortCode></SenderAddress>'
        '</SenderIdentification><Recipients><To><Number>15</Number></To></Recipients><Content href="cid:c"/></SubmitReq>'
        "</env:Body></env:Envelope>", "--o", "Content-Type: multipart/related; boundary=i", "Content-ID: <c>", "",
        "--i", "Content-Type: application/smil", "Content-ID: <s.smil>", "", smil, "--i", "Content-Type: image/jpeg",
        "Content-ID: <i.jpg>", "Content-Transfer-Encoding: base64", "", "AAECAwQ=", "--i--", "--o--", ""))


@pytest.mark.parametrize("rule, words", [("to=1 delay=x", "delay="), ("accept\nrefuse=12", "line 2"), ("times=0", "times="),
                                         ("report=never", "report is"), ("nonsense", "the word is unknown"), ("error=200", "error=")])
def test_rules_that_are_none(tmp_path, rule, words):
    path = tmp_path / "rules"
    path.write_text(rule + "\n")
    done = subprocess.run([program("savemms"), "carrier", "--port", "0", "--rules", str(path)], capture_output=True,
                          text=True, timeout=20 * SLOW, check=False)
    assert done.returncode == 1 and words in done.stderr, done
