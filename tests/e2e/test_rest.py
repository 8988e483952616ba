"""REST (savemms-api-rest(7)): templates and messages as resources below /api/v2, as they are on the wire."""

import base64
import json
import re
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

import procs
from carrier import Carrier
from instance import SLOW
from test_faults_served import sanitized

TEMPLATES, MESSAGES = "/api/v2/templates", "/api/v2/messages"
FROM, TO = "12345", "15550100123"


class Rest:
    """A caller of one account. Each call returns (HTTP status, headers, object; None: no body)."""

    def __init__(self, caller):
        self.caller, self.key = caller, caller.key

    def __call__(self, method, path, body=None, **headers):
        headers = {"x-api-key": self.key, **{k.replace("_", "-"): v for k, v in headers.items()}}
        headers = {k: v for k, v in headers.items() if v is not None}
        if body is not None and "Content-Type" not in headers:
            headers["Content-Type"] = "application/json"
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        answer = self.caller.http(method, path, raw, headers)
        names = {k.lower(): v for k, v in answer.headers.items()}
        if not answer.body:
            return answer.status, names, None
        kind = "application/json; charset=utf-8" if answer.status < 300 else "application/problem+json"
        assert names["content-type"] == kind and names["x-content-type-options"] == "nosniff", (names, answer.body)
        made = json.loads(answer.body)
        if answer.status >= 300:
            assert made["status"] == answer.status, made
        return answer.status, names, made

    def made(self, **members):
        status, names, template = self("POST", TEMPLATES, base(**members))
        assert status == 201, template
        return names, template

    def refused(self, status, code, *args, pointer=None, **headers):
        """Makes a call that fails so, checks the problem and returns (headers, problem)."""
        got, names, problem = self(*args, **headers)
        assert (got, problem["error-code"]) == (status, code), problem
        assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/api/v2/problems/{code}", problem["type"])
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", problem["instance"])
        assert problem["title"] and problem["detail"] and problem["errors"]
        if pointer is not None:
            assert pointer in [e.get("pointer") for e in problem["errors"]], problem
        return names, problem


def base(**members):
    body = {"name": "n", "message-subject": "Hi", "slide": [{"message-text": "t"}], **members}
    return {k: v for k, v in body.items() if v is not None}


@pytest.fixture(scope="module")
def carrier(tmp_path_factory):
    server = Carrier(tmp_path_factory.mktemp("carrier"), "to=* mms accept report=none\n")
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["lighttpd", "apache"])
def instance(new_instance, carrier, request):
    return new_instance({"transport-mmsc": f"kind=mm7 url={carrier.mm7} vasp=v vas=s", "mms-routes": "default=mmsc",
                         "lease-seconds": "2"}).serve(server=request.param)


@pytest.fixture
def rest(instance):
    return Rest(instance.caller(senders=FROM))


def test_created_read_and_deleted(rest):
    names, template = rest.made()
    mmsid = template["mms-id"]
    assert names["location"].endswith(f"{TEMPLATES}/{mmsid}") and mmsid.isdigit()
    assert template["name"] == "n" and template["message-subject"] == "Hi" and template["slide"] == [{"message-text": "t"}]
    status, names, read = rest("GET", f"{TEMPLATES}/{mmsid}")
    assert (status, read) == (200, template)
    again = rest("GET", f"{TEMPLATES}/{mmsid}", If_None_Match=names["etag"])
    assert again[0] == 304 and again[2] is None
    assert rest("HEAD", f"{TEMPLATES}/{mmsid}")[0] == 200
    assert rest("DELETE", f"{TEMPLATES}/{mmsid}")[::2] == (204, None)
    rest.refused(404, "E241", "GET", f"{TEMPLATES}/{mmsid}")
    rest.refused(404, "E241", "DELETE", f"{TEMPLATES}/{mmsid}")


