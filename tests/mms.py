#!/usr/bin/python3
"""What the spool writes, judged by parsers that are not ours: Python's email package, libxml2 with the DTD of SMIL 2.1
Mobile, tshark. Part of "make check"; srcdir and the build folder as the other tests have them. A judge that is not
installed is named and left out, and the test is then no success but skipped (77)."""

import email
import email.header
import email.policy
import email.utils
import hashlib
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

DTD = "/usr/share/xml/w3c-sgml-lib/schema/dtd/REC-SMIL2-20051213/SMIL21Mobile.dtd"
TEXTS = ("text/plain", "application/smil")
EXTENSION = {"image/jpeg": "jpg", "audio/mpeg": "mp3", "video/mp4": "mp4", "text/x-vcard": "vcf",
             "application/pdf": "pdf", "text/plain": "txt", "application/smil": "smil"}
problems, absent = [], []


def must(true, what):
    if not true:
        problems.append(what)


def dump(folder):
    """Parts as they should be, by file: [(name, type, sha256)]."""
    out = subprocess.run(["tests/mms_dump", folder], stdout=subprocess.PIPE, check=True, text=True, timeout=60).stdout
    want = {}
    for line in out.splitlines():
        name, part, kind, sha = line.split()
        want.setdefault(name, []).append((part, kind.lower(), sha))
    return want


def decoded(part):
    """A part's bytes; those of the file that message/external-body names, and the part it stands for."""
    if part.get_content_type() != "message/external-body":
        must(part["Content-Transfer-Encoding"] == "base64", "a part that is not in base64")
        return part, part.get_payload(decode=True)
    must(part.get_param("access-type") == "local-file", "access-type")
    path = part.get_param("name")
    with open(email.utils.collapse_rfc2231_value(path), "rb") as f:
        body = f.read()
    must(int(part.get_param("size")) == len(body), f"{path}: size")
    inner, = part.get_payload()
    must(inner.get_payload() == "", "the phantom body is not empty")
    return inner, body


def check_part(where, part, want):
    name, kind, sha = want
    inner, body = decoded(part)
    must(inner.get_content_type() == kind, f"{where}: {name} is {inner.get_content_type()}")
    must(inner["Content-ID"] == f"<{name}>", f"{where}: {name}: Content-ID {inner['Content-ID']}")
    must(inner["Content-Location"] == name, f"{where}: {name}: Content-Location")
    must(inner.get_param("name") == name, f"{where}: {name}: name")
    must(hashlib.sha256(body).hexdigest() == sha, f"{where}: {name}: other bytes")
    must(name.isascii() and name.endswith("." + EXTENSION[kind]), f"{where}: {name} for {kind}")
    if kind in TEXTS:
        must(inner.get_content_charset() == "utf-8", f"{where}: {name}: charset")
        body.decode("utf-8")
    must(not part.defects and not inner.defects, f"{where}: {name}: {part.defects}{inner.defects}")
    return body


def check_smil(where, smil, parts, folder):
    path = os.path.join(folder, "slides.smil")
    with open(path, "wb") as f:
        f.write(smil)
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--dtdvalid", DTD, path], capture_output=True, text=True,
                          check=False)
    must(done.returncode == 0, f"{where}: SMIL: {done.stderr}")
    refs = re.findall(r'src="([^"]*)"', smil.decode())
    shown = [n for n, _, _ in parts if n.rsplit(".", 1)[1] not in ("smil", "vcf", "pdf")]
    must(sorted(refs) == sorted(shown), f"{where}: SMIL shows {refs}, there is {shown}")


def check_mms(where, raw, parts, folder):
    must(re.search(rb"(?<!\r)\n", raw) is None, f"{where}: a bare LF")
    must(max(map(len, raw.split(b"\r\n"))) <= 998, f"{where}: a line above 998 characters")
    must(raw.isascii(), f"{where}: bytes above 127")
    m = email.message_from_bytes(raw, policy=email.policy.compat32)
    must(m.get_content_type() == "multipart/related" and not m.defects, f"{where}: {m.get_content_type()} {m.defects}")
    must(m.get_param("type") == "application/smil", f"{where}: type")
    must(m.get_param("start") == f"<{parts[0][0]}>", f"{where}: start")
    must("X-Evil" not in m and m["X-Mms-Transaction-ID"] == where[:-4], f"{where}: headers")
    must(m["To"] == "+31612345678/TYPE=PLMN" and m["X-Mms-Message-Type"] == "m-send-req", f"{where}: headers")
    got = m.get_payload()
    must(len(got) == len(parts), f"{where}: {len(got)} parts, not {len(parts)}")
    bodies = [check_part(where, p, w) for p, w in zip(got, parts)]
    if "xmllint" not in absent:
        check_smil(where, bodies[0], parts, folder)
    return m


def subject(m):
    return str(email.header.make_header(email.header.decode_header(m["Subject"])))


