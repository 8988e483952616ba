"""Requests and Answers (savemms-api(7)): how a request is read and how it is answered."""

import os
import socket
import urllib.parse

import pytest

from client import PATH, multipart, request_xml
from expected import is_error
from instance import as_cgi

FIELDS = {"name": "n", "fallbacksmstext": "f"}


def save_xml(caller, text="hello", **more):
    return request_xml("saveMMS", caller.key, [text], **{**FIELDS, **more})


def text_of(caller, answer):
    return caller.details(answer.mmsid).findtext("SLIDE/TEXT")


@pytest.mark.smoke
@pytest.mark.parametrize("path", [PATH, PATH + "index.php"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_urls_and_methods(caller, path, method):
    pairs = {"action": "saveMMS", "api_key": caller.key, "slide_1_text": "x", **FIELDS}
    answer = caller.post(save_xml(caller), path=path) if method == "POST" else caller.pairs(pairs, path)
    assert answer.mmsid


@pytest.mark.parametrize("mime", ["text/xml", "application/xml; charset=utf-8", "application/x-www-form-urlencoded",
                                  "multipart/form-data; boundary=x", "text/plain", "application/octet-stream", None])
def test_raw_xml_whatever_it_is_called(caller, mime):
    assert text_of(caller, caller.post(save_xml(caller, "a=b&c=d %41+"), mime)) == "a=b&c=d %41+"


def test_blanks_and_bom_before_the_first_element(caller):
    assert caller.post("\r\n \t" + save_xml(caller)).mmsid
    assert caller.post(b"\xef\xbb\xbf" + save_xml(caller).encode()).mmsid
    assert caller.post(b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>" + save_xml(caller).encode()).mmsid


def test_comments_and_processing_instructions_are_ignored(caller):
    extra = "<?xml-stylesheet href='http://192.0.2.1/x'?><!-- <!DOCTYPE a> -->"
    assert caller.post("<?xml version='1.0'?>" + extra + save_xml(caller).replace("<ACTION>", extra + "<ACTION>") + extra).mmsid
    assert caller.post(save_xml(caller).replace("<ACTION>", "<?xml version='1.0'?><ACTION>")).code == "E108"


@pytest.mark.parametrize("field", ["xml", "XML", "Xml"])
def test_form_field_with_the_document(caller, field):
    assert text_of(caller, caller.form({"other": "1", field: save_xml(caller, "ü & 1+1")})) == "ü & 1+1"


@pytest.mark.parametrize("field", ["xml", "XML"])
def test_multipart_field_with_the_document(caller, field):
    body, mime = multipart({"other": "1", field: save_xml(caller, "ü & 1+1")})
    assert text_of(caller, caller.post(body, mime)) == "ü & 1+1"


def all_pairs(caller):
    return {"Action": "savemms", "API_KEY": caller.key, "name": "n", "subject": "Sub", "fallbacksmstext": "F",
            "disablefallbacksms": "no", "disablefallbacksmslink": "YES", "client_reference": "ref",
            "slide_10_text": "ten", "slide_2_text": "two", "slide_2_duration": "7", "SLIDE_3_TEXT": "drei ü"}


@pytest.mark.parametrize("way", ["get", "post", "multipart"])
def test_pairs(caller, way):
    if way == "get":
        answer = caller.pairs(all_pairs(caller))
    elif way == "post":
        answer = caller.form(all_pairs(caller))
    else:
        answer = caller.post(*multipart(all_pairs(caller)))
    root = caller.details(answer.mmsid)
    assert [n.text for n in root.findall("SLIDE/TEXT")] == ["two", "drei ü", "ten"]
    assert (root.findtext("SUBJECT"), root.findtext("FALLBACK_SMS_TEXT")) == ("Sub", "F")
    assert root.findtext("CLIENT_REFERENCE") == "ref"


def test_the_url_of_one_of_our_media_in_a_query(caller):
    """Only the path decides whether a medium is requested."""
    url = f"http://192.0.2.1/media/{'a' * 64}.jpg"
    query = f"action=saveMMS&api_key={caller.key}&name=n&fallbacksmstext=f&slide_1_image={url}"
    assert is_error(caller.http("GET", f"{PATH}?{query}"), "E351", 1)


@pytest.mark.parametrize("way", ["get", "post"])
def test_line_breaks_in_pairs(caller, way):
    fields = {"action": "saveMMS", "api_key": caller.key, "slide_1_text": "a\nb\tc", **FIELDS}
    answer = caller.pairs(fields) if way == "get" else caller.form(fields)
    assert text_of(caller, answer) == "a\nb\tc"


def test_what_xml_cannot_hold_is_replaced(caller):
    """Pairs can carry characters that an XML answer cannot."""
    answer = caller.form({**all_pairs(caller), "name": "a\uffffb\ufffec\x01d"})
    assert caller.details(answer.mmsid).findtext("NAME") == "a\ufffdb\ufffdc\ufffdd"


def test_pairs_with_media(caller, put):
    answer = caller.form({"action": "saveMMS", "api_key": caller.key, "slide_1_image": put("png"),
                          "slide_2_vcard": put("vcf"), "slide_3_ical": put("ics"), "slide_4_pdf": put("pdf"), **FIELDS})
    root = caller.details(answer.mmsid)
    assert [[c.tag for c in s if c.tag in ("IMAGE", "VCARD", "ICAL", "PDF")] for s in root.findall("SLIDE")] == \
        [["IMAGE"], ["VCARD"], ["ICAL"], ["PDF"]]


def test_pairs_with_audio_video_and_personalized_image(caller, put):
    """They reach the same rules as the XML form."""
    base = {"action": "saveMMS", "api_key": caller.key, **FIELDS}
    assert is_error(caller.form({**base, "slide_1_audio": put("mp3"), "slide_1_video": put("mp4")}), "E226")
    assert is_error(caller.form({**base, "slide_4_personalized_image": "77"}), "E1130", 1)


def test_names_in_any_case_blanks_trimmed_any_order(caller):
    body = (f"<request><Slide><Text> spaced </Text></Slide><unknown><deep/></unknown><Name>  n  </Name>"
            f"<FallbackSmsText>f</FallbackSmsText><api_key>\n {caller.key} \n</api_key><action> SAVEmms </action></request>")
    root = caller.details(caller.post(body).mmsid)
    assert root.findtext("NAME") == "n"


def test_legacy_shapes(caller):
    head = f"<ACTION>saveMMS</ACTION><API_KEY>{caller.key}</API_KEY><FALLBACKSMSTEXT>f</FALLBACKSMSTEXT>"
    old = (f"<REQUEST>{head}<CONTENT><NAME>old</NAME><SEQUENCE><SLIDE duration=\"5\"><TEXT>one</TEXT></SLIDE>"
           f"<SLIDE duration=\"6\"><TEXT>two</TEXT></SLIDE></SEQUENCE></CONTENT></REQUEST>")
    root = caller.details(caller.post(old).mmsid)
    assert root.findtext("NAME") == "old"
    assert [n.text for n in root.findall("SLIDE/TEXT")] == ["one", "two"]
    direct = f"<REQUEST>{head}<NAME>n</NAME><SLIDE duration=\"5\"><TEXT>one</TEXT></SLIDE></REQUEST>"
    assert caller.post(direct).mmsid


def test_duration_is_never_an_error(caller):
    for duration in ("5", "", "abc", "-1", "999999999999"):
        assert caller.save({"text": "x", "duration": duration}).mmsid


@pytest.mark.parametrize("encoding,python", [("UTF-8", "utf-8"), ("ISO-8859-1", "latin-1"),
                                             ("windows-1252", "cp1252"), ("UTF-16", "utf-16"), ("KOI8-R", "koi8-r"),
                                             ("iso-8859-7", "iso8859-7"), ("Shift_JIS", "shift_jis"), ("EUC-JP", "euc-jp"),
                                             ("GB18030", "gb18030"), ("Big5", "big5"), ("EUC-KR", "euc-kr")])
def test_encodings(caller, encoding, python):
    """The declaration names it, or the header does, which counts more."""
    text = {"latin-1": "Grüße ready", "koi8-r": "Привет", "iso8859-7": "Καλημέρα", "shift_jis": "表示 a\\b", "euc-jp": "日本語",
            "gb18030": "中文 😀", "big5": "許功蓋", "euc-kr": "한국어"}.get(python, "Grüße € ready")
    body = f"<?xml version=\"1.0\" encoding=\"{encoding}\"?>" + save_xml(caller, text)
    assert text_of(caller, caller.post(body.encode(python))) == text
    wrong = body.replace(encoding, "us-ascii").encode(python)
    assert text_of(caller, caller.post(wrong, f'text/xml; x="; charset=utf-8"; charset="{encoding}"')) == text


def test_charset_of_a_form(caller):
    fields = {"action": "saveMMS", "api_key": caller.key, "name": "n", "subject": "s", "slide_1_text": "Grüße"}
    body = urllib.parse.urlencode(fields, encoding="latin-1")
    assert "%FC" in body
    assert text_of(caller, caller.post(body, "application/x-www-form-urlencoded; charset=ISO-8859-1")) == "Grüße"
    assert caller.post(body, "application/x-www-form-urlencoded").code == "E108"
    body, mime = multipart({**fields, "slide_1_text": "Grüße".encode("latin-1")})
    typed = body.replace(b'name="slide_1_text"', b'name="slide_1_text"\r\nContent-Type: text/plain; charset=iso-8859-1')
    assert text_of(caller, caller.post(typed, mime)) == "Grüße"
    assert caller.post(body, mime).code == "E108"


def test_a_form_field_is_decoded_already(caller):
    """An XML declaration in it does not count."""
    xml = "<?xml version='1.0' encoding='ISO-8859-1'?>" + save_xml(caller, "Grüße")
    assert text_of(caller, caller.form({"xml": xml})) == "Grüße"
    assert text_of(caller, caller.post(*multipart({"xml": xml}))) == "Grüße"


def test_utf16_said_of_eight_bits(caller):
    for said in ("utf-16", "UTF-16LE"):
        body = f"<?xml version='1.0' encoding='{said}'?>" + save_xml(caller, "Grüße")
        assert text_of(caller, caller.post(body.encode())) == "Grüße"


def test_utf16_both_byte_orders(caller):
    for python, bom in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        assert text_of(caller, caller.post(bom + save_xml(caller, "Grüße 😀").encode(python))) == "Grüße 😀"


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\0"])
def test_text_not_valid_in_its_encoding(caller, bad):
    body = save_xml(caller, "BAD").encode().replace(b"BAD", bad)
    assert caller.post(body).code == "E108"


@pytest.mark.smoke
def test_unreadable_requests(caller):
    assert is_error(caller.http("GET", PATH), "E100")
    assert is_error(caller.post(""), "E100")
    assert is_error(caller.post("hello", "text/plain"), "E100")
    assert is_error(caller.post("[]", "application/json"), "E100")
    assert is_error(caller.form({"nothing": "here"}), "E100")
    assert is_error(caller.call("noSuchThing"), "E100")
    assert is_error(caller.post(f"<REQUEST><API_KEY>{caller.key}</API_KEY></REQUEST>"), "E100")


@pytest.mark.smoke
def test_other_methods(caller):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = caller.http(method, PATH, b"<REQUEST/>")
        assert answer.status == 405 and answer.code == "E100", answer
    head = caller.http("HEAD", PATH)
    assert head.status == 200 and head.body == b"" and head.headers["content-type"] == "text/xml; charset=utf-8"
    assert caller.http("OPTIONS", PATH).status in (200, 204)


def test_body_too_large(caller):
    """A 413 with a failure document comes before the body is read: this test sends no body."""
    with socket.create_connection(("127.0.0.1", caller.port), 20) as s:
        s.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nConnection: close\r\n"
                  f"Content-Length: {1 << 21}\r\n\r\n".encode() + b"<" * (1 << 21))
        s.settimeout(20)
        answer = b""
        try:
            while piece := s.recv(65536):
                answer += piece
        except (ConnectionResetError, TimeoutError):
            pass
    assert answer.startswith(b"HTTP/1.1 413"), answer[:300]
    assert b"<STATUS>Failure</STATUS>" in answer


def test_body_as_large_as_allowed(caller):
    body = save_xml(caller)
    assert caller.post(body.replace("<REQUEST>", "<REQUEST>" + " " * ((1 << 20) - len(body)))).mmsid


def test_body_shorter_than_announced(shared, caller):
    status, headers, body = as_cgi(shared, save_xml(caller).encode()[:40], length=4000)
    assert status == 400 and b"<STATUS>Failure</STATUS>" in body
    assert headers["content-type"] == "text/xml; charset=utf-8"


def test_store_away(new_instance):
    """The answer is 503 with Retry-After and a document, so that the caller may come again."""
    instance = new_instance()
    key = instance.account("a")
    os.rename(instance.folder + "/db", instance.folder + "/db.away")
    body = request_xml("saveMMS", key, ["x"], **FIELDS).encode()
    status, headers, answer = as_cgi(instance, body)
    os.rename(instance.folder + "/db.away", instance.folder + "/db")
    assert status == 503 and int(headers["retry-after"]) > 0
    assert b"<ERRORCODE>E503</ERRORCODE><ERRORINFO>Internal error.</ERRORINFO>" in answer


def test_plain_cgi(shared, caller):
    """The same program, started for one request."""
    status, headers, body = as_cgi(shared, save_xml(caller).encode())
    assert status == 200 and b"<STATUS>Success</STATUS>" in body
    query = f"action=getMmsIds&api_key={caller.key}"
    status, _, body = as_cgi(shared, method="GET", QUERY_STRING=query, REQUEST_URI=PATH + "?" + query, CONTENT_LENGTH=None)
    assert status == 200 and caller.ids()[0].encode() in body


def test_answer_is_exactly_one_document(caller):
    answer = caller.call("saveMMS", slides=["x"], **FIELDS)
    expected = f"<RESPONSE><STATUS>Success</STATUS><MMSID>{answer.mmsid}</MMSID></RESPONSE>"
    declaration, rest = answer.body.decode().split("?>", 1)
    assert declaration == '<?xml version="1.0" encoding="UTF-8"' and rest.strip() == expected
