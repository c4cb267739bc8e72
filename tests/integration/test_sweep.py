"""Jobs that died without an advisory: sweep finds them and stores their letters. A job that is not surely dead is left alone."""

import contextlib
import json

from support.exit_codes import OK, TEMPFAIL
from support.jetstream import Connection, SECOND, frame, nanoseconds
from support.letters import letter, put
from support.periodic import repeatedly
from support.sweep import SHORT_WAIT, die_unnoticed, drop_advisories, exhaust_attempts, letters, process_all, sweep, update_dlq
from support.world import ADVISORIES, DLQ, ORIGIN, PROCESSOR


def test_a_job_whose_advisory_was_lost_is_swept_put_back_and_done(world):
    [dead] = die_unnoticed(world, "order-0")
    done = sweep(world)
    assert done.code == OK, done.text
    assert done.found("(1) dead job without a letter")
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
    assert process_all(world, 1) == {"order-0"}
    assert dlq.stop() == OK


def test_run_sweeps_by_itself(world):
    bodies = {f"order-{i}" for i in range(300)}
    die_unnoticed(world, *bodies)
    dlq = world.dlq("--sweep-every", "200ms", *SHORT_WAIT)
    world.eventually(lambda: len(dlq.found("died unnoticed: swept$")) == 300, "all are swept")
    assert process_all(world, 300) == bodies
    assert dlq.stop() == OK


def test_run_does_not_sweep_when_the_interval_is_0(world):
    [dead] = die_unnoticed(world, "order-0")
    dlq = world.dlq("--sweep-every", "0", "--sweep-wait", "0")
    world.js.publish("orders.new", "order-1")
    world.kill_jobs()
    dlq.wait_for("reprocessing order order-1$")
    assert dlq.stop() == OK and dead in world.js.messages(ORIGIN)


def test_jobs_that_died_without_any_advisory_stream_are_swept(world):
    drop_advisories(world)
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(3))
    exhaust_attempts(world, 3)
    assert world.js.last_seq(DLQ) == 0
    assert sweep(world).code == OK
    assert sorted(letter.body for letter in letters(world)) == ["order-0", "order-1", "order-2"]
    assert world.js.count(ORIGIN) == 0


def test_jobs_are_swept_once_a_full_dlq_has_room(world):
    world.js.publish_all([(f"{ADVISORIES}.filler", "x")])
    update_dlq(world, max_msgs=1)
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(3))
    exhaust_attempts(world, 3)
    refused = sweep(world)
    assert refused.code == TEMPFAIL, refused.text
    assert [row.split(None, 4)[4].rsplit(None, 1)[0] for row in refused.out[1:]] == ["refused (full: maximum messages exceeded)"] * 3
    shown = sweep(world, "--json")
    assert [json.loads(line)["why"] for line in shown.out] == ["full: maximum messages exceeded"] * 3
    assert world.js.count(ORIGIN) == 3
    update_dlq(world, max_msgs=-1)
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
    assert sweep(world).found("(1) dead job ")
    again = sweep(world, "--json")
    assert again.code == OK and again.found("(0) dead jobs") and again.out == []


def test_a_job_with_a_letter_is_only_retired(world):
    """As after a crash between letter and retire: the letter is not changed."""
    [dead] = die_unnoticed(world, "order-0")
    for state in "dead", "held":
        put(world, letter(1, "order-0", state, ns=dead.ns, Natsq_Retries="0"))
        done = sweep(world)
        assert done.code == OK and done.found("(0) dead jobs") and done.out == []
        [unchanged] = world.js.messages(DLQ)
        assert unchanged.headers["Natsq-Reason"] == "exit 1"
        assert world.js.count(ORIGIN) == 0
        world.js.purge(DLQ)
        world.js.delete_consumer(ORIGIN, "processor")
        config = world.js.stream(ORIGIN)["config"]
        world.js.delete_stream(ORIGIN)
        world.js.create_stream(config)
        [dead] = die_unnoticed(world, "order-0")


def test_a_body_that_fits_no_letter_stays_and_is_not_swept_again(world):
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


