"""Dead jobs that a person repairs: `dlq retry --body -H`."""

import subprocess

from support.build import BIN
from support.dlq_verbs import BINARY, STREAMS, dlq, jobs
from support.environment import environment
from support.exit_codes import NOINPUT, OK, TEMPFAIL, USAGE
from support.letters import TIME, letter, put, put_many
from support.world import DLQ, ORIGIN

RETRY_ID = f"retry:{ORIGIN}:5:{TIME + 5}:2"


def test_a_header_is_replaced_added_and_removed(world):
    put(world, letter(5, "order-5", Colour="blue", Priority="high", Size="9"))
    result = dlq(world, "retry", "5", "--yes", "-H", "colour: red", "-H", "Priority:", "-H", "New: a", "-H", "New: b: c")
    assert result.code == OK, result.text
    [job] = jobs(world)
    own = {name: value for name, value in job.headers.items() if not name.startswith("Nat")}
    assert own == {"colour": "red", "Size": "9", "New": "b: c"}
    assert job.headers["Natsq-Edited"] == "headers" and job.headers["Natsq-Origin-Seq"] == "5"
    assert job.body == "order-5" and world.held() == []


def test_the_body_of_one_letter_is_replaced(world, tmp_path):
    """From a file or stdin, byte for byte. The letter by reference needs no body of its own then."""
    put(world, letter(5, "order-5", Colour="blue"), letter(6), letter(7, "", Natsq_Body="origin"))
    file = tmp_path / "body"
    file.write_bytes(BINARY)
    result = dlq(world, "retry", "5", "--yes", "--body", str(file))
    assert result.code == OK and "1 retried" in result.text, result.text
    result = dlq(world, "retry", "7", "--yes", "--body", str(file), "-H", "Colour: red")
    assert result.code == OK and "1 retried" in result.text, result.text
    five, seven = jobs(world)
    assert five.body.encode(errors="surrogateescape") == seven.body.encode(errors="surrogateescape") == BINARY
    assert (five.headers["Natsq-Edited"], five.headers["Colour"]) == ("body", "blue")
    assert (seven.headers["Natsq-Edited"], seven.headers["Colour"]) == ("body,headers", "red")
    assert "Natsq-Body" not in seven.headers and len(world.held()) == 1
    command = [BIN / "dlq", *STREAMS, "retry", "6", "--yes", "--body", "-", "--server", world.server.url]
    done = subprocess.run(command, input=b"typed", env=environment(world.home), capture_output=True, timeout=30)
    assert done.returncode == OK and jobs(world)[-1].body == "typed", done.stderr


def test_body_selects_where_not_one_seq_is_given(world):
    put_many(world, 12)
    result = dlq(world, "retry", "--body", "order-1*", "--yes")
    assert result.code == OK and len(jobs(world)) == 4, result.text
    assert dlq(world, "retry", "2-3", "--body", "order-3", "--yes").code == OK
    assert [job.body for job in jobs(world)[4:]] == ["order-3"]


def test_an_unusable_body_changes_nothing(world, tmp_path):
    put(world, letter(5))
    for options, code, words in (
        (["--body", str(tmp_path / "missing"), "--yes"], NOINPUT, "missing' cannot be opened: No such file"),
        (["--body", str(tmp_path), "--yes"], NOINPUT, "Is a directory"),
        (["--body", "-"], USAGE, "reads the body from stdin and so cannot ask"),
    ):
        result = dlq(world, "retry", "5", *options)
        assert result.code == code and words in result.text, result.text
    file = tmp_path / "large"
    file.write_bytes(bytes(2**20 + 1))
    result = dlq(world, "retry", "5", "--body", str(file), "--yes")
    assert result.code == TEMPFAIL and "1 left" in result.text, result.text
    assert jobs(world) == [] and len(world.held()) == 1


