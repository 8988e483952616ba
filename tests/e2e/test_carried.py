"""What a bundle carries beside its programs comes before what the machine has; what is broken there is our fault."""

import http.server
import shutil
import ssl
import subprocess
import threading

import pytest
from PIL import Image

from instance import PREFIX, SLOW

FORM = "[text]\nx = 10\ny = 10\nwidth = 300\nheight = 90\nfont = Noto Sans\nsize = 40\ncolor = #000000\ntext = {$v|x}\n"
FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="relative">cache</cachedir></fontconfig>
"""


@pytest.fixture(scope="module")
def moved(new_instance, tmp_path_factory):
    """An instance of programs that were moved to another place, to which a test adds what a bundle carries."""
    place = tmp_path_factory.mktemp("moved") / "prefix"
    shutil.copytree(PREFIX, place, symlinks=True)
    for carried in ("magic.mgc", "authorities.pem", "fonts"):
        path = place / "share" / "savemms" / carried
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    instance = new_instance(prefix=str(place)).serve()
    instance.share = place / "share" / "savemms"
    return instance


@pytest.fixture
def secure(samples, tmp_path):
    """Serves a picture by https; returns its URL and the certificate, which no authority has signed."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True, timeout=60 * SLOW)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(samples["jpg"])))
            self.end_headers()
            self.wfile.write(samples["jpg"])

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}/m.jpg", cert.read_bytes()
    server.shutdown()


def test_certificates(moved, secure):
    url, cert = secure
    caller, carried = moved.caller(), moved.share / "authorities.pem"
    assert caller.save({"image": url}).code == "E351"          # the machine does not know this authority
    carried.write_bytes(cert)
    assert caller.save({"image": url}).mmsid
    carried.write_bytes(b"damaged")
    answer = caller.save({"image": url})
    assert (answer.status, answer.code) == (503, "E503")         # no fault of the customer's
    carried.unlink()


def test_fonts(moved, tmp_path):
    Image.new("RGB", (640, 480), "white").save(tmp_path / "white.png")
    (tmp_path / "form").write_text(FORM)
    caller, fonts = moved.caller(), moved.share / "fonts"
    out = moved.run("image-template", "add", caller.account, "n", "--background", tmp_path / "white.png", "--from", tmp_path / "form")
    ident = out.split("id: ")[1].split()[0]

    def render():
        return moved.command("image-template", "render", ident, tmp_path / "out.jpg", "--data", "v=Hello")

    assert render()[0] == 0                                      # with the machine's fonts
    (fonts / "fonts").mkdir(parents=True)
    (fonts / "fonts.conf").write_text(FONTS_CONF)
    status, _, err = render()
    assert status == 1 and "no fonts are installed" in err       # and no boxes
    shutil.copy("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", fonts / "fonts")
    assert render()[0] == 0
    box = Image.open(tmp_path / "out.jpg").convert("L").point(lambda v: 255 * (v < 128)).getbbox()
    assert box and box[2] - box[0] > 30
