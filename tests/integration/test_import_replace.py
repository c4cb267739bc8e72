"""`dlq import` of an archive that somebody edited: --replace, and what it leaves after a crash."""

import signal

import pytest

from support.build import needs_fault_points
from support.dlq_verbs import BINARY, bodies, dead_original, dlq, jobs, objects, seqs, snapshot
from support.exit_codes import OK, TEMPFAIL
from support.letters import TIME, is_stopped, letter, put
from support.world import ADVISORIES, ORIGIN, advisory


EDIT = "order-5", "order-55"


@pytest.fixture
def edited(world, tmp_path):
    """An archive of the letters 5 and 6, in which 5 was edited; 7 is newer than it."""
    put(world, letter(5, "order-5", Colour="blue"), letter(6, "order-6"))
    file = tmp_path / "letters.jsonl"
    assert dlq(world, "export", "--all", "--jsonl", file).code == OK
    file.write_text(file.read_text().replace(*EDIT).replace("blue", "red"))
    put(world, letter(7, "order-7"))
    return file


def test_an_edited_letter_is_not_dropped_without_a_word(world, edited):
    before = snapshot(world)
    for options in [], ["--dry-run"]:
        result = dlq(world, "import", edited, "--yes", *options)
        assert result.code == TEMPFAIL and "# 5 is there already and differs: it is left as it is" in result.text, result.text
        assert "1 there already, 1 there already, but different" in result.text and "--replace" in result.text
    assert snapshot(world) == before
    result = dlq(world, "import", edited, "--yes", "--json")
    assert [(each["seq"], each["did"]) for each in objects(result)] == [(5, "left"), (6, "there already")]


def test_replace_stores_the_edited_letter_before_it_removes_the_other(world, edited):
    result = dlq(world, "import", edited, "--replace", "--dry-run")
    assert result.code == OK and "1 to import, 1 there already" in result.text, result.text
    result = dlq(world, "import", edited, "--replace", "--yes")
    assert result.code == OK and "1 imported, 1 there already" in result.text, result.text
    letters = {each.headers["Natsq-Origin-Seq"]: each for each in world.held()}
    assert bodies(letters.values()) == ["order-55", "order-6", "order-7"] and len(world.held()) == 3
    assert (letters["5"].headers["Natsq-Edited"], letters["5"].headers["Colour"]) == ("body,headers", "red")
    again = dlq(world, "import", edited, "--replace", "--yes")
    assert again.code == OK and "0 imported, 2 there already" in again.text and len(world.held()) == 3
    assert dlq(world, "retry", "5", "--yes").code == OK
    [job] = jobs(world)
    assert job.body == "order-55" and job.headers["Nats-Msg-Id"].startswith(f"retry:{ORIGIN}:5:{TIME + 5}:2:")


@needs_fault_points
def test_a_letter_that_was_replaced_meanwhile_is_left(world, edited, tmp_path):
    """By another import, between this one's look at it and its publish."""
    slow = world.dlq("import", edited, "--replace", "--yes", NATSQ_FAULT_POINT="import:replacing", NATSQ_FAULT_POINT_STOP="1")
    world.eventually(lambda: is_stopped(slow), "it has compared the letters")
    other = tmp_path / "other.jsonl"
    other.write_text(edited.read_text().replace("order-55", "order-56"))
    assert dlq(world, "import", other, "--replace", "--yes").code == OK
    slow.signal(signal.SIGCONT)
    assert slow.wait() == TEMPFAIL and slow.found("# 5 .*its letter was changed meanwhile"), slow.text
    assert bodies(world.held()) == ["order-56", "order-6", "order-7"]


def both_versions(world, edited):
    killed = dlq(world, "import", edited, "--replace", "--yes", NATSQ_FAULT_POINT="import:replaced")
    assert killed.code == -9
    assert bodies(world.held()) == ["order-5", "order-55", "order-6", "order-7"]


def test_after_a_kill_before_the_purge_the_newer_letter_counts(world, edited):
    both_versions(world, edited)
    assert seqs(dlq(world, "list", "--json")) == [6, 7, 5]
    shown = dlq(world, "show", "5", "--raw")
    assert shown.code == OK and shown.out == ["order-55"]
    assert dlq(world, "list", "--body", "order-5", "--json").out == []
    assert dlq(world, "retry", "--all", "--yes").code == OK
    assert bodies(jobs(world)) == ["order-55", "order-6", "order-7"] and world.held() == []


def test_after_a_kill_before_the_purge_the_import_can_be_repeated(world, edited):
    both_versions(world, edited)
    result = dlq(world, "import", edited, "--replace", "--yes")
    assert result.code == OK and "0 imported, 2 there already" in result.text, result.text
    assert bodies(world.held()) == ["order-55", "order-6", "order-7"]


def test_after_a_kill_before_the_purge_one_discard_is_enough(world, edited):
    both_versions(world, edited)
    assert dlq(world, "discard", "5", "--yes").code == OK
    assert bodies(world.held()) == ["order-6", "order-7"]


def test_the_newer_letter_counts_among_many_advisories(world, edited):
    """They have one subject in common, so that the number of subjects alone does not show it."""
    both_versions(world, edited)
    put(world, *((f"{ADVISORIES}.processor", advisory(seq), {}) for seq in range(100, 110)))
    assert dlq(world, "retry", "5", "--yes").code == OK
    assert bodies(jobs(world)) == ["order-55"] and bodies(world.held()) == ["order-6", "order-7"]


def test_an_edited_letter_that_waits_is_left(world, tmp_path):
    put(world, letter(5, "order-5", state="dead"))
    file = tmp_path / "letters.jsonl"
    assert dlq(world, "export", "--all", "--jsonl", file).code == OK
    assert dlq(world, "import", file, "--replace", "--yes").code == OK  # the same
    file.write_text(file.read_text().replace(*EDIT))
    result = dlq(world, "import", file, "--replace", "--yes")
    assert result.code == TEMPFAIL and "it waits for `run` already, and differs" in result.text, result.text


def test_the_edited_body_of_a_letter_by_reference_counts(world, tmp_path):
    job = dead_original(world, Natsq_Body="origin")
    file = tmp_path / "letters.jsonl"
    assert dlq(world, "export", "--all", "--jsonl", file).code == OK
    assert dlq(world, "import", file, "--replace", "--yes").found("0 imported, 1 there already$")
    file.write_text(file.read_text().replace("order-0", "order-1"))
    result = dlq(world, "import", file, "--yes")
    assert result.code == TEMPFAIL and "--replace" in result.text, result.text
    assert dlq(world, "import", file, "--replace", "--yes").code == OK
    [held] = world.held()
    assert held.body == "order-1" and "Natsq-Body" not in held.headers
    assert dlq(world, "retry", str(job.seq), "--yes").code == OK and bodies(jobs(world)) == ["order-1"]


@pytest.mark.parametrize("form_options", [[], ["--jsonl"]], ids=["protobuf", "jsonl"])
def test_odd_headers_survive(world, tmp_path, form_options):
    """Several values, an empty one, and one that is not UTF-8."""
    put(world, letter(5, BINARY, Empty="", Several="1\r\nSeveral: 2\r\nSeveral: ", Quote='a "b\\ : c'))
    before = snapshot(world)
    assert dlq(world, "export", "--all", tmp_path / "a", *form_options).code == OK
    assert dlq(world, "import", tmp_path / "a", "--yes").found("0 imported, 1 there already$")
    assert dlq(world, "discard", "--all", "--yes").code == OK
    assert dlq(world, "import", tmp_path / "a", "--yes").found("1 imported$")
    assert snapshot(world) == before
