"""The parts that bench/fit needs for all kinds of media: the classes, running programs, and the corpus."""

import csv
import os
import re
import resource
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "e2e"))
sys.dont_write_bytecode = True

CORPUS = os.environ.get("SAVEMMS_CORPUS") or os.path.join(HERE, "..", "..", "shared", "corpus")
DEFAULT = ("S", "M", "L", "XL")     # the classes that are on by default
FFMPEG = ["ffmpeg", "-nostdin", "-hide_banner", "-y", "-threads", "1"]


class Class:
    """A line of lib/model/classes.def."""

    def __init__(self, name, limit, side, film_sound, sound, profile):
        self.name, self.limit, self.side, self.profile = name, int(limit), int(side), profile.lower()
        self.film_sound, self.sound = int(film_sound), int(sound)

    def budget(self, share):
        """Returns the bytes for the media of a message (savemms-media(7), Budgets), divided by share."""
        return int((self.limit * 0.97 - 8192) / share)

    def argument(self, share):
        """Returns the class in the form that savemms-transcode --try takes."""
        return f"{self.name}:{self.budget(share)}:{self.side}:{self.film_sound}:{self.sound}:{self.profile}"


def read_classes():
    with open(os.path.join(HERE, "..", "lib", "model", "classes.def")) as f:
        found = re.findall(r'^CLASS\("(\w+)", (\d+), (\d+), (\d+), (\d+), (\w+)\)', f.read(), re.M)
    classes = {row[0]: Class(*row) for row in found}
    return {name: classes[name] for name in DEFAULT}


CLASSES = read_classes()


def run(*argv, data=None, out=subprocess.PIPE):
    done = subprocess.run(list(map(str, argv)), input=data, stdout=out, stderr=subprocess.PIPE, timeout=900,
                          env={**os.environ, "VIPS_CONCURRENCY": "1"})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr.decode(errors='replace')}")
    return done


def timed(*argv):
    """Returns (exit status, output, processor seconds) of a program and of all processes that it waited for."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(["timeout", "900", *map(str, argv)], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return p.returncode, out.read().decode(errors="replace"), used.ru_utime + used.ru_stime


def processor():
    """Returns the processor seconds of all programs that were run and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def corpus(folders):
    """Returns {name: path} of the corpus' files in these folders that a transcoder must accept, according to its
    MANIFEST.tsv."""
    listed = os.path.join(CORPUS, "MANIFEST.tsv")
    if not os.path.exists(listed):
        return {}
    with open(listed, newline="") as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["type"] in folders and r["expected"].startswith("ok")]
    return {"corpus-" + r["path"].replace("/", "-"): os.path.join(CORPUS, r["path"]) for r in rows}
