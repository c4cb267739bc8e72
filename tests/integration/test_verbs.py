"""The verbs of dlq that only read: list, show and stats; and what all verbs refuse."""

import re
import signal
import subprocess

import pytest

from support.build import BIN
from support.dlq_verbs import BINARY, STREAMS, dead_original, dlq, objects, seqs
from support.environment import environment
from support.exit_codes import IOERR, OK, TEMPFAIL, UNAVAILABLE, USAGE
from support.letters import letter, put, put_many
from support.world import DLQ, ORIGIN


SELECTIONS = [
    ([], [1, 2, 3, 4]),
    (["--all"], [1, 2, 3, 4]),
    (["2"], [2]),
    (["2-3", "4"], [2, 3, 4]),
    (["--subject", "orders.*"], [1, 2, 3]),
    (["--subject", "returns.>"], [4]),
    (["--consumer", "other"], [2]),
    (["--consumer", "other", "3"], []),
    (["--reason", "exit *"], [1, 2]),
    (["--error", "*full"], [3]),
    (["--older-than", "1h"], [1, 2, 3]),
    (["--older-than", "1h", "--limit", "2"], [1, 2]),
    (["--reason", "exit *", "--limit", "1"], [1]),
]


@pytest.fixture
def four_letters(world):
    put(
        world,
        letter(1, state="dead"),
        letter(2, consumer="other"),
        letter(3, reason="timeout 30s", Natsq_Error="disk full"),
        letter(4, subject="returns.new", reason="failed", Natsq_Died_At="2200-01-01T00:00:00Z"),
    )
    return world


@pytest.mark.parametrize("selection, expected", SELECTIONS, ids=[" ".join(words) or "none" for words, _ in SELECTIONS])
def test_list_shows_a_selection(four_letters, selection, expected):
    result = dlq(four_letters, "list", "--json", *selection)
    assert (result.code, seqs(result)) == (OK, expected)
    table = dlq(four_letters, "list", *selection)
    assert [int(line.split()[0]) for line in table.out[1:]] == expected


def test_list_shows_ten_thousand_letters(world):
    put_many(world, 10_000)
    result = dlq(world, "list", "--json")
    assert seqs(result) == list(range(1, 10_001))
    assert seqs(dlq(world, "list", "9000-9999", "--json", "--limit", "7")) == list(range(9000, 9007))


def test_show_prints_body_and_headers(world):
    put(world, letter(7, "line 1\nline 2", Natsq_Error="boom", Natsq_Job_Id="id-7", Colour="blue", Natsq_Host="h1"))
    result = dlq(world, "show", "7")
    assert result.code == OK, result.text
    text = "\n".join(result.out)
    for part in "held", "orders.new", "processor", "exit 1", "boom", "id-7", "h1", "Colour: blue", "line 1\nline 2", "13 bytes":
        assert part in text, part
    assert "Nats-Sequence" not in text and "Nats-Time-Stamp" not in text
    [result] = objects(dlq(world, "show", "7", "--json"))
    assert (result["body"], result["headers"]["Colour"], result["state"]) == ("line 1\nline 2", ["blue"], "held")


def test_show_escapes_a_binary_body(world):
    put(world, letter(7, BINARY), letter(8, b""))
    result = dlq(world, "show", "7")
    assert "00 ff 1b 5b 33 31 6d 0d" in "\n".join(result.out) and "\x1b" not in "\n".join(result.out)
    raw = subprocess.run(
        [BIN / "dlq", *STREAMS, "show", "7", "--raw", "--server", world.server.url],
        capture_output=True,
        timeout=30,
    )
    assert (raw.returncode, raw.stdout) == (OK, BINARY)
    assert objects(dlq(world, "show", "7", "--json"))[0]["body_base64"] == "AP8bWzMxbQ0KAA=="
    assert objects(dlq(world, "show", "8", "--json"))[0]["body"] == ""


def test_show_of_a_missing_letter_is_an_error(world):
    result = dlq(world, "show", "7")
    assert (result.code, result.out) == (UNAVAILABLE, []) and "no such letter in" in result.text


def test_headers_of_the_job_that_resemble_those_of_a_direct_get_stay(world):
    """A job that was republished has such headers."""
    put(world, letter(7, Nats_Sequence="99", Nats_Subject="elsewhere", Nats_Stream="other", Nats_Num_Pending="0"), letter(8))
    result = objects(dlq(world, "show", "7-8", "--json"))
    assert [each["seq"] for each in result] == [7, 8]
    headers = result[0]["headers"]
    assert (headers["Nats-Sequence"], headers["Nats-Subject"], headers["Nats-Stream"]) == (["99"], ["elsewhere"], ["other"])
    assert "Nats-Sequence" not in result[1]["headers"]


def test_show_fetches_the_body_of_a_letter_by_reference(world):
    dead_original(world, "the body", **{"Natsq-Body": "origin"})
    assert dlq(world, "show", "--all", "--raw").out == ["the body"]


