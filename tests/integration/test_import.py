"""`dlq hold`, `dlq export` and `dlq import`: letters are held, written to a file and read back."""

import signal
import subprocess

import pytest

from support.build import BIN
from support.dlq_verbs import BINARY, STREAMS, bodies, dead_original, dlq, jobs, objects, seqs, snapshot
from support.exit_codes import CONFIG, DATAERR, OK, TEMPFAIL
from support.letters import letter, put, put_many
from support.world import DLQ, ORIGIN


each_form = pytest.mark.parametrize("form_options", [[], ["--jsonl"]], ids=["protobuf", "jsonl"])


def test_a_header_name_that_json_cannot_hold_is_not_dropped(world, tmp_path):
    put(world, letter(5, "order-5", **{"N\udcff": "x"}))
    file = tmp_path / "letters"
    result = dlq(world, "export", "--all", "--jsonl", file)
    assert result.code == DATAERR and "header whose name is not UTF-8" in result.text and not file.exists(), result.text
    [shown] = objects(dlq(world, "list", "--json"))
    assert (shown["seq"], shown["headers"]) == (5, None)
    before = snapshot(world)
    assert dlq(world, "export", "--all", file).code == OK
    assert dlq(world, "discard", "5", "--yes").code == OK
    assert dlq(world, "import", file, "--yes").code == OK
    assert snapshot(world) == before


@each_form
def test_hold_discard_import_within_the_duplicate_window(world, tmp_path, form_options):
    """All letters come back unchanged; the duplicate window drops none."""
    put_many(world, 300, state="dead")
    put(world, letter(1001, BINARY), letter(1002, "", Natsq_Error="boom", Colour="blue"))
    held = dlq(world, "hold", "--yes")
    assert held.code == OK and "300 held" in held.text, held.text
    before = snapshot(world)
    assert len(before) == 302
    file = tmp_path / "letters.natsq"
    assert dlq(world, "export", file, *form_options).code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK and world.held() == []
    result = dlq(world, "import", file, "--yes")
    assert result.code == OK and "302 imported" in result.text, result.text
    assert snapshot(world) == before
    result = dlq(world, "import", file, "--yes", "--json")
    assert result.code == OK and "0 imported, 302 there already" in result.text
    assert {each["did"] for each in objects(result)} == {"there already"}
    assert snapshot(world) == before
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["letters.natsq"]
    assert file.stat().st_mode & 0o077 == 0


@each_form
def test_letters_pass_from_stdout_to_stdin(world, form_options):
    put(world, letter(1, BINARY), letter(2, "text"))
    program = BIN / "dlq"
    server = ["--server", world.server.url]
    before = snapshot(world)
    out = subprocess.run([program, *STREAMS, "export", *form_options, *server], capture_output=True, timeout=30)
    assert out.returncode == OK, out.stderr
    assert dlq(world, "discard", "--all", "--yes").code == OK
    back = subprocess.run([program, *STREAMS, "import", "-y", *server], input=out.stdout, capture_output=True, timeout=30)
    assert back.returncode == OK, back.stderr
    assert snapshot(world) == before


def test_export_and_import_take_a_selection(world, tmp_path):
    put_many(world, 9)
    assert dlq(world, "export", "3-6", tmp_path / "some").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    result = dlq(world, "import", tmp_path / "some", "5-9", "--dry-run", "--json")
    assert seqs(result) == [5, 6] and world.held() == []
    assert dlq(world, "import", tmp_path / "some", "5-9", "--yes").code == OK
    assert bodies(world.held()) == ["order-5", "order-6"]


def test_a_dry_run_counts_letters_that_exist_already(world, tmp_path):
    put_many(world, 9)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "1-3", "--yes").code == OK
    put(world, letter(2, "order-2", state="dead"))
    result = dlq(world, "import", tmp_path / "all", "--dry-run")
    assert result.code == OK and result.found("2 to import, 7 there already$"), result.text
    assert [line.split()[0] for line in result.out] == ["SEQ", "1", "3"]
    assert len(world.held()) == 6
    result = dlq(world, "import", tmp_path / "all", "--yes")
    assert result.code == OK and result.found("2 imported, 7 there already$"), result.text


def test_a_waiting_letter_is_not_held_as_well(world, tmp_path):
    put_many(world, 3, state="dead")
    assert dlq(world, "export", tmp_path / "all").code == OK
    result = dlq(world, "import", tmp_path / "all", "--yes")
    assert result.code == OK and "3 there already" in result.text and world.held() == []


def test_unreadable_letters_are_exported_and_imported(world, tmp_path):
    put(world, (f"natsq.held.{ORIGIN}._.3.4", BINARY, {"Natsq-Reason": "unreadable", "X": "y"}))
    before = snapshot(world)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK and world.held() == []
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    assert [(subject, body) for subject, body, _ in snapshot(world)] == [(subject, body) for subject, body, _ in before]


