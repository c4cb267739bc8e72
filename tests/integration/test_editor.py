"""`dlq edit`: a dead job is repaired in an editor, here a script, at a terminal."""

import os
import signal
import stat
import time

import pytest

from support.build import BIN
from support.dlq_verbs import BINARY, STREAMS, dlq, jobs
from support.environment import environment
from support.exit_codes import CONFIG, DATAERR, OK, TEMPFAIL, UNAVAILABLE, USAGE
from support.letters import TIME, letter, put
from support.own_terminal import own_terminal
from support.world import DLQ, ORIGIN


@pytest.fixture
def edit(world, tmp_path):
    """Opens `edit` with an editor: a shell script that gets the file as $1. `edit.folder` is where its files are."""
    folder = tmp_path / "runtime"
    folder.mkdir()

    def start(script, *arguments, **variables):
        editor = tmp_path / "an editor"
        editor.write_text(f"#!/bin/sh\n{script}\n")
        editor.chmod(0o700)
        variables = {"EDITOR": f"'{editor}' --wait", "XDG_RUNTIME_DIR": folder, "SEEN": tmp_path / "seen", **variables}
        command = [BIN / "dlq", *STREAMS, "edit", *arguments, "--server", world.server.url]
        return own_terminal(command, environment(world.home, **variables))

    start.folder = folder
    return start


def run(edit, script, *arguments, answer=None, **variables):
    """(exit code, what the terminal showed). The script's file is $2, after `--wait`."""
    with edit("shift\n" + script, *arguments, **variables) as terminal:
        if answer:
            terminal.wait_for(answer[0])
            terminal.type(answer[1])
        return terminal.wait(), terminal.shown


def kept_files(edit):
    return [path for path in edit.folder.rglob("*") if path.is_file()]


def own_headers(job):
    return {name: value for name, value in job.headers.items() if not name.startswith("Nat")}


def test_what_was_saved_is_retried(world, edit):
    put(world, letter(5, '{"order": 5}', Colour="blue"), letter(6))
    code, shown = run(edit, "sed -i s/5/55/ \"$1\"", "5")
    assert code == OK and "1 retried" in shown, shown
    [job] = jobs(world)
    assert (job.body, own_headers(job)) == ('{"order": 55}', {"Colour": "blue"})
    assert (job.headers["Natsq-Edited"], job.headers["Natsq-Origin-Seq"]) == ("body", "5")
    assert job.headers["Nats-Msg-Id"].startswith(f"retry:{ORIGIN}:5:{TIME + 5}:2:")
    assert [each.subject for each in world.held()] == [f"natsq.held.{ORIGIN}.processor.6.{TIME + 6}"]
    assert list(edit.folder.iterdir()) == []


def test_the_file_is_private(world, edit, tmp_path):
    put(world, letter(5, '{"order": 5}'))
    look = 'stat -c "%a %n" "$1" "$(dirname "$1")" > "$SEEN"; cp "$1" "$1~"; ln "$1" "$SEEN.link"'
    code, shown = run(edit, look + '; echo x > "$1.new"; mv "$1.new" "$1"', "5")
    assert code == OK, shown
    file, folder = (tmp_path / "seen").read_text().splitlines()
    assert file.startswith(f"600 {edit.folder}/natsq-") and file.endswith("/job-5.json")
    assert folder.startswith(f"700 {edit.folder}/natsq-")
    assert (tmp_path / "seen.link").read_bytes().strip(b"\0") == b""  # overwritten, though the editor had replaced it
    assert list(edit.folder.iterdir()) == []  # the backup is gone, too


@pytest.mark.parametrize("body", ["order", "order\n", "", BINARY], ids=["text", "lines", "empty", "binary"])
@pytest.mark.parametrize("script", ["true", "[ \"$(tail -c1 \"$1\" | wc -l)\" = 1 ] || echo >> \"$1\""], ids=["untouched", "newline"])
@pytest.mark.parametrize("options", [[], ["--headers"]], ids=["body", "headers"])
def test_an_unchanged_job_is_not_retried(world, edit, body, script, options):
    """Even when the editor adds a newline at the end."""
    put(world, letter(5, body, Colour="blue"))
    code, shown = run(edit, script, "5", *options)
    assert code == OK and "# 5 is unchanged: nothing was retried" in shown, shown
    assert jobs(world) == [] and len(world.held()) == 1 and list(edit.folder.iterdir()) == []


def test_headers_are_edited_above_the_body(world, edit):
    put(world, letter(5, "order-5\n\nend", Colour="blue", Size="9"))
    code, shown = run(edit, "sed -i -e '1i New: a: b' -e 's/^Colour: .*/Colour: red/' -e '/^Size/d' \"$1\"", "5", "--headers")
    assert code == OK, shown
    [job] = jobs(world)
    assert (own_headers(job), job.body) == ({"Colour": "red", "New": "a: b"}, "order-5\n\nend")
    assert job.headers["Natsq-Edited"] == "headers" and job.headers["Natsq-Reason"] == "exit 1"


