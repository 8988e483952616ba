"""What arrives and Delivery postbacks (savemms-api(7)): the fallback SMS through a real Kannel (bearerbox, smsbox and
its fakesmsc) on loopback."""

import os
import re
import socket
import urllib.parse

import pytest

import procs
from instance import SLOW, free_port

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"

CONFIG = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = test
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
log-file = {folder}/bearerbox.log
log-level = 0

group = smsc
smsc = fake
smsc-id = fake
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = va
password = "pa&ss"
max-messages = 60
concatenation = true

group = sms-service
keyword = default
catch-all = yes
omit-empty = true
max-messages = 0
text = "none"
"""


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Kannel:
    def __init__(self, folder):
        self.folder, self.started = str(folder), []
        ports = {name: free_port() for name in ("admin", "box", "smsc", "sendsms")}
        self.sendsms = f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms"
        path = os.path.join(self.folder, "kannel.conf")
        with open(path, "w") as f:
            f.write(CONFIG.format(folder=self.folder, **ports))
        try:
            self.start("bearerbox", path)
            self.until(ports["box"], ports["smsc"])
            self.start("smsbox", path)
            self.start(FAKESMSC, "-H", "127.0.0.1", "-r", str(ports["smsc"]), "-m", "1", "-i", "0.1", "100 200 text nothing")
            self.until(ports["sendsms"])
            # fakesmsc's own first message shows that it is connected
            assert procs.wait_for(lambda: "sent message 1" in self.text("fakesmsc"), 10 * SLOW), self.text("fakesmsc")
        except BaseException:
            self.stop()
            raise

    def start(self, program, *args):
        name = os.path.basename(program)
        path = program if program.startswith("/") else f"/usr/sbin/{program}"
        self.started.append(procs.start([path, *args], os.path.join(self.folder, name + ".out"),
                                        {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": self.folder, "LANG": "C.UTF-8"},
                                        cwd=self.folder))

    def until(self, *ports):
        assert procs.wait_for(lambda: all(map(listens, ports)), 20 * SLOW), self.text("bearerbox") + self.text("smsbox")

    def text(self, name):
        with open(os.path.join(self.folder, name + ".out"), errors="replace") as f:
            return f.read()

    def stop(self):
        for process in reversed(self.started):
            procs.stop(process, 10 * SLOW)


@pytest.fixture(scope="module")
def kannel(tmp_path_factory):
    k = Kannel(tmp_path_factory.mktemp("kannel"))
    yield k
    k.stop()


def test_sms_through_kannel(kannel, new_instance, receiver):
    """smsbox takes the SMS and hands it to the SMSC, and its delivery report comes to /report/sms: N101 as SMS, then
    N202. The texts are in 7 bits and in UCS-2, short and in parts, with characters that a URL must escape."""
    instance = new_instance({"transport-kannel": f'kind=sms-http url={kannel.sendsms} user=va password=pa&ss',
                             "carrier-none": "mms=no prefixes=1", "sms-routes": "default=kannel"}).serve()
    caller = instance.caller(senders="12345", postback_url=receiver.url("kannel"))
    texts = ["a & b = c? 100% +1 #x @€ äöü {$a}", "Привет, мир 😀", "long " * 100 + "end", "😀" * 1600]
    tracking = {}
    for i, text in enumerate(texts):
        mmsid = caller.save("x", fallbacksmstext=text).mmsid
        answer = caller.call("sendSavedMMS", mmsid=mmsid, to=f"1555000{i}000", **{"from": "12345"}, raw="<DATA><a>ok</a></DATA>",
                             disablefallbacksmslink="yes")
        assert answer.code is None, answer
        tracking[answer.get("TRACKINGID")] = text

    def told():
        return [p for p in receiver.got("kannel") if p.text("CODE") != "N003"]
    assert procs.wait_for(lambda: len(told()) >= 2 * len(texts), 30 * SLOW), (
        [p.body for p in told()], kannel.text("smsbox")[-3000:], kannel.text("bearerbox")[-3000:], instance.logs()[-3000:])
    for t in tracking:
        assert [p.text("CODE") for p in told() if p.text("TRACKINGID") == t] == ["N101", "N202"]
    assert {p.text("SENTAS") for p in told() if p.text("CODE") == "N101"} == {"SMS"}
    for i, text in enumerate(texts):
        assert received(kannel, f"1555000{i}000", ucs2=i in (1, 3)) == text.replace("{$a}", "ok")
    instance.stop()


def received(kannel, to, ucs2):
    """Returns what the SMSC received for a number, by fakesmsc's own output, with the parts put together."""
    parts = []
    for kind, data in re.findall(rf"Got message \d+: <12345 {to} (text|ucs-2|udh \S+ data) (.*)>$", kannel.text("fakesmsc"), re.M):
        parts.append(data.encode() if kind == "text" else urllib.parse.unquote_to_bytes(data.replace("+", " ")))
    assert parts, kannel.text("fakesmsc")
    return b"".join(parts).decode("utf-16-be" if ucs2 else "utf-8")
