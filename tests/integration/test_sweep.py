"""Jobs that died without anybody being told: found, lettered and put back; whoever is not surely dead is left alone."""

import contextlib
import json

from support.exit_codes import OK, TEMPFAIL
from support.jetstream import Connection, SECOND, frame, nanoseconds
from support.periodic import repeatedly
from support.sweep import FAST, die_unnoticed, letters, narrow_dlq, set_dlq, sweep, use_up, work_all
from support.world import ADVISORIES, DLQ, ORIGIN, PROCESSOR


def test_a_job_whose_advisory_was_lost_is_swept_put_back_and_done(world):
    [dead] = die_unnoticed(world, "order-0")
    done = sweep(world)
    assert done.code == OK, done.text
    assert done.found("(1) dead jobs without a letter")
    head, row = done.out
    assert head.split() == ["SEQ", "SUBJECT", "CONSUMER", "STORED", "OUTCOME", "BODY"]
    assert row.split()[:3] == [str(dead.seq), "orders.new", "processor"] and row.split()[-2:] == ["swept", "order-0"]
    [letter] = letters(world)
    assert letter.subject == f"natsq.dead.{ORIGIN}.processor.{dead.seq}.{dead.ns}"
    assert (letter.body, letter.headers["Natsq-Reason"]) == ("order-0", "swept")
    assert (letter.headers["Natsq-Deliveries"], letter.headers["Natsq-Retries"]) == ("2", "0")
    assert world.js.count(ORIGIN) == 0
    dlq = world.dlq()
    dlq.wait_for("reprocessing order order-0$")
    assert work_all(world, 1) == {"order-0"}
    assert dlq.stop() == OK


def test_run_sweeps_by_itself(world):
    bodies = {f"order-{i}" for i in range(300)}
    die_unnoticed(world, *bodies)
    dlq = world.dlq("--sweep-every", "200ms", *FAST)
    world.eventually(lambda: len(dlq.found("died unnoticed: swept$")) == 300, "all are swept")
    assert work_all(world, 300) == bodies
    assert dlq.stop() == OK


def test_run_does_not_sweep_with_0(world):
    [dead] = die_unnoticed(world, "order-0")
    dlq = world.dlq("--sweep-every", "0", "--sweep-wait", "0")
    world.js.publish("orders.new", "order-1")
    world.kill_jobs()
    dlq.wait_for("reprocessing order order-1$")
    assert dlq.stop() == OK and dead in world.js.messages(ORIGIN)


def test_nobody_listened_when_they_died(world):
    narrow_dlq(world)
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(3))
    use_up(world, 3)
    assert world.js.last_seq(DLQ) == 0
    assert sweep(world).code == OK
    assert sorted(letter.body for letter in letters(world)) == ["order-0", "order-1", "order-2"]
    assert world.js.count(ORIGIN) == 0


def test_a_full_dlq_then_room(world):
    world.js.publish_all([(f"{ADVISORIES}.filler", "x")])
    set_dlq(world, max_msgs=1)
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(3))
    use_up(world, 3)
    refused = sweep(world)
    assert refused.code == TEMPFAIL, refused.text
    assert [row.split()[-2] for row in refused.out[1:]] == ["refused"] * 3
    assert world.js.count(ORIGIN) == 3
    set_dlq(world, max_msgs=-1)
    assert sweep(world).code == OK
    assert sorted(letter.body for letter in letters(world)) == ["order-0", "order-1", "order-2"]
    assert world.js.count(ORIGIN) == 0


def test_a_dry_run_changes_nothing(world):
    dead = die_unnoticed(world, "order-0", "order-1")
    done = sweep(world, "--dry-run", "--json")
    assert done.code == OK
    rows = [json.loads(line) for line in done.out]
    assert [(row["seq"], row["outcome"]) for row in rows] == [(job.seq, "would be swept") for job in dead]
    assert nanoseconds(rows[0]["stored"]) == dead[0].ns and rows[0]["consumer"] == "processor"
    assert world.js.messages(ORIGIN) == dead and world.js.last_seq(DLQ) == len(dead)


