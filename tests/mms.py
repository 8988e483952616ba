#!/usr/bin/python3
"""Judges what the spool writes by parsers of others: Python's email package, Perl's MIME::Parser, libxml2 with the DTD of
SMIL 2.1 Mobile, and tshark. It also judges what a message weighs: wire by the files, air by messages encoded for handsets,
which tshark reads. It is part of "make check" and gets srcdir and the build folder as the other tests do. If a parser is not
installed, the test names it and goes on without it, and then counts as skipped (77)."""

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

import pdu

DTD = "/usr/share/xml/w3c-sgml-lib/schema/dtd/REC-SMIL2-20051213/SMIL21Mobile.dtd"
TEXTS = ("text/plain", "application/smil")
EXTENSION = {"image/jpeg": "jpg", "audio/mpeg": "mp3", "video/mp4": "mp4", "text/x-vcard": "vcf",
             "application/pdf": "pdf", "text/plain": "txt", "application/smil": "smil"}
problems, absent = [], []


def must(true, what):
    if not true:
        problems.append(what)


def dump(folder):
    """Returns, for each file, the parts as they should be, [(name, type, encoding, sha256)], and (air, wire)."""
    out = subprocess.run(["tests/mms_dump", folder], stdout=subprocess.PIPE, check=True, text=True, timeout=60).stdout
    want, sums = {}, {}
    for line in out.splitlines():
        name, *words = line.split()
        if len(words) == 2:
            sums[name] = tuple(map(int, words))
        else:
            want.setdefault(name, []).append((words[0], words[1].lower(), *words[2:]))
    return want, sums


def decoded(part, encoding=None):
    """Returns a part's bytes, or those of the file that message/external-body names, and the part that this stands for.
    encoding is that of a part that is put in, where it is known."""
    if part.get_content_type() != "message/external-body":
        had = part["Content-Transfer-Encoding"]
        must(had == encoding if encoding else had in ("base64", "7bit", "8bit", "binary"), f"a part in {had}, not {encoding}")
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
    name, kind, encoding, sha = want
    inner, body = decoded(part, encoding)
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
    shown = [n for n, _, _, _ in parts if n.rsplit(".", 1)[1] not in ("smil", "vcf", "pdf")]
    must(sorted(refs) == sorted(shown), f"{where}: SMIL shows {refs}, there is {shown}")


def check_mms(where, raw, parts, folder):
    if not any(e == "binary" for _, _, e, _ in parts):
        must(re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None, f"{where}: a bare LF or CR")
        must(max(map(len, raw.split(b"\r\n"))) <= 998, f"{where}: a line above 998 characters")
    must(raw.split(b"\r\n\r\n", 1)[0].isascii(), f"{where}: bytes above 127 in headers")
    m = email.message_from_bytes(raw, policy=email.policy.compat32)
    must(m.get_content_type() == "multipart/related" and not m.defects, f"{where}: {m.get_content_type()} {m.defects}")
    must(m.get_param("type") == "application/smil", f"{where}: type")
    must(m.get_param("start") == f"<{parts[0][0]}>", f"{where}: start")
    must("X-Evil" not in m and m["X-Mms-Transaction-ID"] == where[:-4], f"{where}: headers")
    must(m["To"] == "+31612345678/TYPE=PLMN" and m["X-Mms-Message-Type"] == "m-send-req", f"{where}: headers")
    encodings = [e for (_, k, e, _) in parts if k in TEXTS or b"message/external-body" not in raw]
    most = "binary" if "binary" in encodings else "8bit" if "8bit" in encodings else None
    must(m["Content-Transfer-Encoding"] == most, f"{where}: {m['Content-Transfer-Encoding']} for all, not {most}")
    must(raw.count(b"=_savemms_") == len(parts) + 2, f"{where}: the mark of boundaries in a part")
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
    must(sorted(messages) == ["T%031d.mms" % n for n in (1, 2, 3, 4, 5, 7, 8, 9, 10)], f"{sorted(messages)}")
    must({e for parts in want.values() for _, _, e, _ in parts} == {"base64", "7bit", "8bit", "binary"}, "an encoding untried")
    must(subject(messages["T%031d.mms" % 1][1]) == "Hi Ann from Köln", "subject")
    must(subject(messages["T%031d.mms" % 3][1]) == '<a href="{$name}">& ]]> é', "hostile subject")
    with open(os.path.join(box, "T%031d.sms" % 6), "rb") as f:
        sms = email.message_from_bytes(f.read())
    must(sms.get_payload(decode=True).decode() == "Grüße 😀\nhttps://mms.example.com/m/P1", "the SMS's text")
    must(sms.get_content_charset() == "utf-8", "the SMS's charset")
    return messages


PARSER = """use MIME::Parser; use Digest::SHA qw(sha256_hex);
my $p = MIME::Parser->new; $p->output_to_core(1); $p->tmp_to_core(1);
my $m = $p->parse_open($ARGV[0]);
for my $x ($m->parts) {
    print join(" ", $x->head->mime_attr("content-type.name"), lc $x->effective_type, sha256_hex($x->bodyhandle->as_string)), "\\n";
}
print join("\\n", $p->results->msgs);
"""


