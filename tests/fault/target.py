"""The target of the fault tests: an instance, its media, and calls whose outcome can be judged.

A save is judged by the caller's answer and by what exists afterwards:
  told Success   the MMSID can be read and is complete: as in a save without a fault, with its files
  told failure   nothing is stored
  told nothing   the template is complete or not there (the program was killed before or after its commit)
The same is true of a send and its message. A save with an Idempotency-Key, asked for again, is the same save; it is told
to wait only if it stored nothing. The helper's work is judged at the end: every template is ready, every
message was handed over once and sent, each has its postback, and no job is left.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..", "fakes")]

import media                                                            # noqa: E402
from client import PATH, request_xml                         # noqa: E402
from instance import SLOW, Failed, Instance, program                     # noqa: E402
from media_server import MediaServer, Resource                          # noqa: E402
from postback_receiver import PostbackReceiver                          # noqa: E402

HANG = 15 * SLOW            # seconds after which a program that has not ended is taken to hang
PROMPT = 2 * SLOW           # seconds within which a clean request must succeed after a fault
SETTINGS = {"helper-program": "/bin/true", "lease-seconds": "2", "encode-attempts": "20", "encode-jobs": "1",
            "retry-schedule": ", ".join(["1"] * 20), "deliver-schedule": ", ".join(["1"] * 20), "helper-linger": "0"}
CHARSET = "iso-8859-1"      # of the requests, so that the walks visit what the C library does to convert it
FROM, QUEUED = "12345", ("helper", "deliver")       # cases that one run of the helper handles
SENDS = ("send", "sendmms")                          # cases that store messages


def from_json(text):
    """Returns an answer in JSON as the XML of the same names."""
    root = ElementTree.Element("RESPONSE")
    for name, value in json.loads(text).items():
        ElementTree.SubElement(root, name.replace("-", "").upper()).text = str(value)
    return root


class Ran:
    """One run of a program: how it ended and, for a request, the caller's answer."""

    def __init__(self, argv, env, body=b""):
        began = time.monotonic()
        process = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True)
        try:
            self.out, self.err = process.communicate(body, timeout=HANG)
            self.hung = False
        except subprocess.TimeoutExpired:
            process.kill()
            self.out, self.err = process.communicate()
            self.hung = True
        self.status, self.seconds = process.returncode, time.monotonic() - began
        head, _, rest = self.out.replace(b"\r\n", b"\n", 20).partition(b"\n\n")
        try:
            self.root = from_json(rest) if rest.startswith(b"{") else ElementTree.fromstring(rest)
        except (ElementTree.ParseError, ValueError):
            self.root = None

    def get(self, name):
        return None if self.root is None else self.root.findtext(name)

    @property
    def success(self):
        return self.get("STATUS") == "Success"

    @property
    def refused(self):
        return self.get("STATUS") == "Failure"

    @property
    def crashed(self):
        """The name of the signal of a fault in the program, or None."""
        names = {-4: "SIGILL", -6: "SIGABRT", -7: "SIGBUS", -8: "SIGFPE", -11: "SIGSEGV"}
        return names.get(self.status) or names.get(128 - self.status)

    def __str__(self):
        told = "nothing" if self.root is None else self.get("ERRORCODE") or self.get("MMSID") or "Success"
        return f"status {self.status}, told {told}, {self.seconds:.1f} s"


