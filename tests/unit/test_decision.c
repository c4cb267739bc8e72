#include "run/decision.h"

#include "unit.h"

enum { FATES = FATE_JOB_ALIVE + 1, OUTCOMES = RETIRE_ALIVE + 1 };

/* Whatever the fate would be: an original that is alive again settles the letter, and nothing else
 * does before the fate is confirmed. */
TEST(alive_settles_the_letter)
{
    const struct job message = {.delivery = {.deliveries = 1}};
    for (int fate = 0; fate < FATES; fate++)
        for (int original = 0; original < OUTCOMES; original++)
            for (int removal = 0; removal < 2; removal++) {
                struct decision decision = {.message = &message, .fate = (enum fate)fate};
                (removal ? decision_note_retirement
                         : decision_note_check)(&decision, (enum retire_outcome)original);
                bool alive = original == RETIRE_ALIVE || fate == FATE_JOB_ALIVE;
                bool waits = removal && original == RETIRE_LATER;
                assert_int_equal(decision.fate, alive ? FATE_JOB_ALIVE : fate);
                assert_int_equal(decision_is_settled(&decision), alive && !waits);
                assert_int_equal(decision.is_deferred, waits);
            }
}

/* Gone may mean that it died again, and that the worker that dead-lettered it found this letter. */
TEST(settled_only_while_alive)
{
    const struct job message = {.delivery = {.deliveries = 1}};
    for (int original = 0; original < OUTCOMES; original++) {
        struct decision decision = {.message = &message, .fate = FATE_JOB_ALIVE};
        assert_true(decision_needs_recheck(&decision));
        decision_note_recheck(&decision, (enum retire_outcome)original);
        assert_int_equal(decision_is_settled(&decision), original == RETIRE_ALIVE);
    }
}

/* The check saves the removal of an original that it does not find. */
TEST(what_is_gone_is_not_retired)
{
    const struct job message = {.delivery = {.deliveries = 1}};
    for (int original = 0; original < RETIRE_ALIVE; original++) {
        struct decision decision = {
            .message = &message, .fate = FATE_DONE, .outcome.kind = PUBACK_STORED};
        bool gone = original == RETIRE_GONE || original == RETIRE_OTHER;
        decision_note_check(&decision, (enum retire_outcome)original);
        assert_int_equal(decision_retires_after(&decision), !gone);
    }
}

TEST(what_is_confirmed_stays)
{
    const struct job message = {.delivery = {.deliveries = 1}};
    struct decision decision = {
        .message = &message, .fate = FATE_HOLD, .outcome.kind = PUBACK_EXISTS};
    decision_note_retirement(&decision, RETIRE_ALIVE);
    assert_int_equal(decision.fate, FATE_HOLD);
    assert_true(decision_is_settled(&decision));
}

TEST(deferred_but_not_for_ever)
{
    struct job message = {.delivery = {.deliveries = 2 * FATE_DELIVERIES_MAX}};
    struct decision decision = {.message = &message, .fate = FATE_PUT_BACK};
    decision_note_retirement(&decision, RETIRE_LATER);
    assert_true(decision.is_deferred);
    message.delivery.deliveries++;
    decision_note_retirement(&decision, RETIRE_LATER);
    assert_false(decision.is_deferred);
}

/* For each readable letter it is known whether the job is alive before anything is sent. */
TEST(each_is_checked_or_retired_before)
{
    const struct job message = {.delivery = {.deliveries = 1}};
    for (int fate = FATE_PUT_BACK; fate <= FATE_UNDECIDED; fate++)
        for (int reference = 0; reference < 2; reference++) {
            const struct decision decision = {
                .message = &message, .fate = (enum fate)fate, .letter.by_reference = reference};
            bool first = fate == FATE_PUT_BACK && !reference;
            assert_int_equal(decision_retires_before(&decision), first);
            assert_int_equal(decision_needs_check(&decision), !first);
            assert_int_equal(decision_needs_body(&decision),
                             reference && (fate == FATE_PUT_BACK || fate == FATE_UNDECIDED));
        }
    const struct decision unreadable = {
        .message = &message, .fault = "lacks it", .fate = FATE_HOLD};
    assert_false(decision_needs_check(&unreadable));
    assert_false(decision_retires_after(&unreadable));
}
