"""savemms account import (savemms(1), Moving from a vendor): templates of one instance, as its answers in each dialect
describe them, in another one."""

import http.server
import json
import os
import subprocess
import threading
import time
import urllib.request
import xml.etree.ElementTree as ElementTree

import pytest
from client import Client
from instance import SLOW
from media_server import Resource

HOMES = {"A": "/API/wxml/1.3/", "B": "/ep/v1/", "C": "/ep/v2/"}


def ask(port, key, dialect, action, **fields):
    """Returns the bytes of the answer to an action in a dialect."""
    if dialect == "C":
        body = json.dumps({"action": action, "api-key": key, **{k.replace("_", "-"): v for k, v in fields.items()}})
    else:
        spelled = {(k.replace("_", "-") if dialect == "B" else k.upper()): v
                   for k, v in {"action": action, "api_key": key, **fields}.items()}
        body = "<request>" + "".join(f"<{k}>{v}</{k}>" for k, v in spelled.items()) + "</request>"
    return Client(port, timeout=60).http("POST", HOMES[dialect], body.encode(), {}).body


def answers(folder, port, key, dialect, ids=None):
    """Writes the list, and a description of each template (of ids, if given). Returns the files."""
    os.makedirs(folder, exist_ok=True)
    files = {"list": ask(port, key, dialect, "getMMSTemplates")}
    for i in Client(port, key).ids() if ids is None else ids:
        files[i] = ask(port, key, dialect, "getMMSIDDetails", mms_id=i)
    for name, body in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(body)
    return [os.path.join(folder, name) for name in files]


def facts(port, details):
    """Returns what details say of a template, with the bytes of its renditions, and without ids, dates and hosts."""
    out = []
    for node in details.iter():
        text = (node.text or "").strip()
        if node.tag in ("MMSID", "DATE_CREATED", "CLIENT_REFERENCE", "POSTER_URL"):
            continue
        if node.tag == "URL" and f":{port}/" in text:
            with urllib.request.urlopen(text, timeout=30 * SLOW) as answer:
                text = answer.read()
        out.append((node.tag, text))
    return out


def rows(out):
    return dict(line.split("\t") for line in out.splitlines())


@pytest.fixture(scope="module")
def here(new_instance):
    """The instance that a customer moves to."""
    instance = new_instance().serve()
    instance.url = f"http://127.0.0.1:{instance.port}"
    return instance


@pytest.fixture
def moved(shared, put):
    """A caller at the vendor with templates, and their ids, oldest first."""
    vendor = shared.caller()
    made = [
        vendor.save({"text": "Tom & Jerry <3 é\nline", "image": put("png")}, subject="Hi & bye", client_reference="own-1"),
        vendor.save({"image": put("jpg"), "duration": "5"}, {"vcard": put("vcf")}, {"text": "last"}, subject="Three", name="n2"),
        vendor.save({"audio": put("mp3"), "text": "hear"}, fallbacksmstext="Fallback & more"),
    ]
    ids = [answer.mmsid for answer in made]
    assert all(shared.wait_state(vendor, i) == "ready" for i in ids)
    return vendor, ids


@pytest.mark.parametrize("dialect", "ABC")
def test_templates_move(shared, here, moved, dialect, tmp_path):
    vendor, ids = moved
    files = answers(tmp_path, shared.port, vendor.key, dialect)
    ours = here.caller()

    status, out, err = here.command("account", "import", ours.account, "--url", here.url, "--dry-run", *files)
    assert (status, rows(out)) == (0, {i: "-" for i in ids}), err
    assert ours.ids() == []

    status, out, err = here.command("account", "import", ours.account, "--url", here.url, *files)
    assert status == 0 and "3 imported, 0 here already, 0 not importable" in err, err
    moves = rows(out)
    assert list(moves) == ids                             # the oldest first
    assert ours.ids() == [moves[i] for i in reversed(ids)]
    for old, new in moves.items():
        assert here.wait_state(ours, new) == "ready"
        assert ours.details(new).findtext("CLIENT_REFERENCE") == old
        assert facts(here.port, ours.details(new)) == facts(shared.port, vendor.details(old))

    status, out, err = here.command("account", "import", ours.account, "--url", here.url, *files)
    assert (status, rows(out)) == (0, moves) and "0 imported, 3 here already" in err, err
    assert len(ours.ids()) == 3


