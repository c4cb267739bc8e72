"""The operator's verbs of dlq, on letters as they lie in the stream."""

import json
import os
import pty
import re
import signal
import subprocess
from datetime import datetime, timezone

import pytest

from support.natsq import BIN, DLQ, OK, ORIGIN, UNAVAILABLE, USAGE, environment, server, world  # noqa: F401

STREAMS = DLQ, ORIGIN
TEMPFAIL = 75
TIME = 1_700_000_000_123_456_789
DIED = "2026-01-02T03:04:05.000000006Z"
BINARY = b"\x00\xff\x1b[31m\r\n\x00"


def rfc3339(ns):
    moment = datetime.fromtimestamp(ns // 10**9, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns % 10**9:09d}Z"


def letter(seq, body="order", state="held", subject="orders.new", consumer="processor", reason="exit 1", **headers):
    """(subject, body, headers), as a worker or `run` makes it."""
    return (
        f"natsq.{state}.{ORIGIN}.{consumer}.{seq}.{TIME + seq}",
        body,
        {
            "Natsq-Origin-Stream": ORIGIN,
            "Natsq-Origin-Seq": str(seq),
            "Natsq-Origin-Time": rfc3339(TIME + seq),
            "Natsq-Origin-Subject": subject,
            "Natsq-Consumer": consumer,
            "Natsq-Deliveries": "2",
            "Natsq-Retries": "1",
            "Natsq-Reason": reason,
            "Natsq-Died-At": DIED,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def put(world, *letters):
    return world.js.publish_all(letters)


def put_many(world, n, **how):
    for begin in range(1, n + 1, 500):
        put(world, *(letter(seq, f"order-{seq}", **how) for seq in range(begin, min(begin + 500, n + 1))))


def dlq(world, *arguments, within=60, **variables):
    return world.run("dlq", *STREAMS, *arguments, within=within, **variables)


def objects(program):
    return [json.loads(line) for line in program.out]


def seqs(program):
    return [told["seq"] for told in objects(program)]


def jobs(world):
    return world.js.messages(ORIGIN)


def bodies(messages):
    return sorted(message.body for message in messages)


# ---- list and show


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
def four(world):
    put(
        world,
        letter(1, state="dead"),
        letter(2, consumer="other"),
        letter(3, reason="timeout 30s", Natsq_Error="disk full"),
        letter(4, subject="returns.new", reason="failed", Natsq_Died_At="2200-01-01T00:00:00Z"),
    )
    return world


@pytest.mark.parametrize("selection, expected", SELECTIONS, ids=[" ".join(words) or "none" for words, _ in SELECTIONS])
def test_list_takes_a_selection(four, selection, expected):
    told = dlq(four, "list", "--json", *selection)
    assert (told.code, seqs(told)) == (OK, expected)
    table = dlq(four, "list", *selection)
    assert [int(line.split()[0]) for line in table.out[1:]] == expected


def test_list_of_ten_thousand(world):
    put_many(world, 10_000)
    told = dlq(world, "list", "--json")
    assert seqs(told) == list(range(1, 10_001))
    assert seqs(dlq(world, "list", "9000-9999", "--json", "--limit", "7")) == list(range(9000, 9007))


def test_show(world):
    put(world, letter(7, "line 1\nline 2", Natsq_Error="boom", Natsq_Job_Id="id-7", Colour="blue", Natsq_Host="h1"))
    told = dlq(world, "show", "7")
    assert told.code == OK, told.text
    text = "\n".join(told.out)
    for part in "held", "orders.new", "processor", "exit 1", "boom", "id-7", "h1", "Colour: blue", "line 1\nline 2", "13 bytes":
        assert part in text, part
    assert "Nats-Sequence" not in text and "Nats-Time-Stamp" not in text
    [told] = objects(dlq(world, "show", "7", "--json"))
    assert (told["body"], told["headers"]["Colour"], told["state"]) == ("line 1\nline 2", ["blue"], "held")


def test_show_of_bytes(world):
    put(world, letter(7, BINARY), letter(8, b""))
    told = dlq(world, "show", "7")
    assert "00 ff 1b 5b 33 31 6d 0d" in "\n".join(told.out) and "\x1b" not in "\n".join(told.out)
    raw = subprocess.run(
        [BIN / "dlq", *STREAMS, "show", "7", "--raw", "--server", world.server.url],
        capture_output=True,
        timeout=30,
    )
    assert (raw.returncode, raw.stdout) == (OK, BINARY)
    assert objects(dlq(world, "show", "7", "--json"))[0]["body_base64"] == "AP8bWzMxbQ0KAA=="
    assert objects(dlq(world, "show", "8", "--json"))[0]["body"] == ""


def test_show_of_none(world):
    told = dlq(world, "show", "7")
    assert (told.code, told.out) == (UNAVAILABLE, []) and "no such letter" in told.text


def test_headers_like_those_of_a_direct_get_stay(world):
    """A job that was republished has them of its own."""
    put(world, letter(7, Nats_Sequence="99", Nats_Subject="elsewhere", Nats_Stream="other", Nats_Num_Pending="0"), letter(8))
    told = objects(dlq(world, "show", "7-8", "--json"))
    assert [each["seq"] for each in told] == [7, 8]
    headers = told[0]["headers"]
    assert (headers["Nats-Sequence"], headers["Nats-Subject"], headers["Nats-Stream"]) == (["99"], ["elsewhere"], ["other"])
    assert "Nats-Sequence" not in told[1]["headers"]


# ---- what is refused


REFUSED = [
    (["retry"], "which letters"),
    (["retry", "--yes"], "which letters"),
    (["discard", "--limit", "3", "-y"], "which letters"),
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
]


@pytest.mark.parametrize("arguments, words", REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_refused(world, arguments, words):
    put(world, letter(5))
    told = dlq(world, *arguments, within=10)
    assert (told.code, told.out, len(told.lines)) == (USAGE, [], 1), told.text
    assert words in told.text
    assert len(world.held()) == 1


# ---- retry


def test_retry(world):
    put(world, letter(5, "order-5", Colour="blue", Natsq_Job_Id="first"), letter(6, "order-6"), letter(7, BINARY, subject="orders.b"))
    told = dlq(world, "retry", "5", "7", "--yes", "--json")
    assert told.code == OK, told.text
    assert [(each["seq"], each["did"]) for each in objects(told)] == [(5, "retried"), (7, "retried")]
    assert "2 retried" in told.text
    first, second = jobs(world)
    assert (first.subject, first.body) == ("orders.new", "order-5")
    assert first.headers["Nats-Msg-Id"] == f"retry:{ORIGIN}:5:{TIME + 5}:2"
    assert (first.headers["Natsq-Retries"], first.headers["Colour"], first.headers["Natsq-Job-Id"]) == ("2", "blue", "first")
    assert "Nats-Sequence" not in first.headers and "Nats-Expected-Last-Subject-Sequence" not in first.headers
    assert (second.subject, second.body.encode(errors="surrogateescape")) == ("orders.b", BINARY)
    assert bodies(world.held()) == ["order-6"]


def test_retry_leaves_the_waiting(world):
    put(world, letter(5, state="dead"))
    told = dlq(world, "retry", "5", "--yes")
    assert told.code == OK and "1 waiting" in told.text
    assert jobs(world) == [] and world.js.count(DLQ) == 1


def test_retry_to_another_subject(world):
    put(world, letter(5, "order-5"))
    told = dlq(world, "retry", "5", "--yes", "--to", "orders.elsewhere")
    assert told.code == OK, told.text
    assert [job.subject for job in jobs(world)] == ["orders.elsewhere"]
    put(world, letter(6))
    told = dlq(world, "retry", "6", "--yes", "--to", "nowhere.at.all")
    assert told.code == UNAVAILABLE and "nowhere.at.all" in told.text
    assert len(world.held()) == 1


def test_retry_of_what_cannot_be_read(world):
    put(world, (f"natsq.held.{ORIGIN}._.3.4", "what", {"Natsq-Reason": "unreadable"}), letter(5))
    told = dlq(world, "retry", "--all", "--yes")
    assert told.code == TEMPFAIL and "--to" in told.text and "1 retried, 1 left" in told.text
    [lying] = world.held()
    assert dlq(world, "retry", f"_{lying.seq}", "--yes", "--to", "orders.repaired").code == OK
    assert "what" in bodies(jobs(world)) and world.held() == []


def test_retry_at_a_rate(world):
    put_many(world, 11)
    told = dlq(world, "retry", "--all", "--yes", "--rate", "10")
    assert told.code == OK and told.seconds >= 0.95
    assert len(jobs(world)) == 11


def test_a_slow_retry_removes_as_it_goes(world):
    """Killed after minutes, what it published first must not be published again: the stream forgets the ids."""
    put_many(world, 40)
    assert dlq(world, "retry", "--all", "--yes", "--rate", "20", NATSQ_SEAM="retry:sent:35").code == -signal.SIGKILL
    assert len(world.held()) == 20 and len(jobs(world)) >= 34


def test_a_slow_retry_passes_over_what_somebody_else_retried(world):
    put_many(world, 30)
    slow = world.start("dlq", *STREAMS, "retry", "--all", "--yes", "--rate", "10")
    world.eventually(lambda: jobs(world), "it has begun")
    assert dlq(world, "retry", "21-30", "--yes").code == OK
    assert slow.wait() == OK and "20 retried, 10 back already" in slow.text
    assert len(jobs(world)) == 30 and world.held() == []


def test_retry_with_a_limit(world):
    put_many(world, 600)
    assert dlq(world, "retry", "--all", "--limit", "300", "--yes").code == OK
    assert len(jobs(world)) == 300 and len(world.held()) == 300


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_dry_run_does_nothing(world, verb):
    put_many(world, 3)
    told = dlq(world, verb, "2-3", "--dry-run", "--json")
    assert [(each["seq"], each["would"]) for each in objects(told)] == [(2, verb), (3, verb)]
    assert f"would {verb} 2 held letters" in told.text
    assert len(world.held()) == 3 and jobs(world) == []


def test_a_full_origin_takes_no_job_and_the_letter_stays(world):
    config = world.js.stream(ORIGIN)["config"]
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", {**config, "max_bytes": 2000})
    put_many(world, 3)
    put(world, letter(9, "x" * 1500))
    told = dlq(world, "retry", "--all", "--yes")
    assert told.code == TEMPFAIL and "full" in told.text
    assert len(world.held()) + len(jobs(world)) == 4 and len(world.held()) >= 1


def dead_original(world, body="order-0", **headers):
    """A dead job that is still in the origin, and its letter by reference or by value."""
    world.js.publish("orders.new", body)
    world.kill_jobs()
    world.js.purge(DLQ)
    [job] = jobs(world)
    put(
        world,
        (
            f"natsq.held.{ORIGIN}.processor.{job.seq}.{job.ns}",
            "" if headers else body,
            {**letter(job.seq)[2], "Natsq-Origin-Time": rfc3339(job.ns), **headers},
        ),
    )
    return job


@pytest.mark.parametrize("headers", [{}, {"Natsq-Body": "origin"}], ids=["by value", "by reference"])
def test_retry_retires_the_original(world, headers):
    old = dead_original(world, **headers)
    told = dlq(world, "retry", "--all", "--yes")
    assert told.code == OK, told.text
    [job] = jobs(world)
    assert job.seq > old.seq and (job.body, job.headers["Natsq-Retries"]) == ("order-0", "2")
    assert world.held() == []


@pytest.mark.parametrize("headers", [{}, {"Natsq-Body": "origin"}], ids=["by value", "by reference"])
def test_discard_retires_the_original(world, headers):
    dead_original(world, **headers)
    assert dlq(world, "discard", "--all", "--yes").code == OK
    assert world.held() == jobs(world) == []


def test_show_of_a_letter_by_reference(world):
    dead_original(world, "the body", **{"Natsq-Body": "origin"})
    assert dlq(world, "show", "--all", "--raw").out == ["the body"]


def test_a_letter_by_reference_whose_body_is_gone(world):
    put(world, letter(5, "", Natsq_Body="origin"))
    told = dlq(world, "retry", "5", "--yes")
    assert told.code == TEMPFAIL and "gone with the original" in told.text
    assert len(world.held()) == 1
    assert dlq(world, "discard", "5", "--yes").code == OK and world.held() == []


def test_another_job_with_the_sequence_is_left_alone(world):
    """The origin was made anew."""
    world.js.publish("orders.new", "another")
    put(world, letter(1, "old"))
    assert dlq(world, "discard", "1", "--yes").code == OK
    assert bodies(jobs(world)) == ["another"]


def test_discard(world):
    put_many(world, 700)
    told = dlq(world, "discard", "101-700", "--yes", "--json")
    assert told.code == OK and "600 discarded" in told.text and len(objects(told)) == 600
    assert sorted(int(each.headers["Natsq-Origin-Seq"]) for each in world.held()) == list(range(1, 101))
    told = dlq(world, "discard", "101-700", "--yes")
    assert told.code == OK and "no held letter matches" in told.text


# ---- cut off and run again


@pytest.mark.parametrize("seam", ["retry:retired", "retry:sent:1", "retry:sent:3", "retry:sent:256", "retry:sent:300", "retry:published:1",
                                  "retry:published:2", "retry:purged:1", "retry:purged:2"])  # fmt: skip
def test_a_retry_that_was_killed_does_the_rest(world, seam):
    put_many(world, 300)
    killed = dlq(world, "retry", "--all", "--yes", NATSQ_SEAM=seam)
    assert killed.code == -signal.SIGKILL
    again = dlq(world, "retry", "--all", "--yes")
    assert again.code == OK, again.text
    assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, 301))
    assert world.held() == []


@pytest.mark.parametrize("seam", ["discard:retired:1", "discard:purged:1", "discard:retired:2", "discard:purged:2"])
def test_a_discard_that_was_killed_does_the_rest(world, seam):
    put_many(world, 300)
    put(world, letter(1000))
    assert dlq(world, "discard", "1-300", "--yes", NATSQ_SEAM=seam).code == -signal.SIGKILL
    assert dlq(world, "discard", "1-300", "--yes").code == OK
    assert [each.headers["Natsq-Origin-Seq"] for each in world.held()] == ["1000"]


def test_a_stop_ends_a_retry(world):
    put_many(world, 50)
    program = world.start("dlq", *STREAMS, "retry", "--all", "--yes", "--rate", "20", "--json")
    world.eventually(lambda: len(jobs(world)) >= 3, "some are back")
    assert program.stop(within=10) == TEMPFAIL
    assert re.search("stopped before the end", program.text)
    assert len(program.lines) == 2
    assert dlq(world, "retry", "--all", "--yes").code == OK
    assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, 51))


