"""Dead jobs that only an advisory names (`announced`): `list`, `show` and `stats` see them as long as they are true, once."""

import json

import pytest

from support.api_proxy import ApiProxy
from support.dlq_verbs import dlq, objects
from support.exit_codes import OK, UNAVAILABLE
from support.jetstream import JetStream
from support.letters import letter, put
from support.local_server import LocalServer
from support.world import ADVISORIES, DLQ, ORIGIN, World, advisory

SUBJECT = f"{ADVISORIES}.processor"
FAST_SECONDS = 10


def die(world, *bodies, **headers):
    """Jobs whose workers were killed in their last attempt, while no `dlq run` was there."""
    for body in bodies:
        world.js.publish("orders.new", body, **headers)
    return world.kill_jobs()


def listed(world, *selectors):
    """{(seq, state)} of each row, which `list` shows once."""
    rows = [(row["seq"], row["state"]) for row in objects(dlq(world, "list", "--json", *selectors))]
    assert len(rows) == len(set(rows)), rows
    return set(rows)


def counts(world, *options):
    """(announced, waiting, held), which the text says too."""
    [found] = objects(dlq(world, "stats", "--json", *options))
    numbers = found["announced"], found["waiting"], found["held"]
    assert "{} announced, {} waiting, {} held".format(*numbers) in dlq(world, "stats", *options).out[0]
    return numbers


def test_a_job_that_only_an_advisory_names_is_announced(world):
    [job] = die(world, "order-0", Nats_Msg_Id="id-0")
    [row] = objects(dlq(world, "list", "--json"))
    [announced] = world.js.messages(DLQ)
    assert {name: row[name] for name in ("seq", "subject", "consumer", "state", "reason", "tries", "retries")} == {
        "seq": job.seq,
        "subject": "orders.new",
        "consumer": "processor",
        "state": "announced",
        "reason": "max deliveries",
        "tries": json.loads(announced.body)["deliveries"],
        "retries": 0,
    }
    assert row["died"][:23] == json.loads(announced.body)["timestamp"][:23] and "error" not in row
    table = dlq(world, "list").out
    assert any(line.split()[:2] == [str(job.seq), "announced"] and " orders.new " in line for line in table), table
    assert counts(world) == (1, 0, 0)
    [by_reason] = [objects(dlq(world, "stats", "--json"))[0]["reason"]]
    assert by_reason["max deliveries"]["announced"] == 1
    assert world.js.messages(DLQ) == [announced] and world.js.messages(ORIGIN) == [job]  # nothing was changed


def test_show_prints_an_announced_job_with_its_body_from_the_origin(world):
    [job] = die(world, "the body", Colour="blue")
    text = "\n".join(dlq(world, "show", str(job.seq)).out)
    assert "state     announced" in text and "only an advisory" not in text
    assert "Colour: blue" in text and "body, 8 bytes, from the origin" in text and text.endswith("the body")
    assert dlq(world, "show", str(job.seq), "--raw").out == ["the body"]
    [shown] = objects(dlq(world, "show", str(job.seq), "--json"))
    assert (shown["state"], shown["body"], shown["headers"]) == ("announced", "the body", {"Colour": ["blue"]})


@pytest.mark.parametrize(
    "selectors, seqs",
    [
        ([], {1, 2, 3}),
        (["2"], {2}),
        (["2-9"], {2, 3}),
        (["_2"], set()),
        (["--subject", "orders.new"], {1, 2, 3}),
        (["--subject", "returns.*"], set()),
        (["--consumer", "processor"], {1, 2, 3}),
        (["--consumer", "another"], set()),
        (["--reason", "max *"], {1, 2, 3}),
        (["--reason", "exit *"], set()),
        (["--older-than", "1h"], set()),
        (["--limit", "2"], {1, 2}),
        (["--state", "announced"], {1, 2, 3}),
        (["--state", "waiting,held"], set()),
        (["--body", "b*"], {2}),
        (["--header", "Colour: blue"], {1, 2, 3}),
        (["--job-id", "id-*"], set()),
    ],
    ids=str,
)
def test_selectors_apply_to_announced_jobs(world, selectors, seqs):
    die(world, "a", "b", "c", Colour="blue")
    assert listed(world, *selectors) == {(seq, "announced") for seq in seqs}


def test_two_advisories_about_one_job_count_once(world):
    die(world, "order-0")
    [announced] = world.js.messages(DLQ)
    world.js.publish_all([(announced.subject, announced.body)] * 3)
    assert listed(world) == {(1, "announced")} and counts(world) == (1, 0, 0)


def test_a_job_with_a_letter_is_not_announced_as_well(world):
    for state in "dead", "held":
        world.js.purge(DLQ), world.js.purge(ORIGIN)
        [job] = die(world, "order-0")
        put(world, letter(job.seq, "order-0", state=state, ns=job.ns))
        assert listed(world) == {(job.seq, "waiting" if state == "dead" else "held")}


def test_the_letter_of_another_job_with_the_same_sequence_hides_nothing(world):
    [job] = die(world, "order-0")
    put(world, letter(job.seq, "an earlier job", ns=job.ns - 1))
    assert listed(world) == {(job.seq, "announced"), (job.seq, "held")} and counts(world) == (1, 0, 1)


def test_a_collected_job_is_not_announced(world):
    [job] = die(world, "order-0")
    run = world.dlq("--retries", "0")
    world.eventually(lambda: len(world.held()) == 1 and world.settled(), "it is held")
    assert run.stop() == OK
    assert listed(world) == {(job.seq, "held")} and counts(world) == (0, 0, 1)


