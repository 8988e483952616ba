"""Other actions (savemms-api(7)): deleteMMSID, getMmsIds, getMMSTemplates, getMMSIDDetails."""

import datetime
import os

import pytest

from expected import is_error

ISO = "%Y-%m-%dT%H:%M:%S%z"


def blobs(instance):
    return {name for _, _, names in os.walk(instance.folder + "/media") for name in names if len(name) == 64}


def test_delete(shared, caller, put, samples):
    """Content and renditions are removed at once."""
    before = blobs(shared)
    unique = samples["vcf"].replace(b"Moreau", b"Unique")
    mmsid = caller.save({"vcard": put("vcf", body=unique)}, {"image": put("png", body=samples.image(333, 222, "png"))}).mmsid
    assert len(blobs(shared) - before) >= 3
    answer = caller.call("deleteMMSID", mmsid=mmsid)
    assert answer.code is None and answer.get("MMSID") == mmsid and answer.nodes() == ["STATUS", "MMSID"]
    assert blobs(shared) - before == set()
    assert is_error(caller.call("getMMSIDDetails", mmsid=mmsid), "E241")
    assert is_error(caller.call("deleteMMSID", mmsid=mmsid), "E241")
    assert caller.ids() == []


def test_delete_keeps_what_others_use(caller, put):
    url = put("jpg")
    first, second = caller.save({"image": url}).mmsid, caller.save({"image": url}).mmsid
    assert caller.call("deleteMMSID", mmsid=first).code is None
    assert caller.details(second).findtext("SLIDE/IMAGE/RENDITION/BYTES")


@pytest.mark.parametrize("action", ["deleteMMSID", "getMMSIDDetails"])
def test_mmsid_missing_or_unknown(caller, account, action):
    assert is_error(caller.call(action), "E620")
    assert is_error(caller.call(action, mmsid=" "), "E620")
    for mmsid in ("1", "0", "-1", "abc", "99999999999999999999999", "18446744073709551616"):
        assert is_error(caller.call(action, mmsid=mmsid), "E241"), mmsid
    others = account().save("x").mmsid
    assert is_error(caller.call(action, mmsid=others), "E241")


def test_ids(caller):
    assert is_error(caller.call("getMmsIds"), "E200")
    made = [caller.save(str(i)).mmsid for i in range(5)]
    assert caller.ids() == made[::-1]
    assert caller.call("getMmsIds").nodes() == ["STATUS", "MMSIDS"]
    assert caller.call("GETMMSIDS").code is None


def templates(caller, **fields):
    answer = caller.call("getMMSTemplates", **fields)
    assert answer.code is None, answer
    return answer.root


def test_templates(caller, put):
    first = caller.save("x", name="First", subject="Sub & ject", fallbacksmstext="Fall").mmsid
    second = caller.save("x", "y", name="Second", subject=None).mmsid
    root = templates(caller)
    assert [n.tag for n in root][:4] == ["STATUS", "PAGE_NUMBER", "ITEMS_PER_PAGE", "TOTAL_RESULTS"]
    assert (root.findtext("PAGE_NUMBER"), root.findtext("ITEMS_PER_PAGE"), root.findtext("TOTAL_RESULTS")) == ("1", "100", "2")
    assert [n.findtext("MMSID") for n in root.findall("MMS_TEMPLATE")] == [second, first]
    row = root.findall("MMS_TEMPLATE")[1]
    assert [row.findtext(n) for n in ("NAME", "SUBJECT", "FALLBACK_SMS_TEXT", "TOTAL_SLIDES")] == ["First", "Sub & ject", "Fall", "1"]
    made = datetime.datetime.strptime(row.findtext("DATE_CREATED"), ISO)
    assert abs(datetime.datetime.now(datetime.timezone.utc) - made) < datetime.timedelta(minutes=2)
    assert made.utcoffset() == datetime.timedelta(0)
    assert int(row.findtext("SIZE")) > 0


def test_pages(caller):
    made = [caller.save(str(i)).mmsid for i in range(7)][::-1]
    seen = []
    for page in ("1", "2", "3"):
        root = templates(caller, page_number=page, items_per_page="3")
        assert root.findtext("TOTAL_RESULTS") == "7" and root.findtext("PAGE_NUMBER") == page
        seen += [n.findtext("MMSID") for n in root.findall("MMS_TEMPLATE")]
    assert seen == made
    assert templates(caller, page_number="9").findall("MMS_TEMPLATE") == []


def test_a_long_page(caller):
    made = [caller.save(str(i)).mmsid for i in range(43)][::-1]
    assert [n.findtext("MMSID") for n in templates(caller).findall("MMS_TEMPLATE")] == made
    far = templates(caller, page_number="2147483647", items_per_page="1000")
    assert far.findtext("TOTAL_RESULTS") == "43" and far.find("MMS_TEMPLATE") is None


def test_dates_of_javascript(caller):
    caller.save("x")
    for date in ("2020-01-02T03:04:05.678Z", "2020-01-02T03:04:05,6+02", "2020-01-02"):
        assert templates(caller, start_date=date).findtext("TOTAL_RESULTS") == "1", date


