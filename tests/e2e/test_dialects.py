"""The dialects (savemms-api(7), Dialects): a document of B or C as it is on the wire, and its answer byte for byte."""

import email
import email.policy
import http.client
import json
import os
import re

import pytest

import procs
from instance import SLOW

A, B, C = "/API/wxml/1.3/", "/ep/v1/", "/ep/v2/"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SLIDE = "<slide><message-text>t</message-text></slide>"
SUBJECT, NAME = "<message-subject>Hi</message-subject>", "<name>n</name>"
JSON = "application/json; charset=utf-8"
TEXT_B = {
    "E100": "Invalid request, please make a valid XML Post request.",
    "E104": "Authentication failed, Invalid API-key.",
    "E212": "Page number is invalid.",
    "E224": "MMS audio/video/image are not allowed with object in the slide.",
    "E225": "Exceeded number of slides allowed for the MMS.",
    "E229": "Content not allowed.",
    "E241": "Invalid mms-id. This mms-id does not exist.",
    "E311": "Invalid MMS Name. Name is required.",
    "E351": "Could not copy Image in slide 1.",
    "E620": "mms-id is required.",
    "E621": "The 'to' is required.",
    "E627": "Invalid service-id / service-id is required.",
    "E652": "Incorrect disablefallbacksms value. It is optional, but accepts only 'yes', 'no' or '' if set.",
}
TEXT_C = {
    **TEXT_B,
    "E100": "Invalid request, please make a valid Post request.",
    "E110": "Invalid to / receiver number.",
    "E214": "Start-date is invalid.",
    "E228": "MMS text cannot exceed 64 characters.",
    "E622": "fallback-sms-text is required.",
}


class Wire:
    """A caller of one account, who sends what it is told, with no header more."""

    def __init__(self, caller):
        self.port, self.key = caller.port, caller.key

    def send(self, path, body, headers=None, method="POST"):
        """Returns (HTTP status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            body = body.encode() if isinstance(body, str) else body
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def xml(self, *parts, action="saveMMS", key=None, path=B, **headers):
        key = self.key if key is None else key
        body = f"<request><action>{action}</action><api-key>{key}</api-key>{''.join(parts)}</request>"
        status, names, body = self.send(path, body, headers)
        assert status == 200 and names["content-type"] == "text/plain; charset=utf-8" and names["vary"] == "Accept"
        return body.decode()

    def json(self, body=None, path=C, headers=None, **members):
        """Sends base C with other members (None: null), or a body as it is. Returns the answer's object."""
        if body is None:
            body = json.dumps(self.base(**members))
        status, names, answer = self.send(path, body, {"x-api-key": self.key} if headers is None else headers)
        assert status == 200 and names["content-type"] == JSON and names["x-content-type-options"] == "nosniff"
        answer = answer.decode()
        made = json.loads(answer)
        assert answer == json.dumps(made, separators=(",", ":"), ensure_ascii=False)
        return made

    @staticmethod
    def base(**members):
        base = {"action": "savemms", "name": "n", "message-subject": "Hi", "slide": [{"message-text": "t"}]}
        base.update({name.replace("_", "-"): value for name, value in members.items()})
        return base


@pytest.fixture
def wire(caller):
    return Wire(caller)


def ok_b(answer):
    found = re.fullmatch(re.escape(HEAD) + r"<response><status>Success</status><mms-id>([1-9][0-9]*)</mms-id></response>\n", answer)
    assert found, answer
    return found.group(1)


def failed_b(answer, code, to=None, info=None):
    to = f"<to>{to}</to>" if to else ""
    assert answer == (f"{HEAD}<response><status>Failure</status><error-code>{code}</error-code>{to}"
                      f"<error-info>{info or TEXT_B[code]}</error-info></response>\n"), answer


def ok_c(answer):
    assert list(answer) == ["status", "mms-id"] and answer["status"] == "Success", answer
    assert isinstance(answer["mms-id"], str) and re.fullmatch("[1-9][0-9]*", answer["mms-id"])
    return answer["mms-id"]


def failed_c(answer, code, to=None):
    want = {"status": "Failure", "error-code": code, "error-info": TEXT_C.get(code)}
    if to:
        assert list(answer) == ["status", "error-code", "to", "error-info"] and answer["to"] == to
    if code == "E108":
        assert answer["error-code"] == code, answer
        assert answer["error-info"].startswith("Invalid XML or JSON. XML/JSON parsing failed. ("), answer
    else:
        assert {k: v for k, v in answer.items() if k != "to"} == want, answer


