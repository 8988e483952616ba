"""One request in the words of each dialect (savemms-api(7), Dialects): XML of A and of B, pairs, JSON; and their answers,
read into one form."""

import copy
import http.client
import json
import random
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

A, B, C = "/API/wxml/1.3/", "/ep/v1/", "/ep/v2/"
BLANKS = " \t\r\n"
# a field: (A's name, that of B and C, its type in JSON)
NAMES = {
    "action": ("ACTION", "action", "text"), "subject": ("SUBJECT", "message-subject", "text"), "name": ("NAME", "name", "text"),
    "fallback": ("FALLBACKSMSTEXT", "fallback-sms-text", "text"), "flag": ("DISABLEFALLBACKSMS", "disable-fallback-sms", "flag"),
    "flaglink": ("DISABLEFALLBACKSMSLINK", "disable-fallback-sms-link", "flag"),
    "ends": ("MMSLINKEXPIRATION", "fallback-sms-link-expiration", "text"), "reference": ("CLIENT_REFERENCE", "client-reference", "number"),
    "mmsid": ("MMSID", "mms-id", "number"), "to": ("TO", "to", "number"), "from": ("FROM", "from", "number"),
    "group": ("TO-DISPLAYONLY", "to-displayonly", "text"), "mask": ("FROM_MASK", "from-mask", "text"),
    "operator": ("OPERATORID", "operator-id", "number"), "service": ("SERVICE-ID", "service-id", "number"),
    "expiry": ("MMS-EXPIRY-TIMESTAMP", "mms-expiry-timestamp", "text"), "customsubject": ("CUSTOMSUBJECT", "custom-subject", "text"),
    "start": ("START_DATE", "start-date", "text"), "page": ("PAGE_NUMBER", "page-number", "number"),
    "items": ("ITEMS_PER_PAGE", "items-per-page", "number"),
}
# what stands in a slide: its names in A, in B, in C and in pairs
PARTS = {
    "text": ("TEXT", "message-text", "message-text", "text"), "image": ("IMAGE", "image", "image", "image"),
    "audio": ("AUDIO", "audio", "audio", "audio"), "video": ("VIDEO", "video", "video", "video"), "pdf": ("PDF", "pdf", "pdf", "pdf"),
    "vcard": ("VCARD", "vcard", "contact", "vcard"), "ical": ("ICAL", "ical", "calendar", "ical"),
    "personal": ("PERSONALIZED-IMAGE", "personalized-image", "personalized-image", "personalized_image"),
    "duration": ("DURATION", "duration", "duration", "duration"), "passbook": ("PASSBOOK", "passbook", "passbook", None),
    "excel": ("EXCEL", "excel", "excel", None),
}
FOREIGN = ("passbook", "excel")
SAME = {"mmsname": "name", "mmssubject": "subject", "messagesubject": "subject", "mmssize": "size", "messagetext": "text",
        "contact": "vcard", "calendar": "ical"}


