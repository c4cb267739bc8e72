"""The rooms of the source tree: which folders there are, what each may include, and what it includes."""

import re
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = ("publisher", "consumer", "dlq")
LIBRARY = "common"
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
USES = re.compile(r"^Uses: (.+)\.$", re.MULTILINE)


@dataclass
class Room:
    name: str
    folder: Path
    uses: frozenset[str]
    files: list[Path] = field(default_factory=list)


def uses(folder: Path) -> frozenset[str]:
    """The rooms that README.md allows the folder to include: its line `Uses: base, cli.`"""
    readme = folder / "README.md"
    found = USES.search(readme.read_text()) if readme.exists() else None
    assert found, f"{readme} has no line `Uses: ROOM, ROOM.` (or `Uses: nothing.`)"
    return frozenset() if found[1] == "nothing" else frozenset(found[1].split(", "))


class House:
    def __init__(self, root: Path):
        self.root = root
        self.rooms = {}
        for top in (LIBRARY, *PROGRAMS):
            if top != LIBRARY:  # the files next to main.c
                self.add(top, root / top)
            for folder in sorted(path for path in (root / top).iterdir() if path.is_dir()):
                self.add(folder.name, folder)

    def add(self, name: str, folder: Path) -> None:
        assert name not in self.rooms, f"two rooms are called {name}"
        files = sorted(path for path in folder.iterdir() if path.suffix in (".c", ".h", ".def"))
        self.rooms[name] = Room(name, folder, uses(folder), files)

    def included(self, file: Path) -> list[tuple[str, Path]]:
        """(room, file) of each header of this project that the file includes; generated ones are left out."""
        top = file.relative_to(self.root).parts[0]
        found = []
        for name in INCLUDE.findall(file.read_text()):
            for base in (top, LIBRARY):
                path = self.root / base / name
                if path.exists():
                    found.append((path.parent.name, path))
                    break
        return found

    def faults(self) -> list[str]:
        """Each include that goes to a room that is not below its own. A program's main.c is above all rooms."""
        found = []
        for room in self.rooms.values():
            for file in room.files:
                if file.name == "main.c":
                    continue
                for other, header in self.included(file):
                    if other != room.name and other not in room.uses:
                        found.append(f"{file.relative_to(self.root)} includes {header.relative_to(self.root)}")
        return found

    def used(self) -> dict[str, frozenset[str]]:
        """For each room the others that its files include."""
        return {
            room.name: frozenset(other for file in room.files if file.name != "main.c" for other, _ in self.included(file)) - {room.name}
            for room in self.rooms.values()
        }

    def modules(self) -> dict[str, set[str]]:
        """The graph of modules: a .c with its .h is one."""
        graph = {}
        for room in self.rooms.values():
            for file in room.files:
                name = str(file.with_suffix("").relative_to(self.root))
                others = {str(path.with_suffix("").relative_to(self.root)) for _, path in self.included(file)}
                graph.setdefault(name, set()).update(others - {name})
        return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The names on one cycle of the graph, in order; empty where there is none."""
    done, path = set(), []

    def visit(name: str) -> list[str]:
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return []
        path.append(name)
        for other in sorted(graph.get(name, ())):
            if found := visit(other):
                return found
        path.pop()
        done.add(name)
        return []

    for name in sorted(graph):
        if found := visit(name):
            return found
    return []
