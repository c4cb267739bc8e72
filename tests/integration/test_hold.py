"""`dlq hold` collects the jobs that only an advisory names, and holds them with the waiting letters."""

import json
import time

import pytest

from support.dlq_verbs import at_terminal, bodies, dlq, jobs, objects, seqs
from support.exit_codes import CONFIG, NOPERM, OK, TEMPFAIL
from support.letters import COLLECT_DURABLE, letter, put, rfc3339
from support.local_server import LocalServer
from support.world import ADVISORIES, DLQ, ORIGIN, World, advisory

SUBJECT = f"{ADVISORIES}.processor"


def die(world, *names, **headers):
    """Jobs whose workers were killed in their last attempt, while no `dlq run` was there."""
    for name in names:
        world.js.publish("orders.new", name, **headers)
    return world.kill_jobs()


def assert_held(world, *names):
    """Each of them by value, once; nothing else is stored anywhere."""
    assert bodies(world.held()) == sorted(names) and world.js.count(DLQ) == len(names)
    assert jobs(world) == []


def test_hold_collects_announced_jobs_and_retry_puts_them_back(world):
    dead = die(world, "a", "b", Colour="blue")
    put(world, letter(77, "waiting", state="dead"))
    result = dlq(world, "hold", "--yes", "--json")
    assert result.code == OK and "3 held" in result.text, result.text
    assert sorted((row["seq"], row["did"]) for row in objects(result)) == sorted((seq, "held") for seq in [77, *(job.seq for job in dead)])
    assert_held(world, "a", "b", "waiting")
    held = {each.body: each.headers for each in world.held()}
    assert held["a"]["Natsq-Reason"] == "max deliveries" and held["a"]["Colour"] == "blue" and held["a"]["Natsq-Retries"] == "0"
    assert dlq(world, "retry", str(dead[0].seq), "--yes").code == OK
    [job] = jobs(world)
    assert (job.body, job.headers["Natsq-Retries"]) == ("a", "1")


def test_a_dry_run_and_the_question_count_announced_and_waiting(world):
    [job] = die(world, "a")
    put(world, letter(77, state="dead"))
    result = dlq(world, "hold", "--dry-run", "--json")
    assert result.code == OK and "would hold 1 announced, 1 waiting letters" in result.text
    assert [(row["seq"], row["state"], row["would"]) for row in objects(result)] == [(job.seq, "announced", "hold"), (77, "waiting", "hold")]
    code, shown = at_terminal(world, b"n\n", "hold")
    assert code == OK and "hold 1 announced, 1 waiting letters? [y/N]" in shown, shown
    assert world.js.consumers(DLQ) == [] and world.held() == [] and jobs(world) == [job]
    code, shown = at_terminal(world, b"y\n", "hold")
    assert code == OK and "2 held" in shown and len(world.held()) == 2


def test_hold_settles_advisories_that_are_not_true_any_more(world):
    die(world, "gone")
    world.js.purge(ORIGIN)
    [alive] = die(world, "alive")
    world.js.delete_consumer(ORIGIN, "processor")
    world.js.publish_all([(SUBJECT, advisory(4711))])
    result = dlq(world, "hold", "--yes")
    assert result.code == OK and "0 held" in result.text, result.text
    assert world.js.count(DLQ) == 0 and jobs(world) == [alive]


def test_two_advisories_about_one_job_make_one_letter(world):
    die(world, "a")
    [announced] = world.js.messages(DLQ)
    world.js.publish_all([(announced.subject, announced.body)] * 2)
    assert dlq(world, "hold", "--yes").code == OK
    assert_held(world, "a")


def test_a_job_with_a_waiting_letter_is_held_once(world):
    """Its worker was killed after it had stored the letter."""
    [job] = die(world, "a")
    put(world, letter(job.seq, "a", state="dead", ns=job.ns, Natsq_Died_At=rfc3339(time.time_ns())))
    assert dlq(world, "hold", "--yes").code == OK
    assert bodies(world.held()) == ["a"] and jobs(world) == []
    world.eventually(lambda: dlq(world, "hold", "--yes").code == OK and world.js.count(DLQ) == 1, "the advisory is settled")
    assert_held(world, "a")


