"""Sending (savemms-api(7)): sendSavedMMS from the request to the spool and the postbacks."""

import email
import email.policy
import os
import re

import pytest

import procs
from client import element
from expected import is_error
from instance import SLOW

FROM, TO = "12345", "15551230001"
ACCEPTED = ["STATUS", "MMSID", "TRACKINGID", "TO", "FROM", "STATUSDETAILS"]


@pytest.fixture
def sender(account):
    """A caller with the right to send."""
    return account(senders=f"{FROM}, 15550009999")


@pytest.fixture(scope="module")
def picky(new_instance):
    """An instance with carriers of its own."""
    return new_instance({"carrier-none": "mms=no prefixes=199", "carrier-tiny": "bytes=2000 prefixes=198",
                         "carrier-large": "bytes=5000000 prefixes=197 operators=00001"}).serve()


def send(caller, mmsid, raw="", **fields):
    return caller.call("sendSavedMMS", raw=raw, **{"mmsid": mmsid, "to": TO, "from": FROM, **fields})


def data(**values):
    return f"<DATA>{''.join(element(k, v) for k, v in values.items())}</DATA>"


def outbox(instance):
    return os.path.join(instance.folder, "outbox")


def spooled(instance, answer, leg="mms", seconds=15):
    """Returns the spooled message of an accepted request as an email.message."""
    assert answer.code is None, answer
    assert answer.nodes() == ACCEPTED
    path = os.path.join(outbox(instance), f"{answer.get('TRACKINGID')}.{leg}")
    assert procs.wait_for(lambda: os.path.exists(path), seconds * SLOW), (path, instance.logs()[-3000:])
    with open(path, "rb") as f:
        return email.message_from_binary_file(f, policy=email.policy.default)


def texts(message):
    return [p.get_content().replace("\r\n", "\n") for p in message.walk() if p.get_content_type() == "text/plain"]


@pytest.mark.smoke
def test_accepted_and_spooled(shared, sender, put):
    mmsid = sender.save({"image": put("jpg"), "text": "Hello {$firstname|customer}"}, subject="For {$firstname}").mmsid
    answer = send(sender, mmsid, data(FirstName="Zoë <&>"), client_reference="r1")
    assert answer.get("MMSID") == mmsid and answer.get("TO") == TO and answer.get("FROM") == FROM
    assert answer.get("STATUSDETAILS") == "MMS request accepted and queued for delivery"
    assert re.fullmatch(r"[A-Za-z0-9]{32}", answer.get("TRACKINGID"))
    message = spooled(shared, answer)
    assert texts(message) == ["Hello Zoë <&>"]
    # What the recipient may see does not tell the TRACKINGID, with which reports are accepted.
    seen = message["message-id"] + message.get_boundary() + str(message["content-type"])
    assert re.fullmatch(r"<[0-9a-f]{32}@savemms>", message["message-id"]) and answer.get("TRACKINGID") not in seen
    assert message["subject"] == "For Zoë <&>"
    types = [p.get_content_type() for p in message.walk()]
    assert types[1] == "application/smil" and "message/external-body" in types


def test_pairs_and_custom_texts(shared, sender):
    mmsid = sender.save("one {$a}", "two").mmsid
    answer = sender.form({"action": "sendSavedMMS", "api_key": sender.key, "mmsid": mmsid, "to": TO, "from": FROM,
                          "customtext_2": "own {$a|x}", "data_a": "A", "customsubject": "S"})
    message = spooled(shared, answer)
    assert texts(message) == ["one A", "own A"] and message["subject"] == "S"
    answer = sender.pairs({"action": "sendSavedMMS", "api_key": sender.key, "mmsid": mmsid, "to": TO, "from": FROM})
    assert texts(spooled(shared, answer)) == ["one ", "two"]


def test_custom_text_by_xml(shared, sender):
    mmsid = sender.save("one", {"vcard": None, "text": "two"}).mmsid
    raw = "<CUSTOMTEXT><VALUE>neu</VALUE><SLIDE>1</SLIDE></CUSTOMTEXT><CUSTOMTEXT><VALUE>b</VALUE><SLIDE>2</SLIDE></CUSTOMTEXT>"
    assert texts(spooled(shared, send(sender, mmsid, raw))) == ["neu", "b"]
    assert is_error(send(sender, mmsid, "<CUSTOMTEXT><VALUE>x</VALUE><SLIDE>3</SLIDE></CUSTOMTEXT>"), "E100")
    assert is_error(send(sender, mmsid, f"<CUSTOMTEXT><VALUE>{'x' * 5001}</VALUE><SLIDE>2</SLIDE></CUSTOMTEXT>"), "E334", 2)


