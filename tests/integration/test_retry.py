"""`dlq retry` and `dlq discard`: held letters are put back into the queue, or removed."""

import re
import signal

import pytest

from support.dlq_verbs import BINARY, STREAMS, bodies, dead_original, dlq, jobs, objects
from support.exit_codes import OK, TEMPFAIL, UNAVAILABLE
from support.letters import TIME, letter, put, put_many
from support.world import DLQ, ORIGIN, own_world


def test_retry_puts_letters_back_with_their_headers(world):
    put(world, letter(5, "order-5", Colour="blue", Natsq_Job_Id="first"), letter(6, "order-6"), letter(7, BINARY, subject="orders.b"))
    result = dlq(world, "retry", "5", "7", "--yes", "--json")
    assert result.code == OK, result.text
    assert [(each["seq"], each["did"]) for each in objects(result)] == [(5, "retried"), (7, "retried")]
    assert "2 retried" in result.text
    first, second = jobs(world)
    assert (first.subject, first.body) == ("orders.new", "order-5")
    assert first.headers["Nats-Msg-Id"] == f"retry:{ORIGIN}:5:{TIME + 5}:2"
    assert (first.headers["Natsq-Retries"], first.headers["Colour"], first.headers["Natsq-Job-Id"]) == ("2", "blue", "first")
    assert "Nats-Sequence" not in first.headers and "Nats-Expected-Last-Subject-Sequence" not in first.headers
    assert (second.subject, second.body.encode(errors="surrogateescape")) == ("orders.b", BINARY)
    assert bodies(world.held()) == ["order-6"]


def test_retry_leaves_waiting_letters_alone(world):
    put(world, letter(5, state="dead"))
    result = dlq(world, "retry", "5", "--yes")
    assert result.code == UNAVAILABLE and "1 letter that matches is not held yet" in result.text
    assert jobs(world) == [] and world.js.count(DLQ) == 1


def test_retry_can_use_another_subject(world):
    put(world, letter(5, "order-5"))
    result = dlq(world, "retry", "5", "--yes", "--to", "orders.elsewhere")
    assert result.code == OK, result.text
    assert [job.subject for job in jobs(world)] == ["orders.elsewhere"]
    put(world, letter(6))
    result = dlq(world, "retry", "6", "--yes", "--to", "nowhere.at.all")
    assert result.code == UNAVAILABLE and "nowhere.at.all" in result.text
    assert len(world.held()) == 1


def test_an_unreadable_letter_needs_a_subject_to_be_retried(world):
    put(world, (f"natsq.held.{ORIGIN}._.3.4", "what", {"Natsq-Reason": "unreadable"}), letter(5))
    result = dlq(world, "retry", "--all", "--yes")
    assert result.code == TEMPFAIL and "--to" in result.text and "1 retried, 1 left" in result.text
    [unreadable] = world.held()
    assert dlq(world, "retry", f"_{unreadable.seq}", "--yes", "--to", "orders.repaired").code == OK
    assert "what" in bodies(jobs(world)) and world.held() == []


def test_retry_keeps_to_a_rate(world):
    put_many(world, 11)
    result = dlq(world, "retry", "--all", "--yes", "--rate", "10")
    assert result.code == OK and result.seconds >= 0.95
    assert len(jobs(world)) == 11


def test_a_slow_retry_removes_letters_as_it_goes(world):
    """After minutes the stream no longer recognizes the first ids, so those letters must be gone."""
    put_many(world, 40)
    assert dlq(world, "retry", "--all", "--yes", "--rate", "20", NATSQ_FAULT_POINT="retry:sent:35").code == -signal.SIGKILL
    assert len(world.held()) == 20 and len(jobs(world)) >= 34


def test_a_slow_retry_skips_letters_that_were_retried_meanwhile(world):
    put_many(world, 30)
    slow = world.start("dlq", *STREAMS, "retry", "--all", "--yes", "--rate", "10")
    world.eventually(lambda: jobs(world), "it has begun")
    assert dlq(world, "retry", "21-30", "--yes").code == OK
    assert slow.wait() == OK and "20 retried, 10 back already" in slow.text
    assert len(jobs(world)) == 30 and world.held() == []


