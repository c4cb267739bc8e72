"""The connection breaks within a message, at one byte offset after another: no job gets another's bytes, none is lost."""

import pytest

from support.cutting_proxy import CuttingProxy
from support.exit_codes import OK
from support.handler_command import NOTE, Record, publish, sh
from support.world import DLQ, ORIGIN

COUNT = 400
TIMES = 40


@pytest.mark.parametrize("start", ["built-in", "command"])
def test_every_job_is_handled_whole_when_connections_break_within_messages(world, start):
    bodies, record = publish(world, COUNT), Record(world)
    proxy = CuttingProxy(world.server.url, after=1, step=3, times=TIMES)
    options = "--max-deliver", "50", "--backoff", "200ms", "--until-empty"
    handler = [] if start == "built-in" else ["--", *sh(NOTE, record)]
    worker = world.start("consumer", ORIGIN, "orders.*", *options, "--server", proxy.url, *handler, server=False)
    assert worker.wait(120) == OK, worker.text[-3000:]
    proxy.close()
    handled = record.lines or worker.found(r"received (\S+?)(?:\\n)? from stream sequence")
    assert set(handled) == bodies
    assert proxy.cut == TIMES
    assert len(worker.found("reconnected")) <= TIMES + 1
    assert (world.js.count(ORIGIN), world.js.count(DLQ)) == (0, 0)
