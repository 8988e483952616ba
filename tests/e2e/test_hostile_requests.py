"""Requests made to be expensive: each is answered soon and with its code, at a cost in proportion to its size."""

import time

import pytest

from client import PATH, multipart
from instance import SLOW

MIB = 1 << 20
LAUGHS = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
BODIES = {
    "laughs": f'<!DOCTYPE R [<!ENTITY a0 "ha">{LAUGHS}]><REQUEST><ACTION>&a9;</ACTION></REQUEST>',
    "quadratic": f'<!DOCTYPE R [<!ENTITY a "{"x" * 400000}">]><REQUEST>{"&a;" * 100000}</REQUEST>',
    "file": '<!DOCTYPE R [<!ENTITY a SYSTEM "file:///etc/passwd">]><REQUEST><ACTION>&a;</ACTION></REQUEST>',
    "parameter entity": '<!DOCTYPE R [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">%a;]><REQUEST/>',
    "external subset": '<!DOCTYPE R SYSTEM "http://127.0.0.1:9/x.dtd"><REQUEST/>',
    "attributes": "<REQUEST " + " ".join(f"a{i}='1'" for i in range(60000)) + "/>",
    "long attribute": f'<REQUEST a="{"x" * (MIB - 100)}"/>',
    "elements": "<REQUEST>" + "<a/>" * 200000 + "</REQUEST>",
    "depth": "<a>" * 300000,
    "unclosed": "<REQUEST>" + "<" * (MIB - 100),
    "unclosed comment": "<REQUEST><!--" + "-" * (MIB - 100),
    "comments": "<REQUEST>" + "<!---->" * 140000 + "</REQUEST>",
    "cdata": "<REQUEST><ACTION>" + "<![CDATA[x]]>" * 75000 + "</ACTION></REQUEST>",
    "instructions": "<REQUEST>" + "<?x?>" * 200000 + "</REQUEST>",
    "references": "<REQUEST><ACTION>" + "&lt;" * 250000 + "</ACTION></REQUEST>",
    "undefined entities": "<REQUEST><ACTION>" + "&a;" * 300000 + "</ACTION></REQUEST>",
    "mixed": "<REQUEST><ACTION>" + "x<a/>" * 1900 + "y" * 900000 + "</ACTION></REQUEST>",
    "xinclude": '<REQUEST xmlns:xi="http://www.w3.org/2001/XInclude"><ACTION><xi:include href="file:///etc/passwd" parse="text"/>'
                "</ACTION></REQUEST>",
    "namespaces": "<REQUEST " + " ".join(f'xmlns:n{i}="u{i}"' for i in range(60)) + ">" + "<n1:a/>" * 1900 + "</REQUEST>",
}


def soon(call):
    began = time.monotonic()
    answer = call()
    assert time.monotonic() - began < 2 * SLOW, time.monotonic() - began
    assert answer.status == 200 and answer.code in ("E100", "E108"), answer
    assert "root:" not in answer.body.decode()
    return answer


@pytest.mark.parametrize("name", BODIES)
def test_xml(caller, name):
    body = BODIES[name]
    assert len(body) <= MIB
    answer = soon(lambda: caller.post(body))
    if "DOCTYPE" in body or name in ("attributes", "long attribute", "elements", "depth", "unclosed", "undefined entities"):
        assert answer.code == "E108", answer


def test_pairs(caller):
    for body in ("&" * (MIB - 10), "a=b&" * 200000, "%" * (MIB - 10), "slide_1_text=" + "%41" * 300000, "a" * (MIB - 10),
                 "".join(f"slide_{i}_text=x&" for i in range(50000))):
        soon(lambda: caller.post(body, "application/x-www-form-urlencoded"))
    soon(lambda: caller.http("GET", PATH + "?" + "&".join(f"slide_{i}_text=x" for i in range(200))))


def test_multipart(caller):
    body, mime = multipart({f"f{i}": "x" for i in range(8000)})
    soon(lambda: caller.post(body[:MIB], mime))
    soon(lambda: caller.post(b"\r\n--x" * 170000, "multipart/form-data; boundary=x"))
    soon(lambda: caller.post(b"-" * (MIB - 10), "multipart/form-data; boundary=" + "-" * 70))
    soon(lambda: caller.post(b"--x\r\n" + b"a: b\r\n" * 170000, "multipart/form-data; boundary=x"))