def wav(number):
    """Returns a third of a second of sound that is different for each number."""
    frames = b"".join(int(9000 * ((i * (3 + number % 50) // 60) % 2) - 4500 + number % 997).to_bytes(2, "little", signed=True)
                      for i in range(2700))
    frames += number.to_bytes(4, "little")
    return (b"RIFF" + (36 + len(frames)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
            + (1).to_bytes(2, "little") * 2 + (8000).to_bytes(4, "little") + (16000).to_bytes(4, "little")
            + (2).to_bytes(2, "little") + (16).to_bytes(2, "little") + b"data" + len(frames).to_bytes(4, "little") + frames)


class Target:
    def __init__(self, folder):
        self.folder = str(folder)
        self.instance = Instance(os.path.join(self.folder, "sm"), SETTINGS)
        self.origin, self.receiver = MediaServer(), PostbackReceiver()
        self.key = self.instance.account("walker", senders=FROM, postback_url=self.receiver.url("walk"))
        samples = media.Samples(os.path.join(self.folder, "samples"))
        image = self.origin.add("a.jpg", Resource(samples.image(320, 240), "image/jpeg"))
        vcard = self.origin.add("a.vcf", Resource(samples["vcf"], "text/vcard"))
        self.slides = {"text": [{"text": "nothing but täxt", "duration": 5}],
                       "media": [{"text": "t", "image": image}, {"vcard": vcard}]}
        self.slides["json"] = self.slides["keyed"] = self.slides["text"]
        self.shape, self.keys = {}, 0
        for case in self.slides:
            ran = self.save(case)
            assert ran.success, (case, ran, ran.out, ran.err, self.instance.logs()[-2000:])
            self.shape[case] = self.shape_of(ran.get("MMSID"))
            self.template = ran.get("MMSID")
        self.sounds = 0

    def end(self):
        self.origin.stop()
        self.receiver.stop()

    # --- requests ---

    def call(self, body, argv=(), env=None):
        body = body.encode(CHARSET)
        full = {**self.instance.env, "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
                "REQUEST_METHOD": "POST", "REQUEST_URI": PATH, "SCRIPT_NAME": PATH, "QUERY_STRING": "",
                "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1", "CONTENT_TYPE": f"text/xml; charset={CHARSET}",
                "CONTENT_LENGTH": str(len(body)), **(env or {})}
        return Ran([*argv, program("savemms.fcgi")], full, body)

    def save(self, case, argv=(), env=None):
        if case == "json":
            return self.save_json(argv, env)
        if case == "keyed":
            self.keys += 1
            env = {"HTTP_IDEMPOTENCY_KEY": f'"{self.keys}"', **(env or {})}
        return self.call(request_xml("saveMMS", self.key, self.slides[case], name="n", fallbacksmstext="f"), argv, env)

    def repeated(self, ran, before, after):
        """Repeats the last save with a key, which ended as ran. Returns None, or what is wrong."""
        self.keys -= 1
        again = self.save("keyed")
        stored = self.count() - before
        if ran.success and (again.get("MMSID") != ran.get("MMSID") or stored != 1):
            return f"stored {stored} times, repeated as {again}"
        if again.success:
            return None if stored == 1 else f"stored {stored} times by repetition"
        if again.get("ERRORCODE") != "E100" or "being carried out" not in again.get("ERRORINFO") or after != before:
            return f"cannot be repeated: {again}, {after - before} stored before"
        return None

    def save_json(self, argv=(), env=None):
        """Saves the slides of the case text, in JSON."""
        slides = [{"message-text": s["text"], "duration": s["duration"]} for s in self.slides["json"]]
        body = {"action": "saveMMS", "api-key": self.key, "name": "n", "fallback-sms-text": "f", "slide": slides}
        return self.call(json.dumps(body), argv, {"REQUEST_URI": "/ep/v2/", "SCRIPT_NAME": "/ep/v2/",
                                                  "CONTENT_TYPE": "application/json", **(env or {})})

    def save_sound(self):
        """Saves an audio that was never encoded before. Returns its MMSID."""
        self.sounds += 1
        url = self.origin.add(f"{self.sounds}.wav", Resource(wav(self.sounds), "audio/x-wav"))
        ran = self.call(request_xml("saveMMS", self.key, [{"audio": url}], name="n", fallbacksmstext="f"))
        assert ran.success, (ran, ran.out)
        return ran.get("MMSID")

    def send(self, argv=(), env=None):
        """Sends a template with a picture and a contact."""
        return self.call(request_xml("sendSavedMMS", self.key, mmsid=self.template, to="15551230001", **{"from": FROM}), argv, env)

    def send_new(self, argv=(), env=None):
        """Saves and sends the slides of the case media."""
        return self.call(request_xml("sendMMS", self.key, self.slides["media"], name="n", fallbacksmstext="f", to="15551230001",
                                     **{"from": FROM}), argv, env)

    def queue_one(self, case):
        """Gives the helper some work. Returns its MMSID or TRACKINGID."""
        if case == "helper":
            return self.save_sound()
        ran = self.send()
        assert ran.success, (ran, ran.out)
        return ran.get("TRACKINGID")

    def run(self, case, argv=(), env=None):
        if case in QUEUED:
            return self.helper(argv, env)
        if case in SENDS:
            return (self.send if case == "send" else self.send_new)(argv, env)
        return self.save(case, argv, env)

    def helper(self, argv=(), env=None):
        return Ran([*argv, program("savemms-helper"), "--drain"], {**self.instance.env, **(env or {})})

    # --- what exists ---

    def messages(self):
        """Returns (TRACKINGID, state) of all messages, newest first."""
        rows = [line.split("\t") for line in self.instance.run("message", "list").splitlines()]
        return [(row[0], row[4]) for row in rows if len(row) > 5 and row[0] != "TRACKINGID"]

    def count(self, case=None):
        if case in SENDS:
            return len(self.messages())
        return json.loads(self.instance.run("status", "--json"))["templates"]

    def newest(self):
        ran = self.call(request_xml("getMmsIds", self.key))
        assert ran.success or ran.get("ERRORCODE") == "E200", (ran, ran.out)
        return [] if not ran.success else [i.strip() for i in ran.get("MMSIDS").split(",")]

    def shape_of(self, mmsid):
        """Returns all that is known of a template except its id and time. Its files are read and compared to their
        names."""
        out = []
        for line in self.instance.run("template", "show", mmsid).splitlines():
            if re.match(r"mmsid:|created:|job |  why", line):
                continue
            found = re.match(r"\s*file: (.*)$", line)
            if found:
                with open(found[1], "rb") as f:
                    digest = hashlib.sha256(f.read()).hexdigest()
                if digest not in found[1].replace("/", "").lower():
                    raise ValueError(f"{found[1]} holds other bytes")
                line = digest
            out.append(line)
        return out

    def message_fault(self, tracking):
        """Returns None, or what is wrong with a message that was just stored."""
        state = dict(self.messages()).get(tracking)
        if state != "queued" or self.instance.command("message", "show", tracking)[0] != 0:
            return f"message {tracking} is {state or 'not there'}"
        return None

    def sent_fault(self, tracking):
        """Returns None, or what is wrong with the template of a message that sendMMS stored."""
        found = re.search(r"(?m)^mmsid: *([0-9]+)", self.instance.run("message", "show", tracking))
        return self.whole("media", found[1]) if found else f"message {tracking} has no template"

    def whole(self, case, mmsid):
        """Returns None, or what is wrong with the template."""
        ran = self.call(request_xml("getMMSIDDetails", self.key, mmsid=mmsid))
        if not ran.success:
            return f"{mmsid} cannot be read: {ran}"
        try:
            shape = self.shape_of(mmsid)
        except (OSError, ValueError, Failed) as e:
            return f"{mmsid} is not whole: {e}"
        if shape != self.shape[case]:
            differ = [line for line in shape if line not in self.shape[case]] or ["something is missing"]
            return f"{mmsid} is not as without a fault: {differ[:3]}"
        return None

    def fault(self, case, ran=None):
        """Returns None, or what is wrong with the result of ran, or else with the newest template or message."""
        if case in SENDS:
            tracking = ran.get("TRACKINGID") if ran else self.messages()[0][0]
            return self.message_fault(tracking) or (self.sent_fault(tracking) if case == "sendmms" else None)
        return self.whole(case, ran.get("MMSID") if ran else self.newest()[0])

    def judge(self, case, ran, before):
        """Returns a list of what is wrong after a save or a send that met a fault."""
        wrong, after = [], self.count(case)
        if ran.hung:
            wrong.append(f"hangs: {HANG:.0f} s")
        if ran.crashed:
            wrong.append(f"crash: {ran.crashed}")
        if case == "json" and ran.refused and ran.get("ERRORCODE") != "E503":
            wrong.append(f"the document is blamed: {ran}")
        if ran.success:
            if after != before + 1:
                wrong.append(f"lost: {after - before} more after Success")
            fault = self.fault(case, ran)
            if fault:
                wrong.append(f"half-stored: {fault}")
        elif ran.refused and after != before:
            wrong.append(f"stored though refused with {ran.get('ERRORCODE')}")
        elif after not in (before, before + 1):
            wrong.append(f"half-stored: {after - before} more")
        elif after == before + 1:
            fault = self.fault(case)
            if fault:
                wrong.append(f"half-stored: {fault}")
        elif not ran.refused and ran.status == 0:
            wrong.append(f"no answer, and exit status 0: {ran}")
        fault = self.repeated(ran, before, after) if case == "keyed" else None
        if fault:
            wrong.append(fault)
        clean = self.send() if case in SENDS else self.save("text")
        if not clean.success or clean.seconds > PROMPT:
            wrong.append(f"stuck: the next request: {clean}")
        return wrong

    def queue(self):
        """Returns the rows of the queue, including dead ones."""
        return [line.split() for line in self.instance.run("job", "list").splitlines() if len(line.split()) > 3]

    def work_off(self, seconds=60):
        """Runs helpers until nothing waits. Returns the rows that are left then."""
        ends = time.monotonic() + seconds * SLOW
        while True:
            self.helper()
            rows = [row for row in self.queue() if row[3] != "dead"]
            if not rows or time.monotonic() > ends:
                return self.queue()
            time.sleep(0.3)

    def unfinished(self, case, ids):
        """Returns (what, which) for each fault after the helper has handled these ids."""
        wrong = [("jobs are left", self.work_off(120))]
        posts = [p for p in self.receiver.got("walk") if p.status == 200]
        if case == "helper":
            told = {p.text("MMSID") for p in posts}
            wrong += [("not ready", [i for i in ids if "\nstate: ready\n" not in self.instance.run("template", "show", i)])]
        else:
            told, states = {p.text("TRACKINGID") for p in posts if p.text("CODE") == "N101"}, dict(self.messages())
            outbox = os.path.join(self.instance.folder, "outbox")
            wrong += [("not sent", [i for i in ids if states.get(i) != "sent"]),
                      ("not handed over", [i for i in ids if not os.path.exists(os.path.join(outbox, f"{i}.mms"))]),
                      ("left in outbox", [i for i in os.listdir(outbox) if i != "tmp" and i[:-4] not in states])]
        wrong += [("without a postback", [i for i in ids if i not in told])]
        if self.instance.command("check")[0] != 0:
            wrong += [("found by check", [self.instance.command("check")])]
        return [(what, which) for what, which in wrong if which]

    def remove_all(self):
        """Removes every template, those that no list shows because sendMMS made them for a message too. Afterwards no
        media file may be left, because every count of references has come to 0, and no template without its message."""
        self.work_off()
        listed = [row.split()[0] for row in self.instance.run("template", "list").splitlines()]
        sent = {row.split("\t")[2] for row in self.instance.run("message", "list").splitlines() if "\t" in row}
        for mmsid in listed:
            self.instance.run("template", "delete", mmsid)
        for mmsid in sent - set(listed):
            self.instance.command("template", "delete", mmsid)      # fails for the head of the table
        left = json.loads(self.instance.run("status", "--json"))["media_files"]
        return [] if left == 0 else [f"references: {left} files of media are left when all templates are gone:\n"
                                     + self.instance.logs()[-1500:]]