def check_perl(path, parts):
    """Checks that MIME::Parser finds these parts in the file, without a warning."""
    done = subprocess.run(["perl", "-e", PARSER, path], capture_output=True, text=True, timeout=60, check=False)
    must(done.stdout.splitlines() == [f"{n} {k} {sha}" for n, k, _, sha in parts] and done.stderr == "",
         f"{path}: MIME::Parser: {done.stdout}{done.stderr}")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def write_pcap(path, payload):
    """Writes the payload as one side of a TCP connection to port 80, from SYN to FIN (link type: raw IP)."""
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
    """Returns what tshark finds in a request: a list of values for each field."""
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
    """Checks the message as the body of an HTTP request, and then its SMIL by itself."""
    m = email.message_from_bytes(raw)
    kinds, ids, encodings, broken = tshark(
        folder, request(m["Content-Type"], raw.split(b"\r\n\r\n", 1)[1]), "mime_multipart.header.content-type",
        "mime_multipart.header.content-id", "mime_multipart.header.content-transfer-encoding", "_ws.malformed")
    must(ids == [f"<{n}>" for n, _, _, _ in parts], f"{name}: tshark's ids {ids}")
    must([k.split(";")[0].lower() for k in kinds] == [k for _, k, _, _ in parts], f"{name}: tshark's types {kinds}")
    must(encodings == [e for _, _, e, _ in parts], f"{name}: tshark's encodings {encodings}")
    must(broken == [""], f"{name}: tshark: {broken}")
    smil = m.get_payload()[0].get_payload(decode=True)
    protocols, broken = tshark(folder, request("application/smil", smil), "frame.protocols", "_ws.malformed")
    must(protocols[0].endswith(":xml") and broken == [""], f"{name}: tshark on the SMIL: {protocols} {broken}")


def check_sums(folder, name, raw, m, parts, sums):
    """Checks that wire is the size of the file with its media put in, and that air is no less than what encoders make, and
    not much more."""
    air, wire = sums
    refers = b"message/external-body" in raw
    must(wire == len(raw) if not refers else wire > len(raw), f"{name}: wire is {wire}, the file {len(raw)}")
    about = {"to": "+316123456789012/TYPE=PLMN", "sender": m["From"], "subject": subject(m) if m["Subject"] else ""}
    bodies = [(n, k, decoded(p, e)[1], n.rsplit(".", 1)[1] in ("vcf", "pdf")) for p, (n, k, e, _) in zip(m.get_payload(), parts)]
    for wordy in (False, True):
        binary = pdu.retrieve_conf(about, bodies, wordy)
        most = len(binary) + (150 + 20 * len(parts) if wordy else 450 + 80 * len(parts))
        must(len(binary) <= air <= most, f"{name}: air is {air}, an encoder makes {len(binary)}")
        if "tshark" not in absent:
            check_pdu(folder, name, binary, about, parts)


def check_pdu(folder, name, binary, about, parts):
    """Checks that tshark reads what was encoded for a handset as one message."""
    kinds, subj, to, count, broken = tshark(
        folder, request("application/vnd.wap.mms-message", binary), "mmse.message_type", "mmse.subject", "mmse.to", "wsp.multipart",
        "_ws.malformed")
    must(kinds == ["0x84"], f"{name}: tshark's type of message {kinds}")
    shown = "".join(chr(c) if c < 128 else "\ufffd" for c in about["subject"].encode())     # tshark knows ASCII there
    must(subj == [shown] and to == [about["to"]], f"{name}: tshark's {subj} to {to}")
    must(len(count) == len(parts) and broken == [""], f"{name}: tshark has {len(count)} of {len(parts)} parts, {broken}")


def check_kills(folder, n=400, kills=12):
    """Kills the program at any moment. Each file that has a name is whole. After handing over again, nothing is missing and
    nothing is there twice."""
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
                data = f.read()
            boundary = re.search(rb'boundary="([^"]+)"', data)
            must(boundary and data.endswith(b"\r\n--" + boundary[1] + b"--\r\n"), f"{name} is not whole after a kill")
    must(spooler.returncode == 0 and len(names) == n, f"{len(names)} of {n} messages after {kills} kills")


def main():
    if not shutil.which("xmllint") or not os.path.exists(DTD):
        absent.append("xmllint")
        print("not judged: the SMIL by its DTD (packages libxml2-utils, w3c-sgml-lib)")
    if not shutil.which("tshark"):
        absent.append("tshark")
        print("not judged: tshark (package tshark)")
    if subprocess.run(["perl", "-MMIME::Parser", "-e", "1"], capture_output=True, check=False).returncode != 0:
        absent.append("perl")
        print("not judged: MIME::Parser (package libmime-tools-perl)")
    with tempfile.TemporaryDirectory() as folder:
        want, sums = dump(folder)
        for name, (raw, m) in check_files(folder, want).items():
            check_sums(folder, name, raw, m, want[name], sums[name])
            if b"message/external-body" in raw:
                continue
            if "perl" not in absent:
                check_perl(os.path.join(folder, "outbox", name), want[name])
            if "tshark" not in absent:
                check_tshark(folder, name, raw, want[name])
    with tempfile.TemporaryDirectory() as folder:
        check_kills(folder)
    for p in problems:
        print("FAIL", p)
    return 1 if problems else 77 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