def test_the_same_template_in_each_dialect(rest, put):
    """What REST saves, A and C describe, by the same words as REST does."""
    image = put("png")
    _, template = rest.made(slide=[{"image": {"url": image}, "message-text": "é"}], **{"client-reference": 77})
    details = rest.caller.details(template["mms-id"])
    assert details.findtext("NAME") == "n" and details.findtext("CLIENT_REFERENCE") == "77"
    assert details.findtext("SLIDE/IMAGE/URL") == image and details.findtext("SLIDE/TEXT") == "é"
    answer = rest.caller.http("POST", "/ep/v2/", json.dumps({"action": "getMMSIDDetails", "mms-id": template["mms-id"]}).encode(),
                              {"x-api-key": rest.key})
    spoken = json.loads(answer.body)
    assert spoken.pop("status") == "Success" and spoken == template


def test_the_key(rest):
    """By x-api-key or as a bearer; not two that differ, and not in the body or the URL."""
    body = base()
    assert rest("POST", TEMPLATES, body, x_api_key=None, Authorization=f"Bearer {rest.key}")[0] == 201
    assert rest("POST", TEMPLATES, body, Authorization=f"bearer {rest.key}")[0] == 201
    for headers in ({"x_api_key": None}, {"x_api_key": "wrong"}, {"Authorization": "Bearer wrong"}, {"x_api_key": None, "Authorization": "Basic x"}):
        names, _ = rest.refused(401, "E104", "POST", TEMPLATES, body, **headers)
        assert names["www-authenticate"] == "Bearer"
    rest.refused(401, "E104", "GET", f"{TEMPLATES}?api_key={rest.key}", x_api_key=None)
    rest.refused(422, "E100", "POST", TEMPLATES, base(**{"api-key": rest.key}), pointer="#/api-key")


def test_members_that_are_not_there(rest):
    _, problem = rest.refused(422, "E100", "POST", TEMPLATES, {
        "nmae": "n", "a/b~c é": 1, "mms-id": "5", "slide": [{"message-text": "t"}, {"image": {"url": "http://h/x", "alt": "x"}, "txt": 1}]})
    assert [e["pointer"] for e in problem["errors"]] == [
        "#/nmae", "#/a~1b~0c%20%C3%A9", "#/mms-id", "#/slide/1/image/alt", "#/slide/1/txt"]
    assert {e["error-code"] for e in problem["errors"]} == {"E100"}


def test_what_a_body_must_be(rest):
    rest.refused(415, "E100", "POST", TEMPLATES, base(), Content_Type="text/plain")
    rest.refused(415, "E100", "POST", TEMPLATES, b"<request/>", Content_Type="text/xml")
    for body in (b"", b"[]", b"<request/>", b"x=y"):
        assert rest.refused(400, "E108" if body == b"x=y" else "E100", "POST", TEMPLATES, body)
    rest.refused(400, "E108", "POST", TEMPLATES, b'{"name":"a","name":"b"}')
    rest.refused(413, "E100", "POST", TEMPLATES, b"x" * (2 << 20))


def test_a_key_for_repetitions_is_not_ignored(rest):
    rest.refused(400, "E100", "POST", TEMPLATES, base(), Idempotency_Key="k")
    assert rest("GET", TEMPLATES)[2] == {"mms-template": []}


def test_rules_and_their_pointers(rest, origin):
    rest.refused(422, "E311", "POST", TEMPLATES, base(name=None), pointer="#/name")
    rest.refused(422, "E225", "POST", TEMPLATES, base(slide=[{"message-text": "t"}] * 10), pointer="#/slide")
    rest.refused(422, "E351", "POST", TEMPLATES, base(slide=[{"message-text": "t"}, {"image": {"url": origin.url("none")}}]), pointer="#/slide/1")
    rest.refused(422, "E100", "POST", TEMPLATES, base(name=["n"]))
    for code, slide in (("E313", {}), ("E334", {"message-text": "x" * 5001}), ("E229", {"excel": "x"}), ("E100", {"message-text": 5}),
                        ("E227", {"image": {"url": "http://h/1.png"}, "video": {"url": "http://h/1.mp4"}})):
        rest.refused(422, code, "POST", TEMPLATES, base(slide=[{"message-text": "t"}, slide]), pointer="#/slide/1")