# ---- export and import


def snapshot(world):
    """What a person knows of the held letters."""
    hidden = ("Nats-",)
    return sorted(
        (each.subject, each.body, sorted(pair for pair in each.headers.items() if not pair[0].startswith(hidden)))
        for each in world.held()
    )


FORMS = pytest.mark.parametrize("form", [[], ["--jsonl"]], ids=["protobuf", "jsonl"])


@FORMS
def test_hold_discard_import_within_the_duplicate_window(world, tmp_path, form):
    """All are back, as they were: no message id swallows one."""
    put_many(world, 300, state="dead")
    put(world, letter(1001, BINARY), letter(1002, "", Natsq_Error="boom", Colour="blue"))
    held = dlq(world, "hold", "--yes")
    assert held.code == OK and "300 held" in held.text, held.text
    before = snapshot(world)
    assert len(before) == 302
    file = tmp_path / "letters.natsq"
    assert dlq(world, "export", file, *form).code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK and world.held() == []
    told = dlq(world, "import", file, "--yes")
    assert told.code == OK and "302 imported" in told.text, told.text
    assert snapshot(world) == before
    told = dlq(world, "import", file, "--yes", "--json")
    assert told.code == OK and "0 imported, 302 there already" in told.text
    assert {each["did"] for each in objects(told)} == {"there already"}
    assert snapshot(world) == before
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["letters.natsq"]
    assert file.stat().st_mode & 0o077 == 0


