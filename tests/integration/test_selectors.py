"""Which letters the verbs of dlq select."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from support.dlq_verbs import dead_original, dlq, objects, seqs
from support.exit_codes import OK, UNAVAILABLE, USAGE
from support.letters import letter, put, put_many


def ago(**time):
    return f"{datetime.now(timezone.utc) - timedelta(**time):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def letters(world):
    """Held letters 1 to 4, and 5, which waits."""
    put(
        world,
        letter(1, '{"order": 4711}', Tenant="acme", Natsq_Job_Id="order-1", Natsq_Died_At=ago(minutes=5)),
        letter(2, "a\x00b 4711\n", tenant="acme-eu", Natsq_Job_Id="order-2"),
        letter(3, "", Tenant="other", Natsq_Was_Nats_Msg_Id="invoice-3"),
        letter(4, "order-4"),
        letter(5, "order-5", state="dead", Tenant="acme"),
    )
    return world


SELECTED = [
    (["--header", "Tenant: acme*"], [5, 1, 2]),
    (["--header", "TENANT:acme"], [5, 1]),
    (["--header", "Nats-Msg-Id: invoice-?"], [3]),
    (["--header", "Tenant: *", "--header", "Natsq-Job-Id: *"], [1, 2]),
    (["--header", "Nothing: *"], []),
    (["--body", "*4711*"], [1, 2]),
    (["--body", "4711"], []),
    (["--body", "a?b*"], [2]),
    (["--job-id", "order-*"], [1, 2]),
    (["--newer-than", "1h"], [1]),
    (["--older-than", "1h", "--state", "held"], [2, 3, 4]),
    (["--state", "waiting"], [5]),
    (["--state", "waiting,held", "--limit", "2"], [5, 1]),
    (["--limit", "2"], [5, 1]),
    (["2-3", "--header", "Tenant: *"], [2, 3]),
]


@pytest.mark.parametrize("options, expected", SELECTED, ids=lambda value: " ".join(map(str, value)))
def test_a_letter_is_selected_by(letters, options, expected):
    result = dlq(letters, "list", "--json", *options)
    assert result.code == OK and seqs(result) == expected, result.text


def held(world):
    return sorted(int(each.headers["Natsq-Origin-Seq"]) for each in world.held())


ACME = "--header", "tenant: acme*"


@pytest.mark.parametrize(
    "verb, left",
    [
        (["retry", "--yes"], [3, 4]),
        (["discard", "--yes"], [3, 4]),
        (["list"], [1, 2, 3, 4]),
        (["show"], [1, 2, 3, 4]),
        (["stats"], [1, 2, 3, 4]),
        (["export", "--jsonl"], [1, 2, 3, 4]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_every_verb_that_selects_takes_every_selector(letters, verb, left):
    selectors = [*ACME, "--body", "*4711*", "--job-id", "order-*", "--state", "held", "--older-than", "1s"]
    assert dlq(letters, *verb, *selectors).code == OK and held(letters) == left


def test_import_selects_too(letters, tmp_path):
    file = tmp_path / "letters.natsq"
    assert dlq(letters, "export", "--all", file).code == OK
    assert dlq(letters, "discard", "--all", "--yes").code == OK
    assert dlq(letters, "import", file, "--yes", *ACME, "--state", "held", "--body", "*4711*").code == OK
    assert held(letters) == [1, 2]
    result = dlq(letters, "import", file, "--yes", "4", "77", "_8")
    assert result.code == UNAVAILABLE and f"no such letter in {file}: # 77, # _8" in result.text, result.text
    assert held(letters) == [1, 2, 4]


def test_a_limit_alone_selects(world):
    put_many(world, 10)
    assert dlq(world, "discard", "--limit", "4", "--yes").code == OK
    assert held(world) == [5, 6, 7, 8, 9, 10]


def test_the_body_of_a_letter_by_reference_is_that_of_its_original(world):
    job = dead_original(world, "order 4711", Natsq_Body="origin")
    put(world, letter(90, "order 4711"), letter(91, "another"))
    assert seqs(dlq(world, "list", "--json", "--body", "*4711")) == [job.seq, 90]


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_a_verb_for_held_letters_refuses_another_state(world, verb):
    result = dlq(world, verb, "--state", "waiting", "--yes")
    assert result.code == USAGE and f"{verb} acts on held letters only, not on --state waiting" in result.text
    assert dlq(world, verb, "--state", "held", "--yes").code == OK


@pytest.mark.parametrize(
    "options, message",
    [
        (["--state", "hold"], "--state 'hold' is not one of announced, waiting and held"),
        (["--header", "Tenant"], "--header 'Tenant' is not 'NAME: GLOB'"),
        (["--header", ": x"], "--header ': x' is not"),
        (["--newer-than", "0"], "--newer-than"),
    ],
)
def test_a_selector_that_cannot_match_is_a_usage_error(world, options, message):
    result = dlq(world, "list", *options)
    assert result.code == USAGE and message in result.text, result.text


@pytest.mark.parametrize(
    "verb, left",
    [
        (["list"], [1, 2, 3, 4]),
        (["show"], [1, 2, 3, 4]),
        (["export", "--jsonl"], [1, 2, 3, 4]),
        (["retry", "--yes"], [3, 4]),
        (["discard", "--yes"], [3, 4]),
        (["retry", "--dry-run"], [1, 2, 3, 4]),
        (["discard", "--dry-run"], [1, 2, 3, 4]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_a_missing_sequence_is_an_error_after_the_rest_is_done(letters, verb, left):
    result = dlq(letters, *verb, "1", "77", "2", "_8", "90-99")
    assert result.code == UNAVAILABLE and "letter in orders_unprocessed: # 77, # _8 (see `list`" in result.text, result.text
    assert held(letters) == left
    if verb[0] in ("list", "show", "export"):
        assert any("4711" in line or line.startswith("1 ") for line in result.out)


@pytest.mark.parametrize("verb", [["list"], ["retry", "--yes"]], ids=lambda value: value[0])
def test_a_sequence_that_another_selector_leaves_out_is_there(letters, verb):
    assert dlq(letters, *verb, "3", "4", "--reason", "timeout *").code == OK
    assert dlq(letters, *verb, "3", "--consumer", "other").code == OK
    assert dlq(letters, *verb, "3", "77", "--consumer", "other").code == UNAVAILABLE
    assert held(letters) == [1, 2, 3, 4]


def test_stats_of_a_missing_sequence_is_an_error(letters):
    result = dlq(letters, "stats", "1", "77")
    assert result.code == UNAVAILABLE and "no such letter in orders_unprocessed: # 77 " in result.text


def test_a_limit_that_was_reached_leaves_no_sequence_missing(letters):
    assert dlq(letters, "list", "1", "2", "77", "--limit", "2").code == OK


def test_a_letter_that_is_not_held_yet_is_no_letter_to_retry(letters):
    result = dlq(letters, "retry", "4", "5", "--yes")
    assert result.code == UNAVAILABLE and "no such held letter in orders_unprocessed: # 5 " in result.text
    assert "1 letter that matches is not held yet (1 waiting): `run` decides it, `hold` holds it" in result.text
    assert held(letters) == [1, 2, 3]


def test_a_glob_of_many_stars_does_not_take_long(world):
    put(world, letter(1, "a" * 500_000))
    assert objects(dlq(world, "list", "--json", "--body", "*a*a*a*a*a*a*b")) == []


def test_json_of_a_dry_run_is_about_the_selected(letters):
    result = dlq(letters, "discard", "--job-id", "order-1", "--dry-run", "--json")
    assert [(row["seq"], row["would"]) for row in map(json.loads, result.out)] == [(1, "discard")]