def base_xml(wire, path, root="request", key="api-key", accept=None):
    body = f"<{root}><action>saveMMS</action><{key}>{wire.key}</{key}>{SUBJECT}{NAME}{SLIDE}</{root}>"
    return wire.send(path, body, {"Accept": accept} if accept else {})


def test_b1_to_b4_the_dialect_of_a_document(wire):
    for path in (B, B[:-1], A, C):                      # B1 B2 B3 C33: no Content-Type anywhere
        status, names, body = base_xml(wire, path)
        assert status == 200 and names["content-type"] == "text/plain; charset=utf-8"
        ok_b(body.decode())
    for accept in ("text/xml", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"):
        _, names, body = base_xml(wire, B, accept=accept)
        assert names["content-type"] == "text/xml; charset=utf-8" and names["vary"] == "Accept"
        ok_b(body.decode())
    _, names, body = wire.send(A, f"<request><action>savemms</action><api_key>{wire.key}</api_key><name>n</name>"
                                  "<subject>s</subject><slide><text>t</text></slide></request>")
    assert re.fullmatch(re.escape(HEAD) + "<RESPONSE><STATUS>Success</STATUS><MMSID>[0-9]+</MMSID></RESPONSE>\n", body.decode())
    assert names["content-type"] == "text/plain; charset=utf-8"
    assert ok_b(base_xml(wire, A, "x:request")[2].decode())


def test_b5_to_b9_texts(wire):
    ok_b(wire.xml(NAME, SLIDE))
    ok_b(wire.xml("<subject>Other</subject>", NAME, SLIDE))
    assert "<mms-subject>Other</mms-subject>" in wire.xml(action="getMMSTemplates")
    ok_b(wire.xml(SUBJECT, NAME, SLIDE, action="save_mms"))
    bare = "<slide><message-text>Tom & Jerry &amp; <![CDATA[a & b]]> &#38;</message-text></slide>"
    mmsid = ok_b(wire.xml(SUBJECT, NAME, bare))
    details = wire.xml(f"<mms-id>{mmsid}</mms-id>", action="getMMSIDDetails")
    assert "<message-text>Tom &amp; Jerry &amp; a &amp; b &amp;</message-text>" in details
    failed = wire.xml(SUBJECT, NAME, bare, path=A)
    assert "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E108</ERRORCODE>" in failed
    failed = wire.xml(SUBJECT, NAME, "<slide><message-text>& <b></message-text></slide>")
    assert "<error-code>E108</error-code><error-info>Invalid XML. XML parsing failed. (" in failed


def test_b10_to_b16_rules(wire, put):
    image = put("png")
    none = image.replace(".png", ".none")
    ok_b(wire.xml(SUBJECT, NAME, f"<slide><image><url>{image}</url></image></slide>"))
    failed_b(wire.xml(SUBJECT, NAME, f"<slide><image><url>{none}</url></image></slide>"), "E351")
    failed_b(wire.xml(SUBJECT, NAME, f"<slide><vcard><url>{none}</url></vcard><image><url>{none}</url></image></slide>"), "E224")
    failed_b(wire.xml(SUBJECT, NAME, SLIDE * 10), "E225")
    failed_b(wire.xml(SUBJECT, NAME, "<slide><passbook><url>http://h/p</url></passbook></slide>"), "E229")
    failed_b(wire.xml(SUBJECT, SLIDE), "E311")
    failed_b(wire.xml(SUBJECT, NAME, SLIDE, key="x" * 32), "E104")
    failed_b(wire.xml(SUBJECT, NAME, SLIDE, "<disable-fallback-sms>true</disable-fallback-sms>"), "E652")


def test_b17_b18_what_cannot_be_read(wire):
    body = wire.send(B, "<request>")[2].decode()
    assert body.startswith(HEAD + "<response><status>Failure</status><error-code>E108</error-code>"), body
    status, _, body = wire.send(f"{B}?action=getmmsids&api_key={wire.key}", None, method="GET")
    assert status == 200
    failed_b(body.decode(), "E100")
    failed_b(wire.send(B, f"action=getmmsids&api_key={wire.key}", {"Content-Type": "application/x-www-form-urlencoded"})[2].decode(),
             "E100")
    status, names, body = wire.send(B, None, method="DELETE")
    assert status == 405 and body.decode().startswith(HEAD + "<response>")
    failed_b(wire.xml(action="loginUser"), "E100")


def test_b20_to_b24_siblings(wire):
    mmsid = ok_b(wire.xml(SUBJECT, NAME, SLIDE))
    for _ in range(2):
        ok_b(wire.xml(SUBJECT, NAME, SLIDE))
    page = wire.xml("<items-per-page>2</items-per-page><start-date>2020-01-01T00:00:00+00:00</start-date>", action="getMMSTemplates")
    assert page.startswith(f"{HEAD}<response><status>Success</status><start-date>2020-01-01T00:00:00+00:00</start-date>"
                           "<page-number>1</page-number><items-per-page>2</items-per-page><total-results>3</total-results>"
                           "<mms-template><mms-id>"), page
    assert page.count("<mms-template>") == 2
    assert re.search("<mms-name>n</mms-name><mms-subject>Hi</mms-subject><date-created>[-0-9T:]+[+]00:00</date-created>"
                     "<total-slides>1</total-slides><mms-size>1</mms-size></mms-template>", page)
    failed_b(wire.xml("<page-number>0</page-number>", action="getMMSTemplates"), "E212")
    failed_b(wire.xml(f"<mms-id>{mmsid}</mms-id>", action="sendSavedMMS"), "E621")
    assert ok_b(wire.xml(f"<mms-id>{mmsid}</mms-id>", action="deleteMMSID")) == mmsid
    failed_b(wire.xml(f"<mms-id>{mmsid}</mms-id>", action="deleteMMSID"), "E241")
    failed_b(wire.xml(action="deleteMMSID"), "E620")
    assert re.fullmatch(re.escape(HEAD) + "<response><status>Success</status><mms-ids>[0-9]+,[0-9]+</mms-ids></response>\n",
                        wire.xml(action="getMmsIds"))


def test_c1_to_c7_requests(wire):
    ok_c(wire.json())
    ok_c(wire.json(headers={}, action="saveMMS", api_key=wire.key))
    ok_c(wire.json(apikey=wire.key))
    failed_c(wire.json(api_key="x" * 32), "E104")
    failed_c(wire.json(headers={}), "E104")
    ok_c(wire.json(path=A, headers={"x-api-key": wire.key, "Content-Type": "text/plain"}))
    ok_c(wire.json("\ufeff" + json.dumps(wire.base())))
    ok_c(wire.json(slide={"message-text": "t"}))
    ok_c(wire.json(unknown=[{}], slide=[{"message-text": "t", "what": None, "image": {}}]))
    failed_c(wire.json(action="loginUser"), "E100")


def text_of(raw):
    return b'{"action":"savemms","name":"n","message-subject":"Hi","slide":[{"message-text":"' + raw + b'"}]}'


def with_member(raw):
    return '{"action":"savemms","name":"n","message-subject":"Hi","slide":[{"message-text":"t"}],' + raw + "}"


@pytest.mark.parametrize("body", [
    with_member('"name":"n"'), with_member('"client-reference":"1","client_reference":"1"'), text_of(rb"\ud83d"), text_of(b"\xff"),
    text_of(rb"\u0000"), with_member(f'"x":{"[" * 32}{"]" * 32}'), with_member('"x":1,'), with_member('"x":1') + "x",
    with_member('"x":9223372036854775808'), with_member('"x":012'), with_member("'x':1"), with_member('"x":NaN'),
    with_member('"x":1e999'), text_of(b"a\nb"), text_of(b"\xc0\x80"), text_of(b"\xed\xa0\x80")])
def test_c8_to_c16_strict(wire, body):
    failed_c(wire.json(body), "E108")
    status, _, answer = wire.send(A, body)
    assert status == 200 and b"<ERRORCODE>E108</ERRORCODE>" in answer       # answered in the dialect of the URL


def test_c11_c14_texts_and_depth(wire):
    mmsid = ok_c(wire.json(text_of(rb"\ud83d\ude00\u0001")))
    answer = wire.send(C, json.dumps({"action": "getmmsiddetails", "mms-id": int(mmsid)}), {"x-api-key": wire.key})[2]
    assert b'"message-text":"\xf0\x9f\x98\x80"' in answer
    ok_c(wire.json(with_member(f'"x":{"[" * 31}{"]" * 31}')))


def test_c17_to_c24_rules(wire, put):
    for body in ("[]", ""):
        failed_c(wire.json(body), "E100")
    status, names, body = wire.send(C, None, method="GET")
    assert status == 200 and names["content-type"] == JSON
    failed_c(json.loads(body), "E100")
    failed_c(wire.json(name=["n"]), "E100")
    failed_c(wire.json(name=5), "E100")
    failed_c(wire.json(name=None), "E311")
    failed_c(wire.json(message_subject=None), "E622")
    ok_c(wire.json(message_subject=None, disable_fallback_sms=True))
    for flag in ("maybe", 1, ["yes"], {}):
        failed_c(wire.json(disable_fallback_sms=flag), "E652")
    mmsid = ok_c(wire.json(slide=[{"contact": {"url": put("vcf")}}]))
    assert "contact" in wire.json(action="getmmsiddetails", mms_id=mmsid)["slide"][0]
    assert "<slide><vcard><url>" in wire.xml(f"<mms-id>{mmsid}</mms-id>", action="getMMSIDDetails")
    failed_c(wire.json(slide=[{"excel": {"url": "http://h/x"}}]), "E229")
    failed_c(wire.json(slide=["t"]), "E100")
    failed_c(wire.json(slide=[{"image": "http://h/1.png"}]), "E100")
    failed_c(wire.json(client_reference="x" * 65), "E228")
    failed_c(wire.json(client_reference=1.0), "E100")


def test_c25_to_c28_siblings(wire, put):
    made = [ok_c(wire.json()) for _ in range(3)][::-1]
    assert wire.json(action="getmmsids") == {"status": "Success", "mms-ids": made}
    page = wire.json(action="getmmstemplates", page_number="2", items_per_page=1, start_date="2020-01-01")
    assert list(page) == ["status", "start-date", "page-number", "items-per-page", "total-results", "mms-template"]
    assert (page["start-date"], page["page-number"], page["items-per-page"]) == ("2020-01-01T00:00:00Z", 2, 1)
    (row,) = page["mms-template"]
    assert list(row) == ["mms-id", "mms-name", "mms-subject", "date-created", "total-slides", "mms-size"]
    assert row["mms-id"] == made[1] and row["total-slides"] == 1 and re.fullmatch("[-0-9T:]+Z", row["date-created"])
    assert wire.json(action="getmmstemplates", page_number=9)["mms-template"] == []
    mmsid = ok_c(wire.json(slide=[{"message-text": "t", "image": {"url": put("png")}}], client_reference=7))
    got = wire.json(action="getmmsiddetails", mms_id=int(mmsid))
    assert list(got) == ["status", "mms-id", "name", "message-subject", "client-reference", "date-created", "state",
                         "total-slides", "mms-size", "poster-url", "slide"]
    assert (got["state"], got["client-reference"]) == ("ready", "7")
    assert list(got["slide"][0]) == ["message-text", "image"]
    assert [r["class"] for r in got["slide"][0]["image"]["rendition"]] == ["S", "M", "L", "XL"]
    failed_c(wire.json(action="getmmstemplates", start_date="yesterday"), "E214")
    failed_c(wire.json(action="getmmsiddetails", mms_id=1.5), "E100")


def test_c29_to_c31_sends(account):
    wire = Wire(account(senders="12345", service_ids="s1"))
    send = {"action": "sendsavedmms", "to": "15550100123", "from": 12345, "service-id": "s1"}
    failed_c(wire.json(json.dumps({**send, "mms-id": 999999999999})), "E241", "15550100123")
    send["mms-id"] = mmsid = ok_c(wire.json())
    failed_c(wire.json(json.dumps({**send, "to": "1555x"})), "E110", "1555x")
    failed_c(wire.json(json.dumps({**send, "to": True})), "E100")
    failed_c(wire.json(json.dumps({**send, "to-displayonly": "15550100124"})), "E100", "15550100123")
    failed_c(wire.json(json.dumps({**send, "mms-expiry-timestamp": "2020-01-01"})), "E100", "15550100123")
    failed_c(wire.json(json.dumps({**send, "data": {"a": {}}})), "E100", "15550100123")
    failed_c(wire.json(json.dumps({**send, "service-id": "s2"})), "E627", "15550100123")
    sent = wire.json(json.dumps({**send, "data": {"first-name": "x", "n": 5, "b": True},
                                 "custom-text": {"value": "v", "slide": 1}, "mms-expiry-timestamp": "2099-01-01T00:00:00Z"}))
    assert list(sent) == ["status", "mms-id", "tracking-id", "to", "from", "status-details"], sent
    assert sent["mms-id"] == mmsid and sent["to"] == "15550100123" and sent["from"] == "12345"
    fields = f"<mms-id>{mmsid}</mms-id><to>15550100123</to><from>12345</from>"
    failed_b(wire.xml(fields, action="sendSavedMMS"), "E627", "15550100123")
    answer = wire.xml(fields, "<service-id>s1</service-id>", action="sendSavedMMS")
    assert re.fullmatch(re.escape(HEAD) + f"<response><status>Success</status><mms-id>{mmsid}</mms-id><tracking-id>\\w+</tracking-id>"
                        "<to>15550100123</to><from>12345</from><status-details>MMS request accepted and queued for delivery"
                        "</status-details></response>\n", answer)


def test_login_user(caller, account):
    """A client asks for a session to see whether its key is good."""
    answer = caller.call("loginUser")
    assert answer.nodes() == ["STATUS", "SESSIONID"] and re.fullmatch("[A-Za-z0-9]{32}", answer.get("SESSIONID"))
    assert caller.call("loginUser").get("SESSIONID") != answer.get("SESSIONID")
    assert caller.call("loginUser", key="x" * 32).code == "E104"
    assert account(actions="saveMMS").call("loginUser").code == "E107"


def test_answer_type(account):
    """The account's answer-type counts where no XML is asked for, but not for JSON."""
    wire = Wire(account(answer_type="xml"))
    assert base_xml(wire, B)[1]["content-type"] == "text/xml; charset=utf-8"
    assert base_xml(wire, A, accept="*/*")[1]["content-type"] == "text/xml; charset=utf-8"
    assert wire.send(A, "<request/>")[1]["content-type"] == "text/plain; charset=utf-8"
    ok_c(wire.json())


@pytest.mark.parametrize("server,args", [("lighttpd", ["--cgi"]), ("apache", []), ("apache", ["--cgi"]),
                                         *(("apache", ["--module", m]) for m in ("fcgid", "proxy_fcgi", "cgid"))])
def test_every_configuration_routes_the_dialects(new_instance, server, args):
    instance = new_instance()
    wire = Wire(instance.serve(*args, server=server).caller())
    try:
        ok_b(base_xml(wire, B)[2].decode())
        ok_b(base_xml(wire, B[:-1])[2].decode())
        ok_c(wire.json())
        ok_c(wire.json(path=C[:-1]))
        first, again = (wire.send(C, json.dumps(wire.base()), {"x-api-key": wire.key, "Idempotency-Key": '"k1"'}) for _ in range(2))
        ok_c(json.loads(first[2]))
        assert again[2] == first[2] and again[1]["idempotency-replayed"] == "true", again
    finally:
        instance.stop()


def test_saved_by_a_read_by_b_sent_by_c(shared, account, put):
    """One template in three dialects: each reads what another saved, and sends it."""
    wire = Wire(account(senders="12345"))
    image = put("png")
    slide = f"<SLIDE><IMAGE><URL>{image}</URL></IMAGE><TEXT>Hello {{$first_name|you}} &amp; all</TEXT></SLIDE>"
    answer = wire.send(A, f"<REQUEST><ACTION>saveMMS</ACTION><API_KEY>{wire.key}</API_KEY><NAME>n</NAME><SUBJECT>Hi</SUBJECT>"
                          f"<FALLBACKSMSTEXT>f</FALLBACKSMSTEXT>{slide}</REQUEST>")[2].decode()
    mmsid = re.search("<MMSID>([0-9]+)</MMSID>", answer).group(1)
    read = wire.xml(f"<mms-id>{mmsid}</mms-id>", action="getMMSIDDetails")
    assert f"<mms-id>{mmsid}</mms-id><name>n</name><message-subject>Hi</message-subject><fallback-sms-text>f</fallback-sms-text>" in read
    assert f"<slide><message-text>Hello {{$first_name|you}} &amp; all</message-text><image><url>{image}</url>" in read
    assert "<state>ready</state><total-slides>1</total-slides>" in read
    sent = wire.json(json.dumps({"action": "sendsavedmms", "mms-id": int(mmsid), "to": 15551230001, "from": "12345",
                                 "message-subject": "For you", "data": {"First-Name": "Zoé"}}))
    assert sent["status"] == "Success" and sent["mms-id"] == mmsid, sent
    path = os.path.join(shared.folder, "outbox", f"{sent['tracking-id']}.mms")
    assert procs.wait_for(lambda: os.path.exists(path), 15 * SLOW), shared.logs()[-2000:]
    with open(path, "rb") as f:
        message = email.message_from_binary_file(f, policy=email.policy.default)
    assert message["Subject"] == "For you"
    assert [p.get_content().strip() for p in message.walk() if p.get_content_type() == "text/plain"] == ["Hello Zoé & all"]
    assert ok_b(wire.xml(f"<mms-id>{mmsid}</mms-id>", action="deleteMMSID")) == mmsid
    failed_c(wire.json(action="getmmsiddetails", mms_id=mmsid), "E241")
