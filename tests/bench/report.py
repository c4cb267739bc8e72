"""Results as a readable table."""

import datetime
import os
import platform


def machine():
    return {
        "when": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "system": platform.platform(),
    }


def left_out(name, reason):
    return {"left_out": reason}


def shown(value):
    if value >= 10000:
        return f"{value / 1000:.1f}k"
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def spread(summary):
    return f"{shown(summary['median'])} ({shown(summary['least'])}–{shown(summary['most'])})"


def aligned(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def rows(result):
    yield ["", *(cell for measure, unit in result["units"].items() for cell in (f"{measure}, {unit}", f"{result['ours']} / it"))]
    for name, figures in result["sides"].items():
        row = [name]
        for measure in result["units"]:
            ratio = result["ratios"][measure].get(name)
            row += [spread(figures[measure]) if measure in figures else "", spread(ratio) if ratio else ""]
        yield row


def table(name, result):
    """Medians (least–most), and the ratio of our side to each other side: the median (least–most) of the rounds."""
    if "left_out" in result:
        return f"\n{name}: left out: {result['left_out']}\n"
    notes = "".join(f"\n{note}" for note in result.get("notes", ()))
    return f"\n{name}: {result['title']}\n\n{aligned(list(rows(result)))}\n{notes}"