def test_without_an_advisory_no_durable_for_them_is_created(world):
    put(world, letter(7, state="dead"))
    assert dlq(world, "hold", "--yes").code == OK
    assert world.js.consumers(DLQ) == ["letter_handler"]


def test_hold_names_the_subjects_that_a_dlq_stream_for_advisories_lacks(world):
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**world.js.stream(DLQ)["config"], "subjects": [f"{ADVISORIES}.*"]})
    [job] = die(world, "a")
    result = dlq(world, "hold", "--yes")
    assert result.code == CONFIG and f"natsq.dead.{ORIGIN}.>, natsq.held.{ORIGIN}.>" in result.text, result.text
    assert jobs(world) == [job] and world.js.count(DLQ) == 1


def test_advisories_that_are_in_flight_elsewhere_are_reported_and_the_letters_held(world):
    world.js.create_consumer(DLQ, durable_name=COLLECT_DURABLE, filter_subject=f"{ADVISORIES}.*")
    die(world, "a", "b", "c")
    world.js.pull(DLQ, COLLECT_DURABLE, 2)
    put(world, letter(77, "waiting", state="dead"))
    result = dlq(world, "hold", "--yes")
    assert result.code == TEMPFAIL and "2 advisories are in flight at a `run`" in result.lines[-1], result.text
    assert bodies(world.held()) == ["c", "waiting"] and bodies(jobs(world)) == ["a", "b"]


def test_a_full_dlq_stream_keeps_the_job_and_its_advisory(world):
    [job] = die(world, "a")
    config = world.js.stream(DLQ)["config"]
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**config, "max_msgs": 1})
    result = dlq(world, "hold", "--yes")
    assert result.code == TEMPFAIL and "1 announced job was not collected" in result.lines[-1], result.text
    assert jobs(world) == [job] and world.js.count(DLQ) == 1
    world.js.api(f"STREAM.UPDATE.{DLQ}", config)
    world.eventually(lambda: dlq(world, "hold", "--yes").code == OK, "the advisory is redelivered")
    assert_held(world, "a")


def test_hold_beside_a_run_holds_each_job_once(world):
    names = [f"order-{i}" for i in range(300)]
    world.js.publish_all([("orders.new", name) for name in names])
    world.kill_jobs()
    run = world.dlq("--retries", "0")
    assert dlq(world, "hold", "--yes").code in (OK, TEMPFAIL)
    world.eventually(lambda: len(world.held()) == len(names) and world.settled(), "all are held")
    assert_held(world, *names)
    assert run.stop() == OK


def test_many_announced_jobs_are_held_in_batches(world):
    names = [f"order-{i}" for i in range(3000)]
    world.js.publish_all([("orders.new", name) for name in names])
    world.kill_jobs()
    result = dlq(world, "hold", "--yes", "--json")
    assert result.code == OK and len(seqs(result)) == 3000, result.text
    assert [line.partition(" ")[2] for line in result.lines] == ["3000 held"]
    assert_held(world, *names)


@pytest.fixture(scope="module")
def denying(tmp_path_factory):
    config = tmp_path_factory.mktemp("denying") / "users.conf"
    deny = json.dumps({"publish": {"deny": [f"$JS.API.CONSUMER.CREATE.{DLQ}.{COLLECT_DURABLE}.>", f"$JS.API.CONSUMER.CREATE.{DLQ}.{COLLECT_DURABLE}"]}})
    users = "{user: app, password: p}, {user: limited, password: p, permissions: %s}" % deny
    config.write_text("accounts { APP { jetstream: enabled, users: [%s] } }\nno_auth_user: app\n" % users)
    with LocalServer().start(fast=True, config=config) as started:
        yield started


def test_without_permission_to_collect_hold_ends_at_once(denying, tmp_path):
    world = World(denying, tmp_path)
    world.create_streams()
    try:
        [job] = die(world, "a")
        result = dlq(world, "hold", "--yes", "--user", "limited", "--password", "p")
        assert result.code == NOPERM and f"CONSUMER.CREATE.{DLQ}.{COLLECT_DURABLE}" in result.lines[-1], result.text
        assert jobs(world) == [job] and world.js.count(DLQ) == 1
    finally:
        world.close()
