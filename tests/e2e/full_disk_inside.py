"""The part of test_faults.py that runs on a small disk of its own, in a mount namespace: full_disk_inside.py FOLDER, where
FOLDER is that disk."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "fakes")]

import procs                                                    # noqa: E402
from instance import SLOW, Instance                             # noqa: E402


def fill(path):
    """Makes a file that takes all of the disk."""
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(bytes(4096))
        except OSError as e:
            print("the disk is full:", e)


def main(disk):
    instance = Instance(os.path.join(disk, "sm")).serve()
    try:
        caller = instance.caller()
        mmsid = caller.save("x").mmsid
        instance.stop()
        fill(os.path.join(disk, "ballast"))
        instance.serve()                                        # at another port: its configuration is another
        caller.port = instance.port
        assert caller.ids() == [mmsid] and caller.details(mmsid).findtext("STATE") == "ready"
        refused = caller.call("saveMMS", slides=("y",), name="n", fallbacksmstext="f")
        assert (refused.status, refused.code) == (503, "E503"), refused
        instance.restart()                                      # now all files are those of the full disk
        caller.port = instance.port
        assert caller.ids() == [mmsid]
        os.unlink(os.path.join(disk, "ballast"))
        assert procs.wait_for(lambda: caller.call("saveMMS", slides=("y",), name="n", fallbacksmstext="f").code is None,
                              10 * SLOW, 0.5)
    finally:
        instance.stop()


if __name__ == "__main__":
    main(sys.argv[1])