def test_more_parameters_than_a_url_may_have(rest):
    assert rest("GET", f"{TEMPLATES}?" + "&".join(["limit=1"] * 1000))[0] == 200
    rest.refused(400, "E100", "GET", f"{TEMPLATES}?" + "&".join(["limit=1"] * 1001))


def test_methods_and_addresses(rest):
    assert rest.refused(405, "E100", "DELETE", TEMPLATES)[0]["allow"] == "POST, GET, HEAD"
    assert rest.refused(405, "E100", "POST", f"{TEMPLATES}/5", base())[0]["allow"] == "GET, HEAD, DELETE"
    for path in ("/api/v2", "/api/v2/", "/api/v2/templates/", "/api/v2/templates/1/2", "/api/v2/templatesx", "/api/v2/messages/a/b"):
        rest.refused(404, "E100", "GET", path)
    for number in ("0", "x", "1x", "99999999999999999999", "%31"):
        rest.refused(404, "E241", "GET", f"{TEMPLATES}/{number}")


def test_media(rest, put):
    """The bytes of a source are those that were fetched; a rendition's are those of its URL; ranges and tags work."""
    url = put("png")
    mmsid = rest.made(slide=[{"message-text": "t"}, {"image": {"url": url}}])[1]["mms-id"]
    image = rest("GET", f"{TEMPLATES}/{mmsid}")[2]["slide"][1]["image"]
    path, key = f"{TEMPLATES}/{mmsid}/media/2/image", {"x-api-key": rest.key}
    whole = rest.caller.http("GET", path, None, key)
    assert whole.status == 200 and whole.headers["content-type"] == "image/png" and len(whole.body) == image["bytes"]
    assert whole.body.startswith(b"\x89PNG")
    part = rest.caller.http("GET", path, None, {**key, "Range": "bytes=1-3"})
    assert part.status == 206 and part.body == b"PNG"
    assert rest.caller.http("GET", path, None, {**key, "If-None-Match": whole.headers["etag"]}).status == 304
    for r in image["rendition"]:
        made = rest.caller.http("GET", f"{path}?class={r['class']}", None, key)
        served = rest.caller.http("GET", r["url"][r["url"].index("/media/"):])
        assert made.status == 200 and made.body == served.body and len(made.body) == r["bytes"]
        assert made.headers["content-type"] == r["mime"]
    for wrong in (f"{TEMPLATES}/{mmsid}/media/1/image", f"{TEMPLATES}/{mmsid}/media/3/image", f"{TEMPLATES}/{mmsid}/media/0/image",
                  f"{TEMPLATES}/{mmsid}/media/2/video", f"{TEMPLATES}/{mmsid}/media/2/x", f"{path}?class=none", f"{TEMPLATES}/1/media/2/image"):
        rest.refused(404, "E241", "GET", wrong)
    rest.refused(401, "E104", "GET", path, x_api_key=None)


def data(mime, content, coded=True):
    return f"data:{mime}{';base64' if coded else ''}," + (base64.b64encode(content).decode() if coded else urllib.parse.quote_from_bytes(content))


def test_media_without_a_url(rest, samples):
    """The bytes come with the request, are stored as they came, and are not in what tells of the template."""
    png, card = samples.image(90, 60, "png"), b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:X;Y\r\nFN:Y X\r\nEND:VCARD\r\n"
    slides = [{"image": {"url": data("image/png", png)}}, {"contact": {"url": data("text/vcard;charset=utf-8", card, False)}}]
    _, template = rest.made(slide=slides)
    image, contact = template["slide"][0]["image"], template["slide"][1]["contact"]
    assert image["url"] == "data:image/png" and image["bytes"] == len(png) and image["rendition"]
    assert contact["url"] == "data:text/vcard" and contact["bytes"] == len(card)
    for path, content in (("1/image", png), ("2/contact", card)):
        got = rest.caller.http("GET", f"{TEMPLATES}/{template['mms-id']}/media/{path}", None, {"x-api-key": rest.key})
        assert got.status == 200 and got.body == content
    assert rest("POST", f"{TEMPLATES}?dry-run=true", base(slide=slides))[0] == 200
    for wrong, code in (("data:image/png;base64,x", "E351"), ("data:image/png", "E351"), ("data:image/png,%4", "E351"),
                        (data("text/plain", png), "E229"), (data("image/png", b"no picture"), "E341"),
                        (data("image/png", b""), "E351")):
        status, _, answer = rest("POST", TEMPLATES, base(slide=[{"message-text": "t"}, {"image": {"url": wrong}}]))
        assert (status, answer.get("error-code"), answer["errors"][0]["pointer"]) == (422, code, "#/slide/1"), (wrong, answer)
    status, _, message = rest("POST", MESSAGES, {"slide": slides[:1], "to": TO, "from": FROM, "fallback-sms-text": "f"})
    assert status == 202, message