class Wrong:
    """A value that only JSON can give: it is not of the type of its field."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"Wrong({self.value!r})"


@dataclass
class Request:
    """A request. A field may stand in fields several times, a part in a slide too; of a foreign part, the value only says
    whether there is anything in it."""
    fields: list = field(default_factory=list)      # (name, value)
    slides: list = field(default_factory=list)      # [(part, value), ...]
    custom: list = field(default_factory=list)      # (slide or None, text)
    data: list = field(default_factory=list)        # (name, value)
    key: str | None = None

    def copy(self):
        return copy.deepcopy(self)

    def first(self, name):
        """Returns the value that counts; None if there is none."""
        for k, v in self.fields:
            if k == name and (isinstance(v, Wrong) or v.strip(BLANKS)):
                return v if isinstance(v, Wrong) else v.strip(BLANKS)
        return None

    def put(self, name, value):
        """Puts the value in place of all of that name; None removes them."""
        self.fields = [x for x in self.fields if x[0] != name] + ([(name, value)] if value is not None else [])

    def repeats(self):
        """Is there a field or a part that stands twice, so that an object of JSON has two members of one name?"""
        lists = [self.fields, *self.slides]
        return any(len({n for n, _ in x}) < len(x) for x in lists)


def element(name, value):
    return f"<{name}>{escape(value)}</{name}>"


def written(rng, name):
    """Returns the name as somebody may write it: it is compared folded."""
    return rng.choice((name, name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("_", "")))


def part_xml(rng, part, name, value):
    if part in FOREIGN:
        value = rng.choice(("x", "<url>http://h/p</url>")) if value else rng.choice(("", " ", "<url></url>"))
        return f"<{name}>{value}</{name}>"
    inner = {"text": None, "duration": None, "personal": "template-id"}.get(part, "url")
    return element(name, value) if inner is None else f"<{name}>{element(written(rng, inner), value)}</{name}>"


def to_xml(rng, r, column, key):
    """Returns the document of A (column 0) or B (column 1) with such an element for the key."""
    out = [element(key, r.key) if key and r.key is not None else ""]
    out += [element(written(rng, NAMES[k][column]), v) for k, v in r.fields]
    out += [f"<slide>{''.join(part_xml(rng, p, PARTS[p][column], v) for p, v in slide)}</slide>" for slide in r.slides]
    for slide, text in r.custom:
        inner = [element("VALUE", text), element("slide", slide) if slide is not None else ""]
        out.append(f"<{('CUSTOMTEXT', 'custom-text')[column]}>{''.join(inner)}</{('CUSTOMTEXT', 'custom-text')[column]}>")
    if r.data:
        out.append(f"<data>{''.join(element(k, v) for k, v in r.data)}</data>")
    return f"<{('REQUEST', 'request')[column]}>{''.join(out)}</{('REQUEST', 'request')[column]}>"


def to_pairs(r):
    """Returns the pairs; None if they cannot say it: a slide with nothing in it is none."""
    out = [(NAMES[k][0], v) for k, v in r.fields] + ([("api_key", r.key)] if r.key is not None else [])
    for n, slide in enumerate(r.slides, 1):
        said = [(f"slide_{n}_{PARTS[p][3]}", v) for p, v in slide if p not in FOREIGN]
        if not any(v.strip(BLANKS) for _, v in said):
            return None
        out += said
    out += [(f"customtext_{slide if slide is not None else 1}", text) for slide, text in r.custom]
    return out + [(f"data_{k}", v) for k, v in r.data]


def value_json(rng, kind, value):
    if isinstance(value, Wrong):
        return value.value
    if kind == "number" and re.fullmatch("0|[1-9][0-9]{0,17}", value) and rng.random() < 0.5:
        return int(value)
    if kind == "flag" and value.strip(BLANKS).lower() in ("yes", "no") and rng.random() < 0.5:
        return value.strip(BLANKS).lower() == "yes"
    return None if value == "" and rng.random() < 0.3 else value


def part_json(rng, part, value):
    if isinstance(value, Wrong):
        return value.value
    if part in FOREIGN:
        return rng.choice(("x", {"url": "http://h/p"}, True, 7) if value else (None, False, 0, "", " ", {}, [], {"url": ""}, {"url": None}))
    if part == "text":
        return value
    if part == "duration":
        return value_json(rng, "number", value)
    return {"template-id": value_json(rng, "number", value)} if part == "personal" else {"url": value}


def an_object(members):
    """Returns the text of an object, in which a name may stand twice."""
    return "{" + ",".join(f"{json.dumps(k)}:{v}" for k, v in members) + "}"


def to_json(rng, r, key):
    def dump(value):
        return json.dumps(value, ensure_ascii=rng.random() < 0.5)
    out = [(key, dump(r.key))] if key and r.key is not None else []
    out += [(written(rng, NAMES[k][1]), dump(value_json(rng, NAMES[k][2], v))) for k, v in r.fields]
    slides = [an_object([(written(rng, PARTS[p][2]), dump(part_json(rng, p, v))) for p, v in slide]) for slide in r.slides]
    if slides:
        out.append(("slide", slides[0] if len(slides) == 1 and rng.random() < 0.5 else f"[{','.join(slides)}]"))
    name, text = rng.choice((("custom-text", "value"), ("custom-slides", "message-text"), ("custom-slides", "text"), ("custom-slides", "value")))
    custom = [{text: v, **({"slide": value_json(rng, "number", n)} if n is not None else {})} for n, v in r.custom]
    if custom:
        out.append((name, dump(custom[0] if len(custom) == 1 and rng.random() < 0.5 else custom)))
    if r.data:
        out.append(("data", dump({k: v.value if isinstance(v, Wrong) else int(v) if v.isdigit() else v for k, v in r.data})))
    rng.shuffle(out)
    return an_object(out)


def send(rng, port, r, dialect):
    """Sends the request in A, B or C, or as pairs. Returns the answer; None if the dialect cannot say it."""
    path, headers, method = A, {"Accept": rng.choice(("*/*", "text/xml"))}, "POST"
    at_head = r.key is not None and rng.random() < 0.5      # where the key is
    if dialect == "A":
        body = to_xml(rng, r, 0, "API_KEY")
    elif dialect == "B":
        path = rng.choice((A, B, C) if r.key is not None and not at_head else (B, C))
        body = to_xml(rng, r, 1, None if at_head else "api-key")
    elif dialect == "C":
        path = rng.choice((A, B, C, C, C))
        body = to_json(rng, r, None if at_head else rng.choice(("api-key", "API_KEY", "apikey")))
    else:
        pairs = to_pairs(r)
        if pairs is None:
            return None
        body = urllib.parse.urlencode(pairs)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        if len(body) < 2000 and rng.random() < 0.5:
            method, path, body = "GET", f"{A}?{body}", None
    if at_head and dialect in "BC":
        headers["X-Api-Key"] = r.key
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
    try:
        connection.request(method, path, body.encode() if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, (answer.status, text, body)
        return read(text)
    finally:
        connection.close()


def canonical(name):
    name = name.lower().replace("-", "").replace("_", "")
    return SAME.get(name, name)


def from_xml(node):
    out = {}
    for child in node:
        name = canonical(child.tag)
        value = from_xml(child) if len(child) else (child.text or "")
        if name in ("slide", "mmstemplate", "rendition"):
            out.setdefault(name, []).append(value or {})
        elif name == "mmsids":
            out[name] = value.split(",")
        elif value:
            out[name] = value
    return out


def from_json(value):
    if isinstance(value, dict):
        return {canonical(k): from_json(v) for k, v in value.items() if v != []}
    return [from_json(v) for v in value] if isinstance(value, list) else value


def read(text):
    """Returns the answer of any dialect as a dictionary, with A's names in small letters and without empty elements. Times
    are in one form, and "x" is the number in the text of a failure."""
    if text.startswith("{"):
        out = from_json(json.loads(text, parse_int=str, parse_float=str))
    else:
        out = from_xml(ElementTree.fromstring(text))
    if "errorcode" in out:
        info = out.pop("errorinfo")
        out["x"] = re.findall("[0-9]+", info) if out["errorcode"] != "E108" else []
    return json.loads(re.sub(r'(\d\d:\d\d:\d\d)(?:Z|\+00:00)"', r'\1"', json.dumps(out)))


def rng_of(*seed):
    return random.Random(repr(seed))
