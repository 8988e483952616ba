"""Checks, Fetching and Size limits (savemms-api(7)): rows 18, 19 and 21, fetching, limits, and images that cannot be
decoded."""

import gzip
import time
import urllib.parse
import zlib

import pytest

import media
from expected import COPY, SIZE, is_error
from instance import SLOW
from media_server import Resource

FMT = {"image": "jpg", "audio": "mp3", "video": "mp4", "vcard": "vcf", "ical": "ics", "pdf": "pdf"}
KINDS = sorted(FMT)


@pytest.mark.parametrize("kind", KINDS)
def test_row_18_not_found(caller, put, kind):
    assert is_error(caller.save("x", {kind: put(FMT[kind], status=404)}), COPY[kind], 2)


@pytest.mark.parametrize("how", [
    {"status": 500}, {"status": 403}, {"status": 204, "body": b""}, {"status": 206}, {"body": b""},
    {"cut": 100}, {"status": 304, "body": b""},
], ids=str)
def test_row_18_anything_but_200_with_a_whole_body(caller, put, how):
    assert is_error(caller.save({"image": put("jpg", **how)}), "E351", 1)


@pytest.mark.parametrize("url", [
    "relative/a.jpg", "//127.0.0.1/a.jpg", "/a.jpg", "ftp://127.0.0.1/a.jpg", "file:///etc/passwd", "data:image/png,x",
    "http://", "http:///a.jpg", "gopher://127.0.0.1:1/x", "http://127.0.0.1:1/closed.jpg", "http://no-such.invalid/a.jpg",
    "http://user:pass@127.0.0.1/a.jpg", "http://[::1]/a.jpg", "http://10.255.255.1/a.jpg", "javascript:alert(1)",
    "http://127.0.0.1:99999/a.jpg", "http://a b/c.jpg",
])
def test_row_18_urls_that_lead_nowhere(caller, url):
    """The address policy refuses 10.x and ::1, because outgoing-allow opens 127.0.0.0/8 only."""
    assert is_error(caller.save({"image": url}), "E351", 1)


@pytest.mark.parametrize("name", ["my photo.jpg", "gr\u00fc\u00dfe \U0001f600.jpg", "a|b[1].jpg", 'say "hi"^`{x}.jpg', "a%2Fb.jpg"])
def test_urls_as_people_write_them(caller, put, origin, path_of, name):
    url = put("jpg", name=urllib.parse.unquote(name))
    written = url.rsplit("/", name.count("/") + (1 if "%2F" not in name else 2))[0] + "/" + name
    assert caller.save({"image": f" {written}?q=[a b] "}).mmsid
    assert origin.count(path_of(url)) == 1


@pytest.mark.parametrize("host", ["\uff11\uff12\uff17.0.0.1", "\uff4cocalhost", "\uff10x7f.1"])
def test_hosts_in_other_characters(caller, put, host):
    """They become ASCII first, and the address rules apply to what they became."""
    assert caller.save({"image": put("jpg").replace("127.0.0.1", host)}).mmsid


@pytest.mark.parametrize("host", ["\uff11\uff10.0.0.1", "\uff11\uff16\uff19.\uff12\uff15\uff14.169.254", "\u2100.example", "a\uff0fb.example"])
def test_hosts_in_other_characters_are_guarded_too(shared, caller, origin, host):
    assert is_error(caller.save({"image": f"http://{host}/a.jpg"}), "E351", 1)
    assert is_error(caller.save({"image": origin.redirect("redirect/idn", utf8(f"http://{host}/x"))}), "E351", 1)


@pytest.mark.parametrize("encoding", ["aws-chunked", "binary", "UTF-8", "none", "aws-chunked, utf-8"])
def test_encodings_that_are_none(caller, put, samples, encoding):
    root = caller.details(caller.save({"image": put("jpg", headers={"Content-Encoding": encoding})}).mmsid)
    assert root.findtext("SLIDE/IMAGE/BYTES") == str(len(samples["jpg"]))


