"""`dlq hold`, `dlq export` and `dlq import`: letters that become held ones, go into a file and come back."""

import signal
import subprocess

import pytest

from support.build import BIN
from support.dlq_verbs import BINARY, STREAMS, bodies, dead_original, dlq, jobs, letter, objects, put, put_many, seqs, snapshot
from support.exit_codes import OK, TEMPFAIL
from support.world import DLQ, ORIGIN


FORMS = pytest.mark.parametrize("form", [[], ["--jsonl"]], ids=["protobuf", "jsonl"])


@FORMS
def test_hold_discard_import_within_the_duplicate_window(world, tmp_path, form):
    """All are back, as they were: no message id swallows one."""
    put_many(world, 300, state="dead")
    put(world, letter(1001, BINARY), letter(1002, "", Natsq_Error="boom", Colour="blue"))
    held = dlq(world, "hold", "--yes")
    assert held.code == OK and "300 held" in held.text, held.text
    before = snapshot(world)
    assert len(before) == 302
    file = tmp_path / "letters.natsq"
    assert dlq(world, "export", file, *form).code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK and world.held() == []
    told = dlq(world, "import", file, "--yes")
    assert told.code == OK and "302 imported" in told.text, told.text
    assert snapshot(world) == before
    told = dlq(world, "import", file, "--yes", "--json")
    assert told.code == OK and "0 imported, 302 there already" in told.text
    assert {each["did"] for each in objects(told)} == {"there already"}
    assert snapshot(world) == before
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["letters.natsq"]
    assert file.stat().st_mode & 0o077 == 0


@FORMS
def test_export_to_stdout_and_import_from_stdin(world, form):
    put(world, letter(1, BINARY), letter(2, "text"))
    program = BIN / "dlq"
    server = ["--server", world.server.url]
    before = snapshot(world)
    out = subprocess.run([program, *STREAMS, "export", *form, *server], capture_output=True, timeout=30)
    assert out.returncode == OK, out.stderr
    assert dlq(world, "discard", "--all", "--yes").code == OK
    back = subprocess.run([program, *STREAMS, "import", "-y", *server], input=out.stdout, capture_output=True, timeout=30)
    assert back.returncode == OK, back.stderr
    assert snapshot(world) == before


def test_export_and_import_take_a_selection(world, tmp_path):
    put_many(world, 9)
    assert dlq(world, "export", "3-6", tmp_path / "some").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    told = dlq(world, "import", tmp_path / "some", "5-9", "--dry-run", "--json")
    assert seqs(told) == [5, 6] and world.held() == []
    assert dlq(world, "import", tmp_path / "some", "5-9", "--yes").code == OK
    assert bodies(world.held()) == ["order-5", "order-6"]


def test_dry_run_looks_at_what_is_there(world, tmp_path):
    put_many(world, 9)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "1-3", "--yes").code == OK
    put(world, *(letter(seq, state="dead") for seq in (2,)))
    told = dlq(world, "import", tmp_path / "all", "--dry-run")
    assert told.code == OK and told.found("2 to import, 7 there already$"), told.text
    assert [line.split()[0] for line in told.out] == ["1", "3"]
    assert len(world.held()) == 6
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK and told.found("2 imported, 7 there already$"), told.text


def test_a_letter_that_waits_is_not_held_as_well(world, tmp_path):
    put_many(world, 3, state="dead")
    assert dlq(world, "export", tmp_path / "all").code == OK
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK and "3 there already" in told.text and world.held() == []


def test_what_cannot_be_read_goes_out_and_comes_back(world, tmp_path):
    put(world, (f"natsq.held.{ORIGIN}._.3.4", BINARY, {"Natsq-Reason": "unreadable", "X": "y"}))
    before = snapshot(world)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK and world.held() == []
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    assert [(subject, body) for subject, body, _ in snapshot(world)] == [(subject, body) for subject, body, _ in before]