@FORMS
def test_export_to_stdout_and_import_from_stdin(world, form):
    put(world, letter(1, BINARY), letter(2, "text"))
    program = BIN / "dlq"
    server = ["--server", world.server.url]
    before = snapshot(world)
    out = subprocess.run([program, *STREAMS, "export", *form, *server], capture_output=True, timeout=30)
    assert out.returncode == OK, out.stderr
    assert dlq(world, "discard", "--all", "--yes").code == OK
    back = subprocess.run([program, *STREAMS, "import", "-y", *server], input=out.stdout, capture_output=True, timeout=30)
    assert back.returncode == OK, back.stderr
    assert snapshot(world) == before


def test_export_and_import_take_a_selection(world, tmp_path):
    put_many(world, 9)
    assert dlq(world, "export", "3-6", tmp_path / "some").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    told = dlq(world, "import", tmp_path / "some", "5-9", "--dry-run", "--json")
    assert seqs(told) == [5, 6] and world.held() == []
    assert dlq(world, "import", tmp_path / "some", "5-9", "--yes").code == OK
    assert bodies(world.held()) == ["order-5", "order-6"]


def test_a_letter_that_waits_is_not_held_as_well(world, tmp_path):
    put_many(world, 3, state="dead")
    assert dlq(world, "export", tmp_path / "all").code == OK
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK and "3 there already" in told.text and world.held() == []


