"""A common set of requests through each web server and each way to run the program under it."""

import concurrent.futures
import socket
import urllib.parse

import pytest

from client import PATH, multipart, request_xml
from console import Console
from expected import is_error
from instance import SLOW

SERVERS = {
    "lighttpd": ("lighttpd",),
    "lighttpd-cgi": ("lighttpd", "--cgi"),
    "apache": ("apache",),
    "apache-fcgid": ("apache", "--module", "fcgid"),
    "apache-proxy_fcgi": ("apache", "--module", "proxy_fcgi"),
    "apache-cgid": ("apache", "--module", "cgid"),
    "apache-cgi": ("apache", "--cgi"),
}
FIELDS = {"name": "n", "fallbacksmstext": "f"}


@pytest.fixture(scope="module", params=SERVERS)
def served(new_instance, request):
    server, *args = SERVERS[request.param]
    instance = new_instance().serve(*args, server=server)
    yield instance
    instance.stop()
    assert instance.faults() == []


@pytest.fixture
def customer(served):
    return served.caller()


def test_four_ways_in(customer):
    xml = request_xml("saveMMS", customer.key, ["Grüße & 1+1"], **FIELDS)
    pairs = {"action": "saveMMS", "api_key": customer.key, "slide_1_text": "Grüße & 1+1", **FIELDS}
    answers = [customer.post(xml), customer.post(xml, "application/x-www-form-urlencoded"), customer.form({"xml": xml}),
               customer.post(*multipart({"XML": xml})), customer.form(pairs), customer.pairs(pairs),
               customer.post(xml, path=PATH + "index.php"), customer.pairs(pairs, PATH + "index.php")]
    for answer in answers:
        assert answer.status == 200
        assert customer.details(answer.mmsid).findtext("SLIDE/TEXT") == "Grüße & 1+1"


def test_resources(customer):
    """Each way of each server passes on the paths of REST, its methods and its headers, and large bodies."""
    key = {"Authorization": f"Bearer {customer.key}"}
    body = b'{"name":"n","message-subject":"Hi","slide":{"message-text":"t"}}' + b" " * 700000
    made = customer.http("POST", "/api/v2/templates", body, {**key, "Content-Type": "application/json"})
    assert made.status == 201, made
    path = made.headers["location"][made.headers["location"].index("/api/"):]
    assert customer.http("GET", path, None, key).headers["content-type"].startswith("application/json")
    assert customer.http("DELETE", path, None, key).status == 204
    assert customer.http("GET", path, None, key).status == 404


def test_http_exceptions(customer):
    put_answer = customer.http("PUT", PATH, b"<REQUEST/>")
    assert put_answer.status == 405 and put_answer.code == "E100"
    big = customer.post(b"<REQUEST>" + b" " * (2 << 20))
    assert big.status == 413 and b"<STATUS>Failure</STATUS>" in big.body
    assert is_error(customer.http("GET", PATH), "E100")


def test_only_the_api_and_uploads_may_be_large(served, request):
    """The web server refuses a large body at any other path before it keeps it, and the program does, too."""
    for path in ("/m/x", "/media/x", "/healthz", "/report", "/console/sign-in", "/console/settings"):
        answer = served.client().http("POST", path, b"x" * (2 << 20), {"Content-Type": "application/x-www-form-urlencoded"})
        assert 400 <= answer.status < 500, (path, answer.status)
    if "lighttpd" in request.node.name or "apache-cgi" in request.node.name:    # the others pass on what they do not keep
        answer = served.client().http("POST", "/m/x", b"x" * (2 << 20), {"Content-Type": "text/plain"})
        assert answer.status == 413
    form = served.client().http("POST", "/console/compose", b"x" * (2 << 20), {"Content-Type": "text/plain"})
    assert form.status == 403                           # nobody is signed in: the program's own answer


