"""/metrics in both formats, its histograms, and the rules and the dashboard of contrib."""

import io
import json
import os
import re
import shutil
import subprocess
import wave

import pytest

import procs
from client import Client
from instance import SLOW

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRIB = os.path.join(HERE, "..", "..", "contrib")
RULES = os.path.join(CONTRIB, "prometheus", "savemms-alerts.yml")
DURATIONS = ("request", "fetch", "encode", "delivery", "postback")
# What Prometheus 2.42 sends.
ACCEPT = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")


def metrics(place, accept=None):
    answer = Client(place.port).http("GET", "/metrics", headers={"Accept": accept} if accept else {})
    assert answer.status == 200
    return answer.headers["content-type"], answer.body.decode()


def samples(text):
    return {key: float(value) for key, value in
            (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))}


def promtool(*args, text=None):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    done = subprocess.run(["promtool", *args], input=text, capture_output=True, text=True, timeout=60 * SLOW)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def count(text, name):
    return samples(text)[f"savemms_{name}_duration_seconds_count"]


def new_sound():
    """Returns a second of sound that no test before has had encoded: else it comes from the cache, and takes no time."""
    out = io.BytesIO()
    with wave.open(out, "wb") as w:
        w.setparams((1, 1, 8000, 0, "NONE", ""))
        w.writeframes(os.urandom(8000))
    return out.getvalue()


def test_histograms(shared, receiver, put):
    before = metrics(shared)[1]
    caller = shared.caller(postback_url=receiver.url("histograms"), senders="12345")
    mmsid = caller.save({"audio": put("wav", body=new_sound()), "text": "t"}).mmsid
    assert shared.wait_state(caller, mmsid) == "ready"
    assert caller.call("sendSavedMMS", mmsid=mmsid, to="15551230001", **{"from": "12345"}).code is None

    def done():
        after = metrics(shared)[1]
        return all(count(after, name) > count(before, name) for name in DURATIONS)
    assert procs.wait_for(done, 30 * SLOW), metrics(shared)[1]
    for name in DURATIONS:
        said = samples(metrics(shared)[1])
        stem = f"savemms_{name}_duration_seconds"
        buckets = [(float(key.split('"')[1]), value) for key, value in said.items() if key.startswith(f"{stem}_bucket")]
        assert len(buckets) == 15 and buckets == sorted(buckets) and buckets[-1][0] == float("inf")
        assert buckets[-1][1] == said[f"{stem}_count"]
        assert said[f"{stem}_sum"] > 0 or name in ("fetch", "postback")      # they are timed in milliseconds
        assert [value for _, value in buckets] == sorted(value for _, value in buckets)


def test_formats(shared):
    kind, plain = metrics(shared)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    kind, opened = metrics(shared, ACCEPT)
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert opened.endswith("\n# EOF\n") and "# EOF" not in plain
    assert set(samples(plain)) == set(samples(opened))
    families = dict(line.split()[2:4] for line in opened.splitlines() if line.startswith("# TYPE"))
    assert families["savemms_calls"] == "counter" and families["savemms_build"] == "info"
    # Each sample has one of the endings that OpenMetrics allows for the type of its family.
    endings = {"counter": ("_total",), "gauge": ("",), "info": ("_info",), "histogram": ("_bucket", "_sum", "_count")}
    for key in samples(opened):
        name = key.split("{")[0]
        assert any(name == family + end for family, type in families.items() for end in endings[type]), key


def test_promtool_accepts_the_metrics(shared):
    assert promtool("check", "metrics", text=metrics(shared)[1]).strip() == ""


def test_rules():
    assert "9 rules found" in promtool("check", "rules", RULES)
    assert "SUCCESS" in promtool("test", "rules", os.path.join(HERE, "alerts.yml"))


def test_names_of_contrib_exist(shared):
    there = {key.split("{")[0] for key in samples(metrics(shared)[1])}
    text = ""
    for folder, _, files in os.walk(CONTRIB):
        for name in files:
            with open(os.path.join(folder, name)) as f:
                text += f.read()
    named = set(re.findall(r"\bsavemms_[a-z_]+\b", text))
    assert len(named) > 10
    families = {name.removesuffix("_bucket") for name in there}
    assert named <= there | families, named - there - families
    labels = set(re.findall(r'(action|kind|result|state|le)=', text)) - {"le"}
    assert labels == {"kind", "result", "state"}


def test_dashboard():
    with open(os.path.join(CONTRIB, "grafana", "savemms.json")) as f:
        board = json.load(f)
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids)) >= 12 and board["uid"] == "savemms"
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(places) == len(set(places))
    for panel in board["panels"]:
        assert panel["targets"] and all("savemms_" in target["expr"] for target in panel["targets"]), panel["title"]
