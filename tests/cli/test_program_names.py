"""How the programs name themselves, each other and natscli, as they are installed and called; NATSQ_DLQ and NATSQ_ORIGIN."""

import subprocess

import pytest

from support.build import BIN, DEPS_BIN
from support.environment import environment
from support.exit_codes import OK, UNAVAILABLE, USAGE
from support.world import DLQ, ORIGIN

PROGRAMS = "publisher", "consumer", "dlq"
STREAMS = {"NATSQ_DLQ": DLQ, "NATSQ_ORIGIN": ORIGIN}


@pytest.fixture
def installed(tmp_path):
    """A folder with the programs, installed with a prefix."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        copy(BIN / name, folder / f"natsq-{name}")
    return folder



def copy(source, target):
    target.write_bytes(source.read_bytes())
    target.chmod(0o755)


def call(home, *command, path=None, **variables):
    variables = {**variables, "PATH": f"{path}:/usr/bin:/bin"} if path else variables
    return subprocess.run(
        command, env=environment(home, **variables), cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_and_version_have_the_installed_name(installed, tmp_path, name):
    text = call(tmp_path, f"natsq-{name}", "--help", path=installed).stdout
    assert text.startswith(f"Usage: natsq-{name} ")
    examples = text.split("Examples:")[1]
    assert f"\n  natsq-{name} " in examples and f"\n  {name} " not in examples and f"| {name} " not in examples
    assert call(tmp_path, f"natsq-{name}", "--version", path=installed).stdout.startswith(f"natsq-{name} (natsq) ")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_usage_error_has_the_installed_name(installed, tmp_path, name):
    assert f"natsq-{name} orders" in call(tmp_path, f"natsq-{name}", path=installed).stderr
    assert f" bin/natsq-{name} orders" in call(tmp_path, f"bin/natsq-{name}").stderr


def test_a_link_with_another_name_is_called_by_the_installed_one(installed, tmp_path):
    (tmp_path / "d").symlink_to(installed / "natsq-dlq")
    assert call(tmp_path, "./d", "--help").stdout.startswith("Usage: natsq-dlq ")


def test_commands_for_others_name_them_as_they_are_there(world, installed, tmp_path):
    """natscli is found in the PATH; create-streams is only in the source tree."""
    server = "--server", world.server.url
    taken = call(tmp_path, "bin/natsq-consumer", DLQ, f"natsq.dead.{ORIGIN}.>", *server).stderr
    assert f"bin/natsq-dlq {DLQ} ORIGIN_STREAM" in taken
    missing = call(tmp_path, "natsq-consumer", "no_such_stream", "x", *server, path=f"{installed}:{DEPS_BIN}")
    assert missing.returncode == UNAVAILABLE and "create it with nats stream add" in missing.stderr
    here = world.run("consumer", "no_such_stream", "x")
    assert "/scripts/create-streams" in here.text and "nats stream ls'" in here.text


def test_a_verb_in_the_place_of_the_origin_is_recognized(world):
    refused = world.run("dlq", DLQ, "doctor")
    assert refused.code == UNAVAILABLE and f"dlq {DLQ} ORIGIN_STREAM doctor'?" in refused.text


class TestEnvironment:
    """NATSQ_DLQ and NATSQ_ORIGIN stand in for the streams when the first word is a verb."""

    @pytest.mark.parametrize("words", [["list"], ["stats"], ["show", "12"], ["sweep", "--sweep-wait", "1ms"]], ids=" ".join)
    def test_the_first_word_may_be_a_verb(self, world, words):
        done = world.run("dlq", *words, **STREAMS)
        assert done.code == (UNAVAILABLE if "12" in words else OK), done.text

    def test_without_a_word_it_runs(self, world):
        dlq = world.start("dlq", **STREAMS)
        world.wait_for_dlq()
        assert dlq.stop() == OK

    def test_names_on_the_command_line_win(self, world):
        assert world.run("dlq", DLQ, ORIGIN, "list", NATSQ_DLQ="other", NATSQ_ORIGIN="another").code == OK
        stream = world.run("dlq", "list", ORIGIN, "list", **STREAMS)
        assert stream.code == UNAVAILABLE and "no stream 'list'" in stream.text

    @pytest.mark.parametrize("name", STREAMS)
    @pytest.mark.parametrize("words", [[], ["list"], ["list", "12"]], ids=" ".join)
    def test_one_alone_is_a_usage_error(self, world, name, words):
        done = world.run("dlq", *words, server=False, **{name: STREAMS[name]})
        [other] = set(STREAMS) - {name}
        assert done.code == USAGE and f"{name} is set, but {other} is not" in done.text

    def test_a_verb_alone_without_them_names_them(self, world):
        done = world.run("dlq", "list", server=False)
        assert done.code == USAGE and "NATSQ_DLQ and NATSQ_ORIGIN" in done.text