def test_what_is_not_a_job_can_be_edited_again(world, edit):
    put(world, letter(5, "order-5", Colour="blue"))
    spoil_then_mend = 'if [ -e "$SEEN" ]; then sed -i "s/^Colour.*/Colour: red/" "$1"; else sed -i s/:// "$1"; touch "$SEEN"; fi'
    code, shown = run(edit, spoil_then_mend, "5", "--headers", answer=("edit it again? [y/N]", "y\n"))
    assert code == OK and "header 'Colour blue' is not 'NAME: VALUE'" in shown, shown
    assert own_headers(jobs(world)[0]) == {"Colour": "red"}


@pytest.mark.parametrize("line, words", [("Natsq-Reason: x", "belongs to natsq"), ("Nats-Msg-Id: x", "message id of its own")])
def test_what_is_not_a_job_is_kept(world, edit, line, words):
    put(world, letter(5, "order-5"))
    code, shown = run(edit, f"sed -i '1i {line}' \"$1\"", "5", "--headers", answer=("edit it again? [y/N]", "n\n"))
    [kept] = kept_files(edit)
    assert code == DATAERR and words in shown and str(kept) in shown, shown
    assert kept.read_text() == f"{line}\n\norder-5" and jobs(world) == []
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_an_empty_body_is_asked_about(world, edit):
    put(world, letter(5, "order-5"))
    code, shown = run(edit, ': > "$1"', "5", answer=("retry # 5 with an empty body? [y/N]", "n\n"))
    assert code == OK and jobs(world) == [] and len(world.held()) == 1, shown
    assert run(edit, ': > "$1"', "5", "--yes")[0] == OK
    assert [job.body for job in jobs(world)] == [""]


@pytest.mark.parametrize(
    "script, code, words",
    [("echo x > \"$1\"; exit 3", TEMPFAIL, "ended with exit 3"), ("kill -9 $$", TEMPFAIL, "ended with"), ("rm \"$1\"", 66, "cannot read")],
)
def test_a_failed_editor_changes_nothing(world, edit, script, code, words):
    put(world, letter(5, "order-5"))
    got, shown = run(edit, script, "5")
    assert got == code and words in shown, shown
    assert jobs(world) == [] and len(world.held()) == 1 and list(edit.folder.iterdir()) == []


def test_the_editor_is_found(world, edit, tmp_path):
    put(world, letter(5, "order-5"))
    assert run(edit, "true", "5", VISUAL="echo x >", EDITOR="false")[0] == OK
    assert [job.body for job in jobs(world)] == ["x"]  # the trailing newline was not there before
    put(world, letter(6))
    code, shown = run(edit, "true", "6", EDITOR="no-such-editor")
    assert code == CONFIG and "the editor 'no-such-editor' cannot be run: set VISUAL or EDITOR" in shown
    code, shown = run(edit, "true", "6", EDITOR="", PATH=str(tmp_path))
    assert code == CONFIG and "there is no editor: set EDITOR" in shown
    assert list(edit.folder.iterdir()) == []


def test_the_text_is_kept_when_the_retry_fails(world, edit):
    config = world.js.stream(ORIGIN)["config"]
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", {**config, "max_bytes": 500})
    put(world, letter(5, "order-5"))
    code, shown = run(edit, 'cp "$1" "$1~"; head -c 1000 /dev/zero >> "$1"', "5")
    [kept] = kept_files(edit)
    assert code == TEMPFAIL and "full" in shown and f"the edited text is in '{kept}'" in shown, shown
    assert kept.read_bytes() == b"order-5" + bytes(1000) and len(world.held()) == 1
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", config)
    assert dlq(world, "retry", "5", "--body", str(kept), "--yes").code == OK and len(jobs(world)) == 1


def test_the_text_is_kept_when_the_letter_vanished_meanwhile(world, edit):
    put(world, letter(5, "order-5"))
    with edit('shift; echo new > "$1"; touch "$SEEN"; while [ -e "$SEEN" ]; do sleep 0.05; done', "5") as terminal:
        world.eventually((edit.folder.parent / "seen").exists, "the editor runs")
        assert dlq(world, "discard", "5", "--yes").code == OK
        (edit.folder.parent / "seen").unlink()
        assert terminal.wait() == UNAVAILABLE
    [kept] = kept_files(edit)
    assert "was retried, discarded or replaced meanwhile" in terminal.shown and str(kept) in terminal.shown
    assert kept.read_text() == "new\n" and jobs(world) == []


WAIT = 'shift; trap "" INT QUIT; echo "$1" > "$SEEN"; while [ -e "$SEEN" ]; do sleep 0.05; done; echo new > "$1"'


