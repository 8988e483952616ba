"""Encodes an MMS as the binary message that a handset gets: M-Retrieve.conf of OMA-TS-MMS_ENC-V1_3, with its parts in WSP's
multipart (WAP-230-WSP). It is written from the two specifications, to judge lib/send/air.c. There are two encoders: one uses
short forms wherever it can, the other spells out whatever it may."""

WELL_KNOWN = {"text/plain": 0x03, "image/gif": 0x1d, "image/jpeg": 0x1e, "image/png": 0x20}


def uintvar(n):
    out = bytes([n & 0x7f])
    while n > 0x7f:
        n >>= 7
        out = bytes([0x80 | n & 0x7f]) + out
    return out


def text(value):
    """Returns a Text-string. It is quoted where its first octet could be taken for something else."""
    raw = value if isinstance(value, bytes) else value.encode()
    return (b"\x7f" if raw[:1] >= b"\x80" else b"") + raw + b"\0"


def length(body):
    return (bytes([len(body)]) if len(body) <= 30 else b"\x1f" + uintvar(len(body))) + body


def content_type(kind, parameters, wordy):
    media = bytes([0x80 | WELL_KNOWN[kind]]) if kind in WELL_KNOWN and not wordy else text(kind)
    return length(media + parameters)


def part(name, kind, body, wordy, attached):
    """Returns an entry of the multipart. Name is 0x17 in WSP 1.4 and 0x05 before, Content-Disposition 0x45 and 0x2e."""
    is_text = kind in ("text/plain", "application/smil")
    head = content_type(kind, (b"\x81\xea" if is_text else b"") + (b"\x97" if wordy else b"\x85") + text(name), wordy)
    head += b"\xc0\x22" + text(f"<{name}>") + b"\x8e" + text(name)
    if attached or wordy:
        head += (b"\xc5" if wordy else b"\xae") + length((b"\x81" if attached else b"\x82") + b"\x86" + text(name))
    if wordy:
        head += text("Content-Transfer-Encoding") + text("binary")
    return uintvar(len(head)) + uintvar(len(body)) + head + body


def retrieve_conf(message, parts, wordy):
    """message: to, sender, subject. parts: (name, type, bytes, attached), the SMIL first."""
    ident = "A" * (128 if wordy else 12)
    out = b"\x8c\x84\x98" + text(ident) + b"\x8d\x93\x8b" + text(ident) + b"\x85\x04\x6a\x00\x00\x00"
    out += b"\x89" + length(b"\x80" + (length(b"\xea" + text(message["sender"])) if wordy else text(message["sender"])))
    out += b"\x97" + (length(b"\xea" + text(message["to"])) if wordy else text(message["to"]))
    if message["subject"]:
        out += b"\x96" + length(b"\xea" + text(message["subject"]))
    out += b"\x8a\x80\x8f\x81\x86\x81\x90\x81\x99\x80"         # class, priority, reports, retrieve status
    out += b"\x84" + length(b"\xb3\x8a" + text(f"<{parts[0][0]}>") + b"\x89" + text(parts[0][1]))
    return out + uintvar(len(parts)) + b"".join(part(n, k, b, wordy, a) for n, k, b, a in parts)
