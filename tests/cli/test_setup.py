"""scripts/setup: of several tools with one name it chooses the first that works, and everything uses that one.

Each test has a copy of the source with links to our nats.c, nats-server and natscli, so that setup downloads nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.build import ROOT
from support.exit_codes import OK, UNAVAILABLE

PROBE = """
import os, shutil, subprocess, sys

def test_python():
    assert sys.executable == os.environ["EXPECTED"]
    found = subprocess.check_output(["python3", "-c", "import sys; print(sys.executable)"], text=True)
    assert found.rstrip() == os.environ["EXPECTED"]
"""
TOOLS_THAT_FAIL = {
    "cc": "exit 1",
    "cmake": "echo cmake version 3.10.2",
    "ctest": "echo ctest version 3.10.2",
    "ninja": "echo 'No module named ninja' >&2; exit 1",
    "pkg-config": 'case $1 in --version) echo 1.8.1 ;; *) exit 1 ;; esac',
    "protoc-c": "exit 1",
    "python3": "echo 'pyenv: python3: command not found' >&2; exit 127",
    "readelf": "exit 1",
}


class Tree:
    """A copy of the source, and folders to be put in front of the PATH."""

    def __init__(self, place):
        self.place, self.root, self.tools = place, place / "natsq", place / "natsq" / ".deps" / "bin"
        hidden = shutil.ignore_patterns(".*", "build", "__pycache__")
        shutil.copytree(ROOT, self.root, symlinks=True, ignore=hidden)
        self.tools.mkdir(parents=True)
        for name in "include", "lib", "bin/nats", "bin/nats-server":
            if (ROOT / ".deps" / name).exists():
                (self.tools.parent / name).symlink_to(ROOT / ".deps" / name)

    def program(self, folder, name, text):
        path = self.place / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def venv(self, name, has_pytest):
        """The python3 of a venv, with our own pytest or none."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.place / name], check=True)
        if has_pytest:
            (packages,) = (self.place / name).glob("lib/python*/site-packages")
            (packages / "ours.pth").write_text("".join(f"{path}\n" for path in sys.path if path.endswith("-packages")))
        return self.place / name / "bin" / "python3"

    def run(self, *command, folders=(), **variables):
        path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
        kept = {name: value for name, value in os.environ.items() if name not in ("CC", "CFLAGS", "NATSQ_ROOT")}
        return subprocess.run(
            list(map(str, command)),
            cwd=self.root,
            env={**kept, "PATH": path, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
        )

    def setup(self, *folders, **variables):
        return self.run("scripts/setup", "--check", folders=folders, **variables)

    def configure(self, **variables):
        """As scripts/test and scripts/demo do."""
        done = self.run("bash", "-euc", "root=$PWD; . scripts/lib/build.sh; configure dev", **variables)
        assert done.returncode == OK, done.stdout
        return dict(line.split("=", 1) for line in (self.root / "build/dev/CMakeCache.txt").read_text().splitlines() if "=" in line)

    def chosen(self, name):
        link = self.tools / name
        return Path(os.readlink(link) if link.is_symlink() else link.read_text().split("'")[1])


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def assert_ok(done):
    assert done.returncode == OK, done.stdout


def add_probe(tree):
    (tree.root / "tests/cli/test_probe.py").write_text(PROBE)
    lists = tree.root / "tests/CMakeLists.txt"
    lists.write_text(lists.read_text().replace("natsq_require", "natsq_python_test(cli probe)\nnatsq_require"))


def test_cmake_and_tests_use_the_first_python_that_has_pytest(tree):
    with_pytest, without = tree.venv("with", True), tree.venv("without", False)
    add_probe(tree)
    for folders in [with_pytest.parent, without.parent], [without.parent, with_pytest.parent]:
        assert_ok(tree.setup(*folders))
        assert_ok(tree.run("cmake", "--preset", "dev", f"-DPython3_EXECUTABLE={without}", folders=folders))
        assert_ok(tree.run("ctest", "--preset", "dev", "-R", "^cli/probe$", "--no-tests=error", folders=folders, EXPECTED=str(with_pytest)))


def test_pytest_settings_of_the_user_do_not_reach_the_tests(tree):
    """Settings in a folder above the checkout and in the environment, and installed plugins."""
    python = tree.venv("mine", True)
    (packages,) = (tree.place / "mine").glob("lib/python*/site-packages")
    (packages / "broken.py").write_text("raise SystemExit('broken')")
    (packages / "broken-1.dist-info").mkdir()
    (packages / "broken-1.dist-info" / "METADATA").write_text("Name: broken\nVersion: 1\n")
    (packages / "broken-1.dist-info" / "entry_points.txt").write_text("[pytest11]\nbroken = broken\n")
    (tree.place / "pytest.ini").write_text("[pytest]\naddopts = --of-a-folder-above\n")
    add_probe(tree)
    assert_ok(tree.setup(python.parent))
    assert_ok(tree.run("cmake", "--preset", "dev"))
    assert_ok(tree.run("ctest", "--preset", "dev", "-R", "^cli/probe$", "--no-tests=error", EXPECTED=str(python), PYTEST_ADDOPTS="--of-the-user"))


def test_the_first_python_on_the_PATH_is_chosen_each_time(tree):
    for name in "one", "other":
        python = tree.venv(name, True)
        assert_ok(tree.setup(python.parent))
        assert tree.chosen("python3") == python


def test_a_pytest_that_only_PYTHONPATH_has_does_not_count(tree):
    without = tree.venv("without", False)
    packages = os.pathsep.join(path for path in sys.path if path.endswith("-packages"))
    assert subprocess.run([without, "-c", "import pytest"], env={"PYTHONPATH": packages}).returncode == 0
    assert_ok(tree.setup(without.parent, PYTHONPATH=packages))
    assert tree.chosen("python3") != without


@pytest.mark.parametrize("folder", ["link/.deps/bin", "natsq/.deps/bin/", "natsq/scripts/../.deps/bin"])
def test_its_own_links_on_the_PATH_are_not_chosen_again(tree, folder):
    (tree.place / "link").symlink_to(tree.root)
    assert_ok(tree.setup())
    chosen = tree.chosen("ninja")
    assert_ok(tree.setup(f"{tree.place}/{folder}"))
    assert tree.chosen("ninja") == chosen


def test_tools_that_do_not_work_are_passed_over(tree):
    bad = {name: tree.program("bad", name, text) for name, text in TOOLS_THAT_FAIL.items()}
    assert_ok(tree.setup(tree.place / "bad"))
    for name, program in bad.items():
        assert tree.chosen(name) != program


def test_a_server_that_is_too_old_is_passed_over(tree):
    (tree.tools / "nats-server").unlink()
    old = tree.program("old", "nats-server", "echo nats-server: v2.9.25")
    new = tree.program("new", "nats-server", f"exec {ROOT}/.deps/bin/nats-server \"$@\"")
    assert_ok(tree.setup(old.parent, new.parent))
    assert tree.chosen("nats-server") == new


def test_a_tool_that_is_gone_is_replaced(tree):
    mine = tree.program("mine", "ninja", f'exec {shutil.which("ninja")} "$@"')
    assert_ok(tree.setup(mine.parent))
    assert tree.chosen("ninja") == mine
    mine.unlink()
    assert_ok(tree.setup(mine.parent))
    assert tree.chosen("ninja") != mine


def test_CC_chooses_the_compiler_even_of_an_existing_build_folder(tree):
    assert_ok(tree.setup())
    assert Path(tree.configure()["CMAKE_C_COMPILER:STRING"]) == tree.chosen("cc")
    mine = tree.program("mine", "mycc", f'exec {tree.chosen("cc")} "$@"')
    assert_ok(tree.setup(CC=str(mine)))
    cache = tree.configure(CC=str(mine))
    assert (cache["CMAKE_C_COMPILER:STRING"], cache["NATSQ_FAULT_POINTS:BOOL"]) == (str(mine), "ON")


def test_CC_may_have_several_words(tree):
    words = f"env {shutil.which('cc')} -O1"
    assert_ok(tree.setup(CC=words))
    assert f"exec {words} " in (tree.tools / "cc").read_text()


def test_a_CC_that_builds_nothing_is_named(tree):
    done = tree.setup(CC="false")
    assert (done.returncode, "CC=false" in done.stdout) == (UNAVAILABLE, True), done.stdout
