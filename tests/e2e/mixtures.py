"""Random templates of every kind of medium, made from a seed, and the checks of what is stored for them."""

import os
import random
import re
import subprocess

import media
from instance import program

LIMIT = {"S": 307200, "M": 524288, "L": 1024000, "XL": 1228800}
SIDE = {"S": 1280, "M": 1600, "L": 2048, "XL": 2048}
FILM_SOUND = {"S": 24000, "M": 32000, "L": 48000, "XL": 48000}
SOUND = {"S": 64000, "M": 64000, "L": 128000, "XL": 128000}

NOISE = "noise=alls=20:allf=t+u"
MUSIC = "aevalsrc='0.3*sin(440*t*6.28)+0.2*random(0)|0.3*sin(554*t*6.28)+0.2*random(1)':s=44100"


def picture(size, rate, seconds, source="testsrc2"):
    return ["-f", "lavfi", "-i", f"{source}=size={size}:rate={rate}:duration={seconds},{NOISE}"]


def sound(seconds):
    return ["-f", "lavfi", "-i", f"{MUSIC}:d={seconds}"]


H264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k"]

# Each name has the command with which ffmpeg makes the medium. There is an image that must be made smaller and one that
# need not; animations that fit and that do not; sounds that take almost nothing, a class, or more than a class; and
# films of the same three sizes.
AV = {
    "gif-small.gif": picture("120x90", 10, 1),
    "gif-middle.gif": ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10:duration=1.5"],
    "gif-large.gif": picture("400x300", 10, 1.2),
    "speech.amr": ["-f", "lavfi", "-i", "sine=frequency=300:duration=6", "-c:a", "amr_nb", "-ar", "8000", "-ac", "1"],
    "note.wav": ["-f", "lavfi", "-i", "sine=frequency=440:duration=2", "-ar", "16000"],
    "song.mp3": [*sound(12), "-c:a", "libmp3lame", "-b:a", "192k"],
    "long.mp3": [*sound(70), "-c:a", "libmp3lame", "-b:a", "128k"],
    "clip.mp4": [*picture("640x360", 25, 2), *sound(2), *H264],
    "film.mp4": [*picture("640x360", 30, 5), *sound(5), *H264],
    "silent.mov": [*picture("320x240", 15, 3), *H264],
    "still.mp4": ["-f", "lavfi", "-i", "color=c=navy:size=640x360:rate=25:duration=40", *sound(40), *H264],
    "camera.avi": [*picture("320x240", 15, 3), *sound(3), "-c:v", "mjpeg", "-q:v", "4", "-c:a", "pcm_s16le"],
    "phone.3gp": ["-f", "lavfi", "-i", "testsrc=size=176x144:rate=15:duration=4", *sound(4), "-c:v", "h263", "-c:a", "amr_nb",
                  "-ar", "8000", "-ac", "1"],
    "old.wmv": [*picture("320x240", 15, 3), *sound(3), "-c:v", "wmv2", "-b:v", "800k", "-c:a", "wmav2"],
}
STILL = {"photo.jpg": (2000, 1500, 25), "snap.jpg": (1600, 1200, 8), "icon.png": (200, 200, 0), "page.webp": (1200, 900, 15)}
OBJECTS = {"ana.vcf": "vcard", "fitting.ics": "ical", "menu.pdf": "pdf"}


def kind_of(name):
    if name in STILL or name.endswith(".gif"):
        return "image"
    if name in OBJECTS:
        return OBJECTS[name]
    return "audio" if name.endswith((".mp3", ".wav", ".amr")) else "video"


def body_of(samples, name):
    ext = name.rsplit(".", 1)[1]
    if name in OBJECTS:
        return samples[ext]
    if name in STILL:
        width, height, noise = STILL[name]
        return samples.image(width, height, ext, noise)
    if name not in samples.made:
        media.ffmpeg(samples.path(name), *AV[name])
        samples.made[name] = media.read(samples.path(name))
    return samples.made[name]


def by_kind(kind):
    return [n for n in (*AV, *STILL, *OBJECTS) if kind_of(n) == kind]