def body_of(json_part, *parts, boundary="a-boundary"):
    """Returns (body, its type): parts are (name, file name, type, bytes)."""
    out = b""
    for name, file, mime, content in (("template", None, "application/json", json.dumps(json_part).encode()), *parts):
        file = f'; filename="{file}"' if file else ""
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\nContent-Type: {mime}\r\n\r\n'.encode() + content + b"\r\n"
    return out + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def test_media_as_parts(rest, samples):
    """Media of every kind come with the request, large ones too, and one part may be named twice."""
    png, film, noise = samples.image(90, 60, "png"), samples["mp4"], samples.image(1600, 1200, noise=80)
    slides = [{"image": {"part": "a"}}, {"video": {"part": "b"}}, {"image": {"part": "a"}, "message-text": "t"}, {"image": {"part": "c"}}]
    raw, mime = body_of(base(slide=slides), ("a", "a.png", "image/png", png), ("b", "b.mp4", "video/mp4", film), ("c", "c.jpg", "image/jpeg", noise))
    assert len(raw) > 1 << 20
    status, _, template = rest("POST", TEMPLATES, raw, Content_Type=mime)
    assert status == 201, template
    assert [s.get("image", s.get("video"))["url"] for s in template["slide"]] == ["upload:a.png", "upload:b.mp4", "upload:a.png", "upload:c.jpg"]
    path = f"{TEMPLATES}/{template['mms-id']}"
    assert procs.wait_for(lambda: rest("GET", path)[2]["state"] == "ready", 60 * SLOW)
    for place, content in (("1/image", png), ("2/video", film), ("3/image", png), ("4/image", noise)):
        assert rest.caller.http("GET", f"{path}/media/{place}", None, {"x-api-key": rest.key}).body == content