def test_a_second_sweep_finds_nothing(world):
    die_unnoticed(world, "order-0")
    assert sweep(world).found("(1) dead jobs")
    again = sweep(world, "--json")
    assert again.code == OK and again.found("(0) dead jobs") and again.out == []


def test_a_letter_that_is_there_is_not_made_again(world):
    """As after a crash between letter and retire: the job is retired, and the letter stays the one it was."""
    [dead] = die_unnoticed(world, "order-0")
    headers = {
        "Natsq-Origin-Stream": ORIGIN,
        "Natsq-Origin-Seq": "1",
        "Natsq-Origin-Time": dead.time,
        "Natsq-Origin-Subject": "orders.new",
        "Natsq-Consumer": "processor",
        "Natsq-Deliveries": "2",
        "Natsq-Retries": "0",
        "Natsq-Reason": "exit 1",
        "Natsq-Died-At": dead.time,
    }
    for state in "dead", "held":
        world.js.publish_all([(f"natsq.{state}.{ORIGIN}.processor.1.{dead.ns}", "order-0", headers)])
        done = sweep(world)
        assert done.code == OK and done.found("(0) dead jobs") and done.out == []
        [letter] = world.js.messages(DLQ)
        assert letter.headers["Natsq-Reason"] == "exit 1"
        assert world.js.count(ORIGIN) == 0
        world.js.purge(DLQ)
        world.js.delete_consumer(ORIGIN, "processor")
        config = world.js.stream(ORIGIN)["config"]
        world.js.delete_stream(ORIGIN)
        world.js.create_stream(config)
        [dead] = die_unnoticed(world, "order-0")
        headers["Natsq-Origin-Time"] = dead.time


def test_a_body_that_fits_into_no_letter_stays_and_is_not_swept_again(world):
    [dead] = die_unnoticed(world, "x" * (2**20 - 100))
    done = sweep(world, "--json")
    assert done.code == OK and json.loads(done.out[0])["outcome"] == "swept, its body stays in the origin"
    assert sweep(world, "--json").out == []
    dlq = world.dlq("--retries", "0")
    [letter] = world.eventually(world.held, "it is held")
    assert letter.headers["Natsq-Body"] == "origin"
    assert dlq.stop() == OK
    assert sweep(world, "--json").out == []
    assert world.js.messages(ORIGIN) == [dead] and world.js.count(DLQ) == 1


class TestNobodyAliveIsTouched:
    @staticmethod
    def assert_untouched(world, *options):
        jobs = world.js.messages(ORIGIN)
        done = sweep(world, "--json", *options)
        assert done.code == OK and done.out == [], done.text
        assert world.js.messages(ORIGIN) == jobs and letters(world) == []
        return done

    def test_without_a_consumer(self, world):
        world.js.publish("orders.new", "order-0")
        self.assert_untouched(world)

    def test_waiting(self, world):
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(5))
        world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * SECOND])
        self.assert_untouched(world)

    def test_in_flight(self, world):
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(5))
        world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * SECOND])
        world.js.pull(ORIGIN, "processor", 3)
        self.assert_untouched(world)

    def test_in_backoff(self, world):
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(5))
        consumer = world.consumer("--fail-rate", "1", "--backoff", "1m")
        consumer.wait_for("error processing", times=5)
        self.assert_untouched(world)
        assert consumer.stop() == OK

    def test_on_its_last_attempt(self, world):
        """It is delivered for the last time and not over: the server counts a job out when the backoff has passed."""
        world.js.publish("orders.new", "order-0")
        world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": 1}, backoff=[60 * SECOND])
        world.js.pull(ORIGIN, "processor", 1)
        assert world.js.consumer(ORIGIN, "processor")["num_ack_pending"] == 1
        self.assert_untouched(world)

    def test_counted_by_the_workers(self, world):
        world.js.publish("orders.new", "order-0")
        consumer = world.consumer("--attempts", "2", "--fail-rate", "1", "--backoff", "1m")
        consumer.wait_for("error processing")
        self.assert_untouched(world)
        assert consumer.stop() == OK

    def test_of_a_stream_that_is_no_work_queue(self, world):
        config = {**world.js.stream(ORIGIN)["config"], "retention": "limits"}
        world.js.delete_stream(ORIGIN)
        world.js.create_stream(config)
        world.js.publish("orders.new", "order-0")
        assert world.consumer("--until-empty").wait() == OK  # done, and it stays
        refused = sweep(world)
        assert refused.code == 78 and "no work queue" in refused.text
        assert world.js.count(ORIGIN) == 1 and letters(world) == []

    def test_dead_ones_among_them(self, world):
        """Above the floor of a busy queue nothing can be proven; it is counted."""
        world.js.publish_all(("orders.new", body) for body in ("runs", "dies", "dies"))
        world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": 1}, backoff=[1 * SECOND])
        with first_of_three_kept(world):
            done = world.eventually(lambda: unproven(sweep(world)), "two are counted")
        assert done == 2 and len(world.js.messages(ORIGIN)) == 3 and letters(world) == []


