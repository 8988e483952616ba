"""The part of test_guard.py that runs inside the network of its own: a server of media on port 80 of every
address, and the program started as CGI with the default outgoing settings."""

import argparse
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "fakes")]

import media                                                    # noqa: E402
from client import request_xml                                  # noqa: E402
from instance import Instance, as_cgi                           # noqa: E402
from media_server import MediaServer, Resource, Server          # noqa: E402
from name_server import NameServer                              # noqa: E402

Server.address_family = socket.AF_INET6


def fetch(instance, key, url):
    """True when saveMMS took the medium, False for E351."""
    body = request_xml("saveMMS", key, [{"image": url}], name="n", fallbacksmstext="f").encode()
    answer = as_cgi(instance, body)[2]
    if b"<STATUS>Success</STATUS>" in answer:
        return True
    assert b"<ERRORCODE>E351</ERRORCODE>" in answer, (url, answer)
    return False


# What a name says, and whether a medium under it may be had. Of several addresses the public ones may be used.
PUBLIC4, PUBLIC6 = "93.184.216.34", "2606:2800:220:1::1"
NAMES = {
    "good.test": ([PUBLIC4], True), "six.test": ([PUBLIC6], True), "private.test": (["10.0.0.1"], False),
    "inside.test": (["127.0.0.1"], False), "cloud.test": (["169.254.169.254"], False), "mapped.test": (["::ffff:10.0.0.1"], False),
    "private-six.test": (["fc00::1"], False), "both.test": (["10.0.0.1", PUBLIC4], True), "none.test": ([], False),
}


def names(instance, key, server):
    """Names that lead outside and inside, names that change their mind, redirects to names."""
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
    for url, taken in (("http://flip.test/x.jpg", True), ("http://flip.test/x.jpg", False),     # rebound
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


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dir")
    p.add_argument("--public", nargs="+")
    p.add_argument("--refused", nargs="+")
    a = p.parse_args()
    server = MediaServer(80, "::")          # takes IPv4 too
    samples = media.Samples(a.dir + ".samples")
    server.add("x.jpg", Resource(samples["jpg"], "image/jpeg"))
    instance = Instance(a.dir, {"outgoing-allow": "", "outgoing-ports": "80, 443"})
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
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