class TestLivingJobsAreUntouched:
    @staticmethod
    def assert_untouched(world, *options):
        jobs = world.js.messages(ORIGIN)
        done = sweep(world, "--json", *options)
        assert done.code == OK and done.out == [], done.text
        assert world.js.messages(ORIGIN) == jobs and letters(world) == []
        return done

    def test_a_job_without_a_consumer(self, world):
        world.js.publish("orders.new", "order-0")
        self.assert_untouched(world)

    def test_pending_jobs(self, world):
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(5))
        world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * SECOND])
        self.assert_untouched(world)

    def test_jobs_in_flight(self, world):
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(5))
        world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * SECOND])
        world.js.pull(ORIGIN, "processor", 3)
        self.assert_untouched(world)

    def test_jobs_in_backoff(self, world):
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(5))
        consumer = world.consumer("--fail-rate", "1", "--backoff", "1m")
        consumer.wait_for("error processing", times=5)
        self.assert_untouched(world)
        assert consumer.stop() == OK

    def test_a_job_on_its_last_attempt(self, world):
        """The server counts a job as dead only when the backoff of its last delivery has passed."""
        world.js.publish("orders.new", "order-0")
        world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": 1}, backoff=[60 * SECOND])
        world.js.pull(ORIGIN, "processor", 1)
        assert world.js.consumer(ORIGIN, "processor")["num_ack_pending"] == 1
        self.assert_untouched(world)

    def test_a_job_whose_attempts_the_workers_count(self, world):
        world.js.publish("orders.new", "order-0")
        consumer = world.consumer("--attempts", "2", "--fail-rate", "1", "--backoff", "1m")
        consumer.wait_for("error processing")
        self.assert_untouched(world)
        assert consumer.stop() == OK

    def test_jobs_of_a_stream_that_is_no_work_queue(self, world):
        config = {**world.js.stream(ORIGIN)["config"], "retention": "limits"}
        world.js.delete_stream(ORIGIN)
        world.js.create_stream(config)
        world.js.publish("orders.new", "order-0")
        assert world.consumer("--until-empty").wait() == OK  # done, and still stored
        refused = sweep(world)
        assert refused.code == 78 and "not a work queue" in refused.text
        assert world.js.count(ORIGIN) == 1 and letters(world) == []

    def test_dead_jobs_above_a_living_one_are_counted(self, world):
        """Above the acknowledgement floor of a busy queue a death cannot be proven."""
        world.js.publish_all(("orders.new", body) for body in ("runs", "dies", "dies"))
        world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": 1}, backoff=[1 * SECOND])
        with keep_first_of_three_in_progress(world):
            done = world.eventually(lambda: unproven(sweep(world)), "two are counted")
        assert done == 2 and len(world.js.messages(ORIGIN)) == 3 and letters(world) == []


@contextlib.contextmanager
def keep_first_of_three_in_progress(world):
    """Of three jobs in flight the first is kept in progress; the only attempt of the others expires."""
    connection = Connection(world.js.url, 10)
    connection.send(b"SUB _INBOX.kept 1\r\n")
    ask = '{"batch":3,"expires":60000000000}'
    connection.send(frame(f"$JS.API.CONSUMER.MSG.NEXT.{ORIGIN}.processor", "_INBOX.kept", ask, None))
    for _ in range(3):
        connection.read_message()

    def renew():
        connection.send(f"PUB $JS.ACK.{ORIGIN}.processor.1.1.1.0.0 4\r\n+WPI\r\n".encode())
        world.js.pull(ORIGIN, "processor", 1)

    with contextlib.closing(connection), repeatedly(0.2, renew):
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


def test_run_reports_jobs_that_no_filter_covers_once_per_count(world):
    world.js.publish("orders.odd", "body")
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "filter_subject": "orders.new"})
    dlq = world.dlq("--sweep-every", "100ms", *SHORT_WAIT)
    dlq.wait_for("1 job matches no consumer's filter")
    world.js.publish("orders.odd", "body")
    dlq.wait_for("2 jobs match no consumer's filter")
    assert dlq.stop() == OK
    assert len(dlq.found("match(?:es)? no consumer's filter")) == 2


def test_jobs_that_a_changed_filter_skipped_are_swept(world):
    """They are below the acknowledgement floor and were never delivered."""
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
    dlq = world.dlq("--sweep-every", "100ms", *SHORT_WAIT)
    assert process_all(world, 1) == {"old"}
    assert dlq.stop() == OK
