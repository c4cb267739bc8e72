"""An origin that stores subjects other than those it listens to: a subject transform, or sources."""

import pytest

from support.doctor import doctor, make_worker, not_good, recreate_stream
from support.exit_codes import CONFIG, OK
from support.handler_command import NOTE, Record, dead_letters, sh, work
from support.world import DLQ, ORIGIN

SOURCE = "orders_source"
MAPPED = {"subject_transform": {"src": "orders.*", "dest": "jobs.{{wildcard(1)}}"}}
SOURCED = {"subjects": [], "sources": [{"name": SOURCE}]}
SOURCED_AND_MAPPED = {
    "subjects": [],
    "sources": [{"name": SOURCE, "subject_transforms": [{"src": "source.*", "dest": "jobs.{{wildcard(1)}}"}]}],
}
NO_WAY_BACK = {
    "subjects": [],
    "sources": [{"name": SOURCE, "subject_transforms": [{"src": "source.*", "dest": "jobs.{{partition(1,1)}}"}]}],
}
PUBLISHED_STORED = pytest.mark.parametrize(
    "changes, published, stored",
    [(MAPPED, "orders.a", "jobs.a"), (SOURCED, "source.a", "source.a"), (SOURCED_AND_MAPPED, "source.a", "jobs.a")],
    ids=["mapped", "sourced", "sourced and mapped"],
)


@pytest.fixture(autouse=True)
def source(world):
    world.js.create_stream({"name": SOURCE, "subjects": ["source.*"]})
    yield
    world.js.delete_stream(SOURCE)


def filter_for(stored):
    return stored.rpartition(".")[0] + ".*"


@PUBLISHED_STORED
def test_the_filter_is_compared_with_the_stored_subjects(world, changes, published, stored):
    recreate_stream(world, ORIGIN, **changes)
    world.js.publish(published, "one\n")
    done = Record(world)
    worker = work(world, sh(NOTE + '; echo "$NATSQ_SUBJECT" >>"$1"', done), "--count", "1", filters=[filter_for(stored)])
    assert worker.wait() == OK, worker.text
    assert done.lines == ["one", stored]


@pytest.mark.parametrize(
    "changes, words",
    [(MAPPED, "it stores jobs.*"), (SOURCED_AND_MAPPED, "it stores jobs.*"), ({}, "it stores orders.*")],
    ids=["mapped", "sourced and mapped", "plain"],
)
def test_a_filter_that_no_stored_subject_can_match_is_refused(world, changes, words):
    recreate_stream(world, ORIGIN, **changes)
    filters = ["orders.*"] if changes else ["jobs.*"]
    worker = work(world, sh("true"), "--until-empty", filters=filters)
    assert worker.wait() == CONFIG and words in worker.lines[-1], worker.text
    assert world.js.consumers(ORIGIN) == []


def test_a_filter_that_no_job_matches_yet_is_warned_of(world):
    """What another stream will send is not known, so the worker waits."""
    recreate_stream(world, ORIGIN, **SOURCED)
    assert work(world, sh("true"), "--until-empty", "--durable", "one", filters=["source.*"]).wait() == OK
    assert world.programs[-1].events == []
    world.js.delete_consumer(ORIGIN, "one")
    world.js.publish("source.a", "one")
    world.eventually(lambda: world.js.count(ORIGIN) == 1, "it is stored")
    worker = work(world, sh("true"), "--until-empty", filters=["typo.*"])
    assert worker.wait() == OK and f"no job in {ORIGIN} matches FILTER 'typo.*'" in worker.text


@PUBLISHED_STORED
def test_a_dead_job_is_put_back_through_the_way_it_came(world, changes, published, stored):
    recreate_stream(world, ORIGIN, **changes)
    world.js.publish(published, "one\n")
    filters = [filter_for(stored)]
    assert work(world, sh("exit 1"), "--count", "1", "--max-deliver", "1", filters=filters).wait() == OK
    world.eventually(lambda: dead_letters(world), "it is dead")
    runs, done = world.dlq(), Record(world)
    world.eventually(lambda: [job.subject for job in world.js.messages(ORIGIN)] == [stored], "it is back")
    [job] = world.js.messages(ORIGIN)
    assert job.headers["Natsq-Origin-Subject"] == stored and job.headers["Natsq-Retries"] == "1"
    assert work(world, sh(NOTE, done), "--count", "1", filters=filters).wait() == OK
    assert done.lines == ["one"] and runs.stop() == OK


def test_a_job_without_a_way_back_is_held_and_retry_says_why(world):
    recreate_stream(world, ORIGIN, **NO_WAY_BACK)
    world.js.publish("source.a", "one\n")
    assert work(world, sh("exit 1"), "--count", "1", "--max-deliver", "1", filters=["jobs.*"]).wait() == OK
    world.eventually(lambda: dead_letters(world), "it is dead")
    runs = world.dlq()
    runs.wait_for(f"# 1: no message can be published into {ORIGIN} as jobs.0: held; retry --to puts it back$")
    world.eventually(world.held, "it is held")
    assert runs.stop() == OK
    retried = world.run("dlq", DLQ, ORIGIN, "retry", "--all", "--yes")
    assert "retry --to SUBJECT" in "\n".join([*retried.out, *retried.lines]) and world.held()
    assert world.run("dlq", DLQ, ORIGIN, "retry", "--all", "--yes", "--to", "source.a").code == OK
    world.eventually(lambda: [job.subject for job in world.js.messages(ORIGIN)] == ["jobs.0"], "it is back")
    assert not world.held()


def test_a_job_is_put_back_only_into_the_stream_that_feeds_the_origin(world):
    """Another stream with that subject would store the job."""
    recreate_stream(world, ORIGIN, **SOURCED)
    world.js.publish("source.a", "one\n")
    assert work(world, sh("exit 1"), "--count", "1", "--max-deliver", "1", filters=["source.*"]).wait() == OK
    world.eventually(lambda: dead_letters(world), "it is dead")
    world.js.delete_stream(SOURCE)
    world.js.create_stream({"name": "thief", "subjects": ["source.*"]})
    try:
        runs = world.dlq()
        runs.wait_for("# 1 is not taken by")
        assert world.js.count("thief") == 0 and dead_letters(world)
        assert runs.stop() == OK
    finally:
        world.js.delete_stream("thief")


def test_doctor_compares_filters_with_the_stored_subjects(world):
    recreate_stream(world, ORIGIN, **MAPPED)
    make_worker(world, filter_subject="jobs.*")
    assert "filters" not in {check for check, _ in not_good(doctor(world))}
    world.js.delete_consumer(ORIGIN, "processor")
    make_worker(world)
    rows = [row["text"] for row in doctor(world) if row["check"] == "filters"]
    assert any("orders.* of consumer processor matches nothing that the stream stores: jobs.*" in text for text in rows), rows
    world.js.publish("orders.a", "one")
    rows = [row["text"] for row in doctor(world) if row["check"] == "filters"]
    assert any("1 job matches no consumer's filter, e.g. on subject jobs.a" in text for text in rows), rows
