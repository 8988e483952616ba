"""Backup while clients save and delete, restore, and check: nothing acknowledged is missing, and every fault is
named."""

import glob
import os
import resource
import shutil
import signal
import subprocess
import threading

import pytest

import procs
from instance import SLOW, Instance, program


def restored(instance, backup, folder):
    """Restores the backup into a new folder and returns it as an instance."""
    other = object.__new__(Instance)
    other.__dict__.update(instance.__dict__, folder=str(folder), server=None, port=None, log=str(folder) + ".serve.log",
                          env={**instance.env, "SAVEMMS_CONF": os.path.join(folder, "savemms.conf")})
    other.run("restore", backup)
    return other


def stored(instance):
    return {line.split("\t")[0] for line in instance.run("template", "list").splitlines()}


class Clients:
    """Threads that save images with new bytes each time, and one that deletes some of them."""

    def __init__(self, instance, key, put, samples, n=3):
        self.instance, self.key, self.put, self.jpg = instance, key, put, samples["jpg"]
        self.saved, self.deleted, self.doomed, self.stop = [], [], set(), threading.Event()
        self.faults = []
        self.threads = [threading.Thread(target=self.guard, args=(f,), daemon=True)
                        for f in [self.save] * n + [self.delete]]
        for t in self.threads:
            t.start()

    def guard(self, work):
        try:
            work(self.instance.client(self.key, timeout=60 * SLOW))
        except Exception as e:
            self.faults.append(repr(e))

    def save(self, client):
        while not self.stop.is_set():
            answer = client.save({"image": self.put("jpg", body=self.jpg + os.urandom(16)), "text": "x"})
            if answer.code is None:
                self.saved.append(answer.mmsid)

    def delete(self, client):
        while not self.stop.wait(0.05):
            if len(self.saved) > 5:
                one = self.saved[len(self.deleted) * 3 % len(self.saved)]
                if one in self.doomed:
                    continue
                self.doomed.add(one)
                if client.call("deleteMMSID", mmsid=one).code is None:
                    self.deleted.append(one)

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join(60 * SLOW)
        assert not self.faults, self.faults[:3]


def test_backup_under_load(new_instance, put, samples, tmp_path):
    """In three rounds, each backup holds everything that was acknowledged before it, complete, and nothing that was
    deleted before."""
    instance = new_instance().serve()
    caller = instance.caller()
    clients = Clients(instance, caller.key, put, samples)
    try:
        for i in range(3):
            before = len(clients.saved) + 5
            while len(clients.saved) < before and not clients.faults:
                clients.stop.wait(0.1)
            saved, deleted = list(clients.saved), list(clients.deleted)
            out = instance.run("backup", tmp_path / f"b{i}")
            assert "backup of" in out
            doomed = set(clients.doomed)
            other = restored(instance, tmp_path / f"b{i}", tmp_path / f"r{i}")
            kept = stored(other)
            assert set(saved) - doomed <= kept
            assert not kept & set(deleted)
            assert "no inconsistencies" in other.run("check")
            assert "no inconsistencies" in instance.run("check")
    finally:
        clients.end()
    other.serve()
    mine = other.client(caller.key)
    one = sorted(set(saved) & stored(other))[-1]
    assert mine.details(one).findtext("STATE") == "ready"
    fresh = mine.save({"image": put("jpg")}).mmsid
    assert int(fresh) > max(map(int, kept))
    other.stop()
    instance.stop()
    assert not glob.glob(str(tmp_path / "*part*")) and not glob.glob(os.path.join(instance.folder, "run", "copy-*"))


@pytest.fixture
def small(new_instance, put):
    """An instance that holds one image and no longer serves."""
    instance = new_instance().serve()
    instance.mmsid = instance.caller().save({"image": put("jpg"), "text": "x"}).mmsid
    instance.stop()
    return instance


def blobs(folder):
    return sorted(glob.glob(os.path.join(folder, "media", "??", "??", "*")))


