"""Where the verbs of `dlq` write: the record of an action on stdout, and the file of `export`."""

import os
import stat
import subprocess

import pytest

from support.build import BIN
from support.dlq_verbs import STREAMS, at_terminal, dlq, jobs, put_many
from support.environment import environment
from support.exit_codes import CANTCREAT, IOERR, OK
from support.sweep import FAST, die_unnoticed
from support.world import DLQ


def run(world, *arguments, stdout, **how):
    program = [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url]
    return subprocess.run(program, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, env=environment(world.home), **how)


def closed_pipe():
    """Its end to write to, from which nobody reads."""
    ours, theirs = os.pipe()
    os.close(ours)
    return theirs


@pytest.fixture(params=["full", "closed"])
def broken(request):
    """A stdout that takes nothing."""
    descriptor = os.open("/dev/full", os.O_WRONLY) if request.param == "full" else closed_pipe()
    yield descriptor
    os.close(descriptor)


# ---- an action whose record cannot be written


@pytest.mark.parametrize("verb, did", [("discard", "discarded"), ("retry", "retried")])
def test_it_stops_at_the_first_letter_that_it_cannot_record(world, broken, verb, did):
    put_many(world, 700)
    told = run(world, verb, "--all", "--yes", "--json", stdout=broken)
    assert told.returncode == IOERR and "cannot be written" in told.stderr and f"1 {did}" in told.stderr, told.stderr
    assert len(world.held()) == 699
    assert len(jobs(world)) == (verb == "retry")


def test_import_stops_too(world, broken, tmp_path):
    put_many(world, 300)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    told = run(world, "import", tmp_path / "all", "--yes", "--json", stdout=broken)
    assert told.returncode == IOERR and len(world.held()) == 1, told.stderr


def test_hold_stops_too(world, broken):
    put_many(world, 300, state="dead")
    told = run(world, "hold", "--yes", "--json", stdout=broken)
    assert told.returncode == IOERR and len(world.held()) == 1, told.stderr
    world.eventually(lambda: dlq(world, "hold", "--yes", within=90).code == OK, "what was given back has come again")
    assert len(world.held()) == 300


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
def test_sweep_stops_after_the_first_letters(world, broken, form):
    """Its table is its record too."""
    die_unnoticed(world, *(f"order-{i}" for i in range(100)))
    told = run(world, "sweep", *FAST, *form, stdout=broken)
    assert told.returncode == IOERR and "standard output cannot be written" in told.stderr, told.stderr
    assert 0 < len(world.js.messages(DLQ, "natsq.dead.")) < 100


def test_without_json_there_is_no_record_to_write(world, broken):
    put_many(world, 30)
    assert run(world, "discard", "--all", "--yes", stdout=broken).returncode == OK and world.held() == []


# ---- the file of an export


@pytest.fixture
def letters(world, tmp_path):
    put_many(world, 3)
    return tmp_path


def test_an_existing_file_is_not_overwritten(world, letters):
    file = letters / "old.natsq"
    file.write_text("precious")
    told = dlq(world, "export", file)
    assert told.code == CANTCREAT and "exists" in told.text and "--yes" in told.text and str(file) in told.text
    assert file.read_text() == "precious"
    assert dlq(world, "export", file, "--yes").code == OK and file.read_bytes().startswith(b"natsqDLQ")
    assert [each.name for each in letters.iterdir() if each.is_file()] == ["old.natsq"]


@pytest.mark.parametrize("answer, overwritten", [(b"y\n", True), (b"n\n", False), (b"\n", False), (b"\x04", False)])
def test_at_a_terminal_it_asks(world, letters, answer, overwritten):
    file = letters / "old.natsq"
    file.write_text("precious")
    code, shown = at_terminal(world, answer, "export", str(file))
    assert code == OK and "overwrite it? [y/N]" in shown, shown
    assert (file.read_bytes() != b"precious") == overwritten
    file.unlink()
    code, shown = at_terminal(world, b"", "export", str(file))
    assert code == OK and "[y/N]" not in shown and file.exists()


@pytest.mark.parametrize("target", ["there", "missing", "loop"])
def test_a_symbolic_link_is_named_and_not_followed(world, letters, target):
    link = letters / "latest"
    link.symlink_to(letters / ("latest" if target == "loop" else target))
    if target == "there":
        (letters / "there").write_text("precious")
    for more in [], ["--yes"]:
        told = dlq(world, "export", link, *more)
        assert told.code == CANTCREAT and "symbolic link" in told.text and str(letters / target) in told.text or target == "loop"
        assert told.code == CANTCREAT and link.is_symlink()
    assert target != "there" or (letters / "there").read_text() == "precious"
    assert not (letters / "missing").exists()


def test_into_a_folder_it_cannot_write(world, letters):
    told = dlq(world, "export", letters)
    assert told.code == CANTCREAT and str(letters) in told.text
    told = dlq(world, "export", letters / "none" / "file")
    assert told.code == CANTCREAT


@pytest.mark.parametrize("name", ["link", "/dev/fd/1"])
def test_stdout_by_name(world, letters, name):
    """A pipe is written to; so is a file, which no other file takes the place of. The link is what /dev/stdout is."""
    if name == "link":
        name = letters / "stdout"
        name.symlink_to("/proc/self/fd/1")
    told = run(world, "export", name, "--jsonl", stdout=subprocess.PIPE)
    assert told.returncode == OK and told.stdout.count("\n") == 4, told.stderr
    with open(letters / "file", "w") as file:
        before = os.fstat(file.fileno()).st_ino
        told = run(world, "export", name, "--jsonl", stdout=file)
    assert told.returncode == OK, told.stderr
    assert (letters / "file").read_text().count("\n") == 4 and (letters / "file").stat().st_ino == before
    assert os.path.islink(name)


def test_a_fifo_and_another_descriptor(world, letters):
    os.mkfifo(letters / "fifo")
    with subprocess.Popen(["cat", letters / "fifo"], stdout=subprocess.PIPE, text=True) as reader:
        assert dlq(world, "export", letters / "fifo", "--jsonl").code == OK
        assert reader.stdout.read().count("\n") == 4
    assert stat.S_ISFIFO((letters / "fifo").stat().st_mode)
    ours, theirs = os.pipe()
    told = run(world, "export", f"/dev/fd/{theirs}", "--jsonl", stdout=subprocess.DEVNULL, pass_fds=[theirs])
    os.close(theirs)
    with open(ours) as reader:
        assert told.returncode == OK and reader.read().count("\n") == 4, told.stderr


def test_export_takes_yes_and_nothing_else_of_those_that_ask(world, letters):
    assert dlq(world, "export", letters / "new", "--yes").code == OK
    assert dlq(world, "list", "--yes").code == 64
