"""The table that `dlq … list` prints on terminals of several widths and on a pipe, and its JSON."""

import base64
import json
import re
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest

from support.dlq_verbs import BINARY, dead_original, dlq, objects
from support.doctor import run_advice, update
from support.exit_codes import CONFIG, OK, UNAVAILABLE, USAGE
from support.letters import DIED, letter, put, put_many
from support.terminal import on_terminal
from support.world import DLQ, ORIGIN

COLOUR = re.compile(r"\x1b\[\d*m")
LONG = "curl: (7) Failed to connect to payments.internal port 443 after 21 ms: Connection refused, and then some more of it"
WIDE = "Größe überschritten: 日本語のエラーメッセージが長すぎます、とても長いので切らなければなりません"


def ago(**time):
    return f"{datetime.now(timezone.utc) - timedelta(**time):%Y-%m-%dT%H:%M:%SZ}"


def width(line):
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in COLOUR.sub("", line))


@pytest.fixture
def letters(world):
    put(
        world,
        letter(7, "first", reason="exit 1", Natsq_Error=LONG, Natsq_Died_At=ago(minutes=3)),
        letter(12345, subject="orders.customer.eu.returned", reason="timeout 30s", Natsq_Died_At=ago(hours=5, minutes=2)),
        letter(9, reason="hopeless", Natsq_Error=WIDE, Natsq_Died_At=ago(days=40), Natsq_Job_Id="order-9"),
        letter(10, reason="max deliveries", state="dead", Natsq_Died_At=ago(seconds=1)),
    )
    return world


def table(world, columns, *options, **variables):
    return on_terminal(world, columns, "dlq", DLQ, ORIGIN, "list", *options, **variables)


HEADS = {
    60: "SEQ AGE REASON ERROR",
    100: "SEQ STATE AGE SUBJECT TRIES REASON ERROR",
    200: "SEQ STATE AGE SUBJECT TRIES RETRIES REASON ERROR",
}


@pytest.mark.parametrize("columns", HEADS)
def test_the_table_fits_the_terminal(letters, columns):
    shown = table(letters, columns)
    head, *rows, total = shown.lines
    assert shown.code == OK and head.split() == HEADS[columns].split() and len(rows) == 4
    assert [row for row in rows if width(row) > columns] == []
    assert total == "4 letters: 1 waiting, 3 held"
    assert [row.split()[0] for row in rows] == ["10", "7", "12345", "9"]
    errors = [COLOUR.sub("", row)[head.index("ERROR") :] for row in rows]
    assert ("…" in errors[1], LONG in errors[1]) == ((False, True) if columns == 200 else (True, False))
    assert columns == 200 or (errors[3].endswith("…") and width(rows[3]) >= columns - 1)


def test_a_terminal_that_is_hardly_wide_enough_shows_the_reason(letters):
    for columns in 19, 24, 30:
        shown = table(letters, columns)
        assert [line for line in shown.lines[:-1] if width(line) > columns] == []
        assert shown.lines[0].split()[:3] == ["SEQ", "AGE", "REASON"]


def test_columns_in_the_environment_take_precedence(letters):
    assert table(letters, 200, COLUMNS=60).lines[0].split() == HEADS[60].split()


def test_the_age_is_for_people_and_the_time_on_request(letters):
    ages = [line.split()[1] for line in table(letters, 60).lines[1:5]]
    assert re.fullmatch(r"\d+s", ages[0]) and re.fullmatch(r"3m\d*s?", ages[1]) and ages[2:] == ["5h2m", "40d"], ages
    head, *rows = table(letters, 100, "--utc").lines
    assert head.split()[:2] == ["SEQ", "DIED"] and all(re.fullmatch(r"20.*T.*Z", row.split()[1]) for row in rows[:4])


def test_reasons_have_colours_on_a_terminal_that_has_them(letters):
    rows = table(letters, 100).lines[1:5]
    found = [re.search(r"\x1b\[(\d+)m(.*?)\x1b\[m", row).groups() for row in rows]
    assert found == [("36", "max deliveries"), ("31", "exit 1"), ("33", "timeout 30s"), ("35", "hopeless")]
    for variables in {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}:
        assert "\x1b" not in table(letters, 100, **variables).text


def test_a_pipe_gets_stable_columns_and_whole_texts(letters):
    result = dlq(letters, "list", COLUMNS="60", TERM="xterm")
    head, *rows = result.out
    assert (result.code, result.lines) == (OK, [])
    assert head == "SEQ      STATE     AGE    SUBJECT          TRIES RETRIES REASON         ERROR"
    assert len(rows) == 4 and LONG in rows[1] and WIDE in rows[3] and "\x1b" not in "".join(rows)
    put(letters, letter(1234567890, subject="orders." + "x" * 100, Natsq_Error="e" * 500))
    after = dlq(letters, "list").out
    assert after[0] == head and after[-1].endswith("e" * 500) and after[-1].startswith("1234567890 held ")


