"""A person who uses the console without script: it fetches pages, fills in forms and sends them as a browser does."""

import html.parser
import http.client
import urllib.parse


class Page(html.parser.HTMLParser):
    """The forms, links and text of a page."""

    def __init__(self, body):
        super().__init__()
        self.forms, self.links, self.words, self.area, self.select, self.sources = [], [], [], None, None, []
        self.feed(body)
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if "src" in a:
            self.sources.append(a["src"])
        if tag == "form":
            self.forms.append({"method": a.get("method", "get"), "action": a.get("action"), "fields": {}, "buttons": []})
        elif tag == "a":
            self.links.append(a.get("href"))
        elif tag == "input" and (a.get("type") == "file" or (a.get("type") == "checkbox" and "checked" not in a)):
            pass                # a browser sends nothing, or a file
        elif tag == "input" and self.forms and a.get("name"):
            self.forms[-1]["fields"][a["name"]] = a.get("value") or ""
        elif tag == "button" and self.forms and a.get("name"):
            self.forms[-1]["buttons"].append((a["name"], a.get("value")))
        elif tag == "textarea" and a.get("name") and self.forms:
            self.area = a["name"]
            self.forms[-1]["fields"][self.area] = ""
        elif tag == "select" and self.forms:
            self.select = a.get("name")
        elif tag == "option" and self.select and "selected" in a and "value" in a:
            self.forms[-1]["fields"][self.select] = a["value"]
        elif tag == "option" and self.select and "selected" in a:
            self.option = True

    option = False

    def handle_data(self, data):
        self.words.append(data + " ")
        if self.area:
            self.forms[-1]["fields"][self.area] += data
        if self.option:
            self.forms[-1]["fields"][self.select] = data
            self.option = False

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area:      # the first line break is markup
            self.forms[-1]["fields"][self.area] = self.forms[-1]["fields"][self.area].removeprefix("\n")
        self.area = None if tag == "textarea" else self.area
        self.select = None if tag == "select" else self.select


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.page = Page(body.decode()) if headers.get("content-type", "").startswith("text/html") else None

    def form(self, action):
        """Returns the form whose action ends with this text."""
        found = [f for f in self.page.forms if f["action"] and f["action"].rstrip("/").endswith(action)]
        assert found, (action, [f["action"] for f in self.page.forms])
        return found[0]


class Console:
    def __init__(self, port, base="/console/", source=None, headers=None):
        self.port, self.base, self.cookies, self.set_cookie = port, base, {}, []
        self.source, self.headers = (source, 0) if source else None, headers or {}

    def http(self, method, path, body=None, headers=None):
        """Sends a request. path is below the console, or absolute."""
        url = urllib.parse.urljoin(self.base, path)
        send = {**self.headers, **(headers or {})}
        if self.cookies:
            send.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=self.source)
        try:
            c.request(method, url, body, send)
            r = c.getresponse()
            self.set_cookie = r.headers.get_all("Set-Cookie") or []
            for line in self.set_cookie:
                name, value = line.split(";")[0].split("=", 1)
                if value:
                    self.cookies[name] = value
                else:
                    self.cookies.pop(name, None)
            return Answer(r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())
        finally:
            c.close()

    def get(self, path, **more):
        return self.http("GET", path, **more)

    def post(self, path, fields, headers=None):
        return self.http("POST", path, urllib.parse.urlencode(fields),
                         {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})

    def post_files(self, path, fields, files):
        """Posts a form as multipart/form-data; files is {field: (name, type, bytes)}."""
        mark, out = "----a-boundary-of-its-own", b""
        for name, value in fields.items():
            out += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, (file, kind, data) in files.items():
            out += (f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
                    f"Content-Type: {kind}\r\n\r\n").encode() + data + b"\r\n"
        return self.http("POST", path, out + f"--{mark}--\r\n".encode(),
                         {"Content-Type": f"multipart/form-data; boundary={mark}"})

    def send(self, page, action, button=None, headers=None, **fields):
        """Sends the page's form that has this action, with these fields changed."""
        form = self.get(page).form(action)
        values = {**form["fields"], **fields, **({button[0]: button[1]} if button else {})}
        url = urllib.parse.urljoin(urllib.parse.urljoin(self.base, page), form["action"])
        return self.post(url, values, headers)

    def sign_in(self, name, password="secret-1", **more):
        return self.send("sign-in", "sign-in", name=name, password=password, **more)