@pytest.mark.parametrize("encoding,pack", [("gzip, aws-chunked", gzip.compress), ("aws-chunked,GZIP", gzip.compress),
                                           ("utf-8 , x-gzip", gzip.compress), ("deflate, binary", zlib.compress)])
def test_encodings_that_are_none_beside_one_that_is(caller, put, samples, encoding, pack):
    """What S3 says of a file that was compressed before it was uploaded in chunks."""
    url = put("jpg", body=pack(samples["jpg"]), headers={"Content-Encoding": encoding})
    root = caller.details(caller.save({"image": url}).mmsid)
    assert root.findtext("SLIDE/IMAGE/BYTES") == str(len(samples["jpg"]))


def test_what_cannot_be_unpacked_is_not_fetched(caller, put, samples):
    packed = gzip.compress(samples["jpg"])
    for body, encoding in ((packed, "br, aws-chunked"), (packed[:-1], "gzip, aws-chunked"), (packed[:999], "gzip, aws-chunked"),
                           (samples["jpg"], "gzip, aws-chunked"), (packed, "gzip, deflate, aws-chunked"), (samples["jpg"], "compress"),
                           (samples["jpg"], "zstd, x-nonsense")):
        assert is_error(caller.save("x", {"image": put("jpg", body=body, headers={"Content-Encoding": encoding})}), "E351", 2)
    bomb = gzip.compress(bytes(64 << 20))
    assert is_error(caller.save({"image": put("jpg", body=bomb, headers={"Content-Encoding": "gzip, aws-chunked"})}), "E331", 1)


def test_the_status_is_logged(shared, caller, put):
    for how, said in (({"status": 410}, "HTTP status 410"), ({"cut": 100}, "HTTP status 200"), ({"body": b""}, "HTTP status 200")):
        url = put("jpg", **how)
        assert is_error(caller.save({"image": url}), "E351", 1)
        assert [line for line in shared.logs().splitlines() if url in line and said in line]


def test_time_outs(caller, put):
    for how in ({"delay": 12 * SLOW}, {"drip": 20}):
        start = time.monotonic()
        assert is_error(caller.save({"image": put("jpg", **how)}), "E351", 1)
        assert time.monotonic() - start < 9 * SLOW


def test_a_server_may_think_as_long_as_a_medium_may_take(new_instance, put):
    """medium-ms is the only limit for a slow answer."""
    instance = new_instance({"medium-ms": "30000", "request-ms": "40000"}).serve()
    assert instance.caller().save({"image": put("jpg", delay=12)}).mmsid
    instance.stop()


def test_no_secret_of_a_url_is_logged(shared, caller):
    """The query and the credentials may be secrets."""
    for url in ("http://who:Pa55word@127.0.0.1/a.jpg", "http://127.0.0.1:1/a.jpg?token=t0ken99", "file:///s3cretplace"):
        assert is_error(caller.save({"image": url}), "E351", 1)
    logs = shared.logs()
    assert "http://127.0.0.1:1/a.jpg" in logs
    assert not [word for word in ("Pa55word", "t0ken99", "s3cretplace") if word in logs]


def test_media_are_fetched_side_by_side(caller, put):
    slides = [{"image": put("jpg", delay=1.5)} for _ in range(3)]
    start = time.monotonic()
    assert caller.save(*slides).mmsid
    assert time.monotonic() - start < 4.2 * SLOW


def test_query_and_fragment_are_stripped(caller, put, origin, path_of):
    url = put("jpg")
    assert caller.save({"image": url + "?id=1&x=y#part"}).mmsid
    assert origin.count(path_of(url)) == 1


@pytest.mark.parametrize("how", [{"chunked": True}, {"no_length": True}, {"gzip": True}, {"drip": 40000}], ids=str)
def test_ways_to_send(caller, put, how):
    root = caller.details(caller.save({"image": put("jpg", **how)}).mmsid)
    assert root.find("SLIDE/IMAGE/RENDITION") is not None


@pytest.mark.smoke
def test_source_is_kept_unchanged(caller, put, samples):
    root = caller.details(caller.save({"image": put("jpg", gzip=True)}, {"pdf": put("pdf", chunked=True)}).mmsid)
    assert root.findtext("SLIDE/IMAGE/BYTES") == str(len(samples["jpg"]))
    assert root.findtext("SLIDE/PDF/BYTES") == str(len(samples["pdf"]))


