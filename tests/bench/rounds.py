"""Rounds: all sides once a round, in turn, so that what disturbs the machine disturbs all alike."""

import statistics
import sys


class Missing(Exception):
    """Something that is not installed or not written yet; the case or the side is left out, and it is said."""


def offered(notes, sides, name, make):
    """Adds a side, or says why it is left out."""
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
    """sides: {name: function that returns {measure: number}}. Each round starts with another side.

    Returns {name: {measure: summary}}."""
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
    """ours divided by each other side, round by round."""
    mine = results[ours][measure]["all"]
    return {
        name: summary([a / b for a, b in zip(mine, result[measure]["all"])])
        for name, result in results.items()
        if name != ours and measure in result
    }


def compare(sides, rounds, ours, measures):
    """The result of a case. measures: {measure: unit}, the first of which is what the goals speak of."""
    results = run(sides, rounds)
    return {
        "ours": ours,
        "units": measures,
        "sides": results,
        "ratios": {measure: ratios(results, ours, measure) for measure in measures},
    }
