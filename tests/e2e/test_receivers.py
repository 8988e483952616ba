"""What the receiver of postbacks can say (savemms-api(7), Postbacks): it knows one of two secrets, it wants to be asked
later, or its URL is gone."""

import base64
import hashlib
import hmac
import re
import time
from email.utils import formatdate

import pytest

import procs
from instance import SLOW
from test_told_in import place  # noqa: F401 (its instance tries again after a second)

OLD, NEW = bytes(range(24)), bytes(range(100, 132))
WHSEC = {key: "whsec_" + base64.b64encode(key).decode() for key in (OLD, NEW)}


def verified(key, postback):
    """Verifies a postback as the Standard Webhooks specification tells a receiver to: the signed content is the id, the
    time and the body with full stops between; one of the signatures of version 1, which stand between blanks, must be its
    HMAC-SHA256; a time that is far from now is refused."""
    ident, stamp = postback.headers["webhook-id"], postback.headers["webhook-timestamp"]
    if not re.fullmatch("[0-9]+", stamp) or abs(time.time() - int(stamp)) > 300:
        return False
    content = b".".join((ident.encode(), stamp.encode(), postback.body))
    expected = hmac.new(key, content, hashlib.sha256).digest()
    given = [part.split(",", 1) for part in postback.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(base64.b64decode(text, validate=True), expected)
               for version, text in given)


@pytest.mark.parametrize("dialect", "ABC")
def test_two_secrets(place, receiver, hook, dialect):  # noqa: F811
    """During a change-over a receiver that knows either secret accepts each postback, whatever its dialect."""
    caller = place.caller(postback_url=receiver.url(hook), postback_secret=WHSEC[OLD], postback_dialect=dialect)
    settings = [({}, {OLD}, 1), ({"postback_secret_old": WHSEC[OLD], "postback_secret": WHSEC[NEW]}, {OLD, NEW}, 2),
                ({"postback_secret_old": ""}, {NEW}, 1)]
    for n, (change, keys, signatures) in enumerate(settings):
        if change:
            place.change(caller.account, **change)
        caller.save("x")
        postback = receiver.wait(hook, n + 1, 20 * SLOW)[n]
        assert {key for key in (OLD, NEW) if verified(key, postback)} == keys
        assert len(postback.headers["webhook-signature"].split(" ")) == signatures
        assert not verified(b"another", postback)
        postback.body += b" "
        assert not verified(NEW, postback)


@pytest.mark.parametrize("status,after,least", [(503, lambda: "4", 4), (429, lambda: formatdate(time.time() + 6, usegmt=True), 4),
                                                (500, lambda: "soon", 0), (503, lambda: formatdate(1, usegmt=True), 0)],
                         ids=["seconds", "date", "no-time", "over"])
def test_retry_after(place, receiver, hook, status, after, least):  # noqa: F811
    """The receiver is asked again when it says, which is later than the second of the schedule."""
    caller = place.caller(postback_url=receiver.url(hook))
    receiver.script(hook, [(status, 0, {"Retry-After": after()}), 200])
    caller.save("x")
    first, second = receiver.wait(hook, 2, 30 * SLOW)
    assert second.at - first.at >= (least or 0.9) - 0.1, (first, second)
    assert least or second.at - first.at < 4 * SLOW


def test_retry_after_has_a_cap(place, receiver, hook):  # noqa: F811
    """Who asks for a year is asked again within a day."""
    caller = place.caller(postback_url=receiver.url(hook))
    receiver.script(hook, [(503, 0, {"Retry-After": "31536000"}), 200])
    mmsid = caller.save("x").mmsid
    receiver.wait(hook, 1, 20 * SLOW)

    def seconds():
        row = [line for line in place.run("job", "list").splitlines() if line.split()[2:3] == [mmsid]]
        left = re.search(r"due in (\d+) s", row[0]) if row else None
        return left and int(left.group(1))
    left = procs.wait_for(lambda: (seconds() or 0) > 100 and seconds(), 20 * SLOW, 0.2)
    assert 86000 < (left or 0) <= 86400, place.run("job", "list")


def test_a_url_that_is_gone(place, receiver, hook):  # noqa: F811
    """410 switches the account's postbacks off: what waits for its next try ends, nothing is posted any more, the operator
    is told; setting the URL, even the same, switches them on. Another account's go on."""
    caller, other = (place.caller(postback_url=receiver.url(path), senders="12345") for path in (hook, hook + "-other"))
    receiver.script(hook, [500, 410])
    first = caller.save("waits", fallbacksmstext="f").mmsid
    receiver.wait(hook, 1, 20 * SLOW)
    second = caller.save("gone").mmsid
    assert procs.wait_for(lambda: "410 Gone" in place.run("account", "show", caller.account), 20 * SLOW, 0.1)
    assert len(receiver.got(hook)) == 2
    third = caller.save("told to nobody").mmsid
    sent = caller.call("sendSavedMMS", mmsid=third, to="15551230001", **{"from": "12345"}).get("TRACKINGID")
    assert other.save("x").mmsid and receiver.wait(hook + "-other", 1, 20 * SLOW)

    def of_it():
        return [line for line in place.run("job", "list").splitlines() if line.split()[2:3] in ([first], [second], [third])]
    assert procs.wait_for(lambda: not of_it(), 20 * SLOW, 0.2), of_it()
    assert "state: sent" in place.run("message", "show", sent)
    assert len(receiver.got(hook)) == 2 and "HTTP status 410" in place.logs()
    assert len(re.findall("the postback URL is gone", place.logs())) == 1
    assert "the postbacks of 1 accounts are off" in place.run("status")
    assert '"postbacks_off":1' in place.run("status", "--json")
    assert f"the postbacks of account {caller.account} are off" in place.command("doctor", seconds=120)[1]
    receiver.script(hook, [200])
    place.change(caller.account, postback_url=receiver.url(hook))
    assert "410 Gone" not in place.run("account", "show", caller.account) and "are off" not in place.run("status")
    fourth = caller.save("back").mmsid
    assert receiver.wait(hook, 3, 20 * SLOW)[2].text("MMSID") == fourth