def test_what_cannot_be_read_goes_out_and_comes_back(world, tmp_path):
    put(world, (f"natsq.held.{ORIGIN}._.3.4", BINARY, {"Natsq-Reason": "unreadable", "X": "y"}))
    before = snapshot(world)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK and world.held() == []
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    assert [(subject, body) for subject, body, _ in snapshot(world)] == [(subject, body) for subject, body, _ in before]


def test_letters_of_another_origin_are_left(world, tmp_path):
    file = tmp_path / "foreign"
    file.write_text('{"place":"natsq.held.elsewhere.processor.1.2","headers":{},"body":"x"}\n{"end":true}\n')
    told = dlq(world, "import", file, "--yes")
    assert told.code == TEMPFAIL and "another origin" in told.text and world.js.count(DLQ) == 0


def test_a_damaged_archive(world, tmp_path):
    put_many(world, 3)
    whole = tmp_path / "whole"
    assert dlq(world, "export", whole).code == OK
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[:-30])
    assert dlq(world, "discard", "--all", "--yes").code == OK
    told = dlq(world, "import", cut, "--yes")
    assert told.code == 65 and "cut off after 2 whole letters" in told.text, told.text
    assert bodies(world.held()) == ["order-1", "order-2"]


def test_files_that_will_not_do(world, tmp_path):
    assert dlq(world, "import", tmp_path / "missing", "--yes").code == 66
    assert dlq(world, "export", tmp_path / "no" / "folder").code == 73
    (tmp_path / "text").write_text("hello\n")
    told = dlq(world, "import", tmp_path / "text", "--yes")
    assert told.code == 65 and "no archive" in told.text


