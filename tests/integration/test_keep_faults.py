"""Kept handlers that break the protocol, die or do not end: the job in hand fails, and no other."""

import pytest

from support.coprocess import ONCE, deaths, keep, run
from support.exit_codes import OK, USAGE
from support.handler_command import Gate, is_alive, publish, work
from support.world import ORIGIN


def at_order_5(*statements):
    """A handler that answers each job, and runs the statements when order-5 comes."""
    body = "".join(f"        {statement}\n" for statement in statements)
    return f"for job in jobs():\n    if job['body'] == 'order-5\\n':\n{body}    answer(job)\n"


@pytest.mark.parametrize(
    "end, reason",
    [
        ("sys.exit(3)", "exit 3"),
        ("sys.exit(0)", "exit 0"),
        ("sys.exit(65)", "exit 65"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("os.write(1, b'{\"seq\":'); os._exit(4)", "exit 4"),
        ("os.close(1); time.sleep(0.1); os._exit(5)", "exit 5"),
    ],
)
def test_a_handler_that_dies(world, keep, end, reason):
    publish(world, 10)
    program = at_order_5("print('last words', file=sys.stderr, flush=True)", end)
    run(keep(program, "-j", "1", *ONCE, "--count", "10"))
    assert deaths(world) == {"order-5": (reason, "last words")}
    assert world.js.count(ORIGIN) == 0


@pytest.mark.parametrize(
    "nonsense, error",
    [
        ("say('hello\\n')", "not a JSON object"),
        ("say('\\n')", "not a JSON object"),
        ("say('x' * 200000)", "too long"),
        ("answer({'seq': job['seq'] + 1})", "about another job"),
        ("answer(job, 'perhaps')", "verdict"),
        ("say(json.dumps({'verdict': 'done'}) + '\\n')", '"seq"'),
    ],
)
def test_a_handler_that_talks_nonsense(world, keep, nonsense, error):
    publish(world, 10)
    consumer = run(keep(at_order_5(nonsense), "-j", "1", *ONCE, "--count", "10"))
    assert list(deaths(world)) == ["order-5"]
    reason, words = deaths(world)["order-5"]
    assert reason == "failed" and error in words
    assert len(consumer.found("handler is started again")) == 1
    assert world.js.count(ORIGIN) == 0


ODD_VALUES = [
    r'"\ud800"',
    r'"\udc00\ud800"',
    "1e999",
    "9" * 400,
    "NaN",
    "-Infinity",
    "[" * 3000 + "]" * 3000,
    '{"x":' * 3000 + "1" + "}" * 3000,
    r'"\x41"',
    '"a\tb"',
]


def test_a_verdict_beside_values_that_are_not_needed(world, keep):
    """Some libraries write them; what the job's answer is does not depend on them."""
    publish(world, len(ODD_VALUES))
    program = f"""
values = {ODD_VALUES!r}
for job in jobs():
    verdict = "hopeless" if job["seq"] == 2 else "done"
    say('{{"note":%s,"seq":%d,"verdict":"%s"}}\\n' % (values[job["seq"] - 1], job["seq"], verdict))
"""
    consumer = run(keep(program, "-j", "1", *ONCE, "--count", len(ODD_VALUES)))
    assert deaths(world) == {"order-1": ("hopeless", None)} and world.js.count(ORIGIN) == 0
    assert not consumer.found("started again")


def test_an_error_that_is_not_utf8(world, keep):
    publish(world, 2)
    errors = [rb"caf\udce9", b"caf\xe9"]
    program = f"""
for job in jobs():
    error = {errors!r}[job["seq"] - 1]
    sys.stdout.buffer.write(b'{{"seq":%d,"verdict":"hopeless","error":"%s"}}\\n' % (job["seq"], error))
    sys.stdout.flush()
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "2"))
    assert deaths(world) == {"order-0": ("hopeless", "caf\ufffd"), "order-1": ("hopeless", "caf?")}


@pytest.mark.parametrize("how", ["--keep", "--keep=protobuf", "--keep=jsonl"])
def test_cat_is_no_handler(world, how):
    publish(world, 3)
    run(work(world, ["cat"], how, *ONCE, "--count", "3"))
    assert {reason for reason, _ in deaths(world).values()} == {"failed"} and len(deaths(world)) == 3


def test_a_handler_that_answers_twice(world, keep):
    publish(world, 5)
    run(keep("for job in jobs():\n    say(2 * (json.dumps({'seq': job['seq'], 'verdict': 'done'}) + '\\n'))", "-j", "1", *ONCE, "--count", "5"))
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {})


def test_a_handler_that_speaks_unasked(world, keep):
    """Between two jobs: it is started again, and no job fails for it."""
    publish(world, 1)
    program = "for job in jobs():\n    answer(job)\n    say('ready\\n')\n    note('said')"
    consumer = keep(program, "-j", "1", *ONCE, "--count", "2")
    world.eventually(lambda: "said" in keep.record.lines, "it spoke")
    world.js.publish("orders.new", "second")
    run(consumer)
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {})
    assert consumer.found("started again: .*")


def test_a_handler_that_ends_between_two_jobs(world, keep):
    """As some do after so many jobs, at any moment after the answer: no job fails for it."""
    publish(world, 30)
    program = "for job in jobs():\n    answer(job)\n    time.sleep(job['seq'] % 3 / 100)\n    os._exit(0)"
    run(keep(program, "-j", "2", *ONCE, "--count", "30"))
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {})


def test_a_handler_that_never_answers(world, keep):
    publish(world, 3)
    program = "for job in jobs():\n    if job['body'] == 'order-1\\n':\n        time.sleep(600)\n    answer(job)"
    run(keep(program, "-j", "1", *ONCE, "--count", "3", "--job-timeout", "1s"))
    assert [(body, reason) for body, (reason, _) in deaths(world).items()] == [("order-1", "timeout 1s")]
    assert world.js.count(ORIGIN) == 0


def test_a_handler_that_ignores_sigterm(world, keep):
    publish(world, 2)
    program = """
signal.signal(signal.SIGTERM, lambda *_: note("term"))
for job in jobs():
    while job["body"] == "order-0\\n":
        time.sleep(0.05)
    answer(job)
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s", "--kill-after", "200ms"))
    assert list(deaths(world)) == ["order-0"] and "term" in keep.record.lines


def test_nothing_of_its_group_outlives_a_timeout(world, keep):
    """It goes on SIGTERM, its child does not hear of it."""
    publish(world, 1)
    program = """
for job in jobs():
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note("child", os.getpid())
        time.sleep(600)
    time.sleep(600)
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "1", "--job-timeout", "1s", "--kill-after", "1m"))
    [pid] = [line.split()[1] for line in keep.record.lines if line.startswith("child ")]
    world.eventually(lambda: not is_alive(pid), "its child is gone too")


LEAVE = """
os.setpgid(0, os.getpgid(os.getppid()))  # the test's
signal.signal(signal.SIGTERM, lambda *_: note("term"))
for job in jobs():
    note("pid", os.getpid())
    while job["body"] == "order-0\\n":
        time.sleep(0.1)
    answer(job)
"""


def test_one_that_left_its_group_is_killed(world, keep):
    publish(world, 2)
    run(keep(LEAVE, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s", "--kill-after", "200ms"))
    assert [(body, reason) for body, (reason, _) in deaths(world).items()] == [("order-0", "timeout 1s")]
    pids = [line.split()[1] for line in keep.record.lines if line.startswith("pid ")]
    assert "term" in keep.record.lines and not any(map(is_alive, pids))


def test_a_stop_ends_one_that_left_its_group(world, keep):
    publish(world, 1)
    consumer = keep(LEAVE, "-j", "1", "--max-deliver", "9", "--grace", "200ms", "--kill-after", "200ms")
    world.eventually(lambda: "order-0" in keep.record.lines, "it runs")
    assert consumer.stop() == OK
    assert deaths(world) == {} and "cut off by the stop" in consumer.text


def test_an_answer_after_sigterm_counts(world, keep):
    publish(world, 2)
    program = """
class Enough(Exception):
    pass

def stop(*_):
    raise Enough

signal.signal(signal.SIGTERM, stop)
for job in jobs():
    try:
        time.sleep(600 if job["body"] == "order-0\\n" else 0)
    except Enough:
        note("term")
    answer(job)
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s"))
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {}) and "term" in keep.record.lines