def utf8(header):
    """Returns what the media server must be given to send this header in UTF-8."""
    return header.encode().decode("latin-1")


def chain(origin, target, hops, tag):
    for i in range(hops):
        target = origin.redirect(f"redirect/{tag}/{i}", target, (301, 302, 303, 307, 308)[i % 5])
    return target


def test_redirects(caller, put, origin, path_of):
    assert caller.save({"image": chain(origin, put("jpg"), 5, "ok")}).mmsid
    assert is_error(caller.save({"image": chain(origin, put("jpg"), 6, "six")}), "E351", 1)
    assert caller.save({"image": origin.redirect("redirect/rel", "/" + path_of(put("jpg")))}).mmsid
    loop = origin.redirect("redirect/loop", origin.url("redirect/loop"))
    assert is_error(caller.save({"image": loop}), "E351", 1)


def test_the_body_of_a_redirect_is_not_read(caller, put, origin):
    for how in ({"drip": 100}, {"headers": {"Content-Encoding": "gzip"}}, {"body": bytes(8 << 20)}):
        more = how.pop("headers", {})
        answer = Resource(**{"body": b"moved " * 1000, "mime": "text/html", "status": 302, **how})
        answer.headers = {"Location": put("jpg"), **more}
        start = time.monotonic()
        assert caller.save({"image": origin.add("redirect/long", answer)}).mmsid
        assert time.monotonic() - start < 4 * SLOW


def test_redirects_as_people_write_them(caller, put, origin, path_of):
    url = put("jpg", name="my photo [1].jpg")
    for target in ("/" + path_of(url) + "#part 1", "../" + path_of(url), url.replace("127.0.0.1", "\uff11\uff12\uff17.1")):
        where = origin.redirect("redirect/blanks", utf8(target))
        assert caller.save({"image": where}).mmsid


def test_no_body_but_that_of_200_is_read(caller, put):
    start = time.monotonic()
    assert is_error(caller.save({"image": put("jpg", status=404, drip=100)}), "E351", 1)
    assert time.monotonic() - start < 4 * SLOW


@pytest.mark.parametrize("target", ["http://10.0.0.1/x.jpg", "file:///etc/passwd", "ftp://127.0.0.1/x",
                                    "http://[::1]:1/x.jpg", "http://169.254.169.254/latest"])
def test_redirects_are_guarded_too(caller, origin, target):
    assert is_error(caller.save({"image": origin.redirect("redirect/bad", target)}), "E351", 1)


@pytest.mark.parametrize("kind", KINDS)
def test_row_19_larger_than_the_limit(account, put, kind):
    caller = account(**{f"max_{kind}_kb": 1})
    body = caller_body(kind)
    assert is_error(caller.save("x", {kind: put(FMT[kind], body=body)}), SIZE[kind], 2)


def caller_body(kind):
    """Returns more than 1 KiB that begins like this kind of medium."""
    heads = {"image": b"\xff\xd8\xff\xe0", "audio": b"ID3\x04", "video": b"\0\0\0\x18ftypisom", "pdf": media.PDF,
             "vcard": media.VCARD.encode(), "ical": media.ICAL.encode()}
    return heads[kind] + b" " * 2000


def test_row_19_exactly_the_limit(account, put):
    caller = account(max_vcard_kb=1)
    card = media.VCARD.replace("Ana Moreau", "A" * (1024 - len(media.VCARD) + 10))
    assert len(card) == 1024
    assert caller.save({"vcard": put("vcf", body=card.encode())}).mmsid
    assert is_error(caller.save({"vcard": put("vcf", body=card.encode() + b"\n")}), "E335", 1)


def test_row_19_gif_has_its_own_limit(account, put, samples):
    caller = account(max_gif_kb=50)
    assert len(samples["gif"]) > 51200 > len(samples["jpg"])
    assert caller.save({"image": put("jpg")}).mmsid
    assert is_error(caller.save({"image": put("gif")}), "E331", 1)