def test_letters_of_another_origin_are_left(world, tmp_path):
    file = tmp_path / "foreign"
    file.write_text('{"place":"natsq.held.elsewhere.processor.1.2","headers":{},"body":"x"}\n{"end":true}\n')
    told = dlq(world, "import", file, "--yes")
    assert told.code == TEMPFAIL and "another origin" in told.text and world.js.count(DLQ) == 0


def test_a_damaged_archive(world, tmp_path):
    put_many(world, 3)
    whole = tmp_path / "whole"
    assert dlq(world, "export", whole).code == OK
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[:-30])
    assert dlq(world, "discard", "--all", "--yes").code == OK
    told = dlq(world, "import", cut, "--yes")
    assert told.code == 65 and "cut off after 2 whole letters" in told.text, told.text
    assert bodies(world.held()) == ["order-1", "order-2"]


HEAD = 12  # magic and version


def places(whole):
    """(how many letters are whole before it, where): of each record its length, its middle and its checksum; the end is one too."""
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


def test_an_archive_damaged_anywhere(world, tmp_path):
    """What is whole before the damage comes in, and later the rest."""
    put_many(world, 3)
    file, before = tmp_path / "letters", snapshot(world)
    assert dlq(world, "export", file).code == OK
    whole = file.read_bytes()
    damages = [(number, whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]) for number, at in places(whole)]
    for number, damaged in [*damages, (3, whole + b"\0"), (3, whole + whole[:20])]:
        assert dlq(world, "discard", "--all", "--yes").code == OK
        file.write_bytes(damaged)
        told = dlq(world, "import", file, "--yes")
        assert told.code == 65 and f"after {number} whole letter" in told.text and str(file) in told.text, told.text
        assert snapshot(world) == before[:number]
    file.write_bytes(whole)
    assert dlq(world, "import", file, "--yes").code == OK
    assert snapshot(world) == before


@pytest.mark.parametrize("at, words", [(0, "is not an archive"), (8, "version"), (11, "version")])
def test_an_archive_damaged_at_its_head(world, tmp_path, at, words):
    put_many(world, 1)
    file = tmp_path / "letters"
    assert dlq(world, "export", file).code == OK
    whole = file.read_bytes()
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
    told = dlq(world, "import", file, "--yes")
    assert told.code == 65 and words in told.text, told.text


def test_files_that_will_not_do(world, tmp_path):
    assert dlq(world, "import", tmp_path / "missing", "--yes").code == 66
    assert dlq(world, "export", tmp_path / "no" / "folder").code == 73
    (tmp_path / "text").write_text("hello\n")
    told = dlq(world, "import", tmp_path / "text", "--yes")
    assert told.code == 65 and "not an archive" in told.text


@pytest.mark.parametrize("fault_point", ["import:sent:1", "import:sent:100", "import:sent:300", "import:stored:1", "import:stored:2"])
def test_an_import_that_was_killed_does_the_rest(world, tmp_path, fault_point):
    put_many(world, 300)
    before = snapshot(world)
    assert dlq(world, "export", tmp_path / "all").code == OK
    assert dlq(world, "discard", "--all", "--yes").code == OK
    assert dlq(world, "import", tmp_path / "all", "--yes", NATSQ_FAULT_POINT=fault_point).code == -signal.SIGKILL
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK, told.text
    assert snapshot(world) == before


@FORMS
def test_a_letter_by_reference_goes_out_with_its_body(world, tmp_path, form):
    job = dead_original(world, "the body", **{"Natsq-Body": "origin"})
    assert dlq(world, "export", tmp_path / "all", *form).code == OK
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK and "1 there already" in told.text
    world.js.purge(DLQ)
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    [held] = world.held()
    assert (held.body, held.headers["Natsq-Body"]) == ("", "origin")
    assert dlq(world, "discard", "--all", "--yes").code == OK and jobs(world) == []
    assert dlq(world, "import", tmp_path / "all", "--yes").code == OK
    [held] = world.held()
    assert held.body == "the body" and "Natsq-Body" not in held.headers and held.headers["Natsq-Origin-Seq"] == str(job.seq)


# ---- hold