def check_files(folder, want):
    box = os.path.join(folder, "outbox")
    messages = {}
    for name in sorted(want):
        with open(os.path.join(box, name), "rb") as f:
            raw = f.read()
        messages[name] = (raw, check_mms(name, raw, want[name], folder))
    names = sorted(messages)
    must(len(names) == 5, f"{names}")
    must(subject(messages[names[0]][1]) == "Hi Ann from Köln", "subject")
    must(subject(messages[names[2]][1]) == '<a href="{$name}">& ]]> é', "hostile subject")
    with open(os.path.join(box, "T%031d.sms" % 6), "rb") as f:
        sms = email.message_from_bytes(f.read())
    must(sms.get_payload(decode=True).decode() == "Grüße 😀\nhttps://mms.example.com/m/P1", "the SMS's text")
    must(sms.get_content_charset() == "utf-8", "the SMS's charset")
    return messages


def checksum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def write_pcap(path, payload):
    """The payload as one side of a TCP connection to port 80, whole from SYN to FIN (link type: raw IP)."""
    seq, packets = 1000, []
    pieces = [(2, b"")] + [(24, payload[i:i + 1400]) for i in range(0, len(payload), 1400)] + [(17, b"")]
    for flags, data in pieces:
        tcp = struct.pack("!HHIIBBHHH", 40000, 80, seq, 1, 5 << 4, flags, 65535, 0, 0) + data
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        packets.append(ip + tcp)
        seq += len(data) + (flags & 3 != 0)
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        for i, p in enumerate(packets):
            f.write(struct.pack("=IIII", i, 0, len(p), len(p)) + p)


def tshark(folder, payload, *fields):
    """What tshark finds in a request: a list of values for each field."""
    path = os.path.join(folder, "mms.pcap")
    write_pcap(path, payload)
    argv = ["tshark", "-n", "-r", path, "-Y", "http.request.full_uri", "-T", "fields", "-E", "aggregator=\x1f"]
    done = subprocess.run(argv + [a for f in fields for a in ("-e", f)], capture_output=True, text=True, check=False,
                          timeout=120, env={**os.environ, "HOME": folder})
    must(done.returncode == 0 and done.stdout.count("\n") == 1, f"tshark: {done.stdout[:200]}{done.stderr}")
    return [v.split("\x1f") for v in done.stdout.rstrip("\n").split("\t")]


def request(kind, body):
    kind = re.sub(r"\s+", " ", kind)
    return f"POST /mms HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nContent-Type: {kind}\r\n\r\n".encode() + body


def check_tshark(folder, name, raw, parts):
    """The message as the body of an HTTP request; then its SMIL by itself, as parts in base64 are not looked into."""
    m = email.message_from_bytes(raw)
    kinds, ids, encodings, broken = tshark(
        folder, request(m["Content-Type"], raw.split(b"\r\n\r\n", 1)[1]), "mime_multipart.header.content-type",
        "mime_multipart.header.content-id", "mime_multipart.header.content-transfer-encoding", "_ws.malformed")
    must(ids == [f"<{n}>" for n, _, _ in parts], f"{name}: tshark's ids {ids}")
    must([k.split(";")[0].lower() for k in kinds] == [k for _, k, _ in parts], f"{name}: tshark's types {kinds}")
    must(set(encodings) == {"base64"} and len(encodings) == len(parts), f"{name}: tshark's encodings {encodings}")
    must(broken == [""], f"{name}: tshark: {broken}")
    smil = m.get_payload()[0].get_payload(decode=True)
    protocols, broken = tshark(folder, request("application/smil", smil), "frame.protocols", "_ws.malformed")
    must(protocols[0].endswith(":xml") and broken == [""], f"{name}: tshark on the SMIL: {protocols} {broken}")


def check_kills(folder, n=400, kills=12):
    """Killed at any moment, what has a name is whole; handed over again, nothing is missing and nothing there twice."""
    box = os.path.join(folder, "outbox")
    for i in range(kills + 1):
        spooler = subprocess.Popen(["tests/mms_dump", folder, str(n)])
        try:
            spooler.wait(60 if i == kills else random.uniform(0.005, 0.3))
        except subprocess.TimeoutExpired:
            spooler.kill()
            spooler.wait()
        names = [f for f in (os.listdir(box) if os.path.isdir(box) else []) if f.endswith(".mms")]
        for name in names:
            with open(os.path.join(box, name), "rb") as f:
                must(f.read().endswith(f"\r\n--{name[:-4]}--\r\n".encode()), f"{name} is not whole after a kill")
    must(spooler.returncode == 0 and len(names) == n, f"{len(names)} of {n} messages after {kills} kills")


def main():
    if not shutil.which("xmllint") or not os.path.exists(DTD):
        absent.append("xmllint")
        print("not judged: the SMIL by its DTD (packages libxml2-utils, w3c-sgml-lib)")
    if not shutil.which("tshark"):
        absent.append("tshark")
        print("not judged: tshark (package tshark)")
    with tempfile.TemporaryDirectory() as folder:
        want = dump(folder)
        for name, (raw, _) in check_files(folder, want).items():
            if "tshark" not in absent and b"message/external-body" not in raw:
                check_tshark(folder, name, raw, want[name])
    with tempfile.TemporaryDirectory() as folder:
        check_kills(folder)
    for p in problems:
        print("FAIL", p)
    return 1 if problems else 77 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