def test_row_19_a_gif_may_be_larger_than_other_images(account, put, samples):
    caller = account(max_gif_kb=500, max_image_kb=20)
    assert len(samples["gif"]) > 20480 and len(samples["jpg"]) > 20480
    assert caller.save({"image": put("gif")}).mmsid
    assert is_error(caller.save({"image": put("jpg")}), "E331", 1)
    assert is_error(caller.save({"image": put("gif", body=samples["gif"] + bytes(500 << 10))}), "E331", 1)


def test_row_19_pixels_and_frames(caller, put, samples):
    assert is_error(caller.save({"image": put("jpg", body=samples.image(2400, 1800))}), "E331", 1)
    assert caller.save({"image": put("gif", body=samples.animation(20))}).mmsid
    assert is_error(caller.save({"image": put("gif", body=samples.animation(21))}), "E331", 1)


def test_row_19_transcoding_off(account, put, samples):
    caller = account(transcoding="off", max_untranscoded_kb=100)
    assert is_error(caller.save({"image": put("gif")}), "E331", 1)
    assert is_error(caller.save({"video": put("mpg")}), "E333", 1)
    assert is_error(caller.save({"audio": put("wav", body=samples["wav"] * 2)}), "E332", 1)
    assert caller.save({"image": put("jpg")}).mmsid


@pytest.mark.parametrize("how", ["endless", "chunked", "announced"])
def test_transfer_is_cut_at_the_limit(account, put, origin, path_of, how):
    caller = account(max_image_kb=100)
    body = b"\xff\xd8\xff\xe0" + bytes(32 << 20 if how != "endless" else 60000)
    url = put("jpg", body=body, endless=how == "endless", chunked=how == "chunked")
    start = time.monotonic()
    assert is_error(caller.save({"image": url}), "E331", 1)
    assert time.monotonic() - start < 4 * SLOW
    assert origin.find("/" + path_of(url)).bytes_sent < 16 << 20


def damaged(samples, fmt):
    whole = samples[fmt]
    return whole[:len(whole) // 2]


@pytest.mark.parametrize("fmt", media.FORMATS["image"])
def test_row_21_truncated_image(caller, put, samples, fmt):
    assert is_error(caller.save("x", {"image": put(fmt, body=damaged(samples, fmt))}), "E341", 2)


@pytest.mark.parametrize("fmt,end", [("jpg", 2), ("png", 12), ("gif", 1)])
def test_row_21_only_the_end_mark_is_missing(caller, put, samples, fmt, end):
    for more in (b"", bytes(end)):
        url = put(fmt, body=samples[fmt][:-end] + more)
        assert caller.details(caller.save({"image": url}).mmsid).find("SLIDE/IMAGE/RENDITION") is not None


@pytest.mark.parametrize("body", [b"not an image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\xff\xd8\xff",
                                  b"%PDF-1.4", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"P6 1 1 255 abc"])
def test_row_21_no_image_at_all(caller, put, body):
    assert is_error(caller.save({"image": put("png", body=body)}), "E341", 1)


def test_first_failure_in_slide_order(caller, put):
    """The first failure is not the first in time, but the first in slide order, and an image comes before an audio."""
    late = put("jpg", status=404, delay=1)
    bad = put(body=b"junk", name="x.jpg", mime="image/jpeg")
    html = put(body=b"<p>", name="x.html", mime="text/html")
    assert is_error(caller.save({"image": late}, {"image": bad}, {"image": html}), "E351", 1)
    assert is_error(caller.save("x", {"image": bad}, {"image": late}), "E341", 2)
    assert is_error(caller.save({"image": html}, {"image": late}), "E229")
    assert is_error(caller.save({"audio": put("mp3", status=404), "image": late}), "E351", 1)
    assert is_error(caller.save({"audio": put("mp3", status=404), "image": put("jpg")}), "E352", 1)


def test_same_url_twice(caller, put):
    url = put("jpg")
    assert len(caller.details(caller.save({"image": url}, {"image": url}).mmsid).findall("SLIDE/IMAGE")) == 2