def random_slides(seed):
    """Returns 1 to 9 slides, each with a list of media names and a text."""
    rnd = random.Random(seed)
    slides = []
    for _ in range(rnd.choice([1, 1, 2, 2, 3, 4, 5, 7, 9])):
        shape = rnd.choice(["text", "image", "image", "image audio", "image audio", "audio", "video", "video", "vcard", "ical", "pdf"])
        names = [] if shape == "text" else [rnd.choice(by_kind(kind)) for kind in shape.split()]
        length = rnd.choice([0, 0, 10, 160, 2000, 5000]) if names else rnd.choice([1, 10, 5000])
        slides.append((names, rnd.choice("aé€😀") * length))
    return slides


class Rendition:
    def __init__(self, node, path):
        def number(tag):
            return int(float(node.findtext(tag, "0")))
        self.name = node.findtext("CLASS")
        self.bytes, self.width, self.height = number("BYTES"), number("WIDTH"), number("HEIGHT")
        self.mime, self.path = node.findtext("MIME"), path
        self.sha = os.path.basename(path)

    def rank(self):
        return self.width * self.height, self.bytes


class Made:
    """The stored media of a template: for each image, audio and video {class: Rendition}."""

    def __init__(self, instance, caller, mmsid):
        root = caller.details(mmsid)
        show = instance.run("template", "show", mmsid)
        files = iter(re.findall(r"^    (\w+): [^\n]*\n      file: (.*)$", show, re.M))
        self.state, self.media = root.findtext("STATE"), []
        self.show = "\n".join(line[:120] for line in show.splitlines())
        self.links = re.findall(r"^sent as a link in class: (\w+)$", show, re.M)
        for slide in root.findall("SLIDE"):
            for kind in ("IMAGE", "AUDIO", "VIDEO"):
                for node in slide.findall(kind):
                    self.media.append(self.renditions(node, files))

    @staticmethod
    def renditions(node, files):
        out = {}
        for r in node.findall("RENDITION"):
            name, path = next(files)
            assert name == r.findtext("CLASS"), "details and show do not agree"
            out[name] = Rendition(r, path)
        return out

    def digest(self):
        return self.links, [{name: r.sha for name, r in m.items()} for m in self.media]


def budget(name, slides, samples):
    used = sum(len(text.encode()) + text.count("\n") for _, text in slides)     # a line break is CR LF
    used += sum(len(body_of(samples, n)) for names, _ in slides for n in names if kind_of(n) == "vcard")
    return LIMIT[name] * 97 // 100 - 8192 - used


def smallest(samples, medium, name, folder):
    """Returns the bytes of the smallest rendition that the class can have, by asking the transcoder for a rendition of
    one byte."""
    path = os.path.join(folder, medium)
    with open(path, "wb") as f:
        f.write(body_of(samples, medium))
    done = subprocess.run([program("savemms-transcode"), "--try", path, "--class",
                           f"{name}:1:{SIDE[name]}:{FILM_SOUND[name]}:{SOUND[name]}", "--out", folder],
                          capture_output=True, text=True, timeout=120)
    found = re.search(rf"^{name} \w+ (\d+) ", done.stdout, re.M)
    assert found, (path, done.stdout, done.stderr)
    return int(found.group(1))


def check(made, slides, samples, folder):
    """Checks that the template is ready, that no class is over its limit, that no rendition is missing that would fit,
    that sizes do not fall from class to class, and that every file has its declared format."""
    names = [n for media_names, _ in slides for n in media_names if n not in OBJECTS]
    assert made.state == "ready", made.show
    assert len(names) == len(made.media)
    for i, name in enumerate(LIMIT):
        room = budget(name, slides, samples)
        if name in made.links:
            least = sum(smallest(samples, n, name, folder) for n in names)
            assert least > room, f"class {name} is a link, but {least} would fit {room}\n{made.show}"
            continue
        assert all(name in m for m in made.media), made.show
        total = sum(m[name].bytes for m in made.media)
        assert total <= room, f"class {name}: {total} of {room}\n{made.show}"
        below = list(LIMIT)[i - 1] if i > 0 else None
        for n, m in zip(names, made.media):
            assert os.path.getsize(m[name].path) == m[name].bytes
            assert max(m[name].width, m[name].height) <= SIDE[name]
            if below in m:
                assert m[name].rank() >= m[below].rank(), f"{n}: {name} is worse than {below}\n{made.show}"


def seconds(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (path, done.stderr)
    return float(done.stdout.strip() or 0)