def test_ctrl_c_is_for_the_editor(world, edit):
    put(world, letter(5, "order-5"))
    with edit(WAIT, "5") as terminal:
        seen = edit.folder.parent / "seen"
        world.eventually(seen.exists, "the editor runs")
        terminal.type("\x03\x1c")
        terminal.wait_for("^\\")
        seen.unlink()
        assert terminal.wait() == OK, terminal.shown
    assert [job.body for job in jobs(world)] == ["new"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_wipes_the_file(world, edit, number):
    put(world, letter(5, "order-5"))
    with edit(WAIT, "5") as terminal:
        world.eventually(lambda: (edit.folder.parent / "seen").exists(), "the editor runs")
        os.kill(terminal.process.pid, number)
        assert terminal.wait() == TEMPFAIL, terminal.shown
    assert "stopped: nothing was retried" in terminal.shown
    assert list(edit.folder.iterdir()) == [] and jobs(world) == [] and len(world.held()) == 1


def test_a_hangup_at_a_question_wipes_the_file(world, edit):
    put(world, letter(5, "order-5"))
    with edit('shift; : > "$1"', "5") as terminal:
        terminal.wait_for("retry # 5 with an empty body? [y/N]")
        os.kill(terminal.process.pid, signal.SIGHUP)
        assert terminal.wait() == TEMPFAIL, terminal.shown
    assert list(edit.folder.iterdir()) == [] and len(world.held()) == 1


def test_a_second_signal_wipes_the_file_too(world, edit):
    put(world, letter(5, "order-5"))
    with edit('trap "" TERM; ' + WAIT, "5") as terminal:
        seen = edit.folder.parent / "seen"
        world.eventually(lambda: seen.exists() and seen.read_text(), "the editor runs")
        os.link(seen.read_text().strip(), edit.folder.parent / "link")
        os.kill(terminal.process.pid, signal.SIGTERM)
        time.sleep(0.2)  # two signals within 0.1 s count as one
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM, terminal.shown
        seen.unlink()
    assert list(edit.folder.iterdir()) == [] and jobs(world) == [] and len(world.held()) == 1
    assert (edit.folder.parent / "link").read_bytes().strip(b"\0") == b""


def test_folders_that_the_editor_left_are_removed(world, edit, tmp_path):
    put(world, letter(5, "order-5"))
    undo = 'mkdir -p "$(dirname "$1")/.undo/deep"; cp "$1" "$(dirname "$1")/.undo/deep/1"; ln "$(dirname "$1")/.undo/deep/1" "$SEEN"'
    assert run(edit, undo + '; echo new > "$1"', "5")[0] == OK
    assert list(edit.folder.iterdir()) == [] and (tmp_path / "seen").read_bytes().strip(b"\0") == b""


@pytest.mark.parametrize(
    "script, question, kept",
    [("sed -i 1iBad \"$1\"", "edit it again? [y/N]", True), ('echo > "$1"', "retry # 5 with an empty body? [y/N]", False)],
    ids=["again", "empty"],
)
def test_ctrl_c_at_a_question_is_not_an_answer(world, edit, script, question, kept):
    put(world, letter(5, "order-5"))
    code, shown = run(edit, script, "5", "--headers", answer=(question, "\x03"))
    assert code == TEMPFAIL and "stopped before anything was done" in shown and "nothing was changed" not in shown, shown
    assert jobs(world) == [] and len(world.held()) == 1
    files = kept_files(edit)
    assert len(files) == kept and all(f"the edited text is in '{file}'" in shown for file in files)


def test_a_letter_by_reference_is_edited(world, edit):
    world.js.publish("orders.new", "order-0", Colour="blue")
    world.kill_jobs()
    world.js.purge(DLQ)
    [job] = jobs(world)
    put(world, letter(job.seq, "", ns=job.ns, Natsq_Body="origin"))
    code, shown = run(edit, "sed -i -e s/blue/red/ -e s/order-0/order-1/ \"$1\"", str(job.seq), "--headers")
    assert code == OK, shown
    [edited] = jobs(world)
    assert (edited.body, own_headers(edited)) == ("order-1", {"Colour": "red"})
    assert world.held() == []


def test_edit_needs_one_held_letter_and_a_terminal(world, edit):
    put(world, letter(5), letter(5, consumer="other"), letter(6, state="dead"))
    for arguments, code, words in (
        ([], USAGE, "edit takes one SEQ"),
        (["5-6"], USAGE, "edit takes one SEQ"),
        (["5", "--reason", "x"], USAGE, "edit takes one SEQ"),
        (["5"], UNAVAILABLE, "give --consumer NAME"),
        (["6"], UNAVAILABLE, "not held yet"),
        (["7"], UNAVAILABLE, "# 7"),
        (["5", "-H", "A: b"], USAGE, "edit takes no --set-header"),
    ):
        got, shown = run(edit, "true", *arguments)
        assert got == code and words in shown, shown
    assert run(edit, "echo x > \"$1\"", "5", "--consumer", "other")[0] == OK and len(world.held()) == 1
    result = dlq(world, "edit", "5")
    assert result.code == USAGE and "retry SEQ --body FILE" in result.text