def test_headers_of_many_letters_are_edited(world):
    put_many(world, 300)
    assert dlq(world, "retry", "--all", "--yes", "-H", "Batch: two").code == OK
    assert [job.headers["Batch"] for job in jobs(world)] == ["two"] * 300


def test_headers_of_natsq_and_of_the_server_cannot_be_edited(world):
    put(world, letter(5))
    for header, words in (
        ("Natsq-Reason: mine", "belongs to natsq"),
        ("Nats-Msg-Id: x", "gets a message id of its own"),
        ("Nats-Expected-Stream: x", "cannot be set"),
        ("no colon", "-H takes 'NAME: VALUE'"),
        ("A B: x", "has a name with"),
    ):
        result = dlq(world, "retry", "5", "--yes", "-H", header)
        assert result.code == USAGE and words in result.text, result.text
    result = dlq(world, "discard", "5", "--yes", "-H", "A: b")
    assert result.code == USAGE and "discard takes no --set-header, which is for retry" in result.text
    assert len(world.held()) == 1


def test_an_edit_after_an_interrupted_retry_is_stored_and_the_same_edit_only_once(world):
    put(world, letter(5, "order-5"))
    killed = dlq(world, "retry", "5", "--yes", NATSQ_FAULT_POINT="retry:published")
    assert killed.code == -9 and [job.headers["Nats-Msg-Id"] for job in jobs(world)] == [RETRY_ID]
    killed = dlq(world, "retry", "5", "--yes", "-H", "Colour: red", NATSQ_FAULT_POINT="retry:published")
    assert killed.code == -9 and len(jobs(world)) == 2 and len(world.held()) == 1
    again = dlq(world, "retry", "5", "--yes", "-H", "Colour: red")
    assert again.code == OK and "1 back already" in again.text
    edited = jobs(world)[1]
    assert edited.headers["Nats-Msg-Id"].startswith(RETRY_ID + ":") and len(jobs(world)) == 2
    assert world.held() == []


def test_an_edited_job_that_dies_again_says_so(world):
    put(world, letter(5, "order-5"))
    assert dlq(world, "retry", "5", "--yes", "-H", "Colour: red").code == OK
    world.fail_jobs()
    [dead] = world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.")
    assert (dead.headers["Natsq-Edited"], dead.headers["Colour"], dead.headers["Natsq-Retries"]) == ("headers", "red", "2")


def test_an_edited_export_is_published_as_new_jobs(world, tmp_path):
    """export, sed, publisher --jsonl: the job's own subject and headers, none about its death."""
    put(world, letter(5, "order-5", subject="orders.a", Colour="blue", Natsq_Job_Id="first"), letter(6, BINARY), letter(7))
    file = tmp_path / "letters.jsonl"
    assert dlq(world, "export", "5-6", "--jsonl", str(file)).code == OK
    file.write_text(file.read_text().replace("order-5", "order-55").replace("blue", "red"))
    result = world.run("publisher", "--jsonl", str(file), "--id-prefix", "mended")
    assert result.code == OK and "confirmed 2, duplicates 0, failed 0" in result.text, result.text
    five, six = jobs(world)
    assert (five.subject, five.body) == ("orders.a", "order-55")
    assert five.headers == {"Colour": "red", "Natsq-Job-Id": "first", "Nats-Msg-Id": "mended-0"}
    assert (six.subject, six.body.encode(errors="surrogateescape")) == ("orders.new", BINARY)
    assert len(world.held()) == 3  # the letters stay


def test_an_export_from_a_pipe_is_published(world):
    put_many(world, 300)
    exported = dlq(world, "export", "--all", "--jsonl")
    command = [BIN / "publisher", "--jsonl", "--server", world.server.url]
    lines = "\n".join(exported.out) + "\n"
    done = subprocess.run(command, input=lines.encode(), env=environment(world.home), capture_output=True, timeout=60)
    assert done.returncode == OK, done.stderr
    assert len(jobs(world)) == 300
