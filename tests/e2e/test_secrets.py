"""Keys and passwords are stored only in their own places, and only the owner can read the files."""

import os
import stat

import procs

SECRETS = {"password": "open sesame 4711", "postback": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


def test_nothing_secret_in_logs_and_process_lists(new_instance, put, receiver):
    instance = new_instance().serve()
    key = instance.account("holder", postback_url=receiver.url("secrets"), postback_secret=SECRETS["postback"])
    out = instance.run("account", "add", "second", "--password", SECRETS["password"])
    assert SECRETS["password"] not in out
    caller = instance.client(key)
    assert caller.save({"image": put("jpg"), "text": "t"}).mmsid
    assert caller.pairs({"action": "getMmsIds", "api_key": key}).code is None
    for pairs in ({"user": "second", "pass": SECRETS["password"]}, {"user": "second", "pass": "wrong " + SECRETS["password"]},
                  {"api_key": key[:-1] + "x"}):
        caller.form({"action": "getMmsIds", **pairs})
    caller.post(f"<REQUEST><ACTION>saveMMS</ACTION><API_KEY>{key}</API_KEY><NAME>", "text/xml")
    assert receiver.wait("secrets", 1, 20)
    seen = instance.logs() + "".join(
        command + procs.read_proc(pid, "environ") for pid, command in procs.of_instance(instance.folder))
    for secret in (key, *SECRETS.values(), key[:-1] + "x"):
        assert secret not in seen
    instance.stop()


def test_files_are_the_owners_alone(new_instance, put):
    instance = new_instance().serve()
    caller = instance.caller()
    caller.save({"image": put("jpg"), "text": "t"})
    for folder, _, names in os.walk(instance.folder):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700, folder
        for name in names:
            mode = os.lstat(os.path.join(folder, name)).st_mode
            assert stat.S_IMODE(mode) & 0o077 == 0, (folder, name, oct(mode))
    instance.stop()
