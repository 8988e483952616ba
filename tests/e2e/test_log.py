"""The log: its lines as text and as JSON, and the id of a request in them and in the answer."""

import json
import os
import re
import subprocess
import sys

import pytest

import procs
from client import PATH, Client
from instance import SLOW, program

LONG = "a" * 64


def lines(place):
    with open(os.path.join(place.folder, "log", "savemms.log")) as f:
        return f.read().splitlines()[place.before:]


@pytest.fixture(scope="module")
def place(new_instance):
    place = new_instance({"log-format": "json"})
    place.before = 0
    place.before = len(lines(place))                            # what savemms init wrote as text
    place.serve()
    yield place
    place.stop()


def test_json(place, receiver):
    caller = place.caller(postback_url=receiver.url("log"))
    mmsid = caller.save("hello").mmsid
    assert receiver.wait("log", 1, 20 * SLOW)
    # A hostile value: quotes, backslash, bytes that are not UTF-8.
    caller.http("GET", f"{PATH}?action=getMMSIDDetails&user=%22%5C%0A%ff%c3&pass=x")

    def posted():
        return [x for x in map(json.loads, lines(place)) if "postback" in x["message"] and mmsid in x["message"]]
    assert procs.wait_for(posted, 10 * SLOW)
    said = [json.loads(line) for line in lines(place)]
    for x in said:
        assert set(x) | {"request"} == {"time", "program", "pid", "level", "request", "message"}, x
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", x["time"]) and x["level"] in ("info", "warning", "error")
    [call] = [x for x in said if f"mmsid={mmsid}" in x["message"] and x["program"] == "savemms.fcgi"]
    assert call["message"].startswith("saveMMS account=") and call["request"]
    job = posted()[0]
    assert job["program"] == "savemms-helper" and re.fullmatch(r"job-\d+", job["request"])
    assert job["message"].startswith(job["request"].replace("-", " "))


def test_request_id(place):
    def answered(source, given):
        client = Client(place.port, source=source, headers={"X-Request-Id": given} if given else {})
        return client.http("GET", PATH).headers["x-request-id"]

    for good in ("7f3a-1.b:c_d", LONG, "Root=1-5759e988-bd862e3fe1be46a994272793", "x"):
        assert answered("127.0.0.3", good) == good
        assert any(json.loads(line).get("request") == good for line in lines(place))
    for bad in (LONG + "a", "a b", 'a"b', "a;b", "<x>", "\xe9"):
        assert re.fullmatch(r"[A-Za-z0-9]{8}", answered("127.0.0.3", bad)), bad
    stranger = answered("127.0.0.1", "forged")
    assert re.fullmatch(r"[A-Za-z0-9]{8}", stranger) and stranger != answered("127.0.0.1", None)
    for path in ("/console/sign-in", "/healthz", "/media/x"):
        assert re.fullmatch(r"[A-Za-z0-9]{8}", Client(place.port).http("GET", path).headers.get("x-request-id", "")), path


def test_text_again(place):
    place.configure({"log-format": "text"})
    place.run("reload")
    answer = Client(place.port).http("GET", PATH)
    wanted = re.compile(rf"\S+ savemms\.fcgi\[\d+\] info {answer.headers['x-request-id']}: request account=- .*")
    assert any(wanted.fullmatch(line) for line in lines(place))
    place.configure({"log-format": "xml"})
    assert place.command("reload")[0] == 1


def test_journal(tmp_path):
    if "libsystemd" not in subprocess.run(["ldd", program("savemms.fcgi")], capture_output=True, text=True).stdout:
        pytest.skip("built without libsystemd")
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, timeout=10).returncode != 0:
        pytest.skip("name spaces are not available")
    done = subprocess.run(["unshare", "-rm", "sh", "-ec", "mount -t tmpfs -o mode=1777 none /run; "
                           'exec unshare --user --map-user=1000 --map-group=1000 "$@"', "sh",
                           sys.executable, "-B", os.path.join(os.path.dirname(__file__), "journal_inside.py"), str(tmp_path)],
                          capture_output=True, text=True, timeout=120 * SLOW)
    assert done.returncode == 0, done.stdout + done.stderr
