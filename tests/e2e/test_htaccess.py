"""Shared hosting: Apache reads our .htaccess in a folder of a user's web space and starts our wrapper there."""

import json
import os
import re
import shutil
import socket
import time

import pytest

import procs
from client import PATH, request_xml
from instance import PREFIX, SLOW, free_port, program

SHARE = os.path.join(PREFIX, "share", "savemms")
MODULES = "/usr/lib/apache2/modules"
CONF = """ServerRoot "{root}"
PidFile "{root}/pid"
Mutex file:{root} default
Listen 127.0.0.1:{port}
ServerName 127.0.0.1
ErrorLog "{root}/error.log"
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule env_module {modules}/mod_env.so
LoadModule rewrite_module {modules}/mod_rewrite.so
LoadModule cgid_module {modules}/mod_cgid.so
ScriptSock "{root}/cgid.sock"
TypesConfig /dev/null
DocumentRoot "{root}/public_html"
<Directory "{root}/public_html">
    AllowOverride All
    Require all granted
</Directory>
"""


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return True
    except ConnectionRefusedError:
        return False


@pytest.fixture
def hosted(new_instance, tmp_path):
    """An instance outside the web space, with the two shipped files inside it."""
    instance = new_instance()
    space = tmp_path / "public_html" / "mms"
    space.mkdir(parents=True)
    shutil.copy(os.path.join(SHARE, "apache", "htaccess"), space / ".htaccess")
    wrapper = (open(os.path.join(SHARE, "apache", "savemms.cgi")).read()
               .replace("SAVEMMS_CONF=$HOME/savemms/savemms.conf", f"SAVEMMS_CONF={instance.folder}/savemms.conf")
               .replace("program=$HOME/libexec/savemms/savemms.fcgi", f"program={program('savemms.fcgi')}"))
    (space / "savemms.cgi").write_text(wrapper)
    (space / "savemms.cgi").chmod(0o755)
    port = free_port()
    instance.configure({"base-url": f"http://127.0.0.1:{port}/mms"})
    conf = tmp_path / "apache.conf"
    conf.write_text(CONF.format(root=tmp_path, port=port, modules=MODULES))
    apache = procs.start(["apache2", "-DFOREGROUND", "-f", str(conf)], tmp_path / "apache.out")
    instance.port = port
    yield instance
    procs.stop(apache)
    procs.kill_all(procs.wait_gone(instance.folder, 10))


def test_htaccess(hosted, put, receiver):
    caller = hosted.caller(postback_url=receiver.url("htaccess"))
    body = request_xml("saveMMS", caller.key, [{"image": put("jpg"), "text": "x"}], name="n", fallbacksmstext="f")
    ends = time.monotonic() + 20
    answer = None
    while answer is None and time.monotonic() < ends:
        try:
            answer = caller.post(body, path="/mms" + PATH)
        except ConnectionRefusedError:
            time.sleep(0.1)
    mmsid = answer.mmsid
    assert receiver.wait("htaccess", 1, 20)[0].text("MMSID") == mmsid
    details = caller.post(request_xml("getMMSIDDetails", caller.key, mmsid=mmsid), path="/mms" + PATH + "index.php")
    url = details.root.findtext(".//RENDITION/URL")
    assert url.startswith(f"http://127.0.0.1:{hosted.port}/mms/media/")
    assert caller.http("GET", "/" + url.split("/", 3)[3]).status == 200


@pytest.mark.parametrize("folder", ["mms", "ep"])
def test_links_without_base_url(hosted, put, tmp_path, folder):
    """Every entry of the API knows the folder below which it is served, whatever that is called, and its links work."""
    web = tmp_path / "public_html"
    if folder != "mms":
        (web / "mms").rename(web / folder)
    hosted.configure({"base-url": ""})
    caller = hosted.caller()
    mmsid = None
    assert procs.wait_for(lambda: listening(hosted.port), 20 * SLOW)
    for path, body in (("/ep/v2/", {"action": "savemms", "name": "n", "message-subject": "s", "slide": {"image": {"url": put("png")}}}),
                       ("/ep/v2", {"action": "getmmsiddetails"}), ("/ep/v1/", None), (PATH, None)):
        if body:
            body = json.dumps({**body, "api-key": caller.key, "mms-id": mmsid})
        else:
            body = request_xml("getMMSIDDetails", caller.key, mmsid=mmsid)
        answer = caller.http("POST", f"/{folder}{path}", body, {"X-Api-Key": caller.key})
        text = answer.body.decode()
        assert answer.status == 200 and "uccess" in text, text
        mmsid = mmsid or json.loads(text)["mms-id"]
        for url in re.findall(r"http://127[^\"<]*/media/[^\"<]*", text):
            assert url.startswith(f"http://127.0.0.1:{hosted.port}/{folder}/media/")
            assert caller.http("GET", "/" + url.split("/", 3)[3]).status == 200
        assert path == "/ep/v2/" or "/media/" in text


KILLS_HELPER = """#!/bin/sh
export SAVEMMS_CONF={conf}
{program}
for p in /proc/[0-9]*; do
    if [ "$(cat $p/comm 2>/dev/null)" = savemms-helper ] && grep -q "$SAVEMMS_CONF" $p/environ; then kill -9 ${{p#/proc/}}; fi
done 2>/dev/null
exit 0
"""


def wait_served(instance):
    assert procs.wait_for(lambda: instance.command("trial")[1].startswith("web server:  answers, and"), 20)


def test_trial(hosted):
    """The trial says whether the host runs savemms, and whether it lets the helper live. It leaves nothing behind."""
    wait_served(hosted)
    before = hosted.run("account", "list"), hosted.run("template", "list")
    status, out, err = hosted.command("trial")
    assert (status, err) == (0, "")
    assert out.splitlines() == ["web server:  answers, and runs savemms", "save:        an MMS can be saved",
                                "helper:      lives on after the request that started it"]
    assert (hosted.run("account", "list"), hosted.run("template", "list")) == before


def test_trial_where_the_helper_is_ended(hosted, tmp_path):
    wait_served(hosted)
    hosted.no_helper()
    (tmp_path / "public_html" / "mms" / "savemms.cgi").write_text(
        KILLS_HELPER.format(conf=f"{hosted.folder}/savemms.conf", program=program("savemms.fcgi")))
    status, out, _ = hosted.command("trial")
    assert status == 1
    assert out.splitlines()[:2] == ["web server:  answers, and runs savemms", "save:        an MMS can be saved"]
    assert "ended" in out and "-> the crontab line does the same work, once a minute" in out


def test_trial_of_a_host_that_ignores_htaccess(hosted, tmp_path):
    wait_served(hosted)
    (tmp_path / "public_html" / "mms" / ".htaccess").unlink()
    status, out, _ = hosted.command("trial")
    assert status == 1
    assert out.startswith("web server:  answers HTTP 404, and not savemms\n             -> ") and "AllowOverride" in out