def test_stats_groups_letters_by_reason_and_error(four_letters):
    put(four_letters, letter(10, Natsq_Error="open /tmp/a1: timeout after 30 s"), letter(11, Natsq_Error="open /tmp/b2: timeout after 5 s"))
    [result] = objects(dlq(four_letters, "stats", "--json"))
    assert (result["waiting"], result["held"]) == (1, 5)
    assert {name: (group["waiting"], group["held"]) for name, group in result["reason"].items()} == {
        "exit 1": (1, 3),
        "timeout 30s": (0, 1),
        "failed": (0, 1),
    }
    assert set(result["subject"]) == {"orders.new", "returns.new"} and set(result["consumer"]) == {"processor", "other"}
    group = result["error"]["open <path>: timeout after <n> s"]
    assert (group["held"], group["seq"], group["example"]) == (2, 10, "open /tmp/a1: timeout after 30 s")
    assert result["streams"][DLQ]["messages"] == 6 and result["streams"][ORIGIN]["max_bytes"] > 0
    table = dlq(four_letters, "stats", "--by", "error", "--consumer", "processor")
    text = "\n".join(table.out)
    assert table.code == OK and "open <path>: timeout after <n> s" in text and "e.g. # 10" in text and "REASON" not in text
    assert re.search(f"{DLQ} +[0-9.]+ KiB of 256 MiB \\(<1 %\\), 6 messages$", text, re.MULTILINE), text


# ---- what is refused


REFUSED = [
    (["retry"], "which letters"),
    (["retry", "--yes"], "which letters"),
    (["show"], "which letters"),
    (["retry", "--all"], "--yes"),
    (["discard", "5"], "--yes"),
    (["list", "--to", "x"], "--to"),
    (["list", "--yes"], "--yes"),
    (["discard", "5", "--rate", "3"], "--rate"),
    (["run", "--json"], "--json"),
    (["run", "5"], "'5'"),
    (["list", "five"], "'five'"),
    (["list", "5-3"], "'5-3'"),
    (["retry", "5", "--to", "a..b", "-y"], "'a..b'"),
    (["retry", "5", "--to", "a.*", "-y"], "'a.*'"),
    (["list", "--subject", "a..b"], "'a..b'"),
    (["list", "--consumer", "a.b"], "'a.b'"),
    (["list", "--limit", "0"], "--limit"),
    (["list", "--older-than", "old"], "--older-than"),
    (["list", "--", "true"], "COMMAND"),
    (["run", "--retries", "3", "--", "true"], "--retries"),
    (["--retries", "1", "--keep", "--", "true"], "--retries"),
    (["run", "--max-attempts", "2"], "--max-attempts"),
    (["--max-attempts", "3", "--retries", "3"], "--max-attempts"),
    (["retry", "5", "--to", f"natsq.held.{ORIGIN}.processor.5.6", "-y"], "letters"),
    (["retry", "5", "--to", f"natsq.dead.{ORIGIN}.processor.5.6", "-y"], "letters"),
    (["retry", "5", "--to", "natsq.dead.elsewhere.processor.5.6", "-y"], "letters"),
    (["retry", "5", "--to", f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{ORIGIN}.x", "-y"], "letters"),
]


@pytest.mark.parametrize("arguments, words", REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_a_usage_error_names_what_is_wrong(world, arguments, words):
    put(world, letter(5))
    result = dlq(world, *arguments, within=10)
    assert (result.code, result.out, len(result.lines)) == (USAGE, [], 1), result.text
    assert words in result.text
    assert len(world.held()) == 1


# ---- output that ends early


def start_with_stdout(world, output, *arguments):
    command = [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url]
    return subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, env=environment(world.home))


@pytest.mark.parametrize("verb", [["list"], ["list", "--json"], ["show", "--all"], ["retry", "--all", "--dry-run"]])
def test_a_reader_that_stops_reading_is_no_error(world, verb):
    put_many(world, 3_000)
    program = start_with_stdout(world, subprocess.PIPE, *verb)
    assert program.stdout.readline()
    program.stdout.close()
    stderr = program.communicate(timeout=30)[1].decode()
    assert program.returncode == OK and "cannot" not in stderr, stderr


def test_an_archive_that_is_not_read_to_its_end_is_an_error(world):
    put_many(world, 3_000)
    program = start_with_stdout(world, subprocess.PIPE, "export")
    assert program.stdout.read(4)
    program.stdout.close()
    stderr = program.communicate(timeout=30)[1].decode()
    assert program.returncode == IOERR and "cannot write the archive: Broken pipe" in stderr, stderr


@pytest.mark.parametrize("verb", ["list", "stats", "export", "doctor"])
def test_a_full_disk_is_an_error(world, verb):
    put(world, letter(5))
    with open("/dev/full", "wb") as full:
        program = start_with_stdout(world, full, verb)
    stderr = program.communicate(timeout=30)[1].decode()
    assert program.returncode == IOERR and re.search("cannot (write|be written)", stderr), stderr


@pytest.mark.parametrize("verb", [["list"], ["list", "--json"], ["show", "5"], ["stats"]])
def test_a_full_disk_is_given_as_the_reason(world, verb):
    put_many(world, 9)
    with open("/dev/full", "wb") as full:
        program = start_with_stdout(world, full, *verb)
    stderr = program.communicate(timeout=30)[1].decode()
    assert program.returncode == IOERR and "No space left on device" in stderr, stderr


def start_list(world, state):
    """A list that blocks in the middle, because its output is not read."""
    put_many(world, 10_000, state=state)
    program = start_with_stdout(world, subprocess.PIPE, "list", "--json")
    assert program.stdout.readline()
    return program


@pytest.mark.parametrize("state", ["dead", "held"])
def test_a_list_that_is_stopped_says_that_it_is_incomplete(world, state):
    """The waiting letters come first: after a stop among them the held ones are not begun."""
    program = start_list(world, state)
    program.send_signal(signal.SIGINT)
    out, stderr = program.communicate(timeout=30)
    assert program.returncode == TEMPFAIL and b"stopped before the end" in stderr
    assert out.count(b"\n") < 9_999