def test_custom_text_is_cleaned_as_text_is(shared, sender):
    mmsid = sender.save(r" \n one\r\n two \n\r ", "two", "three").mmsid
    raw = (r"<CUSTOMTEXT><VALUE> \n one\r\n two \n\r </VALUE><SLIDE>2</SLIDE></CUSTOMTEXT>"
           r"<CUSTOMTEXT><VALUE>\n \r\n</VALUE><SLIDE>3</SLIDE></CUSTOMTEXT>")
    message = spooled(shared, send(sender, mmsid, raw))
    assert texts(message) == ["one\n two"] * 2 + ["three"]


def test_every_check_and_their_order(shared, account, sender):
    mmsid = sender.save("x").mmsid
    sender_account = sender.account
    shared.change(sender_account, blacklist="15557770000, 15557770001")

    def error(code, x=None, **fields):
        answer = send(sender, **{"mmsid": mmsid, **fields})
        assert is_error(answer, code, x)
        to = fields.get("to", TO)
        assert answer.nodes() == ["STATUS", "ERRORCODE", "ERRORINFO"] + (["TO"] if to else []), answer
        assert answer.get("TO") == to
        return True

    assert error("E620", mmsid=None, to=None)
    assert error("E241", mmsid="999999999", to="+1")
    assert error("E241", mmsid="x")
    assert error("E241", mmsid=account().save("another's").mmsid)
    assert error("E621", to=None, **{"from": None})
    for bad in ("+15551230001", "0015551230001", "1555123000x", "1234", "1234567890123456"):
        assert error("E110", to=bad, **{"from": None})
    for bad in (None, "99999", "12", "1234a"):
        assert error("E111", to="15557770001", **{"from": bad})
    assert error("E114", to="15557770001", disablefallbacksms="maybe")
    assert error("E652", disablefallbacksms="maybe", client_reference="x" * 65)
    assert error("E652", disablefallbacksmslink="maybe")
    bare = sender.save("x", fallbacksmstext=None, subject=None, disablefallbacksms="yes").mmsid
    assert error("E622", mmsid=bare, disablefallbacksms="no", client_reference="x" * 65)
    assert send(sender, bare).code is None
    assert error("E228", 64, client_reference="x" * 65)
    assert error("E228", 1600, fallbacksmstext="x" * 1601)
    assert is_error(sender.call("sendSavedMMS", key="A" * 32, to=TO), "E104")


def test_encoding_then_ready_then_sent(picky, put):
    """The send gets E626 while the film is encoded. Later it goes out with its rendition of class M."""
    caller = picky.caller(senders=FROM)
    with picky.no_helper():
        mmsid = caller.save({"video": put("mp4"), "text": "film"}).mmsid
        assert is_error(send(caller, mmsid, to=None), "E626")
    assert picky.wait_state(caller, mmsid) == "ready"
    message = spooled(picky, send(caller, mmsid))
    film = [p for p in message.walk() if p.get_content_type() == "message/external-body"]
    assert len(film) == 1
    renditions = {r.findtext("CLASS"): r for r in caller.details(mmsid).iter("RENDITION")}
    named = film[0].get_param("name")
    assert re.search(r"[0-9a-f]{64}", named).group() in renditions["M"].findtext("URL")
    assert os.path.getsize(named) == int(renditions["M"].findtext("BYTES"))


def test_failed_template_is_refused(shared, sender, put):
    mmsid = sender.save({"audio": put(body=b"no sound at all", name="a.mp3", mime="audio/mpeg")}).mmsid
    assert shared.wait_state(sender, mmsid) == "failed"
    assert is_error(send(sender, mmsid), "E625")