def test_the_map_is_the_memory(shared, here, moved, tmp_path):
    vendor, ids = moved
    files, table = answers(tmp_path / "c", shared.port, vendor.key, "C"), tmp_path / "map"
    ours = here.caller()
    command = ["account", "import", ours.account, "--url", here.url, "--map", table, *files]

    moves = rows(here.run(*command))
    assert rows(table.read_text()) == moves and sorted(moves) == sorted(ids)
    assert ours.details(moves[ids[0]]).findtext("CLIENT_REFERENCE") == "own-1"
    assert ours.details(moves[ids[1]]).findtext("CLIENT_REFERENCE") == ids[1]
    assert rows(here.run(*command)) == moves
    assert rows(table.read_text()) == moves

    ours.call("deleteMMSID", mmsid=moves[ids[0]])         # what was removed since is imported again
    again = rows(here.run(*command))
    assert again[ids[0]] != moves[ids[0]] and again[ids[1]] == moves[ids[1]] and len(ours.ids()) == 3

    for wrong in ("x\n", "5\tx\n", f"{ids[0]}\t{moves[ids[0]][:1]}"):
        table.write_text(wrong)
        status, out, err = here.command(*command)
        assert status == 1 and out == "" and "line 1" in err and table.read_text() == wrong
    assert len(ours.ids()) == 3


def test_what_cannot_be_fetched_is_told_and_the_rest_goes_on(shared, here, origin, put, path_of, tmp_path):
    vendor, ours = shared.caller(transcoding="off"), here.caller()      # so it has no renditions
    gone = put("png")
    ids = [vendor.save({"text": "1"}, subject="s").mmsid, vendor.save({"image": gone}, subject="s").mmsid,
           vendor.save({"image": put("jpg")}, subject="s").mmsid]
    files = answers(tmp_path, shared.port, vendor.key, "A")
    origin.add(path_of(gone), Resource(b"", "text/plain", 404))
    status, out, err = here.command("account", "import", ours.account, "--url", here.url, *files)
    assert status == 1 and list(rows(out)) == [ids[0], ids[2]], err
    assert f"{ids[1]}: not importable: E351: " in err and "2 imported, 0 here already, 1 not importable" in err


@pytest.mark.parametrize("dialect", "ABC")
def test_renditions_take_the_place_of_sources_that_are_gone(shared, here, origin, put, path_of, dialect, tmp_path):
    vendor, ours = shared.caller(), here.caller()
    gone = put("png")
    old = vendor.save({"image": gone, "text": "t"}, subject="s").mmsid
    files = answers(tmp_path, shared.port, vendor.key, dialect)
    origin.add(path_of(gone), Resource(b"", "text/plain", 404))
    status, out, err = here.command("account", "import", ours.account, "--url", here.url + "/", *files)
    assert status == 0 and "renditions, because of E351" in err, err
    theirs = vendor.details(old).findall("SLIDE/IMAGE/RENDITION")
    largest = max(theirs, key=lambda r: int(r.findtext("BYTES")))
    image = ours.details(rows(out)[old]).find("SLIDE/IMAGE")
    assert (image.findtext("URL"), image.findtext("BYTES")) == (largest.findtext("URL"), largest.findtext("BYTES"))


def test_the_address_policy_is_that_of_the_server(shared, here, put, tmp_path, new_instance):
    vendor = shared.caller()
    vendor.save({"image": put("png")}, subject="s")
    files = answers(tmp_path, shared.port, vendor.key, "B")
    closed = new_instance({"outgoing-allow": ""}).serve()
    ours = closed.caller()
    status, out, err = closed.command("account", "import", ours.account, "--url", f"http://127.0.0.1:{closed.port}", *files)
    assert status == 1 and out == "" and "E351" in err, err
    assert ours.ids() == []


