"""Fixtures. One instance under lighttpd serves most tests; each test has an account of its own."""

import itertools
import os
import re
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "fakes"))

import media                                                    # noqa: E402
import procs                                                    # noqa: E402
from instance import PREFIX, Instance, program                  # noqa: E402
from media_server import MediaServer, Resource                  # noqa: E402
from postback_receiver import PostbackReceiver                  # noqa: E402

NUMBER = itertools.count(1)


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long; left out of short runs")
    config.addinivalue_line("markers", "smoke: the few tests that run under valgrind")


def pytest_sessionstart(session):
    for name in ("savemms", "savemms.fcgi", "savemms-helper", "savemms-transcode"):
        if not os.access(program(name), os.X_OK):
            pytest.exit(f"{program(name)} is not there: run ./runtests, or set SAVEMMS_PREFIX to an installed savemms", 3)
    if os.geteuid() == 0:
        pytest.exit("these tests run as an ordinary user, as savemms does: ./runtests sees to that", 3)


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    return media.Samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session")
def origin():
    """A media server."""
    server = MediaServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def receiver():
    """A receiver of postbacks."""
    server = PostbackReceiver()
    yield server
    server.stop()


@pytest.fixture
def hook(request):
    """A path of the receiver of postbacks that only this test has: tests of two files may have one name."""
    return re.sub(r"\W", "-", request.node.nodeid.rpartition("/")[2])     # brackets would be encoded on the way


@pytest.fixture(scope="session", autouse=True)
def no_orphans():
    """Checks that nothing is left running when all instances have ended."""
    yield
    left = procs.wait_for(lambda: not procs.orphans(PREFIX), 10) or procs.orphans(PREFIX)
    if left is not True:
        procs.kill_all(left)
        raise AssertionError(f"left running: {left}")


def makes_instances(tmp_path_factory):
    """Yields a function that makes instances, and in the end stops all of them."""
    made = []

    def make(settings=None, **more):
        instance = Instance(tmp_path_factory.mktemp("instance") / "sm", settings, **more)
        made.append(instance)
        return instance

    yield make
    problems = []
    for instance in made:
        try:
            instance.stop()
        except AssertionError as e:
            problems.append(str(e))
        problems += instance.faults()
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def new_instance(tmp_path_factory):
    """new_instance(settings) makes instances that end with the file: the kernel counts the threads of them all for one user."""
    yield from makes_instances(tmp_path_factory)


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """The instance under lighttpd that most tests use."""
    for make in makes_instances(tmp_path_factory):
        yield make().serve()


@pytest.fixture
def account(shared):
    """account(key=value...) returns a caller with a fresh account of the shared instance."""
    return shared.caller


@pytest.fixture
def caller(account):
    """A caller with a fresh account."""
    return account()


@pytest.fixture
def put(origin, samples):
    """put("jpg") serves a sample at a path of its own and returns its URL; see Resource for the other arguments."""
    def add(fmt=None, *, name=None, body=None, mime="", **how):
        data = samples[fmt] if body is None else body
        mime = media.MIME.get(fmt) if mime == "" else mime
        name = f"m.{fmt}" if name is None else name
        return origin.add(f"{next(NUMBER)}/{name}", Resource(data, mime, **how))
    return add


@pytest.fixture
def path_of(origin):
    """Returns the path of a URL of the media server."""
    return lambda url: url.split("/", 3)[3]


@pytest.fixture(autouse=True)
def no_faults(request):
    """Checks after each test that no sanitizer, valgrind or C library complains in the shared instance's logs."""
    yield
    if "shared" in request.fixturenames:
        shared = request.getfixturevalue("shared")
        seen = len(getattr(shared, "seen_faults", []))
        shared.seen_faults = shared.faults()
        assert len(shared.seen_faults) == seen, "\n".join(shared.seen_faults[seen:][:20])