def test_pages_refused(caller):
    caller.save("x")
    for bad in ("0", "-1", "abc", "1.5", "99999999999999999999"):
        assert is_error(caller.call("getMMSTemplates", page_number=bad), "E212"), bad
    for bad in ("0", "-1", "abc", "1001"):
        assert is_error(caller.call("getMMSTemplates", items_per_page=bad), "E213"), bad
    for bad in ("yesterday", "2026-13-01", "2026-02-30"):
        assert is_error(caller.call("getMMSTemplates", start_date=bad), "E214"), bad
    assert templates(caller, items_per_page="1000").findtext("ITEMS_PER_PAGE") == "1000"


def test_start_date(caller):
    caller.save("x")
    now = datetime.datetime.now(datetime.timezone.utc)
    past, future = [(now + datetime.timedelta(hours=h)).strftime("%Y-%m-%dT%H:%M:%S+00:00") for h in (-1, 1)]
    root = templates(caller, start_date=past)
    assert root.findtext("TOTAL_RESULTS") == "1" and root.findtext("START_DATE")
    assert templates(caller, start_date=future).findtext("TOTAL_RESULTS") == "0"


def test_start_date_in_a_query(caller):
    """The + of an offset that a client did not escape arrives as a blank."""
    caller.save("x")
    answer = caller.http("GET", f"/API/wxml/1.3/?action=getMMSTemplates&api_key={caller.key}&start_date=2020-01-01T00:00:00+00:00")
    assert answer.code is None and answer.get("TOTAL_RESULTS") == "1", answer


def test_templates_of_others_are_not_listed(caller, account):
    account().save("x")
    assert templates(caller).findtext("TOTAL_RESULTS") == "0"


def test_details(caller, put, samples):
    mmsid = caller.save({"text": "Hi", "image": put("jpg")}, {"vcard": put("vcf")}, subject="S", client_reference="ref 1").mmsid
    root = caller.details(mmsid)
    assert [root.findtext(n) for n in ("STATUS", "MMSID", "NAME", "SUBJECT", "FALLBACK_SMS_TEXT", "CLIENT_REFERENCE", "STATE",
                                       "TOTAL_SLIDES")] == \
        ["Success", mmsid, "a name", "S", "a fallback", "ref 1", "ready", "2"]
    image, vcard = root.find("SLIDE/IMAGE"), root.find("SLIDE/VCARD")
    assert image.findtext("MIME") == "image/jpeg" and image.findtext("BYTES") == str(len(samples["jpg"]))
    assert (image.findtext("WIDTH"), image.findtext("HEIGHT")) == ("640", "480")
    assert [r.findtext("CLASS") for r in image.findall("RENDITION")] == ["S", "M", "L", "XL"]
    for rendition in image.findall("RENDITION"):
        assert rendition.findtext("MIME") == "image/jpeg" and int(rendition.findtext("BYTES")) > 0
    assert vcard.findall("RENDITION") == [] and vcard.findtext("BYTES") == str(len(samples["vcf"]))
    assert root.find("CLIENT_REFERENCE") is not None
    assert caller.details(caller.save("x").mmsid).find("CLIENT_REFERENCE") is None


def test_transcoding_off_makes_no_renditions(account, put):
    caller = account(transcoding="off")
    root = caller.details(caller.save({"image": put("jpg")}, {"audio": put("mp3")}).mmsid)
    assert root.findtext("STATE") == "ready" and root.find(".//RENDITION") is None


def test_operator_sees_the_same(shared, caller, put):
    """The operator sees the same with savemms template list, show and delete, and with savemms status."""
    mmsid = caller.save({"image": put("png"), "text": "Look here"}, name="Operator's").mmsid
    assert mmsid in shared.run("template", "list")
    shown = shared.run("template", "show", mmsid)
    assert "ready" in shown and "Look here" in shown and "XL" in shown
    shared.run("template", "delete", mmsid)
    assert caller.ids() == []
    status, _, err = shared.command("template", "show", mmsid)
    assert status == 1 and err
    assert shared.run("status") and shared.run("status", "--json").lstrip().startswith("{")
    assert shared.command("no-such-command")[0] == 2


def test_renditions_can_be_fetched(caller, put):
    """Renditions can be fetched by the URL in the answer, and never with a type that a browser would run."""
    image = caller.details(caller.save({"image": put("jpg")}).mmsid).find("SLIDE/IMAGE")
    for rendition in image.findall("RENDITION"):
        url = rendition.findtext("URL")
        assert url.startswith(f"http://127.0.0.1:{caller.port}/"), url
        answer = caller.http("GET", "/" + url.split("/", 3)[3])
        assert answer.status == 200 and len(answer.body) == int(rendition.findtext("BYTES"))
        assert answer.headers["content-type"] == rendition.findtext("MIME")
        assert answer.headers["x-content-type-options"] == "nosniff"
    missing = "/" + url.split("/", 3)[3].replace(url.rsplit("/", 1)[1][:8], "00000000")
    assert caller.http("GET", missing).status == 404