def test_http_1_0_without_a_host(served):
    """The links of the message then lead to the server's own name."""
    customer = served.caller(senders="12345")
    query = urllib.parse.urlencode({"action": "sendSavedMMS", "api_key": customer.key, "to": "15551234567", "from": "12345",
                                    "mmsid": customer.save("x").mmsid})
    with socket.create_connection(("127.0.0.1", customer.port), timeout=20 * SLOW) as s:
        s.sendall(f"GET {PATH}?{query} HTTP/1.0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    assert b" 200 " in answer.split(b"\r\n")[0] and b"<STATUS>Success</STATUS>" in answer, answer


def test_the_first_part_of_the_path_decides(served):
    """A rule of a web server for /healthz/... must not open the console, the API or the metrics."""
    for path in ("/healthz/console/", "/healthz/console/sign-in", "/readyz/metrics", "/healthz/API/wxml/1.3/?action=getMmsIds",
                 "/m/console/sign-in", "/media/console/sign-in"):
        answer = served.client().http("GET", path)
        assert answer.status == 404 and b"Sign in" not in answer.body and b"RESPONSE" not in answer.body, (path, answer)
    assert served.client().http("GET", PATH + "console/sign-in").code == "E100"


def test_body_of_a_mebibyte(customer):
    """The body is larger than web servers allow by default (mod_fcgid: 131,072 bytes)."""
    xml = request_xml("saveMMS", customer.key, ["x"], **FIELDS)
    assert customer.post(xml.replace("<REQUEST>", "<REQUEST>" + " " * ((1 << 20) - len(xml.encode())))).mmsid


def test_chunked_body(customer):
    xml = request_xml("saveMMS", customer.key, ["x" * 5000], **FIELDS).encode()
    answer = customer.http("POST", PATH, iter([xml[:100], xml[100:]]), {"Content-Type": "text/xml"})
    assert answer.mmsid


def test_image_and_postback(served, put, receiver, hook):
    caller = served.caller(postback_url=receiver.url(hook))
    mmsid = caller.save({"image": put("jpg"), "text": "t"}, {"audio": put("mp3")}).mmsid
    got = receiver.wait(hook, 1, 60 * SLOW)
    assert got and (got[0].text("CODE"), got[0].text("MMSID")) == ("N003", mmsid), served.logs()[-3000:]
    assert caller.details(mmsid).find("SLIDE/IMAGE/RENDITION") is not None


def test_many_at_once(customer):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: customer.save(str(i)), range(64)))
    assert len({a.mmsid for a in answers}) == 64


def test_the_callers_address(served):
    caller = served.caller(ip_whitelist="127.0.0.0/8")
    assert caller.save("x").mmsid


def test_parts_of_a_medium(customer, put):
    """Ranges and conditional requests work through every server."""
    mmsid = customer.save({"image": put("jpg")}).mmsid
    url = "/" + customer.details(mmsid).findtext(".//RENDITION/URL").split("/", 3)[3]
    whole = customer.http("GET", url)
    size = len(whole.body)
    assert whole.status == 200 and whole.headers["accept-ranges"] == "bytes"
    for spec, first, last in (("bytes=0-99", 0, 99), ("bytes=100-", 100, size - 1), ("bytes=-7", size - 7, size - 1)):
        part = customer.http("GET", url, headers={"Range": spec})
        assert (part.status, part.headers["content-range"]) == (206, f"bytes {first}-{last}/{size}")
        assert part.body == whole.body[first:last + 1]
    assert customer.http("GET", url, headers={"Range": f"bytes={size}-"}).status == 416
    assert customer.http("GET", url, headers={"Range": "bytes=0-9", "If-Range": '"x"'}).body == whole.body
    assert customer.http("GET", url, headers={"If-None-Match": whole.headers["etag"]}).status == 304
    head = customer.http("HEAD", url)
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(size))
    assert customer.http("GET", f"/m/{'x' * 32}").status == 404


def test_the_console(served, put):
    """Cookies, redirects, forms and status codes arrive unchanged through every server."""
    caller = served.caller()
    served.run("account", "set", caller.account, "--password", "secret-1")
    mmsid = caller.save({"image": put("jpg"), "text": "t"}, name="Seen there").mmsid
    console = Console(served.port)
    assert console.http("GET", "/console").headers["location"].endswith("console/")
    assert console.get("templates").status == 303
    assert console.sign_in(caller.account, "wrong").status == 403
    answer = console.sign_in(caller.account)
    assert answer.status == 303 and answer.headers["location"].endswith("./")
    answer = console.get("templates?q=seen")
    assert answer.status == 200 and "Seen there" in answer.page.text
    assert console.get(f"templates/{mmsid}").status == 200 and console.get("console.css").status == 200
    assert console.send("settings", "settings", transcoding="off").status == 303
    assert console.post("settings", {"transcoding": "on"}).status == 403
    for path in ("/healthz", "/readyz", "/metrics"):
        assert console.http("GET", path).status == 200, path
    assert console.send("templates", "sign-out").status == 303
    assert console.get("templates").status == 303