@contextlib.contextmanager
def first_of_three_kept(world):
    """Of three jobs in flight the first is kept in progress, the others' only attempt runs out."""
    connection = Connection(world.js.url, 10)
    connection.send(b"SUB _INBOX.kept 1\r\n")
    ask = '{"batch":3,"expires":60000000000}'
    connection.send(frame(f"$JS.API.CONSUMER.MSG.NEXT.{ORIGIN}.processor", "_INBOX.kept", ask, None))
    for _ in range(3):
        connection.read_message()

    def keep():
        connection.send(f"PUB $JS.ACK.{ORIGIN}.processor.1.1.1.0.0 4\r\n+WPI\r\n".encode())
        world.js.pull(ORIGIN, "processor", 1)

    with contextlib.closing(connection), repeatedly(0.2, keep):
        yield


def unproven(done):
    assert done.code == OK, done.text
    return sum(map(int, done.found(r"(\d+) jobs may be dead")))


def test_jobs_that_no_filter_covers_are_reported(world):
    world.js.publish_all((f"orders.{kind}", "body") for kind in ("new", "old", "odd", "odd"))
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "filter_subject": "orders.new"})
    done = sweep(world)
    assert done.code == OK and world.js.count(ORIGIN) == 4 and letters(world) == []
    assert done.found(r"(\d+) jobs match no consumer's filter") == ["3"]
    assert done.found(r"e\.g\. on subject orders\.(old|odd)")


def test_run_says_once_that_no_filter_covers_them(world):
    world.js.publish("orders.odd", "body")
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "filter_subject": "orders.new"})
    dlq = world.dlq("--sweep-every", "100ms", *FAST)
    dlq.wait_for("1 job matches no consumer's filter")
    world.js.publish("orders.odd", "body")
    dlq.wait_for("2 jobs match no consumer's filter")
    assert dlq.stop() == OK
    assert len(dlq.found("match(?:es)? no consumer's filter")) == 2


def test_jobs_skipped_by_a_filter_that_was_changed(world):
    """They are below the floor and were never delivered: a letter, retired and put back, and that is the end of it."""
    world.js.publish_all((f"orders.{kind}", kind) for kind in ("old", "new"))
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "filter_subject": "orders.new"})
    consumer = world.start("consumer", ORIGIN, "orders.new", "--until-empty", "--log-level", "debug")
    world.eventually(lambda: not consumer.running, lambda: f"the new one is done: {world.js.consumer(ORIGIN, 'processor')}")
    assert consumer.wait() == OK, consumer.text
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "filter_subject": "orders.*"}, backoff=[5 * SECOND])
    assert world.js.consumer(ORIGIN, "processor")["num_pending"] == 0
    done = sweep(world)
    assert done.code == OK and [row.split()[-2] for row in done.out[1:]] == ["swept"]
    assert world.js.count(ORIGIN) == 0
    dlq = world.dlq("--sweep-every", "100ms", *FAST)
    assert work_all(world, 1) == {"old"}
    assert dlq.stop() == OK
