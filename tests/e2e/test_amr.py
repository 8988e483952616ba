"""Sound and Copies of savemms-media(7), for handsets that take no MP3: classes whose sound alone has at most 12,200 bits a
second get AMR. The judges are ffmpeg, which decodes it, and the bytes of its frames."""

import os
import re
import subprocess

import numpy as np
import pytest

from test_av import stored
from test_compose import judge, outgoing
from test_page import CARRIERS, link_of, send
from test_transcode_av import SLACK, check_sound, ffmpeg, probe, transcode     # noqa: F401

FROM = "12345"
LEGACY = (91136, 640, 12000, 12200)
BYTES = {4750: 13, 5150: 14, 5900: 16, 6700: 18, 7400: 20, 7950: 21, 10200: 27, 12200: 32}    # of a frame (RFC 4867)
HEAD, FRAME_MS = b"#!AMR\n", 20


def pcm(path, hz=8000):
    """Returns what ffmpeg decodes, mono."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-ac", "1", "-ar", str(hz), "-f", "s16le", "-"],
                          capture_output=True, timeout=30)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return np.frombuffer(done.stdout, "<i2").astype(float)


def write(path, samples, hz=44100):
    """Writes samples (one row, or one for each channel) as a WAV file."""
    samples = np.atleast_2d(samples)
    raw = np.clip(samples, -32768, 32767).astype("<i2").T.tobytes()
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "s16le", "-ar", str(hz), "-ac", str(len(samples)),
                           "-i", "-", str(path)], input=raw, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return path


def speech(seconds, hz=44100):
    """A voice, more or less: a pulse of 120 Hz and its overtones through three formants, in syllables."""
    t = np.arange(int(seconds * hz)) / hz
    voice = sum(np.sin(2 * np.pi * 120 * n * t + n) / (1 + ((120 * n - f) / 150) ** 2)
                for n in range(1, 28) for f in (600, 1200, 2500))
    return 6000 * voice / np.abs(voice).max() * (1.2 + np.sin(2 * np.pi * 3 * t)) / 2.2 * 2


def frames(path):
    """Returns the modes of an AMR file's frames, by their bits a second. All of its bytes are in whole frames."""
    with open(path, "rb") as f:
        data = f.read()
    assert data.startswith(HEAD)
    at, modes = len(HEAD), []
    while at < len(data):
        assert data[at] & 0x87 == 0x04          # one frame, not damaged, no padding
        modes.append(list(BYTES)[data[at] >> 3])
        at += BYTES[modes[-1]]
    assert at == len(data)
    return modes


def check_amr(t, budget, seconds, bps=12200):
    assert t["fits"] and t["format"] == "AMR"
    assert os.path.getsize(t["path"]) == t["bytes"] <= budget
    modes = frames(t["path"])
    assert set(modes) == {bps}
    (s,) = probe(t["path"])["streams"]
    assert (s["codec_name"], s["sample_rate"], s["channels"]) == ("amr_nb", "8000", 1)
    assert t["ms"] == len(modes) * FRAME_MS
    assert 0 <= t["ms"] / 1000 - seconds <= 0.04
    return pcm(t["path"])


def alike(made, source):
    """Returns the correlation of two sounds, and how much louder the first is, in dB. The codec comes 5 ms late."""
    made = made[40:][:len(source)]
    source = source[:len(made)]
    power = [np.sqrt(np.mean(x * x)) for x in (made, source)]
    return np.mean(made * source) / (power[0] * power[1]), 20 * np.log10(power[0] / power[1])


# ---- by hand ---------------------------------------------------------------

@pytest.mark.parametrize("seconds", [0.1, 5.013])
@pytest.mark.parametrize("channels", [1, 2])
def test_speech_stays_speech(transcode, tmp_path, seconds, channels):
    voice = speech(seconds)
    path = write(tmp_path / "a.wav", [voice] * channels)
    r = transcode(path, [LEGACY])
    assert r.status == "ok" and r.why == "", r.text
    made, source = check_amr(*list(r.targets.values()), LEGACY[0], seconds), pcm(path)
    same, louder = alike(made, source)
    assert same > 0.9 and abs(louder) < 2, (same, louder)
    spectra = [np.abs(np.fft.rfft(x[:len(source)] * np.hanning(len(source)))) for x in (made, source)]
    assert np.corrcoef(*spectra)[0, 1] > 0.9
    # The same samples, encoded by another program with the same library, give the same frames.
    other = ffmpeg(tmp_path / "other.amr", "-i", str(path), "-ac", "1", "-ar", "8000", "-c:a", "amr_nb", "-b:a", "12.2k")
    with open(next(iter(r.targets.values()))["path"], "rb") as a, open(other, "rb") as b:
        assert a.read() == b.read()


