"""docs/settings.md has the rows of the table of settings (common/queue/settings.c), in its order."""

import re
import subprocess

from support.build import BIN, ROOT

ORIGIN, DLQ, DURABLE, DEAD_LETTERING = 1, 2, 4, 8
OBJECTS = {DURABLE: "durable", ORIGIN: "origin", DLQ: "DLQ stream", ORIGIN | DLQ: "both streams"}
ACTIONS = "refused", "adapted to", "warned about", "reported"
HEALTHS = "good", "warning", "critical"


def table():
    listed = subprocess.run([BIN.parent / "tests/unit/test_settings", "--list"], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        key, value, objects, action, health = line.split()
        yield key, value, int(objects), ACTIONS[int(action)], HEALTHS[int(health)]


def documented():
    for line in (ROOT / "docs/settings.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        words = re.findall("`([^`]+)`", cells[0])
        if line.startswith("|") and words:
            setting, of, action, _, health = cells
            yield words[0], words[1] if len(words) > 1 else "-", of, action, health


def test_the_page_has_every_row_of_the_table():
    rows = [(key, value, OBJECTS[objects & ~DEAD_LETTERING], action, health) for key, value, objects, action, health in table()]
    assert list(documented()) == rows


def test_the_page_names_what_a_worker_that_stores_letters_checks():
    keys = {key for key, _, objects, _, _ in table() if objects & DEAD_LETTERING}
    sentence = re.search("A worker that stores letters checks ([^.]+)", (ROOT / "docs/settings.md").read_text())[1]
    assert set(re.findall("`([^`]+)`", sentence)) == keys
