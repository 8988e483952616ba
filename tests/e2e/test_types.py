"""Media types and row 20 of Checks (savemms-api(7)): which media are allowed, by Content-Type, extension and bytes."""

import pytest

import media
from expected import is_error

KINDS = {
    "image": ("jpg jpeg png gif webp", "image/jpg image/jpeg image/png image/gif image/webp", "png"),
    "audio": ("mp3 wav amr", "audio/mp3 audio/mpeg audio/x-wave audio/x-wav audio/wav audio/amr", "mp3"),
    "video": ("mp4 mpg mpeg avi wmv mov 3gp",
              "video/mp4 video/mpeg video/x-msvideo video/x-ms-wmv video/quicktime video/3gpp", "mp4"),
    "vcard": ("vcf vcard", "text/vcard text/v-card text/x-vcard", "vcf"),
    "ical": ("ics ical ifb icalendar", "text/calendar", "ics"),
    "pdf": ("pdf", "application/pdf application/x-pdf", "pdf"),
}
OCTETS = "application/octet-stream"
BYTES_OF = {"jpeg": "jpg", "mpeg": "mpg", "vcard": "vcf", "ical": "ics", "ifb": "ics", "icalendar": "ics"}
MIMES = [(kind, mime) for kind, (_, mimes, _) in KINDS.items() for mime in mimes.split()]
EXTENSIONS = [(kind, ext) for kind, (exts, _, _) in KINDS.items() for ext in exts.split()]


@pytest.mark.parametrize("kind,mime", MIMES)
@pytest.mark.parametrize("name", ["file", "file.xyz"])
def test_supported_type_any_extension(caller, put, kind, mime, name):
    assert caller.save({kind: put(KINDS[kind][2], name=name, mime=mime)}).mmsid


@pytest.mark.parametrize("kind,fmt", media.ALL_FORMATS)
def test_supported_type_and_extension(caller, put, kind, fmt):
    assert caller.save({kind: put(fmt)}).mmsid


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_and_case_are_ignored(caller, put, kind):
    _, mimes, fmt = KINDS[kind]
    mime = mimes.split()[0].upper() + "; Charset=utf-8; name=\"a;b\""
    assert caller.save({kind: put(fmt, mime=mime)}).mmsid


def test_supported_type_extension_of_another_kind(caller, put):
    assert caller.save({"image": put("png", name="a.mp3")}).mmsid
    assert caller.save({"vcard": put("vcf", name="a.jpg")}).mmsid


def test_supported_type_bytes_of_another_format_of_the_kind(caller, put, samples):
    assert caller.save({"image": put("png", mime="image/jpeg", name="a.gif")}).mmsid
    assert caller.save({"video": put("avi", mime="video/mp4", name="a.mp4")}).mmsid


def test_octet_stream_as_s3_says_it(caller, put):
    assert caller.save({"image": put("png", name="a.png", mime="binary/octet-stream")},
                       {"vcard": put("vcf", name="a.vcf", mime="Binary/Octet-Stream; x=y")}).mmsid
    assert is_error(caller.save({"image": put("png", name="a", mime="binary/octet-stream")}), "E229")
    assert is_error(caller.save({"image": put("png", name="a.jpg", mime="binary/octet-stream")}), "E341", 1)


@pytest.mark.parametrize("kind,fmt,text", [("vcard", "vcf", media.VCARD), ("ical", "ics", media.ICAL)])
@pytest.mark.parametrize("charset", ["utf-16", "utf-16-be"])
def test_utf16_is_refused_and_the_log_says_why(shared, caller, put, kind, fmt, text, charset):
    url = put(fmt, body=text.encode(charset))
    assert is_error(caller.save({kind: url}), "E229")
    (line,) = [line for line in shared.logs().splitlines() if url in line and "E229" in line]
    assert "UTF-16" in line


@pytest.mark.parametrize("kind,ext", EXTENSIONS)
def test_octet_stream_and_supported_extension(caller, put, kind, ext):
    assert caller.save({kind: put(BYTES_OF.get(ext, ext), name=f"File.{ext.upper()}", mime=OCTETS)}).mmsid


def test_octet_stream_extension_is_not_in_the_query(caller, put):
    assert is_error(caller.save({"image": put("png", name="file", mime=OCTETS) + "?name=a.png"}), "E229")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["file", "file.xyz", "file.", "jpg", "other"])
def test_octet_stream_and_no_or_other_extension(caller, put, kind, name):
    fmt = KINDS[kind][2]
    name = {"other": "a.pdf" if kind != "pdf" else "a.png"}.get(name, name)
    assert is_error(caller.save({kind: put(fmt, name=name, mime=OCTETS)}), "E229")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mime", [None, "", "text/html", "text/plain", "application/xml", "image/svg+xml", "image/tiff",
                                  "audio/ogg", "video/webm", "application/x-octet-stream", "imagejpeg", "of another kind"])
def test_other_types(caller, put, kind, mime):
    if mime == "of another kind":
        mime = "image/png" if kind != "image" else "video/mp4"
    assert is_error(caller.save("x", {kind: put(KINDS[kind][2], mime=mime or None, headers={"Content-Type": ""} if mime == "" else {})}), "E229")


def test_supported_type_wrong_bytes_image(caller, put):
    assert is_error(caller.save({"image": put("mp3", mime="image/jpeg", name="a.jpg")}), "E341", 1)


def test_octet_stream_wrong_bytes_image(caller, put):
    """The bytes are an image, but not of the extension's format."""
    assert is_error(caller.save({"image": put("png", mime=OCTETS, name="a.jpg")}), "E341", 1)


@pytest.mark.parametrize("kind", ["vcard", "ical", "pdf"])
def test_wrong_bytes_object(caller, put, kind):
    exts, mimes, _ = KINDS[kind]
    for mime in (mimes.split()[0], OCTETS):
        url = put(body=b"hello, this is something else\n", mime=mime, name="a." + exts.split()[0])
        assert is_error(caller.save({kind: url}), "E229")


@pytest.mark.parametrize("kind,code,node", [("audio", "E002", "AUDIONAME"), ("video", "E003", "VIDEONAME")])
@pytest.mark.parametrize("mime", ["supported", OCTETS])
def test_wrong_bytes_audio_video(account, put, receiver, kind, code, node, mime):
    """The medium is saved, and a postback reports the failure."""
    path = f"types-{kind}-{mime[:4]}"
    caller = account(postback_url=receiver.url(path))
    exts, mimes, _ = KINDS[kind]
    url = put(body=b"hello, this is something else\n", mime=mimes.split()[0] if mime == "supported" else OCTETS,
              name="a." + exts.split()[0])
    mmsid = caller.save({kind: url}).mmsid
    postback = receiver.wait(path)[0]
    assert (postback.text("CODE"), postback.text("MMSID"), postback.text(node)) == (code, mmsid, url)
    assert caller.details(mmsid).findtext("STATE") == "failed"


def test_transcoding_off_checks_types_too(account, put):
    caller = account(transcoding="off")
    assert is_error(caller.save({"image": put("png", mime="text/html")}), "E229")
    assert is_error(caller.save({"image": put("png", mime=OCTETS, name="a")}), "E229")
    assert caller.save({"image": put("png", mime=OCTETS, name="a.png")}).mmsid