def change_byte(path):
    """Changes the first byte of the file. The file is a copy afterwards, not a link."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    data[0] ^= 1
    os.unlink(path)
    with open(path, "wb") as f:
        f.write(data)


def test_check_names_media(small, tmp_path):
    path = blobs(small.folder)[0]
    sha = os.path.basename(path)
    shutil.copy(path, tmp_path / "kept")
    change_byte(path)
    status, out, _ = small.command("check")
    assert status == 1 and f"blob {sha} of template {small.mmsid}: its file is damaged" in out, out
    assert "1 inconsistencies" in out
    assert small.command("check", "--quick")[0] == 0
    with open(path, "ab") as f:
        f.write(b"x")
    status, out, _ = small.command("check", "--quick")
    assert status == 1 and "bytes and should have" in out, out
    os.unlink(path)
    status, out, _ = small.command("check")
    assert status == 1 and f"blob {sha} of template {small.mmsid}: its file is missing" in out, out
    status, out, err = small.command("backup", tmp_path / "b")
    assert status == 1 and sha in out and "was made" in err
    status, out, err = small.command("restore", tmp_path / "b", tmp_path / "r")
    assert status == 1 and sha in out and "--partial" in err
    assert os.listdir(tmp_path / "r") == []
    small.run("restore", tmp_path / "b", tmp_path / "r", "--partial")
    shutil.copy(tmp_path / "kept", path)
    small.run("check")


def test_check_names_spoilt_pages(small):
    """The check names an overwritten page on disk, and nothing hangs."""
    with open(os.path.join(small.folder, "db", "store.db"), "r+b") as f:
        f.seek(4096 + 2000)
        f.write(b"spoilt" * 20)
    # Berkeley DB does not free all its memory when it meets a bad page.
    small.env["ASAN_OPTIONS"] = ":".join(filter(None, [small.env.get("ASAN_OPTIONS"), "detect_leaks=0"]))
    status, out, err = small.command("check")
    assert status == 1 and out, (out, err)


def test_restore_refuses_what_is_damaged(small, tmp_path):
    small.run("backup", tmp_path / "b")
    for number, path in enumerate([tmp_path / "b/db/store.db", tmp_path / "b/savemms.conf", tmp_path / "b/MANIFEST",
                                   blobs(tmp_path / "b")[0]]):
        shutil.copytree(tmp_path / "b", tmp_path / "bad")
        path = str(path).replace(str(tmp_path / "b"), str(tmp_path / "bad"), 1)
        change_byte(path)
        target = tmp_path / f"r{number}"
        status, out, err = small.command("restore", tmp_path / "bad", target)
        assert status == 1 and "savemms: " in err, (path, out, err)
        assert os.listdir(target) == [] if target.exists() else True
        shutil.rmtree(tmp_path / "bad")
    small.run("check")                          # the instance's own files are links and must stay unchanged


def test_restore_reads_no_strange_media(small, tmp_path):
    """Neither a FIFO nor more bytes than the records say."""
    small.run("backup", tmp_path / "b")
    for name in ("fifo", "sparse", "link"):
        shutil.copytree(tmp_path / "b", tmp_path / "bad")
        path = blobs(tmp_path / "bad")[0]
        if name == "sparse":
            os.truncate(path, 1 << 40)
        else:
            os.rename(path, tmp_path / "blob")
            os.mkfifo(path) if name == "fifo" else os.symlink(tmp_path / "blob", path)
        status, out, err = small.command("restore", tmp_path / "bad", tmp_path / "r", seconds=20)
        assert status == 1 and "damaged" in out, (name, out, err)
        shutil.rmtree(tmp_path / "bad")
    assert os.listdir(tmp_path / "r") == []


def test_restore_over_an_instance(small, tmp_path):
    small.run("backup", tmp_path / "b")
    assert small.command("restore", tmp_path / "b")[0] == 1         # the folder is not empty
    small.serve()
    status, _, err = small.command("restore", tmp_path / "b", "--force")
    assert status == 1 and "in use" in err
    later = small.client(small.caller().key).save("later").mmsid
    small.stop()
    out = small.run("restore", tmp_path / "b", "--force")
    assert "the former contents are in" in out
    assert stored(small) == {small.mmsid}
    aside = glob.glob(os.path.join(small.folder, "before-*"))
    assert len(aside) == 1
    old = subprocess.run([program("savemms"), "-C", aside[0], "template", "list"], env=small.env,
                         capture_output=True, text=True)
    assert later in old.stdout
    small.run("check")


def test_ids_go_on_far_above_after_a_restore(new_instance, tmp_path, receiver):
    """MMSIDs and the ids of postbacks that were given out after the backup are not given out again, although nothing
    in the backup tells of them."""
    instance = new_instance().serve()
    caller = instance.caller(postback_url=receiver.url("ids"), postback_secret="whsec_" + "A" * 43 + "=")
    caller.save("x")
    assert procs.wait_for(lambda: receiver.got("ids") and not instance.run("job", "list"), 20 * SLOW)
    instance.run("backup", tmp_path / "b")
    last = int(caller.save("y").mmsid)
    assert len(receiver.wait("ids", 2, 20 * SLOW)) == 2
    instance.stop()
    instance.run("restore", tmp_path / "b", "--force")
    instance.serve()
    fresh = int(instance.client(caller.key).save("z").mmsid)      # the port is another
    told = receiver.wait("ids", 3, 20 * SLOW)
    jobs = [int(p.headers["webhook-id"].split("_")[2]) for p in told]
    assert fresh > last + 900_000 and jobs[-1] > max(jobs[:-1]) + 900_000, (last, fresh, jobs)
    assert "no inconsistencies" in instance.run("check")
    instance.stop()


def test_backup_that_finds_no_room(small, tmp_path):
    """A limit on file sizes stands for a full disk. The command reports it and leaves nothing behind, and the instance
    goes on."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (12 << 10, 12 << 10))

    done = subprocess.run([program("savemms"), "backup", str(tmp_path / "b")], env=small.env, preexec_fn=limit,
                          capture_output=True, text=True, timeout=60 * SLOW)
    assert done.returncode == 1 and "savemms: " in done.stderr
    assert os.listdir(tmp_path) == []
    assert not glob.glob(os.path.join(small.folder, "run", "copy-*"))
    small.run("check")


def test_backup_killed(small, tmp_path):
    """Whenever the backup is killed, DEST is complete or missing, and the next backup works."""
    for i in range(8):
        dest = tmp_path / f"b{i}"
        backup = subprocess.Popen([program("savemms"), "backup", str(dest)], env=small.env,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            backup.wait(0.01 * (i + 1) * SLOW)
        except subprocess.TimeoutExpired:
            pass
        backup.kill()
        backup.wait()
        if dest.exists():
            small.run("restore", dest, tmp_path / f"r{i}")
    small.run("backup", tmp_path / "last")
    small.run("check")