def test_n101(shared, sender, receiver):
    path = "send-n101"
    shared.change(sender.account, postback_url=receiver.url(path))
    mmsid = sender.save("x").mmsid
    receiver.wait(path, 1)
    answer = send(sender, mmsid, client_reference="my & ref", operatorid="310410")
    postback = receiver.wait(path, 2, 15 * SLOW)[1]
    assert [n.tag for n in postback.root] == ["ORIGIN", "CODE", "SENTAS", "STATUS", "MMSID", "FROM", "TO", "TRACKINGID",
                                              "SPID", "TIMESTAMP", "CLIENT_REFERENCE"]
    assert [n.text for n in postback.root][:9] == ["MMS_MT", "N101", "MMS", "Message Sent", mmsid, FROM, TO,
                                                    answer.get("TRACKINGID"), "310410"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", postback.text("TIMESTAMP"))
    assert postback.text("CLIENT_REFERENCE") == "my & ref"


def test_fallback_sms(picky, receiver):
    """Without MMS the recipient gets the text, a blank and the link. N101 says SMS. The page shows the slides."""
    path = "send-sms"
    caller = picky.caller(senders=FROM, postback_url=receiver.url(path))
    mmsid = caller.save("slide {$n}", fallbacksmstext="Hi {$n|you}").mmsid
    receiver.wait(path, 1)
    answer = send(caller, mmsid, data(n="Ann"), to="19955500001")
    text = spooled(picky, answer, "sms").get_content()
    assert re.fullmatch(r"Hi Ann http://\S+/m/[A-Za-z0-9]{32}\s*", text), text
    postback = receiver.wait(path, 2, 15 * SLOW)[1]
    assert postback.text("CODE") == "N101" and postback.text("SENTAS") == "SMS"
    answer = send(caller, mmsid, to="19955500001", disablefallbacksmslink="yes", fallbacksmstext="only text")
    assert spooled(picky, answer, "sms").get_content().strip() == "only text"


def test_fallback_switched_off(picky, receiver):
    path = "send-off"
    caller = picky.caller(senders=FROM, postback_url=receiver.url(path))
    mmsid = caller.save("x").mmsid
    receiver.wait(path, 1)
    send(caller, mmsid, to="19955500001", disablefallbacksms="yes")
    postback = receiver.wait(path, 2, 15 * SLOW)[1]
    assert [n.tag for n in postback.root] == ["ORIGIN", "CODE", "STATUS", "MMSID", "FROM", "TO", "TRACKINGID",
                                              "STATUSDETAILS"]
    assert postback.text("CODE") == "E101" and postback.text("STATUS") == "Message Failed"
    assert "does not carry MMS" in postback.text("STATUSDETAILS") and "disabled" in postback.text("STATUSDETAILS")


def test_too_small_a_carrier(picky, put):
    caller = picky.caller(senders=FROM)
    mmsid = caller.save({"image": put("jpg"), "text": "t" * 3000}).mmsid
    spooled(picky, send(caller, mmsid, to="19855500001"), "sms")


def test_status_details_say_what_is_too_large(picky, put, receiver):
    path = "send-large"
    caller = picky.caller(senders=FROM, postback_url=receiver.url(path))
    mmsid = caller.save({"image": put("jpg"), "text": "t"}, "u" * 4000).mmsid
    receiver.wait(path, 1)
    assert send(caller, mmsid, to="19855500002").code is None
    told = receiver.wait(path, 2, 20 * SLOW)[1]
    assert told.text("SENTAS") == "SMS"
    said = re.match(r"(\d+) bytes in class S, (\d+) of them (slide1\.jpg|slide2\.txt); carrier tiny, .*at most 2000 bytes", told.text("STATUSDETAILS"))
    assert said and int(said[1]) > int(said[2]) > 2000, told.text("STATUSDETAILS")
    assert f"why: {told.text('STATUSDETAILS')}\n" in picky.run("send", "--dry-run", mmsid, "--to", "19855500002")


def test_an_empty_sms_is_not_sent(picky, receiver):
    """A fallback text of which the tags leave nothing gives way to the next one; when all are empty, the message fails."""
    path = "send-empty"
    caller = picky.caller(senders=FROM, postback_url=receiver.url(path))
    empty = {"fallbacksmstext": " {$none} ", "disablefallbacksmslink": "yes"}
    mmsid = caller.save("x", subject=None, **empty).mmsid
    receiver.wait(path, 1)
    answer = send(caller, mmsid, to="19955500001")
    told = receiver.wait(path, 2, 20 * SLOW)[1]
    assert told.text("CODE") == "E101" and "SMS is empty" in told.text("STATUSDETAILS")
    assert not os.path.exists(os.path.join(outbox(picky), answer.get("TRACKINGID") + ".sms"))
    dry = picky.run("send", "--dry-run", mmsid, "--to", "19955500001")
    assert "it would fail (E101)" in dry and "SMS is empty" in dry and "sent as fallback SMS" not in dry
    mmsid = caller.save("x", subject="The subject of {$none|all}", **empty).mmsid
    assert spooled(picky, send(caller, mmsid, to="19955500001"), "sms").get_content().strip() == "The subject of all"


def test_a_long_sms_is_cut_and_says_so(picky, receiver):
    """6,000 emoji do not fit into the URL of a gateway: the text is cut, the link stays."""
    path = "send-long"
    caller = picky.caller(senders=FROM, postback_url=receiver.url(path))
    mmsid = caller.save("x", fallbacksmstext="{$e}").mmsid
    receiver.wait(path, 1)
    text = spooled(picky, send(caller, mmsid, data(e="😀" * 6000), to="19955500001"), "sms").get_content()
    assert re.fullmatch(r"😀{4000,4096} http://\S+/m/\S{32}\s*", text), text[-200:]
    told = receiver.wait(path, 2, 20 * SLOW)[1]
    cut = 6000 - text.count("😀")
    assert told.text("CODE") == "N101" and f"too long by {cut} characters" in told.text("STATUSDETAILS")


def test_class_follows_the_carrier(picky, put):
    """A carrier that takes anything and an unknown handset lead to class M. OPERATORID selects the carrier as well as
    the prefix does."""
    caller = picky.caller(senders=FROM)
    mmsid = caller.save({"image": put("jpg")}).mmsid
    for how in ({"to": "19755500001"}, {"operatorid": "00001"}, {"operatorid": "LARGE"}):
        assert spooled(picky, send(caller, mmsid, **how))["x-mms-class"] in ("M", None)


def test_deleted_meanwhile(picky, receiver):
    """A message whose template is deleted before delivery fails and gives the reason."""
    path = "send-deleted"
    caller = picky.caller(senders=FROM, postback_url=receiver.url(path))
    mmsid = caller.save("x").mmsid
    receiver.wait(path, 1)
    with picky.no_helper():
        assert send(caller, mmsid).code is None
        assert caller.call("deleteMMSID", mmsid=mmsid).code is None
        assert picky.command("check")[0] == 0
    postback = receiver.wait(path, 2, 20 * SLOW)[1]
    assert postback.text("CODE") == "E101" and "deleted" in postback.text("STATUSDETAILS")
    assert picky.command("check")[0] == 0


def test_dry_run_and_the_operators_view(shared, sender, put):
    mmsid = sender.save({"vcard": put("vcf"), "text": "Hello {$n}"}, {"pdf": put("pdf")}).mmsid

    def dry(*more):
        return shared.run("send", "--dry-run", mmsid, "--to", TO, *more)

    unknown = dry("--data", "n=Ann <b>")
    assert "class: M" in unknown and "Hello Ann <b>" in unknown and "vcard of slide 1: attached" in unknown
    assert "pdf of slide 2: as a link" in unknown
    apple = dry("--handset", "Apple iPhone", "--operator", "310410")
    assert "class: L" in apple and "pdf of slide 2: attached" in apple and "Hello " in apple
    assert "vcard of slide 1: as a link" in dry("--handset", "Nokia 3310")
    assert "vcard of slide 1: as a link" in dry("--handset", "something nobody knows")
    assert "iphone" in apple and "carrier att" in apple
    tracking = send(sender, mmsid, data(n="x")).get("TRACKINGID")
    assert procs.wait_for(lambda: f"{tracking}\t{sender.account}\t{mmsid}\t{TO}\tsent\tMMS\tM" in
                          shared.run("message", "list", "--account", sender.account), 10 * SLOW)
    shown = shared.run("message", "show", tracking)
    assert "state: sent" in shown and "transport: spool" in shown and "data n: x" in shown
    assert shared.command("send", mmsid, "--to", TO)[0] == 2
    assert shared.command("send", "--dry-run", mmsid)[0] == 2
    assert shared.command("send", "--dry-run", mmsid, "--to", TO, "--data", "x")[0] == 2
    assert shared.command("message", "show", "x" * 32)[0] == 1