def test_a_run_that_was_killed_is_begun_again(here, tmp_path):
    ours, files = here.caller(), []
    for number in range(8):
        files.append(tmp_path / str(number))
        files[-1].write_text(one("<SLIDE><TEXT>t</TEXT></SLIDE>").replace("<MMSID>5<", f"<MMSID>k{number}<"))
    command = ["account", "import", ours.account, "--url", here.url, "--map", str(tmp_path / "map"), *map(str, files)]
    run = subprocess.Popen([here.program, *command], env=here.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    run.stdout.readline()
    run.kill()
    run.communicate(timeout=30)
    count = -1
    while count != len(ours.ids()):                       # the server may still be saving
        count = len(ours.ids())
        time.sleep(0.5 * SLOW)
    assert 1 <= count
    moves = rows(here.run(*command))
    assert len(moves) == len(ours.ids()) == 8 and rows((tmp_path / "map").read_text()) == moves


def test_what_a_run_did_not_tell_is_known_to_the_next(here, tmp_path):
    """Templates keep their references, so what is lost between a save and its line of the map can only be known by the key."""
    ours, file, table = here.caller(), tmp_path / "file", tmp_path / "map"
    file.write_text(one("<SLIDE><TEXT>t</TEXT></SLIDE>", more="<CLIENT_REFERENCE>own</CLIENT_REFERENCE>"))
    command = [here.program, "account", "import", ours.account, "--url", here.url, "--map", table, file]
    with open("/dev/full", "wb") as full:
        status = subprocess.run(command, env=here.env, stdout=full, stderr=subprocess.DEVNULL, timeout=60, check=False).returncode
    assert status == 1 and rows(table.read_text()) == {"5": ours.ids()[0]}      # the line comes before the words

    def again():
        table.write_text("")                              # as if the run had been killed before it wrote the line
        moves = rows(here.run(*command[1:]))
        assert rows(table.read_text()) == moves and ours.ids() == [moves["5"]]
        return moves["5"]
    first = ours.ids()[0]
    assert again() == first == again()
    for _ in range(3):                                    # what was deleted since is saved, once
        ours.call("deleteMMSID", mmsid=first)
        second = again()
        assert second != first and again() == second
        first = second


def test_a_refusal_is_not_taken_from_an_earlier_run(new_instance, tmp_path):
    instance = new_instance({"max-name-chars": "3"}).serve()
    ours, file = instance.caller(), tmp_path / "file"
    file.write_text(one("<SLIDE><TEXT>t</TEXT></SLIDE>").replace("<NAME>n<", "<NAME>name<"))

    def run():
        return instance.command("account", "import", ours.account, "--url", f"http://127.0.0.1:{instance.port}", file)
    for _ in range(2):
        status, out, err = run()
        assert status == 1 and out == "" and "not importable: E228" in err, err
    instance.configure({"max-name-chars": "4"})
    instance.restart()
    status, out, err = run()
    assert status == 0 and list(rows(out)) == ["5"], err


def test_pages_that_are_missing_are_told(shared, here, moved, tmp_path):
    vendor, ids = moved
    ours, page = here.caller(), tmp_path / "page"
    page.write_bytes(ask(shared.port, vendor.key, "C", "getMMSTemplates", items_per_page=2))
    status, out, err = here.command("account", "import", ours.account, "--dry-run", "--posters", page)
    assert status == 0 and list(rows(out)) == ids[1:] and "tell of 3 templates" in err, err


def test_lists_without_slides(shared, here, moved, tmp_path):
    vendor, ids = moved
    files, ours = answers(tmp_path, shared.port, vendor.key, "B", ids=[]), here.caller()
    command = ["account", "import", ours.account, "--url", here.url, *files]
    status, out, err = here.command(*command)
    assert status == 1 and out == "" and err.count("does not tell its slides") == 3, err
    assert ours.ids() == []
    moves = rows(here.run(*command, "--posters"))
    assert list(moves) == ids
    details = ours.details(moves[ids[0]])
    assert details.findtext("SUBJECT") == "Hi & bye" and details.findtext("NAME") == "a name"
    assert [s.findtext("TEXT") for s in details.iter("SLIDE")] == ["a fallback"]
    assert details.find("SLIDE/IMAGE/MIME").text == "image/jpeg"   # the poster
    details = ours.details(moves[ids[2]])                 # audio has no poster
    assert [[n.tag for n in s] for s in details.iter("SLIDE")] == [["TEXT"]]
    assert details.findtext("SLIDE/TEXT") == "Fallback & more"


def test_templates_of_b_without_subject_and_text(shared, here, tmp_path):
    vendor, ours = shared.caller(), here.caller()
    body = (f"<request><action>saveMMS</action><api-key>{vendor.key}</api-key><name>n</name>"
            "<slide><message-text>t</message-text></slide></request>")
    made = ElementTree.fromstring(Client(shared.port).http("POST", HOMES["B"], body.encode()).body).findtext("mms-id")
    files = answers(tmp_path, shared.port, vendor.key, "B")
    moves = rows(here.run("account", "import", ours.account, "--url", here.url, *files))
    assert ours.details(moves[made]).findtext("SUBJECT") == ""


def one(slides, total="", more=""):
    return f"<RESPONSE><STATUS>Success</STATUS><MMSID>5</MMSID><NAME>n</NAME><SUBJECT>s</SUBJECT>{total}{more}{slides}</RESPONSE>"


HOSTILE = {
    "empty": (b"", "neither XML nor JSON"),
    "text": (b"hello", "neither XML nor JSON"),
    "dtd": (b'<!DOCTYPE x [<!ENTITY e "boo">]><RESPONSE><MMSID>&e;</MMSID></RESPONSE>', "line 1"),
    "deep": (b"<a>" * 40 + b"</a>" * 40, "line 1"),
    "cut": (b"<RESPONSE><MMSID>5</MMSID>", "line 1"),
    "wide": (b"<RESPONSE>" + b"<a/>" * 5000 + b"</RESPONSE>", "line 1"),
    "deep json": (b'{"mms-template":' + b"[" * 40 + b"]" * 40 + b"}", "nested too deeply"),
    "twins": (b'{"mms-id":"5","mms-id":"6"}', "duplicate"),
    "many": (b'{"mms-template":[' + b"1," * 20000 + b"1]}", "too many values"),
    "bytes": (b'{"mms-id":"\xff"}', "not valid in its encoding"),
    "failure": (b'{"status":"Failure","error-code":"E104"}', "a call that failed: E104"),
    "nothing": (b"<html><body>Log in</body></html>", "tells of no template"),
    "big": (b"{" + b" " * (5 << 20) + b"}", "File too large"),
    "ids": (b'{"mms-template":[{"mms-id":"5\\t6"},{"mms-id":"../x"},{"mms-name":"n"},"x",7,[]]}', "no id that can be used"),
    "no url": (one("<SLIDE><IMAGE><SRC>x</SRC></IMAGE><TEXT>t</TEXT></SLIDE>").encode(), "slide 1 has no URL"),
    "two": (one("<SLIDE><IMAGE><URL>http://h/1</URL></IMAGE><IMAGE><URL>http://h/2</URL></IMAGE></SLIDE>").encode(), "two media"),
    "part": (one("<SLIDE><TEXT>t</TEXT></SLIDE>", "<TOTAL_SLIDES>2</TOTAL_SLIDES>").encode(), "only 1 of its 2 slides"),
    "slides": (one("<SLIDE/>" * 200).encode(), "too many slides"),
    "personal": (one("<SLIDE><PERSONALIZED-IMAGE><TEMPLATE-ID>7</TEMPLATE-ID></PERSONALIZED-IMAGE></SLIDE>").encode(), "personalized image"),
    "passbook": (one("<slide><passbook><url>http://h/p</url></passbook><message-text>t</message-text></slide>").encode(), "handsets"),
    "no object": (b'{"mms-id":"5","name":"n","slide":["x"]}', "slide 1 is not an object"),
    "file url": (one("<SLIDE><IMAGE><URL>file:///etc/passwd</URL></IMAGE></SLIDE>").encode(), "E351"),
}


def test_a_template_is_known_by_its_whole_name(here, tmp_path):
    """A template of the customer's own whose reference is an old id is not what is imported."""
    ours, file = here.caller(), tmp_path / "file"
    for name in ("s", "summer sal", "summer sale 2", "Summer sale"):
        assert ours.save("t", name=name, client_reference="5").mmsid
    file.write_text(one("<SLIDE><TEXT>t</TEXT></SLIDE>").replace("<NAME>n<", "<NAME>summer sale<"))
    command = ["account", "import", ours.account, "--url", here.url, file]
    made = rows(here.run(*command))["5"]
    assert ours.details(made).findtext("NAME") == "summer sale" and len(ours.ids()) == 5
    assert rows(here.run(*command)) == {"5": made} and len(ours.ids()) == 5


def test_a_name_that_is_stored_otherwise_is_known_again(here, tmp_path):
    """XML cannot hold each character that JSON can."""
    ours, file = here.caller(), tmp_path / "file"
    names = ["a\ufffeb", "a\uffffb", "a\r\nb", "a\x85b", "\t&<>"]
    file.write_text(json.dumps({"status": "Success", "mms-template": [
        {"mms-id": f"{i}", "name": name, "slide": [{"message-text": "t"}]} for i, name in enumerate(names)]}))
    command = ["account", "import", ours.account, "--url", here.url, file]
    moves = rows(here.run(*command))
    assert len(moves) == len(ours.ids()) == len(names)
    status, out, err = here.command(*command)
    assert (status, rows(out)) == (0, moves) and f"0 imported, {len(names)} here already" in err, err
    assert len(ours.ids()) == len(names)


def test_words_of_others_do_not_reach_the_terminal(here, tmp_path):
    """Controls in names of files, in files, and in answers of what calls itself the server."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            body = ("<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E3\x9b2J</ERRORCODE>"
                    "<ERRORINFO>no\x9b31m\x7f\nsavemms: all is well</ERRORINFO></RESPONSE>").encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Logs nothing."""

    ours, good, failed = here.caller(), tmp_path / "good", tmp_path / "failed"
    good.write_text(one("<SLIDE><TEXT>t</TEXT></SLIDE>"))
    failed.write_bytes('{"status":"Failure","error-code":"E1\x9b2J"}'.encode())
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        status, out, err = here.command("account", "import", ours.account, "--url", f"http://127.0.0.1:{server.server_address[1]}",
                                        good, failed, tmp_path / "\x1b[31m\x9b\n")
        server.shutdown()
    assert status == 1 and out == "" and "5: not importable: an unknown code: no?31m?\\nsavemms: all is well\n" in err, err
    assert "a call that failed\n" in err and "/?[31m?\\n: No such file" in err, err
    assert not [c for c in err if c != "\n" and (c < " " or "\x7f" <= c < "\xa0")], err


def test_hostile_files(here, tmp_path):
    ours = here.caller()
    good = tmp_path / "good"
    good.write_text(one("<SLIDE><TEXT>t</TEXT></SLIDE>", more="<X>]]&gt;</X>").replace("<MMSID>5<", "<MMSID>good<"))
    command = ["account", "import", ours.account, "--url", here.url]
    for number, (name, (body, says)) in enumerate(HOSTILE.items()):
        path = tmp_path / str(number)
        path.write_bytes(body)
        status, out, err = here.command(*command, path, good)
        assert status == 1 and list(rows(out)) == ["good"] and says in err, (name, status, out, err)
    status, out, err = here.command(*command, "/nonexistent", tmp_path, "/dev/null", good)
    assert status == 1 and list(rows(out)) == ["good"] and len(ours.ids()) == 1, err


def test_when_no_template_can_be_saved(here, tmp_path):
    """The account and the server decide, and each reason names what to do."""
    for number in (1, 2):
        (tmp_path / str(number)).write_text(one("<SLIDE><TEXT>t</TEXT></SLIDE>").replace("<MMSID>5<", f"<MMSID>{number}<"))
    files = [tmp_path / "1", tmp_path / "2"]
    for settings, says in (({"rights": "off"}, "rights=on"), ({"api": "off"}, "api=on"), ({"daily_limit": 1}, "daily-limit"),
                           ({"actions": "getMmsIds"}, "saveMMS"), ({"ip_whitelist": "192.0.2.1/32"}, "ip-whitelist")):
        ours = here.caller(**settings)
        status, out, err = here.command("account", "import", ours.account, "--url", here.url, *files)
        assert status == 1 and says in err and "were not tried" in err, err
        assert len(rows(out)) == (1 if "daily_limit" in settings else 0)
    ours = here.caller(min_interval=1)                    # the command waits as long as it has to
    assert len(rows(here.run("account", "import", ours.account, "--url", here.url, *files))) == 2
    for url, says in (("http://127.0.0.1:9", "does not answer"), (f"{here.url}/nowhere", "no answer of savemms")):
        assert len(rows(here.run("account", "import", ours.account, "--url", url, *files))) == 2      # which are here
        other = here.caller()
        status, out, err = here.command("account", "import", other.account, "--url", url, *files)
        assert status == 1 and out == "" and says in err, err
    assert here.command("account", "import", ours.account)[0] == 2
    assert here.command("account", "import", "nobody", *files)[0] == 1
    status, out, err = here.command("account", "import", here.caller().account, *files)
    assert status == 1 and "base-url" in err
