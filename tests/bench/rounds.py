"""Rounds: each runs all sides once, in turn, so that a disturbance of the machine affects all of them."""

import statistics
import sys


class Missing(Exception):
    """Something is not installed or does not exist yet: the case or the side is left out, and the result says so."""


def add_side(notes, sides, name, make):
    """Adds a side, or a note why it is left out."""
    try:
        sides[name] = make()
    except Missing as missing:
        notes.append(f"{name}: left out: {missing}")


def progress(words):
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)


def summary(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "all": values}


def run(sides, rounds):
    """Returns {name: {measure: summary}}. sides: {name: function that returns {measure: number}}. Each round starts with
    another side."""
    names, figures = list(sides), {}
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            progress(f"round {number + 1}/{rounds}: {name}")
            for measure, value in sides[name]().items():
                figures.setdefault(name, {}).setdefault(measure, []).append(value)
    progress("")
    return {name: {measure: summary(values) for measure, values in figures[name].items()} for name in names}


def ratios(results, ours, measure):
    """Ours divided by each other side, round by round."""
    mine = results[ours][measure]["all"]
    return {
        name: summary([a / b for a, b in zip(mine, result[measure]["all"])])
        for name, result in results.items()
        if name != ours and measure in result
    }


def compare(sides, rounds, ours, measures):
    """The result of a case. measures: {measure: unit}; the goals are about the first."""
    results = run(sides, rounds)
    return {
        "ours": ours,
        "units": measures,
        "sides": results,
        "ratios": {measure: ratios(results, ours, measure) for measure in measures},
    }


def note_goal(notes, result, ours, other, goal):
    """Records the ratio of two sides' speed next to the goal, unless one of them is left out."""
    if ours in result["sides"] and other in result["sides"]:
        ratio = ratios(result["sides"], ours, "speed")[other]
        words = f"{ratio['median']:.2f} times ({ratio['least']:.2f}–{ratio['most']:.2f})"
        notes.append(f"{ours} / {other}: {words}; the goal: {goal}")