def test_a_handler_that_reads_nothing(world, keep):
    world.js.publish("orders.new", "x" * 2**19)
    run(keep("time.sleep(600)", *ONCE, "--count", "1", "--job-timeout", "500ms"))
    assert [reason for reason, _ in deaths(world).values()] == ["timeout 500ms"]


def test_a_handler_that_closes_its_stdin(world, keep):
    publish(world, 2)
    run(keep("os.close(0)\ntime.sleep(0.2)\nsys.exit(9)", "-j", "1", *ONCE, "--count", "2"))
    assert {reason for reason, _ in deaths(world).values()} == {"exit 9"} and len(deaths(world)) == 2


def test_a_command_that_cannot_work_is_not_started_all_the_time(world):
    publish(world, 4)
    consumer = run(work(world, ["false"], "--keep", "-j", "1", *ONCE, "--count", "4"))
    assert {reason for reason, _ in deaths(world).values()} == {"exit 1"} and len(deaths(world)) == 4
    assert consumer.seconds > 0.1 + 0.2 + 0.4


def test_a_stop_does_not_wait_for_the_next_start(world):
    publish(world, 20)
    consumer = work(world, ["false"], "--keep", "-j", "1", "--max-deliver", "9", "--backoff", "1m")
    consumer.wait_for("exit 1", times=5)  # the next start is 1.6 s away
    assert consumer.stop(within=10) == OK
    assert deaths(world) == {} and world.js.count(ORIGIN) == 20