def test_letters_of_another_origin_are_not_imported(world, tmp_path):
    file = tmp_path / "foreign"
    file.write_text('{"place":"natsq.held.elsewhere.processor.1.2","headers":{},"body":"x"}\n{"end":true}\n')
    result = dlq(world, "import", file, "--yes")
    assert result.code == TEMPFAIL and "another origin" in result.text and world.js.count(DLQ) == 0


def test_the_whole_letters_of_a_cut_archive_are_imported(world, tmp_path):
    put_many(world, 3)
    whole = tmp_path / "whole"
    assert dlq(world, "export", whole).code == OK
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[:-30])
    assert dlq(world, "discard", "--all", "--yes").code == OK
    result = dlq(world, "import", cut, "--yes")
    assert result.code == 65 and "cut off after 2 whole letters" in result.text, result.text
    assert bodies(world.held()) == ["order-1", "order-2"]


HEAD = 12  # magic and version


def damaged_places(whole):
    """(number of whole letters before it, offset) of the length, the middle and the checksum of each record, the end included."""
    at = HEAD
    for number in range(4):
        length, begin = whole[at] & 0x7F, at
        at += 1
        if whole[begin] & 0x80:
            length |= whole[at] << 7
            at += 1
        size = length or 8
        yield from ((number, place) for place in (begin, at + size // 2, at + size + 1))
        at += size + 4
    assert at == len(whole)


def test_the_letters_before_any_damage_are_imported(world, tmp_path):
    """The rest is imported once the file is whole."""
    put_many(world, 3)
    file, before = tmp_path / "letters", snapshot(world)
    assert dlq(world, "export", file).code == OK
    whole = file.read_bytes()
    damages = [(number, whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]) for number, at in damaged_places(whole)]
    for number, damaged in [*damages, (3, whole + b"\0"), (3, whole + whole[:20])]:
        assert dlq(world, "discard", "--all", "--yes").code == OK
        file.write_bytes(damaged)
        result = dlq(world, "import", file, "--yes")
        assert result.code == 65 and f"after {number} whole letter" in result.text and str(file) in result.text, result.text
        assert snapshot(world) == before[:number]
    file.write_bytes(whole)
    assert dlq(world, "import", file, "--yes").code == OK
    assert snapshot(world) == before


@pytest.mark.parametrize("at, words", [(0, "is not an archive"), (8, "version"), (11, "version")])
def test_an_archive_with_a_damaged_head_is_refused(world, tmp_path, at, words):
    put_many(world, 1)
    file = tmp_path / "letters"
    assert dlq(world, "export", file).code == OK
    whole = file.read_bytes()
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
    result = dlq(world, "import", file, "--yes")
    assert result.code == 65 and words in result.text, result.text


def test_unusable_files_have_their_exit_codes(world, tmp_path):
    assert dlq(world, "import", tmp_path / "missing", "--yes").code == 66
    assert dlq(world, "export", tmp_path / "no" / "folder").code == 73
    (tmp_path / "text").write_text("hello\n")
    result = dlq(world, "import", tmp_path / "text", "--yes")
    assert result.code == 65 and "not an archive" in result.text


@pytest.mark.parametrize("fault_point", ["import:sent:1", "import:sent:100", "import:sent:300", "import:stored:1", "import:stored:2"])
def test_an_import_after_a_kill_imports_the_rest(world, tmp_path, fault_point):
    put_many(world, 300)
    before = snapshot(world)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    assert dlq(world, "import", tmp_path / "all", "--yes", NATSQ_FAULT_POINT=fault_point).code == -signal.SIGKILL
    result = dlq(world, "import", tmp_path / "all", "--yes")
    assert result.code == OK, result.text
    assert snapshot(world) == before


@each_form
def test_a_letter_by_reference_is_exported_with_its_body(world, tmp_path, form_options):
    job = dead_original(world, "the body", **{"Natsq-Body": "origin"})
    assert dlq(world, "export", tmp_path / "all", *form_options).code == OK
    result = dlq(world, "import", tmp_path / "all", "--yes")
    assert result.code == OK and "1 there already" in result.text
    world.js.purge(DLQ)
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    [held] = world.held()
    assert (held.body, held.headers["Natsq-Body"]) == ("", "origin")
    assert dlq(world, "discard", "--all", "--yes").code == OK and jobs(world) == []
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    [held] = world.held()
    assert held.body == "the body" and "Natsq-Body" not in held.headers and held.headers["Natsq-Origin-Seq"] == str(job.seq)


# ---- hold


def test_hold_after_a_kill_holds_the_rest(world):
    for fault_point in "hold:stored", "hold:settled":
        put_many(world, 50, state="dead")
        assert dlq(world, "hold", "--yes", NATSQ_FAULT_POINT=fault_point).code == -signal.SIGKILL
        world.js.delete_consumer(DLQ, "letter_handler")  # otherwise its letters in flight would be redelivered much later
        result = dlq(world, "hold", "--yes")
        assert result.code == OK, result.text
        assert len(world.held()) == world.js.count(DLQ) == 50
        assert dlq(world, "discard", "--all", "--yes").code == OK


def test_hold_names_every_subject_that_it_needs(world):
    config = world.js.stream(DLQ)["config"]
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**config, "subjects": [subject for subject in config["subjects"] if "natsq." not in subject]})
    result = dlq(world, "hold", "--yes")
    assert result.code == CONFIG and f"natsq.dead.{ORIGIN}.>, natsq.held.{ORIGIN}.>" in result.text, result.text