@pytest.mark.parametrize("seam", ["import:sent:1", "import:sent:100", "import:sent:300", "import:stored:1", "import:stored:2"])
def test_an_import_that_was_killed_does_the_rest(world, tmp_path, seam):
    put_many(world, 300)
    before = snapshot(world)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    assert dlq(world, "import", tmp_path / "all", "--yes", NATSQ_SEAM=seam).code == -signal.SIGKILL
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK, told.text
    assert snapshot(world) == before


@FORMS
def test_a_letter_by_reference_goes_out_with_its_body(world, tmp_path, form):
    job = dead_original(world, "the body", **{"Natsq-Body": "origin"})
    assert dlq(world, "export", tmp_path / "all", *form).code == OK
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK and "1 there already" in told.text
    world.js.purge(DLQ)
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    [held] = world.held()
    assert (held.body, held.headers["Natsq-Body"]) == ("", "origin")
    assert dlq(world, "discard", "--all", "--yes").code == OK and jobs(world) == []
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    [held] = world.held()
    assert held.body == "the body" and "Natsq-Body" not in held.headers and held.headers["Natsq-Origin-Seq"] == str(job.seq)


# ---- hold and stats


def test_hold_goes_on_after_a_kill(world):
    for seam in "hold:stored", "hold:settled":
        put_many(world, 50, state="dead")
        assert dlq(world, "hold", "--yes", NATSQ_SEAM=seam).code == -signal.SIGKILL
        world.js.delete_consumer(DLQ, "letter_handler")  # what it had in hand comes after a while; not that long
        told = dlq(world, "hold", "--yes")
        assert told.code == OK, told.text
        assert len(world.held()) == world.js.count(DLQ) == 50
        assert dlq(world, "discard", "--all", "--yes").code == OK


