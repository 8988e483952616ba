"""The part of test_log.py that runs in a mount namespace with a /run of its own: journal_inside.py FOLDER. It takes the
place of systemd's journal and checks what it gets."""

import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "fakes")]

from instance import SLOW, Instance, program                    # noqa: E402

REQUEST = "id-of-the-request"


def fields(datagram):
    """Reads one line in the native protocol of the journal (systemd.io/JOURNAL_NATIVE_PROTOCOL)."""
    out = {}
    while datagram:
        head, _, datagram = datagram.partition(b"\n")
        if b"=" in head:
            name, _, value = head.partition(b"=")
        else:
            size = int.from_bytes(datagram[:8], "little")
            name, value, datagram = head, datagram[8:8 + size], datagram[9 + size:]
        out[name.decode()] = value.decode()
    return out


def call(instance, stream):
    """Calls the program as CGI with its stderr on a pipe, of which JOURNAL_STREAM says that it is the journal's."""
    env = {**instance.env, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "REQUEST_URI": "/API/wxml/1.3/",
           "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.3", "HTTP_X_REQUEST_ID": REQUEST}
    read, write = os.pipe()
    state = os.fstat(write)
    env["JOURNAL_STREAM"] = f"{state.st_dev}:{state.st_ino}" if stream else "1:1"
    done = subprocess.run([program("savemms.fcgi")], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=write, timeout=60 * SLOW)
    os.close(write)
    with os.fdopen(read, "rb") as f:
        text = f.read()
    assert b"E100" in done.stdout, (done, text)
    return text.decode()


def main(folder):
    instance = Instance(os.path.join(folder, "sm"), {"log-file": "-"})
    os.makedirs("/run/systemd/journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind("/run/systemd/journal/socket")
        journal.settimeout(20 * SLOW)
        assert call(instance, True) == ""
        got = fields(journal.recv(65536))
        while not got["MESSAGE"].startswith("request account="):
            got = fields(journal.recv(65536))
        assert got["PRIORITY"] == "6" and got["SYSLOG_IDENTIFIER"] == "savemms.fcgi", got
        assert got["SAVEMMS_REQUEST"] == REQUEST, got
        # A stderr that is not the journal's gets the lines as ever.
        assert f"info {REQUEST}: request account=" in call(instance, False)
    os.unlink("/run/systemd/journal/socket")
    assert f"info {REQUEST}: request account=" in call(instance, True)      # a journal that is not there takes no line


if __name__ == "__main__":
    main(sys.argv[1])
