#include "handler/verdict.h"

#include <signal.h>

#include "unit.h"

static const struct {
    int code, status;
    enum verdict_kind kind;
    int exit_code, signal;
    const char *reason;
} exits[] = {
    {CLD_EXITED, 0, VERDICT_DONE, 0, 0, "exit 0"},
    {CLD_EXITED, 1, VERDICT_RETRY, 1, 0, "exit 1"},
    {CLD_EXITED, 65, VERDICT_HOPELESS, 65, 0, "hopeless"},
    {CLD_EXITED, 255, VERDICT_RETRY, 255, 0, "exit 255"},
    {CLD_KILLED, SIGKILL, VERDICT_RETRY, -1, SIGKILL, "signal 9"},
    {CLD_DUMPED, SIGSEGV, VERDICT_RETRY, -1, SIGSEGV, "signal 11"},
};

TEST(a_wait_status_becomes_a_verdict)
{
    FOR_EACH (row, exits) {
        struct verdict verdict = {0};
        verdict_of_exit(&verdict, row->code, row->status);
        assert_int_equal(verdict.kind, row->kind);
        assert_int_equal(verdict.exit_code, row->exit_code);
        assert_int_equal(verdict.signal, row->signal);
        assert_string_equal(verdict.reason, row->reason);
    }
}

TEST(every_kind_has_its_own_text)
{
    static const char *const texts[VERDICT_KINDS] = {[VERDICT_RETRY] = "retry",
                                                     [VERDICT_DONE] = "done",
                                                     [VERDICT_HOPELESS] = "hopeless",
                                                     [VERDICT_STOPPED] = "stopped",
                                                     [VERDICT_UNSTARTED] = "unstarted"};
    for (int kind = 0; kind < VERDICT_KINDS; kind++)
        assert_string_equal(verdict_kind_text((enum verdict_kind)kind), texts[kind]);
    assert_string_equal(verdict_kind_text((enum verdict_kind)VERDICT_KINDS), "unknown");
}