def test_columns_are_chosen_and_ordered(letters):
    result = dlq(letters, "list", "--columns", "job_id,seq,died,size,body", "7", "9", "--state", "held")
    assert [row.split() for row in result.out] == [
        ["JOB_ID", "SEQ", "DIED", "SIZE", "BODY"],
        ["7", result.out[1].split()[1], "5", "first"],
        ["order-9", "9", result.out[2].split()[2], "5", "order"],
    ]
    shown = table(letters, 60, "--columns", "seq,subject,consumer,tries,retries,error", "--utc")
    assert shown.lines[0].split()[:5] == ["SEQ", "SUBJECT", "CONSUMER", "TRIES", "RETRIES"]
    assert [line for line in shown.lines if width(line) > 60] == []


@pytest.mark.parametrize(
    "options, message",
    [
        (["--columns", "seq,colour"], "no column 'colour'; there are seq, state, age, died, stored, subject,"),
        (["--columns", "seq,seq"], "seq is there twice"),
        (["--columns", "seq", "--json"], "--columns is for the table"),
    ],
)
def test_columns_that_do_not_exist_are_named(world, options, message):
    result = dlq(world, "list", *options)
    assert result.code == USAGE and message in result.text


def test_no_letters(world):
    assert table(world, 80).lines == ["no letters"]
    assert dlq(world, "list").out == ["SEQ      STATE     AGE    SUBJECT          TRIES RETRIES REASON         ERROR"]
    put(world, letter(1))
    assert table(world, 80).lines[-1] == "1 letter: 1 held"
    shown = table(world, 80, "5")
    assert shown.code == UNAVAILABLE and shown.lines[0] == "no letters"


def test_many_letters_flow_and_are_counted(world):
    put_many(world, 3_000)
    put(world, letter(99999999))
    shown = table(world, 60)
    assert shown.code == OK and len(shown.lines) == 3_003 and shown.lines[-1] == "3001 letters: 3001 held"
    assert [line for line in shown.lines if width(line) > 60] == []
    assert len(dlq(world, "list").out) == 3_002


def test_a_dry_run_fits_the_terminal_too(letters):
    shown = on_terminal(letters, 60, "dlq", DLQ, ORIGIN, "discard", "--all", "--dry-run")
    head, *rows = shown.lines
    assert head.split() == HEADS[60].split() and [row for row in rows[:3] if width(row) > 60] == []
    assert "3 letters: 3 held" in rows and "would discard 3 held letters" in shown.text


def test_json_has_headers_body_and_size(world):
    put(world, letter(1, "größe", Tenant="acme"), letter(2, BINARY), letter(3, ""))
    first, binary, empty = objects(dlq(world, "list", "--json"))
    assert (first["body"], first["size"], first["headers"]["Tenant"]) == ("größe", 7, ["acme"])
    assert first["headers"]["Natsq-Died-At"] == [DIED] and "by_reference" not in first
    assert "body" not in binary and base64.b64decode(binary["body_base64"]) == BINARY and binary["size"] == len(BINARY)
    assert (empty["body"], empty["size"]) == ("", 0)


def test_json_of_a_letter_by_reference_has_the_body_of_its_original(world):
    job = dead_original(world, "order-0", Natsq_Body="origin")
    put(world, letter(99, "", Natsq_Body="origin"))
    result = {row["seq"]: row for row in objects(dlq(world, "list", "--json"))}
    found, gone = result[job.seq], result[99]
    assert (found["by_reference"], found["body"], found["size"]) == (True, "order-0", 7)
    assert (gone["by_reference"], gone["body"], "size" in gone) == (True, None, False)
    [shown] = objects(dlq(world, "show", "--json", "99"))
    assert shown == gone


def test_json_lines_are_whole_objects(world):
    put_many(world, 500)
    assert len([json.loads(line) for line in dlq(world, "list", "--json").out]) == 500


def test_a_stream_without_direct_gets_is_named_and_the_advice_allows_them(letters):
    update(letters, DLQ, allow_direct=False)
    refused = letters.run("dlq", DLQ, ORIGIN, "list")
    assert refused.code == CONFIG and not refused.out
    [command] = refused.found(f"stream '{DLQ}' does not allow direct gets; to allow them: (.*)$")
    run_advice(letters, command)
    assert letters.run("dlq", DLQ, ORIGIN, "list").code == OK


def test_show_begins_with_the_headers_of_the_job(world):
    put(world, letter(5, Aa="1", Mm="2", Zz="3", Tenant="acme"))
    shown = dlq(world, "show", "5").out
    headers = [line.split(":")[0].strip() for line in shown[shown.index("headers") + 1 :]][:4]
    assert sorted(headers) == ["Aa", "Mm", "Tenant", "Zz"], shown
