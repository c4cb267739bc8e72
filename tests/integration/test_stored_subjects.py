"""An origin whose stored subjects are not those that it listens to: a subject transform, or sources."""

import pytest

from support.doctor import bad, doctor, make_anew, make_worker
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
ONE_WAY = {
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


def only_a(stored):
    return stored.rpartition(".")[0] + ".*"


@PUBLISHED_STORED
def test_the_filter_is_judged_by_what_is_stored(world, changes, published, stored):
    make_anew(world, ORIGIN, **changes)
    world.js.publish(published, "one\n")
    done = Record(world)
    worker = work(world, sh(NOTE + '; echo "$NATSQ_SUBJECT" >>"$1"', done), "--count", "1", filters=[only_a(stored)])
    assert worker.wait() == OK, worker.text
    assert done.lines == ["one", stored]


@pytest.mark.parametrize(
    "changes, words",
    [(MAPPED, "it stores jobs.*"), (SOURCED_AND_MAPPED, "it stores jobs.*"), ({}, "it stores orders.*")],
    ids=["mapped", "sourced and mapped", "plain"],
)
def test_a_filter_that_nothing_stored_can_match(world, changes, words):
    make_anew(world, ORIGIN, **changes)
    filters = ["orders.*"] if changes else ["jobs.*"]
    worker = work(world, sh("true"), "--until-empty", filters=filters)
    assert worker.wait() == CONFIG and words in worker.lines[-1], worker.text
    assert world.js.consumers(ORIGIN) == []


def test_a_filter_that_nothing_matches_yet(world):
    """What another stream will send is not known: the worker waits, and says so."""
    make_anew(world, ORIGIN, **SOURCED)
    assert work(world, sh("true"), "--until-empty", "--durable", "one", filters=["source.*"]).wait() == OK
    assert world.programs[-1].lines == []
    world.js.delete_consumer(ORIGIN, "one")
    world.js.publish("source.a", "one")
    world.eventually(lambda: world.js.count(ORIGIN) == 1, "it is there")
    worker = work(world, sh("true"), "--until-empty", filters=["typo.*"])
    assert worker.wait() == OK and f"no job in {ORIGIN} matches FILTER 'typo.*'" in worker.text


@PUBLISHED_STORED
def test_a_dead_job_is_put_back(world, changes, published, stored):
    make_anew(world, ORIGIN, **changes)
    world.js.publish(published, "one\n")
    filters = [only_a(stored)]
    assert work(world, sh("exit 1"), "--count", "1", "--max-deliver", "1", filters=filters).wait() == OK
    world.eventually(lambda: dead_letters(world), "it is dead")
    runs, done = world.dlq(), Record(world)
    world.eventually(lambda: [job.subject for job in world.js.messages(ORIGIN)] == [stored], "it is back")
    [job] = world.js.messages(ORIGIN)
    assert job.headers["Natsq-Origin-Subject"] == stored and job.headers["Natsq-Retries"] == "1"
    assert work(world, sh(NOTE, done), "--count", "1", filters=filters).wait() == OK
    assert done.lines == ["one"] and runs.stop() == OK


def test_where_nothing_leads_back_the_job_is_held_and_retry_says_why(world):
    make_anew(world, ORIGIN, **ONE_WAY)
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


def test_a_put_back_is_for_the_stream_that_feeds_the_origin_alone(world):
    """Another stream that has the subject would keep the job for itself."""
    make_anew(world, ORIGIN, **SOURCED)
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


def test_doctor_judges_filters_by_what_is_stored(world):
    make_anew(world, ORIGIN, **MAPPED)
    make_worker(world, filter_subject="jobs.*")
    assert "filters" not in {check for check, _ in bad(doctor(world))}
    world.js.delete_consumer(ORIGIN, "processor")
    make_worker(world)
    rows = [row["text"] for row in doctor(world) if row["check"] == "filters"]
    assert any("orders.* of consumer processor matches nothing that the stream stores: jobs.*" in text for text in rows), rows
    world.js.publish("orders.a", "one")
    rows = [row["text"] for row in doctor(world) if row["check"] == "filters"]
    assert any("1 job matches no consumer's filter, e.g. on subject jobs.a" in text for text in rows), rows