def test_parts_that_are_wrong(rest, samples):
    png = ("a", "a.png", "image/png", samples.image(90, 60, "png"))

    def refused(status, code, json_part, *parts, pointer=None, mime=None):
        raw, own = body_of(json_part, *parts)
        rest.refused(status, code, "POST", TEMPLATES, raw, pointer=pointer, Content_Type=mime or own)
    slide = [{"message-text": "t"}, {"image": {"part": "a"}}]
    refused(422, "E351", base(slide=slide), pointer="#/slide/1")
    refused(422, "E351", base(slide=[{"image": {"part": "template"}}]), pointer="#/slide/0")
    refused(422, "E100", base(), png)
    refused(422, "E100", base(slide=[{"image": {"part": "a", "url": "http://h/1.png"}}]), png)
    refused(422, "E100", base(slide=[{"image": {"part": 5}}]), png)
    refused(422, "E229", base(slide=slide), ("a", "a.exe", "application/x-msdownload", b"MZ"), pointer="#/slide/1")
    refused(400, "E100", base(slide=slide), png, mime="multipart/form-data; boundary=other")
    rest.refused(400, "E100", "POST", TEMPLATES, b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--\r\n", Content_Type="multipart/form-data; boundary=b")
    rest.refused(422, "E351", "POST", TEMPLATES, base(slide=slide), pointer="#/slide/1")
    raw, mime = body_of(base(slide=slide), png)
    rest.refused(401, "E104", "POST", TEMPLATES, raw, Content_Type=mime, x_api_key="wrong")


def test_the_json_among_parts(rest, samples):
    """It is as long as a body of JSON may be, and there is one of it; every part has a name."""
    png = ("a", "a.png", "image/png", samples.image(90, 60, "png"))
    good = base(slide=[{"image": {"part": "a"}}])
    for status, parts in ((413, (base(name="n" * (2 << 20)), png)), (400, (good, png, ("template", None, "application/json", b"{}")))):
        raw, mime = body_of(*parts)
        rest.refused(status, "E100", "POST", TEMPLATES, raw, Content_Type=mime)
    raw, mime = body_of(good, png, ("nameless", None, "text/plain", b"x"))
    rest.refused(400, "E100", "POST", TEMPLATES, raw.replace(b'; name="nameless"', b""), Content_Type=mime)


def test_a_part_that_is_no_file(rest, samples):
    """It has its Content-Type all the same, and its name in place of one of a file."""
    raw, mime = body_of(base(slide=[{"image": {"part": "a"}}]), ("a", None, "image/png", samples.image(90, 60, "png")))
    status, _, template = rest("POST", TEMPLATES, raw, Content_Type=mime)
    assert status == 201 and template["slide"][0]["image"]["url"] == "upload:a", template


def test_file_names_that_are_no_texts(rest, samples):
    """They are mended, so that what is kept can be shown in every dialect."""
    raw, mime = body_of(base(slide=[{"image": {"part": "a"}}]), ("a", "X-X.png", "image/png", samples.image(90, 60, "png")))
    status, _, template = rest("POST", TEMPLATES, raw.replace(b"X-X.png", b"\xe9\x02x.png"), Content_Type=mime)
    assert status == 201, template
    url = rest.caller.details(template["mms-id"]).findtext("SLIDE/IMAGE/URL")
    assert url == template["slide"][0]["image"]["url"] == "upload:? x.png"


def written(instance):
    """Returns how many bytes the program has written so far."""
    return sum(int(re.search(r"wchar: (\d+)", open(f"/proc/{pid}/io").read())[1]) for pid in instance.pids("libexec/savemms/savemms.fcgi"))


def test_a_part_is_written_once(rest, instance):
    """However many media name it; and not for one who may not save, nor for more slides than there may be."""
    size = 2 << 20
    part = ("a", "a.exe", "application/x-msdownload", b"x" * size)

    def wrote(caller, status, code, slides, path=TEMPLATES):
        raw, mime = body_of(base(slide=[{"image": {"part": "a"}}] * slides), part)
        before = written(instance)
        caller.refused(status, code, "POST", path, raw, Content_Type=mime)
        return written(instance) - before
    assert size <= wrote(rest, 422, "E229", 9) < 2 * size
    assert wrote(rest, 422, "E225", 128) < size
    for path in (TEMPLATES, f"{TEMPLATES}?dry-run=true"):
        assert wrote(Rest(instance.caller(actions="getMmsIds")), 403, "E107", 1, path) < size


def memory(instance):
    """Returns the program's memory in bytes."""
    return 1024 * sum(int(re.search(r"RssAnon:\s+(\d+)", open(f"/proc/{pid}/status").read())[1])
                      for pid in instance.pids("libexec/savemms/savemms.fcgi"))


@pytest.mark.skipif(sanitized(), reason="a sanitizer keeps what was freed")
def test_a_body_is_not_kept_in_memory(rest, instance, put):
    """While other media are fetched, what came with the request is on disk only."""
    size, slow = 40 << 20, put("jpg", delay=2 * SLOW)
    raw, mime = body_of(base(slide=[{"image": {"url": slow}}, {"image": {"part": "a"}}]), ("a", "a.png", "image/png", bytes(size)))
    before, wrote = memory(instance), written(instance)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(rest.refused, 422, "E331", "POST", TEMPLATES, raw, Content_Type=mime)
        assert procs.wait_for(lambda: written(instance) - wrote >= size, 20 * SLOW)
        assert procs.wait_for(lambda: memory(instance) - before < size // 2 or waiting.done(), 20 * SLOW)
        assert not waiting.done()
        waiting.result()


def test_a_body_is_not_read_for_just_anybody(instance):
    """Whose calls are all refused is told so, whatever the body is."""
    for settings, code in (({"api": "off"}, "E109"), ({"rights": "off"}, "E105"), ({"ip-whitelist": "192.0.2.1"}, "E112")):
        for path in (TEMPLATES, MESSAGES):
            Rest(instance.caller(**settings)).refused(403, code, "POST", path, b"[]")


def test_media_without_a_url_are_of_rest_alone(rest, samples):
    url = data("image/png", samples.image(9, 9, "png"))
    assert rest.caller.save({"image": url}).code == "E351"


def test_what_a_type_leads_to(rest):
    """Each type of a problem is an address that says what the code means."""
    _, problem = rest.refused(422, "E225", "POST", TEMPLATES, base(slide=[{"message-text": "t"}] * 10))
    status, _, page = rest("GET", problem["type"][problem["type"].index("/api/"):], x_api_key=None)
    assert status == 200 and page == {"error-code": "E225", "title": problem["title"], "status": 422}
    rest.refused(404, "E100", "GET", "/api/v2/problems/E999", x_api_key=None)


def test_nothing_is_kept_of_a_dry_run(rest, put):
    url = put("png")
    status, _, template = rest("POST", f"{TEMPLATES}?dry-run=true", base(slide=[{"image": {"url": url}}]))
    assert status == 200 and "mms-id" not in template and "date-created" not in template
    image, = [s["image"] for s in template["slide"]]
    assert image["mime"] == "image/png" and image["rendition"] and all("url" not in r for r in image["rendition"])
    assert rest("GET", TEMPLATES)[2] == {"mms-template": []}
    rest.refused(422, "E225", "POST", f"{TEMPLATES}?dry-run=true", base(slide=[{"message-text": "t"}] * 10))
    rest.refused(400, "E100", "POST", f"{TEMPLATES}?dry-run=maybe", base())


def test_pages(rest):
    """Every template once, newest first, though some are saved and deleted between the pages."""
    made = [rest.made(name=f"n{i}")[1]["mms-id"] for i in range(7)]
    got, path, pages = [], f"{TEMPLATES}?limit=2", 0
    while path:
        status, names, page = rest("GET", path)
        assert status == 200 and len(page["mms-template"]) <= 2
        got += [t["mms-id"] for t in page["mms-template"]]
        link = re.fullmatch(r'<http://[^/]+(/.*)>; rel="next"', names.get("link", ""))
        assert bool(link) == ("next-cursor" in page)
        path = link and link[1]
        pages += 1
        if pages == 1:
            rest.made(name="new")
            assert rest("DELETE", f"{TEMPLATES}/{got[-1]}")[0] == 204       # the very one that the cursor names
            assert rest("DELETE", f"{TEMPLATES}/{made[0]}")[0] == 204
    assert got == made[:0:-1] and pages == 3


def test_filters_and_cursors(rest, instance, put):
    for i in range(3):
        rest.made(name=f"n{i}")
    film = rest.made(slide=[{"video": {"url": put("mp4")}}])[1]
    if film["state"] == "encoding":
        status, names, now = rest("GET", f"{TEMPLATES}/{film['mms-id']}")
        assert status == 200 and (now["state"] == "ready" or names["retry-after"] == "2")
    assert procs.wait_for(lambda: rest("GET", f"{TEMPLATES}/{film['mms-id']}")[2]["state"] == "ready", 60 * SLOW)
    page = rest("GET", f"{TEMPLATES}?state=ready&limit=3&start-date=2020-01-01")[2]
    assert len(page["mms-template"]) == 3 and page["mms-template"][0]["mms-id"] == film["mms-id"]
    cursor = page["next-cursor"]
    assert len(rest("GET", f"{TEMPLATES}?state=ready&limit=9&start-date=2020-01-01&cursor={cursor}")[2]["mms-template"]) == 1
    assert rest("GET", f"{TEMPLATES}?state=failed")[2] == {"mms-template": []}
    assert rest("GET", f"{TEMPLATES}?start-date=2099-01-01")[2] == {"mms-template": []}
    for query, code in (("limit=0", "E213"), ("limit=1001", "E213"), ("limit=x", "E213"), ("start-date=yesterday", "E214"),
                        ("state=gone", "E100"), ("limt=5", "E100"), ("dry-run=true", "E100"), ("cursor=x", "E212"), (f"cursor={cursor}", "E212"),
                        (f"state=ready&start-date=2020-01-01&cursor={cursor[:-1]}{'0' if cursor[-1] != '0' else '1'}", "E212")):
        rest.refused(400, code, "GET", f"{TEMPLATES}?{query}")
    other = Rest(instance.caller())
    other.refused(400, "E212", "GET", f"{TEMPLATES}?state=ready&start-date=2020-01-01&cursor={cursor}")
    other.refused(404, "E241", "GET", f"{TEMPLATES}/{film['mms-id']}")


def test_sent_and_followed(rest, instance):
    mmsid = rest.made(**{"fallback-sms-text": "hello"})[1]["mms-id"]
    status, names, message = rest("POST", MESSAGES, {"mms-id": mmsid, "to": TO, "from": FROM, "data": {"a": 1}, "client-reference": "r"})
    assert status == 202 and message == {"mms-id": mmsid, "tracking-id": message["tracking-id"], "to": TO, "from": FROM, "state": "queued"}
    assert names["location"].endswith(f"{MESSAGES}/{message['tracking-id']}")
    path = f"{MESSAGES}/{message['tracking-id']}"
    assert procs.wait_for(lambda: rest("GET", path)[2]["state"] == "sent", 30 * SLOW), rest("GET", path)
    seen = rest("GET", path)[2]
    assert (seen["mms-id"], seen["to"], seen["from"], seen["sent-as"], seen["client-reference"]) == (mmsid, TO, FROM, "MMS", "r")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", seen["date-sent"]) and seen["page-views"] == 0
    Rest(instance.caller()).refused(404, "E241", "GET", path)


def test_sent_with_slides(rest):
    status, _, message = rest("POST", MESSAGES, {"slide": {"message-text": "t"}, "to": TO, "from": FROM, "fallback-sms-text": "f"})
    assert status == 202 and message["mms-id"].isdigit() and message["to"] == TO and message["from"] == FROM
    assert rest("GET", f"{TEMPLATES}/{message['mms-id']}")[0] == 200 and rest("GET", TEMPLATES)[2] == {"mms-template": []}


def test_sends_that_fail(rest):
    mmsid = rest.made(**{"fallback-sms-text": "hello"})[1]["mms-id"]
    for body in ({}, {"to": TO}, {"mms-id": mmsid, "slide": {"message-text": "t"}, "to": TO}):
        rest.refused(422, "E100", "POST", MESSAGES, body)
    rest.refused(422, "E621", "POST", MESSAGES, {"mms-id": mmsid, "from": FROM}, pointer="#/to")
    rest.refused(422, "E110", "POST", MESSAGES, {"mms-id": mmsid, "from": FROM, "to": "+15550100123"}, pointer="#/to")
    rest.refused(404, "E241", "POST", MESSAGES, {"mms-id": "999999999999", "from": FROM, "to": TO})
    rest.refused(422, "E100", "POST", MESSAGES, {"mms-id": mmsid, "from": FROM, "to": TO, "name": "x"}, pointer="#/name")
    rest.refused(422, "E201", "POST", MESSAGES, {"slide": {"message-text": "t"}, "from": FROM, "fallback-sms-text": "f"}, pointer="#/to")


def test_looking_is_free_for_whoever_may_send(instance):
    """A GET of a message needs the right of either send, and does not count."""
    rest = Rest(instance.caller(senders=FROM, actions="sendMMS", **{"daily-limit": 1}))
    status, names, _ = rest("POST", MESSAGES, {"slide": {"message-text": "t"}, "to": TO, "from": FROM, "fallback-sms-text": "f"})
    assert status == 202
    for _ in range(3):
        assert rest("GET", names["location"][names["location"].index("/api/"):])[0] == 200
    rest.refused(429, "E120", "POST", MESSAGES, {"slide": {"message-text": "t"}, "to": TO, "from": FROM, "fallback-sms-text": "f"})


def test_a_page_has_its_tag(rest):
    for _ in range(3):
        rest.made()
    first = rest("GET", f"{TEMPLATES}?limit=1")
    assert "next-cursor" in first[2] and rest("GET", f"{TEMPLATES}?limit=1", If_None_Match=first[1]["etag"])[0] == 304


def test_a_send_is_told_though_its_headers_do_not_fit(rest):
    """What is stored is never answered by a failure that asks for another try."""
    mmsid = rest.made(**{"fallback-sms-text": "f"})[1]["mms-id"]
    for folder in ("/" + "a" * 4020, f"/{'a' * 4020}/.."):      # which the Location repeats, where the web server routes it
        answer = rest.caller.http("POST", folder + MESSAGES, json.dumps({"mms-id": mmsid, "from": FROM, "to": TO}).encode(),
                                  {"x-api-key": rest.key, "Content-Type": "application/json"})
        assert answer.status < 500, answer
        assert answer.status != 202 or json.loads(answer.body)["tracking-id"]


def test_nothing_is_sent_by_a_dry_run(rest):
    mmsid = rest.made(**{"fallback-sms-text": "f"})[1]["mms-id"]
    rest.refused(400, "E100", "POST", f"{MESSAGES}?dry-run=true", {"mms-id": mmsid, "from": FROM, "to": TO})


def test_pointers_are_those_of_the_request(instance):
    """The number of a limit is not taken for that of a slide."""
    rest = Rest(instance.caller(senders=FROM, **{"min-interval": 1}))
    _, problem = rest.refused(422, "E100", "POST", MESSAGES, {"mms-id": 5.5, "to": TO, "from": FROM})
    assert "pointer" not in problem["errors"][0]


def test_rights_and_rates(instance):
    rest = Rest(instance.caller(actions="getMmsIds"))
    for args in (("POST", TEMPLATES, base()), ("GET", TEMPLATES), ("GET", f"{TEMPLATES}/1"), ("DELETE", f"{TEMPLATES}/1"),
                 ("GET", f"{MESSAGES}/x"), ("POST", f"{TEMPLATES}?dry-run=true", base())):
        rest.refused(403, "E107", *args)
    slow = Rest(instance.caller(**{"min-interval": 100}))
    slow.made()
    names, _ = slow.refused(429, "E106", "POST", TEMPLATES, base())
    assert 1 <= int(names["retry-after"]) <= 100
    Rest(instance.caller(api="off")).refused(403, "E109", "GET", TEMPLATES)


def test_waiting(rest, samples, instance):
    """The answer waits for the encode or the carrier, no longer than it was asked to, and says so."""
    film = {"video": {"url": data("video/mp4", samples["mp4"])}}
    status, names, template = rest("POST", TEMPLATES, base(slide=[film]), Prefer="respond-async, wait=60")
    assert status == 201 and template["state"] == "ready" and names["preference-applied"] == "wait"
    mmsid = rest.made(**{"fallback-sms-text": "f"})[1]["mms-id"]
    began = time.monotonic()
    status, names, _ = rest("GET", f"{TEMPLATES}/{mmsid}", Prefer="wait=60")
    assert status == 200 and names["preference-applied"] == "wait" and time.monotonic() - began < 20 * SLOW
    tracking = rest("POST", MESSAGES, {"mms-id": mmsid, "to": TO, "from": FROM})[2]["tracking-id"]
    status, names, message = rest("GET", f"{MESSAGES}/{tracking}", Prefer="wait=60")
    assert message["state"] == "sent" and names["preference-applied"] == "wait"
    for prefer in ("wait=0", "wait=x", "wait", "return=minimal"):
        assert "preference-applied" not in rest("GET", f"{TEMPLATES}/{mmsid}", Prefer=prefer)[1]
    rest.refused(404, "E241", "GET", f"{TEMPLATES}/999999", Prefer="wait=60")
