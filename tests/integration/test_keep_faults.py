"""Coprocess handlers (--keep) that break the protocol, die or do not exit: only the job in flight fails."""

import pytest

from support.coprocess import ONCE, dead_jobs, keep, wait_until_done
from support.exit_codes import OK, USAGE
from support.handler_command import Gate, is_alive, publish, work
from support.world import ORIGIN


def at_order_5(*statements):
    """A handler that answers each job, and runs the statements when order-5 arrives."""
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
def test_a_handler_that_dies_fails_only_its_job(world, keep, end, reason):
    publish(world, 10)
    program = at_order_5("print('last words', file=sys.stderr, flush=True)", end)
    wait_until_done(keep(program, "-j", "1", *ONCE, "--count", "10"))
    assert dead_jobs(world) == {"order-5": (reason, "last words")}
    assert world.js.count(ORIGIN) == 0


@pytest.mark.parametrize(
    "statement, error",
    [
        ("say('hello\\n')", "not a JSON object"),
        ("say('\\n')", "not a JSON object"),
        ("say('x' * 200000)", "too long"),
        ("answer({'seq': job['seq'] + 1})", "for another job"),
        ("answer(job, 'perhaps')", "verdict"),
        ("say(json.dumps({'verdict': 'done'}) + '\\n')", '"seq"'),
    ],
)
def test_an_invalid_answer_fails_only_its_job(world, keep, statement, error):
    publish(world, 10)
    consumer = wait_until_done(keep(at_order_5(statement), "-j", "1", *ONCE, "--count", "10"))
    assert list(dead_jobs(world)) == ["order-5"]
    reason, words = dead_jobs(world)["order-5"]
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


def test_odd_values_beside_a_verdict_are_ignored(world, keep):
    """Some libraries write them; the verdict does not depend on them."""
    publish(world, len(ODD_VALUES))
    program = f"""
values = {ODD_VALUES!r}
for job in jobs():
    verdict = "hopeless" if job["seq"] == 2 else "done"
    say('{{"note":%s,"seq":%d,"verdict":"%s"}}\\n' % (values[job["seq"] - 1], job["seq"], verdict))
"""
    consumer = wait_until_done(keep(program, "-j", "1", *ONCE, "--count", len(ODD_VALUES)))
    assert dead_jobs(world) == {"order-1": ("hopeless", None)} and world.js.count(ORIGIN) == 0
    assert not consumer.found("started again")


def test_an_error_that_is_not_utf8_is_made_utf8(world, keep):
    publish(world, 2)
    errors = [rb"caf\udce9", b"caf\xe9"]
    program = f"""
for job in jobs():
    error = {errors!r}[job["seq"] - 1]
    sys.stdout.buffer.write(b'{{"seq":%d,"verdict":"hopeless","error":"%s"}}\\n' % (job["seq"], error))
    sys.stdout.flush()
"""
    wait_until_done(keep(program, "-j", "1", *ONCE, "--count", "2"))
    assert dead_jobs(world) == {"order-0": ("hopeless", "caf\ufffd"), "order-1": ("hopeless", "caf?")}


@pytest.mark.parametrize("how", ["--keep", "--keep=protobuf", "--keep=jsonl"])
def test_a_handler_that_echoes_its_input_fails_the_job(world, how):
    publish(world, 3)
    wait_until_done(work(world, ["cat"], how, *ONCE, "--count", "3"))
    assert {reason for reason, _ in dead_jobs(world).values()} == {"failed"} and len(dead_jobs(world)) == 3


def test_a_second_answer_harms_no_job(world, keep):
    publish(world, 5)
    wait_until_done(keep("for job in jobs():\n    say(2 * (json.dumps({'seq': job['seq'], 'verdict': 'done'}) + '\\n'))", "-j", "1", *ONCE, "--count", "5"))
    assert (world.js.count(ORIGIN), dead_jobs(world)) == (0, {})


def test_an_unexpected_answer_restarts_the_handler_and_fails_no_job(world, keep):
    """It arrives between two jobs."""
    publish(world, 1)
    program = "for job in jobs():\n    answer(job)\n    say('ready\\n')\n    note('said')"
    consumer = keep(program, "-j", "1", *ONCE, "--count", "2")
    world.eventually(lambda: "said" in keep.record.lines, "it spoke")
    world.js.publish("orders.new", "second")
    wait_until_done(consumer)
    assert (world.js.count(ORIGIN), dead_jobs(world)) == (0, {})
    assert consumer.found("started again: .*")


def test_a_handler_that_ends_between_two_jobs_fails_no_job(world, keep):
    """As some handlers do after a number of jobs, at any moment after an answer."""
    publish(world, 30)
    program = "for job in jobs():\n    answer(job)\n    time.sleep(job['seq'] % 3 / 100)\n    os._exit(0)"
    wait_until_done(keep(program, "-j", "2", *ONCE, "--count", "30"))
    assert (world.js.count(ORIGIN), dead_jobs(world)) == (0, {})


def test_a_handler_that_never_answers_times_out(world, keep):
    publish(world, 3)
    program = "for job in jobs():\n    if job['body'] == 'order-1\\n':\n        time.sleep(600)\n    answer(job)"
    wait_until_done(keep(program, "-j", "1", *ONCE, "--count", "3", "--job-timeout", "1s"))
    assert [(body, reason) for body, (reason, _) in dead_jobs(world).items()] == [("order-1", "timeout 1s")]
    assert world.js.count(ORIGIN) == 0


