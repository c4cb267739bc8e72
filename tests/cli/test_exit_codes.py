"""One table of exit codes: --help prints it, the README repeats it, and no source uses a code that it lacks."""

import os
import re
import signal
import socket
import subprocess

import pytest

from support.build import BIN, ROOT
from support.environment import environment
from support.local_server import wait_until

PROGRAMS = ("publisher", "consumer", "dlq")
SYSEXITS = {name: getattr(os, name) for name in dir(os) if name.startswith("EX_")}


def in_help(tmp_path, program):
    """{codes: meaning} of its section of --help."""
    text = subprocess.run([BIN / program, "--help"], env=environment(tmp_path), capture_output=True, text=True).stdout
    [section] = re.findall(r"\nExit codes:\n((?:  .*\n)+)\n", text)
    section = re.sub(r"\n {12}(?=\S)", " ", section)
    rows = [re.fullmatch(r"  (\d[\d, ]*?)  +(\S.*)", line).groups() for line in section.splitlines()]
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def in_readme():
    """[(codes, meaning, programs)]"""
    text = (ROOT / "README.md").read_text().partition("## Exit codes\n")[2].partition("\n## ")[0]
    return [tuple(cell.strip() for cell in line.split("|")[1:4]) for line in text.splitlines() if re.match(r"\| \d", line)]


def test_help_and_readme_have_the_same_table(tmp_path):
    helps = {program: in_help(tmp_path, program) for program in PROGRAMS}
    meanings = {codes: meaning for rows in helps.values() for codes, meaning in rows.items()}
    expected = []
    for codes in sorted(meanings, key=lambda codes: int(codes.split(",")[0])):
        programs = [program for program in PROGRAMS if codes in helps[program]]
        assert {helps[program][codes] for program in programs} == {meanings[codes]}
        expected.append((codes, meanings[codes], "" if len(programs) == len(PROGRAMS) else ", ".join(programs)))
    assert in_readme() == expected


def numbers(rows):
    return {int(code) for codes in rows for code in codes.split(",")}


def used_in(folder):
    sources = ROOT.glob(f"{folder}/**/*.c")
    return {SYSEXITS[name] for path in sources for name in re.findall(r"\bEX_[A-Z]+\b", path.read_text()) if name in SYSEXITS}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_code_that_a_program_uses_is_in_its_table(tmp_path, program):
    assert used_in(program) <= numbers(in_help(tmp_path, program))


def test_the_tables_have_the_codes_that_are_used_and_no_others(tmp_path):
    known = set.union(*(numbers(in_help(tmp_path, program)) for program in PROGRAMS))
    used = set.union(*map(used_in, ("common", *PROGRAMS)))
    assert known == used | {0, 1, 2} | {128 + number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)}


@pytest.mark.parametrize("program, arguments", [("publisher", ["orders.new"]), ("consumer", ["orders_stream", "orders.*"]), ("dlq", ["orders_unprocessed", "orders_stream"])])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_program_with_128_and_its_number(tmp_path, program, arguments, number):
    """SIGHUP ends it immediately, for which a shell reports this code. SIGINT and SIGTERM do when they are repeated: the
    server accepts the connection and says nothing, which holds up the stop."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        command = [BIN / program, *arguments, "--timeout", "1m", "--server", f"nats://127.0.0.1:{server.getsockname()[1]}"]
        process = subprocess.Popen(command, env=environment(tmp_path), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with server.accept()[0]:
            process.send_signal(number)
            if number == signal.SIGHUP:
                assert process.wait(20) == -number
            else:
                assert_ends_on_a_repeated(number, process)


def assert_ends_on_a_repeated(number, process):
    """A second one that follows at once is ignored, as an echo of the first."""

    def has_ended():
        process.send_signal(number)
        return process.poll() is not None

    wait_until(has_ended, "it has ended")
    assert process.returncode == 128 + number
