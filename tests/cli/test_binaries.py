"""The programs as files: hardened as cmake/Hardening.cmake says, and installed as natsq-NAME."""

import os
import platform
import re
import subprocess
from pathlib import Path

import pytest

BIN = Path(os.environ["NATSQ_BIN"])
BUILD = BIN.parent
ROOT = Path(os.environ["NATSQ_ROOT"])
PROGRAMS = ["publisher", "consumer", "dlq"]
DOCUMENTS = {"README.md", "LICENSE", "CHANGELOG.md", "examples"}
COMMON = BUILD / "common" / "libnatsq_common.a"


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_cache():
    lines = (BUILD / "CMakeCache.txt").read_text().splitlines()
    return dict(re.findall(r"^(\w+):\w+=(.*)$", "\n".join(lines), re.M))


CACHE = read_cache()
SANITIZED = bool(CACHE["NATSQ_SANITIZE"])

hardened = pytest.mark.skipif(CACHE["NATSQ_HARDENING"] != "ON", reason="built without hardening")
each_program = pytest.mark.parametrize("program", PROGRAMS)


def undefined_symbols(path):
    return set(re.findall(r" UND (\w+)", output_of("readelf", "-sW", path)))


@hardened
@each_program
def test_programs_are_position_independent(program):
    assert "Type:                              DYN" in output_of("readelf", "-hW", BIN / program)
    dynamic = output_of("readelf", "-dW", BIN / program)
    assert re.search(r"\(FLAGS_1\).*\bPIE\b", dynamic)
    assert "(TEXTREL)" not in dynamic


@hardened
@each_program
def test_relocations_are_read_only_from_the_start(program):
    assert "GNU_RELRO" in output_of("readelf", "-lW", BIN / program)
    assert "BIND_NOW" in output_of("readelf", "-dW", BIN / program)


@hardened
@each_program
def test_stack_and_data_are_not_executable(program):
    headers = output_of("readelf", "-lW", BIN / program)
    assert re.search(r"GNU_STACK.* RW +0x", headers)
    assert not re.search(r"LOAD.* RWE ", headers)


@each_program
def test_programs_have_no_library_path_of_their_own(program):
    assert not re.search(r"\((RPATH|RUNPATH)\)", output_of("readelf", "-dW", BIN / program))


# Our own objects are inspected: the programs also contain nats.c, which has canaries and fortified calls too.
@hardened
def test_the_stack_has_canaries():
    assert "__stack_chk_fail" in undefined_symbols(COMMON)


@hardened
@pytest.mark.skipif(SANITIZED, reason="sanitizers see more without it")
@pytest.mark.skipif(CACHE["CMAKE_BUILD_TYPE"] == "Debug", reason="fortification needs an optimiser")
def test_calls_are_fortified():
    assert any(re.fullmatch(r"__v?snprintf_chk", name) for name in undefined_symbols(COMMON))


# Our own objects are inspected: the linker drops the program's note when one object lacks it, as Debian's crt1.o does.
@hardened
@pytest.mark.skipif(platform.machine() != "x86_64", reason="x86 only")
def test_branches_and_returns_are_protected():
    notes = output_of("readelf", "-nW", COMMON)
    objects = notes.count("File: ")
    assert objects > 0
    assert len(re.findall(r"x86 feature: IBT, SHSTK", notes)) == objects


def test_programs_are_installed_with_a_prefix(tmp_path):
    subprocess.run(
        ["cmake", "--install", BUILD, "--prefix", "/usr"],
        check=True,
        env={**os.environ, "DESTDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    installed = set(tmp_path.glob("usr/bin/*"))
    assert {file.name for file in installed} == {f"natsq-{name}" for name in PROGRAMS}
    assert {file.name for file in tmp_path.glob("usr/share/doc/natsq/*")} == DOCUMENTS
    for file in installed:
        assert CACHE["CMAKE_PROJECT_VERSION"] in output_of(file, "--version")
