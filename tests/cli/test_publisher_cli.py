"""The command line of publisher: each error is one line that names it, with its exit code, before anything is sent."""

import json
import re
import socket
import subprocess

import pytest

from support.build import BIN
from support.environment import environment
from support.exit_codes import CONFIG, NOINPUT, OK, UNAVAILABLE, USAGE

NO_SERVER = "nats://127.0.0.1:1"


def run(tmp_path, *arguments, stdin="", **variables):
    return subprocess.run(
        [BIN / "publisher", *map(str, arguments)],
        input=stdin,
        env=environment(tmp_path, **variables),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
    )


def assert_refused(done, code, words):
    assert done.returncode == code, done.stderr
    [line] = done.stderr.splitlines()
    assert re.search(words, line), line
    assert done.stdout == ""


@pytest.mark.parametrize(
    ["arguments", "words"],
    [
        ([], r"SUBJECT is missing: publisher SUBJECT .*e\.g\. \S*publisher orders\.new"),
        ([""], r"SUBJECT '' is empty"),
        (["orders new"], r"SUBJECT 'orders new' has a blank"),
        (["orders.\tnew"], r"blank or a control character"),
        (["orders.*"], r"SUBJECT 'orders\.\*' has a wildcard"),
        (["orders.>"], r"has a wildcard"),
        (["orders..new"], r"empty token"),
        ([".orders"], r"empty token"),
        (["orders."], r"empty token"),
        (["o" * 3000], r"is too long"),
        (["orders.new", "jobs.txt"], r"FILE 'jobs\.txt' needs --lines"),
        (["orders.new", "--", "cat"], r"runs no command: leave out '-- cat'"),
        (["orders.new", "--"], r"no COMMAND follows"),
        (["orders.new", "--count", "0"], r"--count takes a whole number from 1 "),
        (["orders.new", "--count", "-3"], r"--count takes"),
        (["orders.new", "--count", "ten"], r"--count takes .* not 'ten'"),
        (["orders.new", "--count", "99999999999999999999"], r"--count takes"),
        (["orders.new", "--count"], r"--count needs a value: --count N"),
        (["orders.new", "--count", "1", "--count", "2"], r"--count is given twice"),
        (["orders.new", "--interval", "1"], r"--interval takes a duration such as .* not '1'"),
        (["orders.new", "--interval", "-1s"], r"--interval takes"),
        (["orders.new", "--interval", "1 fortnight"], r"--interval takes"),
        (["orders.new", "--body", ""], r"--body must not be empty"),
        (["orders.new", "--lines", "--count", "3"], r"--count cannot go with --lines"),
        (["orders.new", "--lines", "--interval", "3s"], r"--interval cannot go with --lines"),
        (["orders.new", "--lines", "--body", "x"], r"--body cannot go with --lines"),
        (["orders.new", "--lines", "--null"], r"only one of --lines, --null, --jsonl and --each-file"),
        (["orders.new", "--jsonl", "-0"], r"only one of"),
        (["orders.new", "--jsonl", "--count", "3"], r"--count cannot go with --jsonl"),
        (["orders.new", "--each-file", "--body", "x"], r"--body cannot go with --each-file"),
        (["orders.new", "--skip-empty"], r"--skip-empty needs --lines"),
        (["--lines"], r"SUBJECT is missing"),
        (["orders.*", "--jsonl"], r"has a wildcard"),
        (["orders.new", "-H", "Priority"], r"--header takes 'NAME: VALUE', not 'Priority'"),
        (["orders.new", "-H", ": low"], r"--header '' has no name"),
        (["orders.new", "-H", "A B: low"], r"--header 'A B' has a name with a blank"),
        (["orders.new", "-H", "Ä: low"], r"--header 'Ä' has a name with"),
        (["orders.new", "-H", "A: low\r\nB: high"], r"--header 'A' has a line break"),
        (["orders.new", "-H", "A: 1", "--header", "B: low\nC: high"], r"--header 'B' has a line break"),
        (["orders.new", "-H", "A: \udcff"], r"--header 'A' has a value that is not UTF-8"),
        (["orders.new", "-H", "nats-msg-id: x"], r"--header 'nats-msg-id' cannot be set as a header: use --id, "),
        (["orders.new", "-H", "Nats-Expected-Stream: x"], r"cannot be set: "),
        (["orders.new", "-H", ""], r"--header must not be empty"),
        (["orders.new", "--id", "a\nb"], r"--id has a blank or control"),
        (["orders.new", "--id", "a", "--id-prefix", "b"], r"--id is for one job, --id-prefix for many"),
        (["orders.new", "--id", "a", "--count", "2"], r"--id is for one job: it needs --count 1"),
        (["orders.new", "--id", "a", "--checkpoint", "c"], r"--id is for one job, --checkpoint for many"),
        (["orders.new", "--rate", "0"], r"--rate takes a number per second from 0\.00001 to 1000000000"),
        (["orders.new", "--progress", "maybe"], r"--progress takes auto\|always\|never, not 'maybe'"),
        (["orders.new", "--id", "a", "--jsonl"], r"--id cannot go with --jsonl"),
        (["orders.new", "--lines=yes"], r"--lines takes no value"),
        (["orders.new", "--window", "0"], r"--window takes a whole number from 1 "),
        (["orders.new", "--id-prefix", "a b"], r"--id-prefix has a blank or control character"),
        (["orders.new", "--id-prefix", "a\r\nNats-Rollup: all"], r"--id-prefix has a blank or control"),
        (["orders.new", "--id-prefix", "x" * 300], r"--id-prefix takes at most 256 bytes"),
        (["orders.new", "--retry-for", "always"], r"--retry-for takes 'forever' or a duration .* not 'always'"),
        (["orders.new", "--grace", "soon"], r"--grace takes a duration"),
        (["orders.new", "--timeout", "0"], r"--timeout must be longer than 0"),
        (["orders.new", "--log-format", "xml"], r"--log-format takes text\|json, not 'xml'"),
        (["orders.new", "--log-level", "loud"], r"--log-level takes .* not 'loud'"),
        (["orders.new", "--linse"], r"unknown option '--linse'; did you mean '--lines'\?"),
        (["orders.new", "--intervall", "1s"], r"did you mean '--interval'"),
        (["orders.new", "--frobnicate"], r"unknown option '--frobnicate' \(see --help\)"),
        (["orders.new", "-Z"], r"unknown option '-Z'"),
    ],
)
def test_a_usage_error_names_what_is_wrong(tmp_path, arguments, words):
    assert_refused(run(tmp_path, *arguments, NATS_URL=NO_SERVER), USAGE, words)


