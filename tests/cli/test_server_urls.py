"""Invalid server URLs: each program refuses them by name before it connects anywhere."""

import json
import re

import pytest

from support.build import ROOT
from support.exit_codes import USAGE
from support.program import Program
from support.world import DLQ, ORIGIN

FAULTS = re.findall(r'^FAULT\(\w+, "(.*?)", "(.*?)"\)$', (ROOT / "common/nats/server_url_faults.def").read_text(), re.MULTILINE)
PROGRAMS = {
    "publisher": ("orders.new", "--count", "1"),
    "consumer": (ORIGIN, "orders.*"),
    "dlq": (DLQ, ORIGIN, "list"),
}


def refusal(home, program, *options, **variables):
    run = Program(program, [*PROGRAMS[program], *options], home, **variables)
    assert run.wait() == USAGE, run.text
    assert run.out == [] and len(run.lines) == 1, run.text
    return run.text


def test_the_table_of_faults_is_read():
    assert len(FAULTS) >= 10


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_fault_is_named_wherever_the_url_comes_from(program, tmp_path):
    for url, words in FAULTS:
        for where in ["--server", url], ["--server", f"nats://127.0.0.1:9,{url}"], ["--server", f"{url},nats://127.0.0.1:9"]:
            assert words in refusal(tmp_path, program, *where), url
        assert words in refusal(tmp_path, program, NATS_URL=url), url
        assert words in refusal(tmp_path, program, NATS_URL=f"nats://127.0.0.1:9,{url}"), url


@pytest.mark.parametrize("program", PROGRAMS)
def test_user_and_password_are_not_printed(program, tmp_path):
    for url in (
        "nats://somebody:sesame-42@h:abc",
        "ws://somebody:sesame-42@h",
        "nats://somebody:sesame-42",
        "nats://somebody:%sesame-42@h",
        "http://sesame-42@h",
    ):
        text = refusal(tmp_path, program, "--server", url) + refusal(tmp_path, program, NATS_URL=url)
        assert "sesame-42" not in text, text


def test_the_message_names_the_url_and_its_source(tmp_path):
    text = refusal(tmp_path, "publisher", "--server", "nats://127.0.0.1:99999")
    assert "--server: server URL 'nats://127.0.0.1:99999' has a port" in text
    text = refusal(tmp_path, "publisher", NATS_URL="nats://127.0.0.1:0")
    assert "NATS_URL: server URL 'nats://127.0.0.1:0' has a port" in text


def test_a_variable_that_is_overruled_may_hold_anything(tmp_path):
    run = Program("publisher", ["orders.new", "--server", "nats://127.0.0.1:1"], tmp_path, NATS_URL="http://h")
    assert run.wait() == 69, run.text


def test_doctor_refuses_a_bad_url_too(tmp_path):
    run = Program("dlq", [DLQ, ORIGIN, "doctor", "--json", "--server", "http://h"], tmp_path)
    assert run.wait() == USAGE and [json.loads(line) for line in run.out] == []
