"""The part of test_guard.py that runs inside a network namespace. It starts a media server on port 80 of every address,
and the program as CGI with the default outgoing settings."""

import argparse
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "fakes")]

import media                                                    # noqa: E402
from client import request_xml                                  # noqa: E402
from instance import Instance, as_cgi, program                  # noqa: E402
from media_server import Handler, MediaServer, Resource, Server  # noqa: E402
from name_server import NameServer                              # noqa: E402

Server.address_family = socket.AF_INET6


def fetch(instance, key, url):
    """Fetches a URL with saveMMS. Returns True when saveMMS took the medium, and False for E351."""
    body = request_xml("saveMMS", key, [{"image": url}], name="n", fallbacksmstext="f").encode()
    answer = as_cgi(instance, body)[2]
    if b"<STATUS>Success</STATUS>" in answer:
        return True
    assert b"<ERRORCODE>E351</ERRORCODE>" in answer, (url, answer)
    return False


# The addresses that a name resolves to, and whether a medium under it may be fetched. If there are several
# addresses, only the public ones may be used.
PUBLIC4, PUBLIC6 = "93.184.216.34", "2606:2800:220:1::1"
NAMES = {
    "good.test": ([PUBLIC4], True), "six.test": ([PUBLIC6], True), "private.test": (["10.0.0.1"], False),
    "inside.test": (["127.0.0.1"], False), "cloud.test": (["169.254.169.254"], False), "mapped.test": (["::ffff:10.0.0.1"], False),
    "private-six.test": (["fc00::1"], False), "both.test": (["10.0.0.1", PUBLIC4], True), "none.test": ([], False),
}


def names(instance, key, server):
    """Tests names that lead outside and inside, names that change their address, and redirects to names."""
    changing = {"flip.test": [[PUBLIC4], ["10.0.0.1"]], "flop.test": [["10.0.0.1"], [PUBLIC4]]}
    ns, wrong = NameServer({**{n: a for n, (a, _) in NAMES.items()}, **changing}), []

    def want(url, taken):
        before = len([h for h in server.hits if h[0] == "/x.jpg"])
        got = fetch(instance, key, url)
        hits = len([h for h in server.hits if h[0] == "/x.jpg"]) - before
        if got != taken or hits != taken:
            wrong.append(f"{url}: {'taken' if got else 'refused'}, {hits} requests came")

    for name, (_, taken) in NAMES.items():
        want(f"http://{name}/x.jpg", taken)
        server.redirect("to", f"http://{name}/x.jpg")
        want("http://good.test/to", taken)
    for url, taken in (("http://flip.test/x.jpg", True), ("http://flip.test/x.jpg", False),     # DNS rebinding
                       ("http://flop.test/x.jpg", False), ("http://flop.test/x.jpg", True)):
        want(url, taken)
    for to in ("http://user:secret@good.test/x.jpg", "http://good.test:81/x.jpg", "file:///etc/passwd", "ftp://good.test/x.jpg",
               "gopher://good.test:80/x.jpg", "http://good.test:22/"):
        want(to, False)
        server.redirect("to", to)
        want("http://good.test/to", False)
    server.redirect("round", "http://good.test/round")
    want("http://good.test/round", False)
    ns.stop()
    return wrong


def take_post(handler):
    """Answers a postback on the server's behalf: records it and answers 200."""
    handler.rfile.read(int(handler.headers["Content-Length"]))
    handler.server.owner.note(handler.path, dict(handler.headers))
    handler.send_response(200)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def postbacks(instance, server, public, refused):
    """Gives each URL to an account for its postbacks. One helper sends them all, and only those to public addresses
    arrive."""
    Handler.do_POST = take_post
    urls = [(u, True) for u in public] + [(u, False) for u in refused] + [(f"http://{n}/x.jpg", t) for n, (_, t) in NAMES.items()]
    for i, (url, _) in enumerate(urls):
        key = instance.account(f"post{i}", postback_url=url.replace("x.jpg", f"post{i}"))
        body = request_xml("saveMMS", key, ["text"], name="n", fallbacksmstext="f").encode()
        assert b"Success" in as_cgi(instance, body)[2]
    ns = NameServer({n: a for n, (a, _) in NAMES.items()})
    subprocess.run([program("savemms-helper"), "--drain"], env=instance.env, check=True, timeout=60)
    ns.stop()
    came = {hit[0] for hit in server.hits}
    wrong = [f"postback to {url}: {'did not come' if taken else 'came'}" for i, (url, taken) in enumerate(urls)
             if (f"/post{i}" in came) != taken]
    left = instance.run("job", "list").splitlines()
    if len(left) != sum(not taken for _, taken in urls):
        wrong.append(f"{len(left)} postbacks wait for another try: {left}")
    return wrong


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dir")
    p.add_argument("--public", nargs="+")
    p.add_argument("--refused", nargs="+")
    a = p.parse_args()
    server = MediaServer(80, "::")          # accepts IPv4 too
    samples = media.Samples(a.dir + ".samples")
    server.add("x.jpg", Resource(samples["jpg"], "image/jpeg"))
    instance = Instance(a.dir, {"outgoing-allow": "", "outgoing-ports": "80, 443", "helper-program": "none"})
    key, wrong = instance.account("a"), []
    for url in a.public:
        if not fetch(instance, key, url):
            wrong.append(f"{url}: public, but refused")
    hits = len(server.hits)
    assert hits == len(a.public), (hits, a.public)
    for url in a.refused:
        if fetch(instance, key, url):
            wrong.append(f"{url}: fetched")
        server.redirect("to", url)
        if fetch(instance, key, a.public[0].replace("x.jpg", "to")):
            wrong.append(f"redirect to {url}: fetched")
    if [h for h in server.hits[hits:] if h[0] == "/x.jpg"]:
        wrong.append("a refused address was connected to")
    wrong += names(instance, key, server)
    wrong += postbacks(instance, server, a.public, a.refused)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
