"""What the verbs of `dlq` write: the record of an action on stdout, and the file of `export`."""

import os
import stat
import subprocess

import pytest

from support.build import BIN
from support.dlq_verbs import STREAMS, at_terminal, dlq, jobs
from support.environment import environment
from support.exit_codes import CANTCREAT, IOERR, OK
from support.letters import put_many
from support.sweep import SHORT_WAIT, die_unnoticed
from support.world import DLQ


def run(world, *arguments, stdout, **how):
    program = [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url]
    return subprocess.run(program, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, env=environment(world.home), **how)


def closed_pipe():
    """The writing end of a pipe without a reader."""
    ours, theirs = os.pipe()
    os.close(ours)
    return theirs


@pytest.fixture(params=["full", "closed"])
def broken_stdout(request):
    """A stdout to which nothing can be written."""
    descriptor = os.open("/dev/full", os.O_WRONLY) if request.param == "full" else closed_pipe()
    yield descriptor
    os.close(descriptor)


# ---- an action whose record cannot be written


@pytest.mark.parametrize("verb, did", [("discard", "discarded"), ("retry", "retried")])
def test_an_action_stops_at_the_first_letter_that_it_cannot_record(world, broken_stdout, verb, did):
    put_many(world, 700)
    result = run(world, verb, "--all", "--yes", "--json", stdout=broken_stdout)
    assert result.returncode == IOERR and "cannot be written" in result.stderr and f"1 {did}" in result.stderr, result.stderr
    assert len(world.held()) == 699
    assert len(jobs(world)) == (verb == "retry")


def test_import_stops_at_the_first_letter_that_it_cannot_record(world, broken_stdout, tmp_path):
    put_many(world, 300)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    result = run(world, "import", tmp_path / "all", "--yes", "--json", stdout=broken_stdout)
    assert result.returncode == IOERR and len(world.held()) == 1, result.stderr


def test_hold_stops_at_the_first_letter_that_it_cannot_record(world, broken_stdout):
    put_many(world, 300, state="dead")
    result = run(world, "hold", "--yes", "--json", stdout=broken_stdout)
    assert result.returncode == IOERR and len(world.held()) == 1, result.stderr
    world.eventually(lambda: dlq(world, "hold", "--yes", within=90).code == OK, "the returned letters are redelivered")
    assert len(world.held()) == 300


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
def test_sweep_stops_after_the_first_letters(world, broken_stdout, form):
    """Its table is a record too."""
    die_unnoticed(world, *(f"order-{i}" for i in range(100)))
    result = run(world, "sweep", *SHORT_WAIT, *form, stdout=broken_stdout)
    assert result.returncode == IOERR and "standard output cannot be written" in result.stderr, result.stderr
    assert 0 < len(world.js.messages(DLQ, "natsq.dead.")) < 100


def test_an_action_without_a_record_needs_no_stdout(world, broken_stdout):
    put_many(world, 30)
    assert run(world, "discard", "--all", "--yes", stdout=broken_stdout).returncode == OK and world.held() == []


# ---- the file of an export


@pytest.fixture
def letters(world, tmp_path):
    put_many(world, 3)
    return tmp_path


def test_an_existing_file_is_not_overwritten(world, letters):
    file = letters / "old.natsq"
    file.write_text("precious")
    result = dlq(world, "export", file)
    assert result.code == CANTCREAT and "exists" in result.text and "--yes" in result.text and str(file) in result.text
    assert file.read_text() == "precious"
    assert dlq(world, "export", file, "--yes").code == OK and file.read_bytes().startswith(b"natsqDLQ")
    assert [each.name for each in letters.iterdir() if each.is_file()] == ["old.natsq"]


@pytest.mark.parametrize("answer, overwritten", [(b"y\n", True), (b"n\n", False), (b"\n", False), (b"\x04", False)])
def test_at_a_terminal_export_asks_before_it_overwrites(world, letters, answer, overwritten):
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
        result = dlq(world, "export", link, *more)
        assert result.code == CANTCREAT and "symbolic link" in result.text and str(letters / target) in result.text or target == "loop"
        assert result.code == CANTCREAT and link.is_symlink()
    assert target != "there" or (letters / "there").read_text() == "precious"
    assert not (letters / "missing").exists()


def test_a_file_that_cannot_be_created_is_named(world, letters):
    result = dlq(world, "export", letters)
    assert result.code == CANTCREAT and str(letters) in result.text
    result = dlq(world, "export", letters / "none" / "file")
    assert result.code == CANTCREAT


@pytest.mark.parametrize("name", ["link", "/dev/fd/1"])
def test_export_writes_to_stdout_by_name(world, letters, name):
    """It writes to the pipe or file itself and does not replace it. The link is like /dev/stdout."""
    if name == "link":
        name = letters / "stdout"
        name.symlink_to("/proc/self/fd/1")
    result = run(world, "export", name, "--jsonl", stdout=subprocess.PIPE)
    assert result.returncode == OK and result.stdout.count("\n") == 4, result.stderr
    with open(letters / "file", "w") as file:
        before = os.fstat(file.fileno()).st_ino
        result = run(world, "export", name, "--jsonl", stdout=file)
    assert result.returncode == OK, result.stderr
    assert (letters / "file").read_text().count("\n") == 4 and (letters / "file").stat().st_ino == before
    assert os.path.islink(name)


def test_export_writes_to_a_fifo_and_to_a_descriptor(world, letters):
    os.mkfifo(letters / "fifo")
    with subprocess.Popen(["cat", letters / "fifo"], stdout=subprocess.PIPE, text=True) as reader:
        assert dlq(world, "export", letters / "fifo", "--jsonl").code == OK
        assert reader.stdout.read().count("\n") == 4
    assert stat.S_ISFIFO((letters / "fifo").stat().st_mode)
    ours, theirs = os.pipe()
    result = run(world, "export", f"/dev/fd/{theirs}", "--jsonl", stdout=subprocess.DEVNULL, pass_fds=[theirs])
    os.close(theirs)
    with open(ours) as reader:
        assert result.returncode == OK and reader.read().count("\n") == 4, result.stderr


def test_export_takes_yes_although_list_does_not(world, letters):
    assert dlq(world, "export", letters / "new", "--yes").code == OK
    assert dlq(world, "list", "--yes").code == 64
