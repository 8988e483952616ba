"""Processes under test: functions start them in a group of their own, end them by id, and find leftovers."""

import os
import signal
import subprocess
import time


def start(argv, log, env=None, cwd=None):
    """Starts a program as leader of its own session. Its output goes to the file log."""
    with open(log, "ab") as out:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=cwd,
                                start_new_session=True, close_fds=True)


def stop(process, seconds=20):
    """Sends SIGTERM, then SIGKILL to the process group. Returns True when SIGTERM was enough."""
    clean = True
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            clean = False
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(10)
    return clean


def read_proc(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as f:
            return f.read().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def of_instance(folder):
    """Returns (pid, command line) of all processes whose arguments or environment name the instance's folder, and of
    their descendants. The calling process and its parents are left out."""
    folder, own = str(folder), ancestors()
    every = {pid: parent_of(pid) for pid in map(int, filter(str.isdigit, os.listdir("/proc")))}
    every = {pid: parent for pid, parent in every.items() if parent is not None and pid not in own}
    found = {pid for pid in every if folder in read_proc(pid, "cmdline") or folder in read_proc(pid, "environ")}
    while more := {pid for pid, parent in every.items() if parent in found and pid not in found}:
        found |= more
    return [(pid, read_proc(pid, "cmdline").strip()) for pid in sorted(found)]


def orphans(prefix):
    """Returns (pid, command line) of this installation's programs whose parent has gone."""
    uid = os.getuid()
    out = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        command = read_proc(pid, "cmdline").strip()
        try:
            if command.startswith(prefix) and os.stat(f"/proc/{pid}").st_uid == uid and parent_of(pid) == 1:
                out.append((pid, command))
        except OSError:
            continue
    return out


def parent_of(pid):
    """Returns the parent's id, or None if the process has gone or is a zombie."""
    stat = read_proc(pid, "stat")
    fields = stat.rsplit(")", 1)[1].split() if stat else ["Z"]
    return None if fields[0] == "Z" else int(fields[1])


def ancestors():
    pid, out = os.getpid(), set()
    while pid is not None and pid > 1:
        out.add(pid)
        pid = parent_of(pid)
    return out


def wait_gone(folder, seconds):
    """Waits up to so many seconds for the instance's processes to end. Returns those that still run."""
    ends = time.monotonic() + seconds
    while True:
        left = of_instance(folder)
        if not left or time.monotonic() > ends:
            return left
        time.sleep(0.05)


def kill_all(found):
    for pid, _ in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def wait_for(what, seconds=20, step=0.05):
    """Calls what() until it returns a true value or time is up. Returns the last value."""
    ends = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > ends:
            return got
        time.sleep(step)


def private_kb(pid):
    """Returns the private memory of a process in KiB (Private_Clean + Private_Dirty of smaps_rollup)."""
    return sum(int(line.split()[1]) for line in read_lines(f"/proc/{pid}/smaps_rollup")
               if line.startswith(("Private_Clean:", "Private_Dirty:")))


def read_lines(path):
    try:
        with open(path) as f:
            return f.read().splitlines()
    except OSError:
        return []