# ---- ends

AT_THE_GATE = """
for job in jobs():
    while not os.path.exists(sys.argv[1] + ".open"):
        time.sleep(0.02)
    answer(job)
note("bye")
"""


def test_a_stop_waits_for_the_job_in_hand(world, keep):
    publish(world, 5)
    consumer = keep(AT_THE_GATE, "-j", "1")
    world.eventually(lambda: "order-0" in keep.record.lines, "it runs")
    consumer.signal()
    Gate.open(keep.record)
    assert consumer.wait() == OK
    assert world.js.count(ORIGIN) == 4
    assert keep.record.lines == ["order-0", "bye"]


def test_a_stop_cuts_off_what_outlasts_the_grace(world, keep):
    publish(world, 1)
    consumer = keep(AT_THE_GATE, "-j", "1", "--grace", "300ms", "--max-deliver", "9", "--backoff", "200ms")
    world.eventually(lambda: "order-0" in keep.record.lines, "it runs")
    assert consumer.stop() == OK
    assert "cut off by the stop" in consumer.text and deaths(world) == {}
    Gate.open(keep.record)
    run(keep(AT_THE_GATE, "--until-empty", "--max-deliver", "9"))
    assert world.js.count(ORIGIN) == 0


def test_the_end_of_stdin_is_the_end(world, keep):
    publish(world, 4)
    run(keep("for job in jobs():\n    answer(job)\ntime.sleep(0.3)\nnote('bye')", "-j", "2", "--count", "4"))
    assert "bye" in keep.record.lines


def test_a_handler_that_does_not_end_is_killed(world, keep):
    publish(world, 1)
    program = """
signal.signal(signal.SIGTERM, lambda *_: note("term"))
for job in jobs():
    note("pid", os.getpid())
    answer(job)
while True:
    time.sleep(0.1)
"""
    run(keep(program, "-j", "1", "--count", "1", "--kill-after", "200ms"))
    [pid] = [line.split()[1] for line in keep.record.lines if line.startswith("pid ")]
    assert "term" in keep.record.lines and not is_alive(pid)


def test_it_dies_with_the_consumer(world, keep):
    publish(world, 1)
    consumer = keep("for job in jobs():\n    note('pid', os.getpid())\n    time.sleep(600)", "-j", "1")
    [pid] = world.eventually(lambda: [line.split()[1] for line in keep.record.lines if line.startswith("pid ")], "it runs")
    consumer.kill()
    world.eventually(lambda: not is_alive(pid), "it is gone")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--keep"], "--keep needs a COMMAND"),
        (["--keep", "jsonl", "--", "cat"], "--keep=jsonl"),
        (["--keep=xml", "--", "cat"], "protobuf|jsonl"),
    ],
)
def test_usage(world, arguments, words):
    consumer = world.run("consumer", ORIGIN, "orders.*", *arguments, server=False)
    assert consumer.code == USAGE and words in consumer.text
