"""What our own rules do not know is shown to libmagic, and only savemms-transcode has libmagic (SECURITY, Decoding)."""

import concurrent.futures
import hashlib
import os
import subprocess

import pytest

import media
import procs
from expected import is_error
from instance import SLOW, program
from test_faults_ours import PRELOADED


@pytest.fixture(scope="module")
def layer_two(tmp_path_factory):
    """Sound in MPEG layer II: our own rules know layer III only."""
    path = str(tmp_path_factory.mktemp("identify") / "sound.mp2")
    media.ffmpeg(path, *media.TONE, "-c:a", "mp2", "-f", "mp2")
    return media.read(path)


def served(caller, body, ext="mp3"):
    return caller.http("GET", f"/media/{hashlib.sha256(body).hexdigest()}.{ext}")


def test_what_only_libmagic_knows(account, put, layer_two):
    caller = account(transcoding="off")
    bodies = [layer_two + bytes([i]) for i in range(9)]         # all of them are asked about at the same time
    slides = [{"audio": put("mp3", body=body)} for body in bodies]
    mmsid = caller.save(*slides).mmsid
    assert caller.details(mmsid).findtext("STATE") == "ready"
    for ext in ("mp3", "jpg"):          # the type that was found, whatever the URL says
        answer = served(caller, bodies[4], ext)
        assert answer.status == 200 and answer.body == bodies[4]
        assert answer.headers["content-type"] == "audio/mpeg"


def test_the_slide_is_the_right_one(account, put, layer_two):
    """One that nobody knows among others that were asked about, and others that were not."""
    caller = account(transcoding="off")
    odd, text = {"audio": put("mp3", body=layer_two)}, {"image": put("jpg", body=b"no picture at all\n")}
    assert is_error(caller.save(odd, {"image": put("png")}, text, odd), "E341", 3)
    assert is_error(caller.save(odd, {"audio": put("mp3", body=b"no sound at all\n")}, text), "E229", 2)
    assert caller.save(odd, {"image": put("png")}, odd).mmsid


def test_many_at_once(account, put, layer_two):
    caller = account(transcoding="off")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: caller.save({"audio": put("mp3", body=layer_two + bytes([i]))}), range(24)))
    assert {a.code for a in answers} == {None}, answers


def test_only_the_transcoder_has_libmagic(new_instance, put, layer_two):
    instance = new_instance().serve()
    caller = instance.caller()
    mmsid = caller.save({"audio": put("mp3", body=layer_two)}, {"video": put("3gp")}).mmsid

    def maps():
        """Returns what each program of the instance has mapped, by its path."""
        found = {}
        for pid, command in procs.of_instance(instance.folder):
            found.setdefault(command.split(" ")[0], []).append(procs.read_proc(pid, "maps"))
        return found

    names = {name: program(name) for name in ("savemms.fcgi", "savemms-helper", "savemms-transcode")}
    assert procs.wait_for(lambda: set(names.values()) <= set(maps()), 30 * SLOW)
    found = maps()
    for name in ("savemms.fcgi", "savemms-helper"):
        assert all("libc.so" in text and "libmagic" not in text and "magic.mgc" not in text for text in found[names[name]]), name
    transcoders = found[names["savemms-transcode"]]
    assert all("libmagic" in text for text in transcoders if "libc.so" in text)        # a caged child cannot be read
    assert any("magic.mgc" in text for text in transcoders)     # that of savemms.fcgi has loaded the database
    instance.wait_state(caller, mmsid, 60)


@PRELOADED
def test_a_crash_costs_the_child_only(new_instance, put, tmp_path, layer_two):
    """A file on which libmagic crashes is of no known format. What comes next is saved as ever."""
    code, library = tmp_path / "crash.c", str(tmp_path / "crash.so")
    code.write_text('#include <string.h>\n#include <stddef.h>\n'
                    'const char *magic_buffer(void *m, const void *p, size_t n);\n'
                    'const char *magic_buffer(void *m, const void *p, size_t n)\n'
                    '{ if (memmem(p, n, "crash", 5)) __builtin_trap(); return "audio/mpeg"; }\n')
    subprocess.run(["cc", "-D_GNU_SOURCE", "-O1", "-fPIC", "-shared", "-o", library, str(code)], check=True)
    transcoder = tmp_path / "transcoder"
    transcoder.write_text(f'#!/bin/sh\nLD_PRELOAD={library} exec {program("savemms-transcode")} "$@"\n')
    os.chmod(transcoder, 0o700)
    instance = new_instance({"transcode-program": str(transcoder)}).serve()
    caller = instance.caller(transcoding="off")
    odd = {"audio": put("mp3", body=layer_two)}
    assert is_error(caller.save(odd, {"image": put("jpg", body=b"this will crash\n")}), "E341", 2)
    assert caller.save(odd, {"image": put("jpg")}).mmsid
    assert "libmagic fails" in instance.logs()