def test_silence_stays_silent(transcode, tmp_path):
    r = transcode(write(tmp_path / "a.wav", np.zeros(44100 * 2)), [LEGACY])
    made = check_amr(*list(r.targets.values()), LEGACY[0], 2)
    assert np.abs(made).max() < 20


def test_opposite_phase_is_not_silence(transcode, tmp_path):
    voice = speech(2)
    path = write(tmp_path / "a.wav", [voice, -voice])
    made = check_amr(*list(transcode(path, [LEGACY]).targets.values()), LEGACY[0], 2)
    same, louder = alike(made, pcm(write(tmp_path / "b.wav", voice)))
    assert abs(same) > 0.9 and abs(louder) < 2


def test_the_mode_that_fits(transcode, tmp_path):
    """A minute at the budgets of each mode, at a budget for none, and where the class allows less."""
    path = ffmpeg(tmp_path / "a.mp3", "-f", "lavfi", "-i", "sine=frequency=440:duration=60:sample_rate=16000", "-c:a", "libmp3lame")
    seconds = len(pcm(path)) / 8000
    n = int(seconds * 1000 / FRAME_MS) + 2
    cases = [(len(HEAD) + b * n, 640, 12000, 12200, bps) for bps, b in BYTES.items()][::2]
    cases += [(400000, 640, 12000, 8000, 7950)]
    r = transcode(path, [(20000, 640, 12000, 12200), *[c[:4] for c in cases]])
    first, *rest = r.targets.values()
    assert not first["fits"]
    assert [t["same"] for t in r.targets.values()][0] == "C20000"
    for t, (budget, _, _, _, bps) in zip(rest, cases, strict=True):
        check_amr(t, budget, seconds, bps)


def test_beside_mp3(transcode, tmp_path):
    """Both kinds of class at once. The rate after the film's sound decides, and 64,000 is what an old setting means."""
    path = write(tmp_path / "a.wav", speech(3))
    r = transcode(path, [LEGACY, (289792, 1280, 24000), (500000, 1280, 24000, 12201), (985088, 2048, 48000, 12200)])
    amr, mp3, low, again = r.targets.values()
    check_amr(amr, LEGACY[0], 3)
    check_sound(mp3, 289792, 3)
    assert int(check_sound(low, 500000, 3)["bit_rate"]) == 24000
    assert again["same"] == "C91136" and again["format"] == "AMR"


@pytest.mark.parametrize("bps", [4750, 7950, 12200])
def test_amr_is_copied(transcode, tmp_path, bps):
    path = ffmpeg(tmp_path / "a.amr", "-i", str(write(tmp_path / "a.wav", speech(3))), "-c:a", "amr_nb", "-ar", "8000", "-b:a", str(bps))
    r = transcode(path, [(os.path.getsize(path), 640, 12000, bps), (289792, 1280, 24000)])
    amr, mp3 = r.targets.values()
    assert r.why == "sent unchanged" and amr["fits"] and amr["format"] == "AMR"
    with open(path, "rb") as a, open(amr["path"], "rb") as b:
        assert a.read() == b.read()
    assert amr["ms"] == r.ms == len(frames(path)) * FRAME_MS
    check_sound(mp3, 289792, amr["ms"] / 1000)


