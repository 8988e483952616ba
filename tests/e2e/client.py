"""The tests' client of the API: it sends requests of every shape and checks the form of the answers. It asks for XML, as
browsers do (savemms-api(7), Dialects)."""

import http.client
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

PATH = "/API/wxml/1.3/"
KINDS = ("image", "audio", "video", "vcard", "ical", "pdf")


class Answer:
    """An HTTP answer. Reading .code, .info or .mmsid also checks that it is a document of the API."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def root(self):
        assert self.headers.get("content-type") == "text/xml; charset=utf-8", (self.headers, self.body[:500])
        root = ElementTree.fromstring(self.body)
        assert root.tag == "RESPONSE", self.body
        return root

    def get(self, name):
        node = self.root.find(name)
        return None if node is None else node.text or ""

    @property
    def code(self):
        """The error code; None means success."""
        if self.get("STATUS") == "Success":
            return None
        assert self.get("STATUS") == "Failure", self.body
        return self.get("ERRORCODE")

    @property
    def info(self):
        return self.get("ERRORINFO")

    @property
    def mmsid(self):
        assert self.code is None, (self.code, self.info)
        text = self.get("MMSID")
        assert re.fullmatch(r"[1-9][0-9]*", text), text
        return text

    def nodes(self):
        return [node.tag for node in self.root]

    def __repr__(self):
        return f"Answer({self.status}, {self.body[:300]!r})"


def element(name, value):
    return "" if value is None else f"<{name}>{escape(str(value))}</{name}>"


def slide_xml(slide):
    """Returns the XML of a slide: a string (its text), or {"image": url, "text": ..., "duration": ..., "personal": id}.
    A list as value gives the element several times; "raw" is inserted as it is."""
    if isinstance(slide, str):
        slide = {"text": slide}
    out = [slide.get("raw", "")]
    for kind in KINDS + ("contact", "calendar"):
        urls = slide.get(kind, [])
        for url in urls if isinstance(urls, list) else [urls]:
            out.append(f"<{kind.upper()}>{element('URL', url)}</{kind.upper()}>")
    personal = slide.get("personal", [])
    for ident in personal if isinstance(personal, list) else [personal]:
        out.append(f"<PERSONALIZED-IMAGE>{element('TEMPLATE-ID', ident)}</PERSONALIZED-IMAGE>")
    out.append(element("TEXT", slide.get("text")))
    out.append(element("DURATION", slide.get("duration")))
    return f"<SLIDE>{''.join(out)}</SLIDE>"


def request_xml(action, key=None, slides=(), raw="", **fields):
    """Returns the XML of a request. A field that is None is left out."""
    head = element("ACTION", action) + element("API_KEY", key)
    body = "".join(element(name.upper(), value) for name, value in fields.items())
    return f"<REQUEST>{head}{body}{''.join(map(slide_xml, slides))}{raw}</REQUEST>"


def multipart(fields, boundary="----savemms0test"):
    """Returns the body and the Content-Type of a multipart form."""
    parts = []
    for name, value in fields.items():
        value = value if isinstance(value, bytes) else str(value).encode()
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


class Client:
    """One caller: a server's port and an account's key."""

    def __init__(self, port, key=None, source=None, headers=None, timeout=90):
        self.port, self.key, self.timeout = port, key, timeout
        self.source = (source, 0) if source else None
        self.headers = headers or {}

    def http(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout,
                                                source_address=self.source)
        try:
            connection.request(method, path, body, {"Accept": "text/xml", **self.headers, **(headers or {})})
            answer = connection.getresponse()
            names = {k.lower(): v for k, v in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        finally:
            connection.close()

    def post(self, body, mime="text/xml", path=PATH):
        body = body.encode() if isinstance(body, str) else body
        return self.http("POST", path, body, {"Content-Type": mime} if mime else {})

    def form(self, pairs, path=PATH):
        return self.post(urllib.parse.urlencode(pairs), "application/x-www-form-urlencoded", path)

    def pairs(self, pairs, path=PATH):
        """Sends the pair form by GET."""
        return self.http("GET", path + "?" + urllib.parse.urlencode(pairs))

    def call(self, action, **fields):
        fields.setdefault("key", self.key)
        return self.post(request_xml(action, **fields))

    def save(self, *slides, **fields):
        """Calls saveMMS. NAME and FALLBACKSMSTEXT have values unless the caller gives others."""
        fields = {"name": "a name", "fallbacksmstext": "a fallback", **fields}
        answer = self.call("saveMMS", slides=slides, **fields)
        assert answer.status == (503 if answer.code == "E503" else 200), answer
        expected = ["STATUS", "MMSID"] if answer.code is None else ["STATUS", "ERRORCODE", "ERRORINFO"]
        assert answer.nodes() == expected, answer
        return answer

    def details(self, mmsid):
        answer = self.call("getMMSIDDetails", mmsid=mmsid)
        assert answer.code is None, answer
        return answer.root

    def ids(self):
        """Returns all MMSIDs of the account, newest first."""
        answer = self.call("getMmsIds")
        if answer.code == "E200":
            return []
        assert answer.code is None, answer
        return [i.strip() for i in answer.get("MMSIDS").split(",")]