def test_hold_tells_of_letters_in_other_hands(world):
    world.js.create_consumer(DLQ, durable_name="letter_handler", filter_subject=f"natsq.dead.{ORIGIN}.>")
    put_many(world, 5, state="dead")
    world.js.pull(DLQ, "letter_handler", 2)
    told = dlq(world, "hold", "--yes")
    assert told.code == TEMPFAIL and "2 letters are in the hands" in told.text
    assert len(world.held()) == 3


def test_hold_dry_run(world):
    put_many(world, 2, state="dead")
    told = dlq(world, "hold", "--dry-run", "--json")
    assert told.code == OK and seqs(told) == [1, 2] and "would hold 2 waiting letters" in told.text
    assert world.js.consumers(DLQ) == [] and world.held() == []


def test_hold_of_what_cannot_be_read(world):
    put(world, (f"natsq.dead.{ORIGIN}.processor.3.4", "what", {"X": "y"}))
    assert dlq(world, "hold", "--yes").code == OK
    [held] = world.held()
    assert held.subject.startswith(f"natsq.held.{ORIGIN}._.") and (held.body, held.headers["X"]) == ("what", "y")


def test_stats(four):
    put(four, letter(10, Natsq_Error="open /tmp/a1: timeout after 30 s"), letter(11, Natsq_Error="open /tmp/b2: timeout after 5 s"))
    [told] = objects(dlq(four, "stats", "--json"))
    assert (told["waiting"], told["held"]) == (1, 5)
    assert {name: (group["waiting"], group["held"]) for name, group in told["reason"].items()} == {
        "exit 1": (1, 3),
        "timeout 30s": (0, 1),
        "failed": (0, 1),
    }
    assert set(told["subject"]) == {"orders.new", "returns.new"} and set(told["consumer"]) == {"processor", "other"}
    group = told["error"]["open <path>: timeout after <n> s"]
    assert (group["held"], group["seq"], group["example"]) == (2, 10, "open /tmp/a1: timeout after 30 s")
    assert told["streams"][DLQ]["messages"] == 6 and told["streams"][ORIGIN]["max_bytes"] > 0
    table = dlq(four, "stats", "--by", "error", "--consumer", "processor")
    text = "\n".join(table.out)
    assert table.code == OK and "open <path>: timeout after <n> s" in text and "e.g. # 10" in text and "REASON" not in text
    assert "room for" in text


# ---- at a terminal


def at_terminal(world, answer, *arguments):
    """(code, what the terminal showed)."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(world.home),
    )
    os.close(theirs)
    os.write(ours, answer)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:
        pass  # EIO: the other side is closed
    os.close(ours)
    return program.wait(30), shown.decode()


@pytest.mark.parametrize("answer, left", [(b"y\n", 0), (b"Yes\n", 0), (b"n\n", 3), (b"\n", 3), (b"\x04", 3)])
def test_it_asks_at_a_terminal(world, answer, left):
    put_many(world, 3)
    code, shown = at_terminal(world, answer, "discard", "1-3")
    assert code == OK and "discard 3 held letters? [y/N]" in shown
    assert ("nothing was changed" in shown) == bool(left)
    assert len(world.held()) == left


def test_progress_at_a_terminal(world):
    put_many(world, 30)
    code, shown = at_terminal(world, b"", "retry", "--all", "--yes", "--rate", "15")
    assert code == OK and "30 retried" in shown


def test_one_that_is_left_stays(world):
    put(world, (f"natsq.held.{ORIGIN}._.3.4", "what", {"Natsq-Reason": "unreadable"}))
    put_many(world, 600)
    told = dlq(world, "retry", "--all", "--yes")
    assert told.code == TEMPFAIL and "600 retried, 1 left" in told.text
    assert bodies(world.held()) == ["what"] and len(jobs(world)) == 600


def test_letters_on_both_sides_of_a_selection_stay(world):
    put_many(world, 700)
    assert dlq(world, "discard", "--subject", "orders.*", "--limit", "300", "--yes").code == OK
    assert dlq(world, "discard", "500-600", "--yes").code == OK
    left = sorted(int(each.headers["Natsq-Origin-Seq"]) for each in world.held())
    assert left == [*range(301, 500), *range(601, 701)]
    assert dlq(world, "discard", "--all", "--limit", "10", "--yes").code == OK
    assert sorted(int(each.headers["Natsq-Origin-Seq"]) for each in world.held()) == left[10:]