def test_amr_that_is_not_right_is_encoded(transcode, tmp_path):
    """Over the budget, over the rate, of several modes of which one is over it, damaged, wideband, not in a file of AMR."""
    voice = str(write(tmp_path / "a.wav", speech(3)))
    good = ffmpeg(tmp_path / "a.amr", "-i", voice, "-c:a", "amr_nb", "-ar", "8000", "-b:a", "7.95k")
    fine = ffmpeg(tmp_path / "fine.amr", "-i", voice, "-c:a", "amr_nb", "-ar", "8000", "-b:a", "12.2k")
    for budget, most, bps in ((good.stat().st_size - 1, 12200, 7400), (100000, 7949, 7400)):
        r = transcode(good, [(budget, 640, 12000, most)])
        assert r.why == "", r.text
        check_amr(*list(r.targets.values()), budget, r.ms / 1000, bps)
    mixed = tmp_path / "mixed.amr"
    mixed.write_bytes(good.read_bytes() + fine.read_bytes()[len(HEAD):])
    r = transcode(mixed, [(100000, 640, 12000, 12199)])
    assert r.why == "", r.text
    check_amr(*list(r.targets.values()), 100000, r.ms / 1000, 10200)
    assert transcode(mixed, [LEGACY]).why == "sent unchanged"
    marked = tmp_path / "marked.amr"
    data = bytearray(fine.read_bytes())
    data[len(HEAD) + 32 * 9] &= ~4
    marked.write_bytes(data)
    other = ffmpeg(tmp_path / "b.3gp", "-i", voice, "-c:a", "amr_nb", "-ar", "8000", "-b:a", "12.2k")
    wide = ffmpeg(tmp_path / "a.awb", "-i", voice, "-c:a", "amr_wb", "-ar", "16000", "-b:a", "6.6k", "-f", "amr")
    for path in (marked, wide):
        r = transcode(path, [LEGACY])
        assert r.status == "ok" and r.why != "sent unchanged", r.text
        check_amr(*list(r.targets.values()), LEGACY[0], r.ms / 1000, 7400 if path == wide else 12200)
    assert transcode(other, [LEGACY], "3GP").status == "corrupt"        # a film without a picture, as in any class


def test_pauses_keep_their_length(transcode, tmp_path):
    """Encoders that detect pauses write no speech there. ffmpeg decodes that only with libopencore-amrnb."""
    t = np.arange(8 * 8000) / 8000
    path = ffmpeg(tmp_path / "a.amr", "-i", str(write(tmp_path / "a.wav", 8000 * np.sin(2 * np.pi * 300 * t) * (t % 4 < 1), 8000)),
                  "-c:a", "amr_nb", "-dtx", "1", "-b:a", "12.2k")
    source = path.read_bytes()
    assert len(source) < 5000
    r = transcode(path, [(2000, 640, 12000, 12200), LEGACY, (289792, 1280, 24000)])
    small, amr, mp3 = r.targets.values()
    assert r.why == "sent unchanged" and 0 <= r.ms - 8000 <= FRAME_MS
    with open(amr["path"], "rb") as f:
        assert f.read() == source
    assert not small["fits"]
    check_sound(mp3, 289792, 8)
    loud = np.abs(pcm(mp3["path"])).reshape(-1)
    power = [np.sqrt(np.mean(loud[int(8000 * s):int(8000 * (s + 0.6))] ** 2)) for s in (0.2, 2, 4.2, 6)]
    assert min(power[0], power[2]) > 3000 and max(power[1], power[3]) < 50, power


def test_pauses_stay_where_they_are(transcode, tmp_path):
    """A tone of 10 frames and 25 empty frames, five times over."""
    tone = ffmpeg(tmp_path / "tone.amr", "-f", "lavfi", "-i", "sine=frequency=500:duration=1:sample_rate=8000", "-af", "volume=4",
                  "-c:a", "amr_nb", "-b:a", "12.2k").read_bytes()[len(HEAD):]
    path = tmp_path / "a.amr"
    path.write_bytes(HEAD + b"".join(tone[320 * i:320 * (i + 1)] + b"\x7c" * 25 for i in range(5)))
    r = transcode(path, [(100000, 640, 12000, 12199)])
    (t,) = r.targets.values()
    assert r.ms == 5 * 35 * FRAME_MS and r.why == ""
    heard = check_amr(t, 100000, r.ms / 1000, 10200)
    for i in range(5):
        at = 8 * (i * 35 * FRAME_MS + 10)       # the two codecs come 5 ms late each
        power = [np.sqrt(np.mean(heard[at + 8 * a:at + 8 * b] ** 2)) for a, b in ((40, 175), (180, 195), (260, 670))]
        assert min(power[:2]) > 3000 and power[2] < 300, (i, power)


