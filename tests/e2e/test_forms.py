"""The forms for trying the API by hand, sent as a browser sends them: with every field, also the empty ones."""

import html.parser
import urllib.parse

import pytest

from client import PATH


class Forms(html.parser.HTMLParser):
    """All forms of a page: method, action, and the fields as (name, value), in order."""

    def __init__(self, page):
        super().__init__()
        self.found, self.area, self.select = [], None, None
        self.feed(page)

    def field(self, name, value):
        if name and self.found:
            self.found[-1]["fields"].append((name, value))

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.found.append({"method": a.get("method", "get").lower(), "action": a.get("action", ""), "fields": []})
        elif tag == "input" and a.get("type", "text") not in ("submit", "button", "reset"):
            self.field(a.get("name"), a.get("value") or "")
        elif tag == "textarea":
            self.area = [a.get("name"), ""]
        elif tag == "select":
            self.select = [a.get("name"), None]
        elif tag == "option" and self.select and (self.select[1] is None or "selected" in a):
            self.select[1] = a.get("value", "")

    def handle_data(self, data):
        if self.area:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.field(self.area[0], self.area[1].replace("\n", "\r\n"))
            self.area = None
        elif tag == "select":
            self.field(self.select[0], self.select[1] or "")
            self.select = None


def forms(caller, page):
    answer = caller.http("GET", page)
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    return Forms(answer.body.decode()).found


def send(caller, form, **known):
    """Sends the form with these values in place of its own."""
    fields = [(n, known.get(n, v)) for n, v in form["fields"]]
    assert {n for n, _ in fields} >= set(known), (known, fields)
    action = urllib.parse.urljoin("/x.html", form["action"])
    assert action.split("?")[0] == PATH, action
    text = urllib.parse.urlencode(fields)
    if form["method"] == "get":
        return caller.http("GET", action + "?" + text)
    return caller.http("POST", action, text, {"Content-Type": "application/x-www-form-urlencoded"})


def test_save_by_pairs(caller, put):
    found = forms(caller, "/save.html")
    assert found
    for form in found:
        urls = {n: put("jpg") for n, v in form["fields"] if n.endswith("_image") and v}
        other = {n: put({"vcard": "vcf", "ical": "ics"}.get(n.rsplit("_", 1)[1], n.rsplit("_", 1)[1]))
                 for n, v in form["fields"] if v.startswith("http") and n not in urls}
        answer = send(caller, form, api_key=caller.key, **urls, **other)
        assert answer.mmsid
        assert 1 <= len(caller.details(answer.mmsid).findall("SLIDE")) < 9


def test_save_by_xml(caller, put):
    form = forms(caller, "/save-xml.html")[0]
    name, text = next((n, v) for n, v in form["fields"] if n.lower() == "xml")
    key = text.split("<API_KEY>")[1].split("</API_KEY>")[0]
    text = text.replace(f"<API_KEY>{key}</API_KEY>", f"<API_KEY>{caller.key}</API_KEY>")
    for url in set(part.split("</URL>")[0] for part in text.split("<URL>")[1:]):
        text = text.replace(url, put({"vcard": "vcf"}.get(url.rsplit(".", 1)[1], url.rsplit(".", 1)[1])))
    assert send(caller, form, **{name: text}).mmsid


def test_sending(account):
    caller = account(senders="15550199")
    mmsid = caller.save({"text": "Hello {$firstname|you}"}).mmsid
    by_pairs, by_xml = forms(caller, "/send.html")
    assert send(caller, by_pairs, api_key=caller.key, mmsid=mmsid).get("TRACKINGID")
    text = dict(by_xml["fields"])["xml"].replace("put your key here", caller.key).replace("100001", mmsid)
    assert send(caller, by_xml, xml=text).get("TRACKINGID")


@pytest.mark.parametrize("page", ["/templates.html"])
def test_looking_and_deleting(caller, page):
    mmsid = caller.save("something").mmsid
    done = set()
    for form in forms(caller, page):
        known = {n: v for n, v in (("api_key", caller.key), ("mmsid", mmsid)) if n in dict(form["fields"])}
        action = next(v for n, v in form["fields"] if n.lower() == "action")
        if action.lower() == "deletemmsid":
            continue
        answer = send(caller, form, **known)
        assert answer.code is None, (action, answer)
        done.add(action.lower())
    assert {"getmmsids", "getmmstemplates", "getmmsiddetails"} <= done
    form = next(f for f in forms(caller, page) if ("action", "deletemmsid") in [(n, v.lower()) for n, v in f["fields"]])
    assert send(caller, form, api_key=caller.key, mmsid=mmsid).code is None
    assert caller.call("getMMSIDDetails", mmsid=mmsid).code == "E241"
