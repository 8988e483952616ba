"""savemms doctor: the lines about an instance that is well, and about one where things are wrong."""

import json
import os
import socket
import threading

import pytest

from client import Client
from console import Console

# What a machine may lack without any fault of the instance.
OF_THE_MACHINE = {"disk", "fonts"}
SECRET = "p0stb4ck-path-secret"


def doctor(instance, *args):
    """Runs doctor. Returns (status, {name: [(level, fact, remedy)...]})."""
    status, out, err = instance.command("doctor", "--json", *args, seconds=150)
    assert err == "", err
    said = json.loads(out)
    found = {}
    for f in said["findings"]:
        assert f["level"] in ("ok", "warning", "failed") and f["fact"]
        assert bool(f["remedy"]) == (f["level"] != "ok"), f
        found.setdefault(f["name"], []).append((f["level"], f["fact"], f["remedy"]))
    levels = [f["level"] for f in said["findings"]]
    assert [said[level] for level in ("ok", "warning", "failed")] == \
        [levels.count(level) for level in ("ok", "warning", "failed")]
    assert status == (2 if said["failed"] else 1 if said["warning"] else 0)
    return status, found


@pytest.fixture(scope="module")
def well(new_instance):
    # No address inside may be reached by customers here; so no finding warns of that.
    place = new_instance({"outgoing-allow": "", "outgoing-ports": "80, 443"}).serve()
    yield place
    place.stop()


def test_well(well):
    url = f"http://127.0.0.1:{well.port}"
    status, found = doctor(well, "--url", url)
    assert {name for name in found if found[name][0][0] != "ok"} <= OF_THE_MACHINE, found
    assert found["url"][0][1].startswith(f"{url} answers for this instance")
    for name in ("rights", "store", "queue", "helper", "disk", "tls", "time", "dns", "outgoing", "transport",
                 "certificates", "fonts", "magic", "gifsicle", "charsets", "savemms-transcode", "pictures", "sounds", "films"):
        assert len(found[name]) == 1, (name, found)
    assert not [name for name in os.listdir(os.path.join(well.folder, "run")) if name.startswith("witness")]
    # The same for people: a line each, and the remedy behind the fact.
    status, out, _ = well.command("doctor", "--url", url, seconds=150)
    lines = out.splitlines()
    assert len(lines) == sum(map(len, found.values()))
    assert all(line.split()[0] in ("ok", "warning", "failed") for line in lines)


def test_without_base_url(well):
    status, found = doctor(well)
    assert found["url"][0][0] == "warning" and "base-url" in found["url"][0][2] and "tls" not in found


def test_another_instance_answers(well, shared):
    status, found = doctor(well, "--url", f"http://127.0.0.1:{shared.port}")
    assert status == 2 and found["url"][0][0] == "failed" and "another instance" in found["url"][0][1]


def test_something_else_answers(well, origin):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        status, found = doctor(well, "--url", f"http://127.0.0.1:{s.getsockname()[1]}")
    assert status == 2 and "does not answer" in found["url"][0][1]
    status, found = doctor(well, "--url", f"http://127.0.0.1:{well.port}/nowhere/console/style.css?")
    assert status == 2 and "not savemms" in found["url"][0][1]


def test_healthz_shows_nothing_to_strangers(well):
    client = Client(well.port)
    for word in ("", "../savemms.conf", "a" * 32, "a" * 33, "%2e" * 10 + "aa", "/" * 32):
        assert client.http("GET", f"/healthz?witness={word}").body == b"ok\n"


def test_what_is_wrong(new_instance):
    with socket.socket() as closed, socket.create_server(("127.0.0.1", 0)) as open_port:
        closed.bind(("127.0.0.1", 0))
        got = []
        threading.Thread(target=lambda: got.append(take_one(open_port)), daemon=True).start()
        place = new_instance({
            "transport-mmsc": f"kind=mm7 url=http://127.0.0.1:{closed.getsockname()[1]}/mm7 vasp=v vas=s",
            "base-url": "https://127.0.0.1:9", "transcode-program": "/nonexistent"})
        listening = f"http://127.0.0.1:{open_port.getsockname()[1]}"
        place.account("a", postback_url=f"{listening}/{SECRET}?key={SECRET}")
        place.account("b", postback_url=f"{listening}/{SECRET}")
        place.account("c", postback_url=f"http://127.0.0.1:{closed.getsockname()[1]}/{SECRET}")
        os.chmod(os.path.join(place.folder, "savemms.conf"), 0o644)
        status, found = doctor(place)
    assert status == 2
    assert found["rights"][0][0] == "warning" and "chmod go=" in found["rights"][0][2]
    assert found["url"][0][0] == "failed" and found["tls"][0][0] == "warning"
    assert found["outgoing"][0][0] == "warning" and "127.0.0.1" in found["outgoing"][0][1]
    reached = dict((fact.split(" ")[0], (level, fact)) for level, fact, _ in found["postback"])
    assert reached[listening][0] == "ok" and "account a, b" in reached[listening][1]
    assert sorted(level for level, _ in reached.values()) == ["ok", "warning"]
    assert [level for level, _, _ in found["transport"]].count("failed") == 1
    for name in ("savemms-transcode", "fonts", "pictures", "sounds", "films"):
        assert found[name][0][0] == "failed", name
    assert SECRET not in str(found)
    assert got == [b""]                                   # connected to, and nothing was sent


def take_one(server):
    connection, _ = server.accept()
    with connection:
        return connection.recv(100)


def test_settings_that_cannot_be_read(new_instance):
    place = new_instance()
    place.configure({"threads": "none"})
    status, found = doctor(place)
    assert status == 2 and list(found) == ["settings"] and "threads" in found["settings"][0][1]
    assert place.command("doctor", "word")[0] == 2


def test_the_console_shows_the_last_run(shared):
    caller = shared.caller(operator="on")
    shared.run("account", "set", caller.account, "--password", "a long password")
    console = Console(shared.port, headers={"X-Forwarded-For": "198.51.100.240"}, source="127.0.0.3")
    assert console.sign_in(caller.account, password="a long password").status == 303
    saved = os.path.join(shared.folder, "run", "doctor")
    if os.path.exists(saved):
        os.unlink(saved)
    assert "Run savemms doctor" in console.get("operator").page.text
    doctor(shared, "--url", f"http://127.0.0.1:{shared.port}")
    text = console.get("operator").page.text
    assert "answers for this instance" in text and "gifsicle" in text