def test_retry_keeps_to_a_limit(world):
    put_many(world, 600)
    assert dlq(world, "retry", "--all", "--limit", "300", "--yes").code == OK
    assert len(jobs(world)) == 300 and len(world.held()) == 300


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_a_dry_run_changes_nothing(world, verb):
    put_many(world, 3)
    result = dlq(world, verb, "2-3", "--dry-run", "--json")
    assert [(each["seq"], each["would"]) for each in objects(result)] == [(2, verb), (3, verb)]
    assert f"would {verb} 2 held letters" in result.text
    assert len(world.held()) == 3 and jobs(world) == []


def test_letters_stay_when_the_origin_is_full(world):
    config = world.js.stream(ORIGIN)["config"]
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", {**config, "max_bytes": 2000})
    put_many(world, 3)
    put(world, letter(9, "x" * 1500))
    result = dlq(world, "retry", "--all", "--yes")
    assert result.code == TEMPFAIL and "full" in result.text
    assert len(world.held()) + len(jobs(world)) == 4 and len(world.held()) >= 1


@pytest.mark.parametrize("headers", [{}, {"Natsq-Body": "origin"}], ids=["by value", "by reference"])
def test_retry_retires_the_original(world, headers):
    old = dead_original(world, **headers)
    result = dlq(world, "retry", "--all", "--yes")
    assert result.code == OK, result.text
    [job] = jobs(world)
    assert job.seq > old.seq and (job.body, job.headers["Natsq-Retries"]) == ("order-0", "2")
    assert world.held() == []


@pytest.mark.parametrize("headers", [{}, {"Natsq-Body": "origin"}], ids=["by value", "by reference"])
def test_discard_retires_the_original(world, headers):
    dead_original(world, **headers)
    assert dlq(world, "discard", "--all", "--yes").code == OK
    assert world.held() == jobs(world) == []


def test_a_letter_by_reference_without_its_body_can_only_be_discarded(world):
    put(world, letter(5, "", Natsq_Body="origin"))
    result = dlq(world, "retry", "5", "--yes")
    assert result.code == TEMPFAIL and "gone with the original" in result.text
    assert len(world.held()) == 1
    assert dlq(world, "discard", "5", "--yes").code == OK and world.held() == []


def test_another_job_with_the_same_sequence_is_left_alone(world):
    """The origin was recreated."""
    world.js.publish("orders.new", "another")
    put(world, letter(1, "old"))
    assert dlq(world, "discard", "1", "--yes").code == OK
    assert bodies(jobs(world)) == ["another"]


def test_discard_removes_a_range(world):
    put_many(world, 700)
    result = dlq(world, "discard", "101-700", "--yes", "--json")
    assert result.code == OK and "600 discarded" in result.text and len(objects(result)) == 600
    assert sorted(int(each.headers["Natsq-Origin-Seq"]) for each in world.held()) == list(range(1, 101))
    result = dlq(world, "discard", "101-700", "--yes")
    assert result.code == OK and "no held letter matches" in result.text


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_a_letter_that_does_not_exist_is_an_error_but_an_empty_range_is_not(world, verb):
    """Like `show`; a range may be empty, so that the command can be repeated."""
    put(world, letter(5, state="dead"))
    result = dlq(world, verb, "99", "--yes")
    assert result.code == UNAVAILABLE and result.found("ERROR: no such held letter in orders_unprocessed: # 99 "), result.text
    result = dlq(world, verb, "5", "--yes")
    assert result.code == UNAVAILABLE and result.found("WARNING: 1 letter that matches is not held yet"), result.text
    result = dlq(world, verb, "5-6", "--yes")
    assert result.code == OK and result.found("WARNING: 1 letter that matches is not held yet"), result.text
    assert dlq(world, verb, "98-99", "--yes").code == OK


def test_a_letter_that_cannot_be_retried_stays(world):
    put(world, (f"natsq.held.{ORIGIN}._.3.4", "what", {"Natsq-Reason": "unreadable"}))
    put_many(world, 600)
    result = dlq(world, "retry", "--all", "--yes")
    assert result.code == TEMPFAIL and "600 retried, 1 left" in result.text
    assert bodies(world.held()) == ["what"] and len(jobs(world)) == 600