def test_files_are_checked_before_anything_else(tmp_path):
    good = tmp_path / "good"
    good.write_text("a\n")
    closed = tmp_path / "closed"
    closed.write_text("a\n")
    closed.chmod(0)
    (tmp_path / "folder").mkdir()
    bad = [("missing", "No such file"), ("folder", "Is a directory")]
    bad += [] if subprocess.run(["cat", closed], capture_output=True).returncode == 0 else [("closed", "Permission denied")]
    for name, words in bad:
        done = run(tmp_path, "orders.new", "--lines", "good", name, "--server", NO_SERVER)
        assert_refused(done, NOINPUT, f"cannot read '{name}': {words}")


def test_a_missing_server_is_named(tmp_path):
    assert_refused(run(tmp_path, "orders.new", "--server", NO_SERVER), UNAVAILABLE, f"no server at {NO_SERVER}: .*--wait")
    assert_refused(run(tmp_path, "orders.new", NATS_URL=NO_SERVER), UNAVAILABLE, f"no server at {NO_SERVER}")


def test_a_silent_server_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"nats://127.0.0.1:{silent.getsockname()[1]}"
        assert_refused(run(tmp_path, "orders.new", "--server", url, "--timeout", "500ms"), UNAVAILABLE, url)


def test_a_missing_creds_file_is_named(tmp_path):
    assert_refused(run(tmp_path, "orders.new", "--server", NO_SERVER, "--creds", "no.creds"), CONFIG, r"no\.creds")


def test_errors_can_be_json(tmp_path):
    done = run(tmp_path, "orders.new", "--server", NO_SERVER, "--log-format", "json")
    assert done.returncode == UNAVAILABLE
    [line] = map(json.loads, done.stderr.splitlines())
    assert line["level"] == "error" and line["program"] == "publisher" and NO_SERVER in line["message"]


OPTIONS = "lines null jsonl each-file skip-empty header id failed checkpoint rate progress count interval body id-prefix window retry-for grace log-format log-level server creds nkey user password "
OPTIONS += "token tlscert tlskey tlsca tlsfirst timeout js-domain js-api-prefix connection-name wait help version"


@pytest.mark.parametrize(
    ["arguments", "words"],
    [
        (["--lines", "jobs", "--failed", "jobs"], r"--failed would replace 'jobs'"),
        (["--null", "other", "jobs", "--failed", "./jobs"], r"--failed would replace 'jobs'"),
        (["--each-file", "jobs", "--failed", "same"], r"--failed would replace 'jobs'"),
        (["--jsonl", "jobs", "--checkpoint", "jobs"], r"--checkpoint would replace 'jobs'"),
        (["--jsonl", "jobs", "--failed", "new", "--checkpoint", "new"], r"--failed and --checkpoint each need"),
    ],
)
def test_an_output_file_that_would_replace_another_file_is_refused(tmp_path, arguments, words):
    for name in "jobs", "other":
        (tmp_path / name).write_text("")
    (tmp_path / "same").hardlink_to(tmp_path / "jobs")
    assert_refused(run(tmp_path, "orders.new", *arguments, NATS_URL=NO_SERVER), USAGE, words)
    done = run(tmp_path, "orders.new", "--jsonl", "jobs", "--failed", "jobs", NATS_URL=NO_SERVER)
    assert done.returncode == UNAVAILABLE


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_every_option(tmp_path, option):
    done = run(tmp_path, option)
    assert done.returncode == OK and done.stderr == ""
    assert done.stdout.startswith("Usage: publisher SUBJECT [options] [FILE...]\n")
    for name in OPTIONS.split():
        assert re.search(rf"^ .*--{name}\b", done.stdout, re.MULTILINE), name
    assert set(re.findall(r"^  (?:-\w, |    )--([\w-]+)", done.stdout, re.MULTILINE)) == set(OPTIONS.split())
    assert "Examples:\n  publisher orders.new\n" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_version_is_printed(tmp_path):
    done = run(tmp_path, "--version")
    assert done.returncode == OK
    assert re.fullmatch(r"publisher \(natsq\) \d+\.\d+\.\d+\n", done.stdout)