def test_a_handler_that_ignores_sigterm_is_killed(world, keep):
    publish(world, 2)
    program = """
signal.signal(signal.SIGTERM, lambda *_: note("term"))
for job in jobs():
    while job["body"] == "order-0\\n":
        time.sleep(0.05)
    answer(job)
"""
    wait_until_done(keep(program, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s", "--kill-after", "200ms"))
    assert list(dead_jobs(world)) == ["order-0"] and "term" in keep.record.lines


def test_no_process_of_its_group_outlives_a_timeout(world, keep):
    """The handler ends on SIGTERM; its child ignores it."""
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
    wait_until_done(keep(program, "-j", "1", *ONCE, "--count", "1", "--job-timeout", "1s", "--kill-after", "1m"))
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


def test_a_handler_that_left_its_group_is_killed(world, keep):
    publish(world, 2)
    wait_until_done(keep(LEAVE, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s", "--kill-after", "200ms"))
    assert [(body, reason) for body, (reason, _) in dead_jobs(world).items()] == [("order-0", "timeout 1s")]
    pids = [line.split()[1] for line in keep.record.lines if line.startswith("pid ")]
    assert "term" in keep.record.lines and not any(map(is_alive, pids))


def test_a_stop_ends_a_handler_that_left_its_group(world, keep):
    publish(world, 1)
    consumer = keep(LEAVE, "-j", "1", "--max-deliver", "9", "--grace", "200ms", "--kill-after", "200ms")
    world.eventually(lambda: "order-0" in keep.record.lines, "it runs")
    assert consumer.stop() == OK
    assert dead_jobs(world) == {} and "cut off by the stop" in consumer.text


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
    wait_until_done(keep(program, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s"))
    assert (world.js.count(ORIGIN), dead_jobs(world)) == (0, {}) and "term" in keep.record.lines


def test_a_handler_that_reads_nothing_times_out(world, keep):
    world.js.publish("orders.new", "x" * 2**19)
    wait_until_done(keep("time.sleep(600)", *ONCE, "--count", "1", "--job-timeout", "500ms"))
    assert [reason for reason, _ in dead_jobs(world).values()] == ["timeout 500ms"]


def test_a_handler_that_closes_its_stdin_fails_the_job_with_its_exit_code(world, keep):
    publish(world, 2)
    wait_until_done(keep("os.close(0)\ntime.sleep(0.2)\nsys.exit(9)", "-j", "1", *ONCE, "--count", "2"))
    assert {reason for reason, _ in dead_jobs(world).values()} == {"exit 9"} and len(dead_jobs(world)) == 2


def test_a_command_that_always_fails_is_restarted_with_a_backoff(world):
    publish(world, 4)
    consumer = wait_until_done(work(world, ["false"], "--keep", "-j", "1", *ONCE, "--count", "4"))
    assert {reason for reason, _ in dead_jobs(world).values()} == {"exit 1"} and len(dead_jobs(world)) == 4
    assert consumer.seconds > 0.1 + 0.2 + 0.4


def test_a_stop_does_not_wait_for_the_next_start(world):
    publish(world, 20)
    consumer = work(world, ["false"], "--keep", "-j", "1", "--max-deliver", "9", "--backoff", "1m")
    consumer.wait_for("exit 1", times=5)  # the next start is 1.6 s away
    assert consumer.stop(within=10) == OK
    assert dead_jobs(world) == {} and world.js.count(ORIGIN) == 20


# ---- ends

AT_THE_GATE = """
for job in jobs():
    while not os.path.exists(sys.argv[1] + ".open"):
        time.sleep(0.02)
    answer(job)
note("bye")
"""


def test_a_stop_waits_for_the_job_in_flight(world, keep):
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
    assert "cut off by the stop" in consumer.text and dead_jobs(world) == {}
    Gate.open(keep.record)
    wait_until_done(keep(AT_THE_GATE, "--until-empty", "--max-deliver", "9"))
    assert world.js.count(ORIGIN) == 0


def test_a_handler_may_finish_after_the_end_of_stdin(world, keep):
    publish(world, 4)
    wait_until_done(keep("for job in jobs():\n    answer(job)\ntime.sleep(0.3)\nnote('bye')", "-j", "2", "--count", "4"))
    assert "bye" in keep.record.lines


def test_a_handler_that_does_not_end_after_stdin_is_killed(world, keep):
    publish(world, 1)
    program = """
signal.signal(signal.SIGTERM, lambda *_: note("term"))
for job in jobs():
    note("pid", os.getpid())
    answer(job)
while True:
    time.sleep(0.1)
"""
    wait_until_done(keep(program, "-j", "1", "--count", "1", "--kill-after", "200ms"))
    [pid] = [line.split()[1] for line in keep.record.lines if line.startswith("pid ")]
    assert "term" in keep.record.lines and not is_alive(pid)


def test_a_handler_dies_with_the_consumer(world, keep):
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
def test_a_usage_error_of_keep_is_named(world, arguments, words):
    consumer = world.run("consumer", ORIGIN, "orders.*", *arguments, server=False)
    assert consumer.code == USAGE and words in consumer.text