def test_hold_goes_on_after_a_kill(world):
    for fault_point in "hold:stored", "hold:settled":
        put_many(world, 50, state="dead")
        assert dlq(world, "hold", "--yes", NATSQ_FAULT_POINT=fault_point).code == -signal.SIGKILL
        world.js.delete_consumer(DLQ, "letter_handler")  # what it had in hand comes after a while; not that long
        told = dlq(world, "hold", "--yes")
        assert told.code == OK, told.text
        assert len(world.held()) == world.js.count(DLQ) == 50
        assert dlq(world, "discard", "--all", "--yes").code == OK


def test_hold_tells_of_letters_in_other_hands(world):
    world.js.create_consumer(DLQ, durable_name="letter_handler", filter_subject=f"natsq.dead.{ORIGIN}.>")
    put_many(world, 5, state="dead")
    world.js.pull(DLQ, "letter_handler", 2)
    told = dlq(world, "hold", "--yes")
    assert told.code == TEMPFAIL and "2 letters are in flight" in told.text
    assert len(world.held()) == 3


def test_hold_dry_run(world):
    put_many(world, 2, state="dead")
    told = dlq(world, "hold", "--dry-run", "--json")
    assert told.code == OK and seqs(told) == [1, 2] and "would hold 2 waiting letters" in told.text
    assert world.js.consumers(DLQ) == [] and world.held() == []


def test_hold_of_what_cannot_be_read(world):
    put(world, (f"natsq.dead.{ORIGIN}.processor.3.4", "what", {"X": "y"}))
    assert dlq(world, "hold", "--yes").code == OK
    [held] = world.held()
    assert held.subject.startswith(f"natsq.held.{ORIGIN}._.") and (held.body, held.headers["X"]) == ("what", "y")


# ---- several archives in one file, and what says how much there is


FORM_OF = {"protobuf": [], "jsonl": ["--jsonl"]}
PAIRS = pytest.mark.parametrize("pair", [(a, b) for a in FORM_OF for b in FORM_OF], ids="-".join)


@pytest.fixture
def two(world, tmp_path):
    """Takes the forms of two exports, three letters and two, in one file; none of them is held any more."""

    def write(*forms):
        put_many(world, 5)
        parts = []
        for which, form in zip(["1-3", "4-5"], forms):
            assert dlq(world, "export", which, tmp_path / "part", "--yes", *FORM_OF[form]).code == OK
            parts.append((tmp_path / "part").read_bytes())
        assert dlq(world, "discard", "--all", "--yes").code == OK
        (tmp_path / "both").write_bytes(b"".join(parts))
        return tmp_path / "both", parts

    return write


@PAIRS
def test_two_archives_in_one_file(world, two, pair):
    file, _ = two(*pair)
    told = dlq(world, "import", file, "--yes")
    assert told.code == OK and "5 imported" in told.text, told.text
    assert bodies(world.held()) == [f"order-{seq}" for seq in range(1, 6)]


@PAIRS
def test_the_second_of_two_is_cut_off(world, two, pair):
    """What is whole comes in, and how much that is is said."""
    file, [first, second] = two(*pair)
    file.write_bytes(first + second[: len(second) // 3])
    told = dlq(world, "import", file, "--yes")
    assert told.code == 65 and "3 imported" in told.text and "after 3 whole letters" in told.text, told.text
    assert len(world.held()) == 3


def test_a_closing_line_with_a_wrong_count(world, two):
    file, [first, second] = two("jsonl", "jsonl")
    file.write_bytes(first.replace(b'"letters":3', b'"letters":99') + second)
    told = dlq(world, "import", file, "--yes")
    assert told.code == 65 and "hold 99 letters, but holds 3" in told.text, told.text
    assert len(world.held()) == 3
    assert dlq(world, "import", file, "--dry-run").code == 65


def test_a_byte_order_mark_before_json_lines(world, two):
    file, [first, second] = two("jsonl", "jsonl")
    file.write_bytes(b"\xef\xbb\xbf" + first + b"\xef\xbb\xbf" + second)
    told = dlq(world, "import", file, "--yes")
    assert told.code == OK and "5 imported" in told.text, told.text