@pytest.mark.parametrize("state", ["dead", "held"])
def test_a_job_that_is_collected_while_it_is_listed_is_listed_once(world, state):
    """It was listed as announced when its letter is stored, which is read after that."""
    [job] = die(world, "order-0")
    js = JetStream(world.server.url)

    def collect(answer):
        if f"STREAM.MSG.GET.{ORIGIN}" in proxy.asked:
            js.publish_all([letter(job.seq, "order-0", state=state, ns=job.ns)])
            del proxy.changes[f"STREAM.INFO.{DLQ}"]
            answer["state"].update(js.stream(DLQ)["state"])

    with ApiProxy(world.server.url, {f"STREAM.INFO.{DLQ}": collect}) as proxy:
        result = dlq(world, "list", "--json", "--js-api-prefix", ApiProxy.PREFIX)
    assert [(row["seq"], row["state"]) for row in objects(result)] == [(job.seq, "announced")], result.text
    assert listed(world) == {(job.seq, "waiting" if state == "dead" else "held")}


def test_a_job_that_is_gone_is_not_announced(world):
    die(world, "order-0")
    world.js.purge(ORIGIN)
    assert listed(world) == set() and counts(world) == (0, 0, 0)


def test_a_job_that_is_newer_than_the_advisory_is_not_announced(world):
    world.js.publish("orders.new", "alive")
    world.consumer("--fail-rate", "1", "--count", "1").wait()
    world.js.publish_all([(SUBJECT, advisory(1, timestamp="2020-01-01T00:00:00Z"))])
    assert listed(world) == set()


def test_a_job_whose_consumer_was_recreated_is_not_announced(world):
    die(world, "order-0")
    world.js.delete_consumer(ORIGIN, "processor")
    assert listed(world) == set()
    world.consumer("--fail-rate", "1", "--count", "1", "--backoff", "1m").wait()
    assert listed(world) == set() and counts(world) == (0, 0, 0)


def test_an_unreadable_advisory_is_passed_over(world):
    die(world, "order-0")
    world.js.publish_all([(SUBJECT, "this is not JSON"), (SUBJECT, "")])
    assert listed(world) == {(1, "announced")}


def test_a_dlq_stream_for_advisories_alone_shows_what_they_announce(world):
    world.js.delete_stream(DLQ)
    world.js.create_stream({"name": DLQ, "subjects": [f"{ADVISORIES}.*"], "retention": "workqueue", "allow_direct": True})
    die(world, "order-0")
    assert listed(world) == {(1, "announced")} and counts(world) == (1, 0, 0)


def test_a_dlq_stream_without_advisories_announces_nothing(world):
    world.js.delete_stream(DLQ)
    letters = [f"natsq.{state}.{ORIGIN}.>" for state in ("dead", "held")]
    world.js.create_stream({"name": DLQ, "subjects": letters, "retention": "workqueue", "allow_direct": True})
    put(world, letter(7))
    assert listed(world) == {(7, "held")} and counts(world) == (0, 0, 1)


def test_many_announced_jobs_are_judged_in_batches(world):
    world.js.publish_all([("orders.new", f"order-{i}") for i in range(5000)])
    assert len(world.kill_jobs()) == 5000
    for verb in "list", "stats":
        result = dlq(world, verb, "--json")
        assert result.code == OK and result.seconds < FAST_SECONDS, result.seconds
    assert counts(world) == (5000, 0, 0)


def test_a_verb_that_acts_on_held_letters_says_that_a_job_is_announced(world, tmp_path):
    die(world, "order-0")
    for verb in "retry", "discard":
        result = dlq(world, verb, "1", "--yes")
        assert result.code == UNAVAILABLE and "no such held letter in orders_unprocessed: # 1 " in result.lines[-1], result.text
        assert result.found(r"1 letter that matches is not held yet \(1 announced\): .* `hold` holds it"), result.text
    result = dlq(world, "export", "1", tmp_path / "letters")
    assert result.code == UNAVAILABLE and "# 1 " in result.lines[-1] and "an announced job has none yet: `hold`" in result.lines[-1]
    assert world.js.count(DLQ) == world.js.count(ORIGIN) == 1


# ---- permissions

API = "$JS.API."
NEEDED = [f"{API}STREAM.MSG.GET.{ORIGIN}", f"{API}CONSUMER.INFO.{ORIGIN}.processor", f"{API}STREAM.MSG.GET.{DLQ}"]


@pytest.fixture(scope="module")
def denying(tmp_path_factory):
    users = ["user: app, password: p"]
    users += [f"user: u{i}, password: p, permissions: " + json.dumps({"publish": {"deny": [subject]}}) for i, subject in enumerate(NEEDED)]
    config = tmp_path_factory.mktemp("denying") / "users.conf"
    config.write_text("accounts { APP { jetstream: enabled, users: [%s] } }\nno_auth_user: app\n" % ", ".join("{%s}" % user for user in users))
    with LocalServer().start(fast=True, config=config) as started:
        yield started


@pytest.mark.parametrize("i", range(len(NEEDED)), ids=NEEDED)
def test_without_permission_to_judge_the_letters_are_shown_with_a_warning(denying, tmp_path, i):
    world = World(denying, tmp_path)
    world.create_streams()
    try:
        die(world, "order-0")
        put(world, letter(77))
        user = "--user", f"u{i}", "--password", "p"
        for verb in "list", "stats":
            result = dlq(world, verb, "--json", *user)
            assert result.code == OK and result.seconds < 3, result.text
            [warning] = result.found("WARNING: jobs that only an advisory names are not shown: .*")
            assert NEEDED[i] in warning, result.text
        assert objects(result)[0]["announced"] is None and objects(result)[0]["held"] == 1
        assert "? announced, 0 waiting, 1 held" in dlq(world, "stats", *user).out[0]
    finally:
        world.close()
