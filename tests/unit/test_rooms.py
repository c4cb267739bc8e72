"""Each folder of sources includes only the folders that its README.md names, and no includes form a circle."""

import shutil

import pytest

from support.build import ROOT
from support.rooms import House, LIBRARY, PROGRAMS, circle


@pytest.fixture
def copy(tmp_path):
    for top in (LIBRARY, *PROGRAMS):
        shutil.copytree(ROOT / top, tmp_path / top)
    return tmp_path


def include(file, header):
    file.write_text(file.read_text() + f'\n#include "{header}"\n')


def test_every_include_goes_to_a_room_below():
    house = House(ROOT)
    assert len(house.rooms) > 10
    assert house.faults() == []


def test_the_rooms_form_no_circle():
    assert circle({room.name: set(room.uses) for room in House(ROOT).rooms.values()}) == []


def test_readme_names_the_rooms_that_are_used_and_no_others():
    house = House(ROOT)
    assert {room.name: room.uses for room in house.rooms.values()} == house.used()


def test_the_files_form_no_circle():
    assert circle(House(ROOT).modules()) == []


@pytest.mark.parametrize(
    "file, header",
    [
        ("common/base/error.h", "nats/connection.h"),
        ("common/queue/stream.c", "letter/letter.h"),
        ("dlq/tables/listing.h", "run/collector.h"),
        ("dlq/dlq_options.c", "tables/listing.h"),
    ],
)
def test_an_include_of_a_room_above_is_reported(copy, file, header):
    include(copy / file, header)
    faults = House(copy).faults()
    assert len(faults) == 1
    assert faults[0].startswith(f"{file} includes ") and faults[0].endswith(header)


def test_a_circle_of_files_is_reported(copy):
    include(copy / "common/base/error.h", "base/exit_status.h")
    assert set(circle(House(copy).modules())) >= {"common/base/error", "common/base/exit_status"}