def test_hold_reports_letters_that_are_in_flight_elsewhere(world):
    world.js.create_consumer(DLQ, durable_name="letter_handler", filter_subject=f"natsq.dead.{ORIGIN}.>")
    put_many(world, 5, state="dead")
    world.js.pull(DLQ, "letter_handler", 2)
    result = dlq(world, "hold", "--yes")
    assert result.code == TEMPFAIL and "2 letters are in flight" in result.text
    assert len(world.held()) == 3


def test_a_dry_run_of_hold_changes_nothing(world):
    put_many(world, 2, state="dead")
    result = dlq(world, "hold", "--dry-run", "--json")
    assert result.code == OK and seqs(result) == [1, 2] and "would hold 2 waiting letters" in result.text
    assert world.js.consumers(DLQ) == [] and world.held() == []


def test_hold_takes_unreadable_letters(world):
    put(world, (f"natsq.dead.{ORIGIN}.processor.3.4", "what", {"X": "y"}))
    assert dlq(world, "hold", "--yes").code == OK
    [held] = world.held()
    assert held.subject.startswith(f"natsq.held.{ORIGIN}._.") and (held.body, held.headers["X"]) == ("what", "y")


# ---- several archives in one file, and their counts


OPTIONS_OF = {"protobuf": [], "jsonl": ["--jsonl"]}
each_pair = pytest.mark.parametrize("pair", [(a, b) for a in OPTIONS_OF for b in OPTIONS_OF], ids="-".join)


@pytest.fixture
def write_two_archives(world, tmp_path):
    """A function that writes two archives, of three letters and of two, into one file; the letters are no longer held."""

    def write(*forms):
        put_many(world, 5)
        parts = []
        for which, form_options in zip(["1-3", "4-5"], forms):
            assert dlq(world, "export", which, tmp_path / "part", "--yes", *OPTIONS_OF[form_options]).code == OK
            parts.append((tmp_path / "part").read_bytes())
        assert dlq(world, "discard", "--all", "--yes").code == OK
        (tmp_path / "both").write_bytes(b"".join(parts))
        return tmp_path / "both", parts

    return write


@each_pair
def test_two_archives_in_one_file_are_imported(world, write_two_archives, pair):
    file, _ = write_two_archives(*pair)
    result = dlq(world, "import", file, "--yes")
    assert result.code == OK and "5 imported" in result.text, result.text
    assert bodies(world.held()) == [f"order-{seq}" for seq in range(1, 6)]


@each_pair
def test_a_cut_second_archive_is_reported(world, write_two_archives, pair):
    """The whole letters before it are imported and counted."""
    file, [first, second] = write_two_archives(*pair)
    file.write_bytes(first + second[: len(second) // 3])
    result = dlq(world, "import", file, "--yes")
    assert result.code == 65 and "3 imported" in result.text and "after 3 whole letters" in result.text, result.text
    assert len(world.held()) == 3


def test_a_wrong_count_at_the_end_is_reported(world, write_two_archives):
    file, [first, second] = write_two_archives("jsonl", "jsonl")
    file.write_bytes(first.replace(b'"letters":3', b'"letters":99') + second)
    result = dlq(world, "import", file, "--yes")
    assert result.code == 65 and "hold 99 letters, but holds 3" in result.text, result.text
    assert len(world.held()) == 3
    assert dlq(world, "import", file, "--dry-run").code == 65


def test_a_byte_order_mark_before_json_lines_is_skipped(world, write_two_archives):
    file, [first, second] = write_two_archives("jsonl", "jsonl")
    file.write_bytes(b"\xef\xbb\xbf" + first + b"\xef\xbb\xbf" + second)
    result = dlq(world, "import", file, "--yes")
    assert result.code == OK and "5 imported" in result.text, result.text
