"""Outgoing connections (savemms-api(7)), in a network namespace: the program is asked to fetch from addresses that
really exist, public and private, and it may reach only the public ones. The test needs user namespaces. Nothing leaves
this machine."""

import os
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
PUBLIC = ["93.184.216.34", "2606:2800:220:1::1"]
REFUSED = ["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8",
           "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
           "::1", "fc00::1", "fe80::1", "2001:db8::1", "2002:5db8:d822::1", "64:ff9b::5db8:d822"]
SPELLED = ["http://2130706433/x.jpg", "http://0x7f.1/x.jpg", "http://0177.0.0.1/x.jpg", "http://127.1/x.jpg",
           "http://localhost/x.jpg", "http://[::ffff:127.0.0.1]/x.jpg", "http://[::ffff:a00:1]/x.jpg", "http://[::]/x.jpg"]


def can_unshare():
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    return subprocess.run(["unshare", "-Urnm", "true"], capture_output=True).returncode == 0


def urls(addresses):
    return [f"http://[{a}]/x.jpg" if ":" in a else f"http://{a}/x.jpg" for a in addresses]


@pytest.mark.skipif(not can_unshare(), reason="no user namespaces here, or no unshare(1) and ip(8)")
def test_addresses(tmp_path):
    conf = tmp_path / "resolv.conf"
    conf.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    lines = ["ip link set lo up", f"mount --bind {conf} /etc/resolv.conf"]
    for address in PUBLIC + REFUSED:
        if address not in ("127.0.0.1", "127.8.8.8", "0.0.0.0", "::1"):
            lines.append(f"ip addr add {address}/{128 if ':' in address else 32} dev lo nodad 2>/dev/null || "
                         f"ip addr add {address}/32 dev lo")
    lines += ["echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start",
              'exec unshare --user --map-user=1000 --map-group=1000 "$0" "$@"']      # savemms does not work as root here
    argv = ["unshare", "-Urnm", "sh", "-e", "-c", "\n".join(lines), sys.executable, "-B",
            os.path.join(HERE, "guard_inside.py"), str(tmp_path / "sm")]
    argv += ["--public", *urls(PUBLIC), "--refused", *urls(REFUSED), *SPELLED]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