def test_letters_outside_a_selection_stay(world):
    put_many(world, 700)
    assert dlq(world, "discard", "--subject", "orders.*", "--limit", "300", "--yes").code == OK
    assert dlq(world, "discard", "500-600", "--yes").code == OK
    left = sorted(int(each.headers["Natsq-Origin-Seq"]) for each in world.held())
    assert left == [*range(301, 500), *range(601, 701)]
    assert dlq(world, "discard", "--all", "--limit", "10", "--yes").code == OK
    assert sorted(int(each.headers["Natsq-Origin-Seq"]) for each in world.held()) == left[10:]


# ---- killed and run again


# With --all letters are removed many at a time, with a selection one by one.
ONE_BY_ONE = "retry:retired:2", "retry:sent:256", "retry:sent:300", "retry:published:1", "retry:published:2", "retry:purged:1", "retry:purged:2"
AT_ONCE = "retry:retired", "retry:sent:1", "retry:sent:300", "retry:published", "retry:purged"


@pytest.mark.parametrize("selection, fault_point", [*(("1-300", fault_point) for fault_point in ONE_BY_ONE), *(("--all", fault_point) for fault_point in AT_ONCE)])
def test_a_retry_after_a_kill_retries_the_rest(world, selection, fault_point):
    put_many(world, 300)
    killed = dlq(world, "retry", selection, "--yes", NATSQ_FAULT_POINT=fault_point)
    assert killed.code == -signal.SIGKILL
    again = dlq(world, "retry", selection, "--yes")
    assert again.code == OK, again.text
    assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, 301))
    assert world.held() == []


def test_letters_that_are_not_put_back_stay_among_thousands(world):
    """After a letter that stays, the following ones are removed one by one; letters that arrive meanwhile stay too."""
    put_many(world, 4500)
    put(world, (f"natsq.held.{ORIGIN}._.3.4", "what", {"Natsq-Reason": "unreadable"}))
    put(world, *(letter(seq, f"order-{seq}") for seq in range(5001, 5021)))
    program = world.start("dlq", *STREAMS, "retry", "--all", "--yes", NATSQ_FAULT_POINT="retry:published:2", NATSQ_FAULT_POINT_STOP="1")
    world.eventually(lambda: len(jobs(world)) == 4520, "all are back, and half of the letters are removed", 60)
    assert len(world.held()) == 4521 - 4096
    put(world, letter(9000))
    program.signal(signal.SIGCONT)
    assert program.wait() == TEMPFAIL, program.text
    assert sorted(letter.subject.split(".")[3:5] for letter in world.held()) == [["_", "3"], ["processor", "9000"]]


@pytest.mark.parametrize("fault_point", ["discard:retired:1", "discard:purged:1", "discard:retired:2", "discard:purged:2"])
def test_a_discard_after_a_kill_discards_the_rest(world, fault_point):
    put_many(world, 300)
    put(world, letter(1000))
    assert dlq(world, "discard", "1-300", "--yes", NATSQ_FAULT_POINT=fault_point).code == -signal.SIGKILL
    assert dlq(world, "discard", "1-300", "--yes").code == OK
    assert [each.headers["Natsq-Origin-Seq"] for each in world.held()] == ["1000"]


def test_a_retry_after_a_stop_retries_the_rest(world):
    put_many(world, 50)
    program = world.start("dlq", *STREAMS, "retry", "--all", "--yes", "--rate", "20", "--json")
    world.eventually(lambda: len(jobs(world)) >= 3, "some are back")
    assert program.stop(within=10) == TEMPFAIL
    assert re.search("stopped before the end", program.text)
    assert len(program.lines) == 2
    assert dlq(world, "retry", "--all", "--yes").code == OK
    assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, 51))


def test_a_server_that_is_gone_ends_a_slow_retry(tmp_path):
    """And not each of the batches that were read ahead waits for it."""
    with own_world(tmp_path) as world:
        put_many(world, 400)
        retry = world.dlq("retry", "--all", "--yes", "--rate", "20", "--timeout", "1s")
        world.eventually(lambda: jobs(world), "the first job is back")
        world.server.kill()
        assert retry.wait(90) == UNAVAILABLE and retry.found("[0-9]+ retried, [0-9]+ left"), retry.text
        world.server.restart()
        assert dlq(world, "retry", "--all", "--yes").code == OK
        assert len(jobs(world)) == 400 and world.held() == []