def test_mp3_is_copied_where_mp3_is_taken(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp3", "-i", str(write(tmp_path / "a.wav", speech(3))), "-c:a", "libmp3lame", "-b:a", "64k",
                  "-metadata", "title=Secret", "-write_xing", "0")
    r = transcode(path, [LEGACY, (289792, 1280, 24000)])
    amr, mp3 = r.targets.values()
    assert r.why == "sent unchanged"
    check_amr(amr, LEGACY[0], r.ms / 1000)
    with open(path, "rb") as a, open(mp3["path"], "rb") as b:
        frames_only = b.read()
        assert a.read().endswith(frames_only) and len(frames_only) > 20000 and b"Secret" not in frames_only


def test_mp3_is_not_copied(transcode, tmp_path):
    path = ffmpeg(tmp_path / "a.mp3", "-i", str(write(tmp_path / "a.wav", speech(3))), "-c:a", "libmp3lame", "-b:a", "8k", "-ar", "8000")
    r = transcode(path, [LEGACY])
    assert r.why == ""
    check_amr(*list(r.targets.values()), LEGACY[0], r.ms / 1000, 10200)


# ---- from the request to the message ---------------------------------------

@pytest.fixture(scope="module")
def legacy(new_instance):
    return new_instance({"classes": "LEGACY, S, M", "spool-media": "embed", "carrier-old": "bytes=110000 prefixes=1555",
                         **CARRIERS}).serve()


def test_mms_of_an_old_handset(legacy, put, samples, tmp_path):
    caller = legacy.caller(senders=FROM)
    mmsid = caller.save({"audio": put("mp3"), "text": "listen"}, subject="s").mmsid
    assert legacy.wait_state(caller, mmsid) == "ready"
    audio = caller.details(mmsid).find("SLIDE/AUDIO")
    made = {r.findtext("CLASS"): r for r in audio.findall("RENDITION")}
    assert {n: r.findtext("MIME") for n, r in made.items()} == {"LEGACY": "audio/amr", "S": "audio/mpeg", "M": "audio/mpeg"}
    assert made["LEGACY"].findtext("URL").endswith(".amr")
    reply = legacy.client().http("GET", "/" + made["LEGACY"].findtext("URL").split("/", 3)[3])
    (path,) = stored(legacy, mmsid, "LEGACY")
    with open(path, "rb") as f:
        amr = f.read()
    assert reply.status == 200 and reply.headers["content-type"] == "audio/amr" and reply.body == amr
    name, raw = outgoing(legacy, caller, mmsid)
    parts = [("slides.smil", "application/smil"), ("slide1.amr", "audio/amr"), ("slide1.txt", "text/plain")]
    bodies = judge(name, raw, parts, str(tmp_path))
    assert bodies["slide1.amr"] == amr and '<audio src="slide1.amr"/>' in bodies["slides.smil"].decode()
    assert set(frames(path)) == {12200}
    assert abs(len(frames(path)) * FRAME_MS / 1000 - len(pcm(samples.path("sample.mp3"))) / 8000) < SLACK


def test_a_source_in_amr_goes_out_as_it_came(legacy, put, samples):
    caller = legacy.caller()
    mmsid = caller.save({"audio": put("amr")}).mmsid
    assert legacy.wait_state(caller, mmsid) == "ready"
    (path,) = stored(legacy, mmsid, "LEGACY")
    with open(path, "rb") as f:
        assert f.read() == samples["amr"]
    (path,) = stored(legacy, mmsid, "S")
    assert [s["codec_name"] for s in probe(path)["streams"]] == ["mp3"]


def test_the_page_plays_mp3(legacy, put):
    """The page that a fallback SMS links to has what browsers play."""
    caller = legacy.caller(senders="15550199")
    mmsid = caller.save({"audio": put("mp3")}).mmsid
    assert legacy.wait_state(caller, mmsid) == "ready"
    page = link_of(legacy, send(caller, mmsid))
    assert re.search(rb'<audio src="[^"]*/1\.mp3"', legacy.client().http("GET", page).body)
