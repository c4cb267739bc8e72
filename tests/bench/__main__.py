"""scripts/bench: measures a program of natsq and its peers on a temporary server."""

import argparse
import json
import signal
import sys
from pathlib import Path

from bench import consumer, dlq, publisher, report
from bench.broker import Broker
from bench.peers import Peers
from bench.rounds import Missing

BENCHES = {"consumer": consumer.CASES, "dlq": dlq.CASES, "publisher": publisher.CASES}


def parse_options():
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures a program of natsq and its peers: each round runs all sides once, in turn.",
        epilog="cases:\n"
        + "\n".join(f"  {bench} {name:<10} {case.__doc__.splitlines()[0]}" for bench, cases in BENCHES.items() for name, case in cases.items()),
    )
    parser.add_argument("program", choices=BENCHES)
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds of each case (default 7)")
    parser.add_argument("--jobs", type=int, metavar="N", help="jobs of a round, instead of the default of the case")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    parser.add_argument("--only", action="append", metavar="CASE", help="only this case; may be repeated")
    parser.add_argument("--bin", type=Path, metavar="DIR", help="measure the programs in DIR; default: build the release preset")
    parser.add_argument("--beside", type=Path, metavar="DIR", help="add the programs in DIR as another side, '…, beside'")
    options = parser.parse_args()
    unknown = set(options.only or ()) - set(BENCHES[options.program])
    if unknown:
        parser.error(f"--only takes {', '.join(BENCHES[options.program])}, not {', '.join(sorted(unknown))}")
    if options.rounds < 1 or (options.jobs is not None and options.jobs < 1):
        parser.error("--rounds and --jobs take a number above 0")
    return options


def run_cases(options, peers):
    for name, case in BENCHES[options.program].items():
        if options.only and name not in options.only:
            continue
        try:
            with Broker(peers) as broker:
                result = case(broker, peers, options)
        except Missing as missing:
            result = report.left_out(name, str(missing))
        print(report.table(name, result), flush=True)
        yield name, result


def main():
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that servers are stopped
    results = dict(run_cases(options, Peers(options.bin, options.beside)))
    if options.json:
        document = {"program": options.program, "rounds": options.rounds, **report.machine(), "cases": results}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


sys.exit(main())
