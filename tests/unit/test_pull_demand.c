#include "queue/pull_demand.h"

#include "unit.h"

TEST(how_many_jobs_may_be_requested)
{
    static const struct {
        struct pull_demand demand;
        size_t outstanding, expected;
    } cases[] = {
        /* one for each waiting thread */
        {{.waiting = 0}, 0, 0},
        {{.waiting = 4}, 0, 4},
        {{.waiting = 4, .held = 9}, 3, 1},
        {{.waiting = 4}, 4, 0},
        /* a batch, less what is held */
        {{.batch = 50, .waiting = 1}, 0, 50},
        {{.batch = 50, .waiting = 1, .held = 20}, 10, 20},
        {{.batch = 50, .waiting = 1, .held = 60}, 0, 0},
        /* no more than the limit */
        {{.waiting = 4, .limit = 10, .taken = 8}, 0, 2},
        {{.waiting = 4, .limit = 10, .taken = 8}, 1, 1},
        {{.waiting = 4, .limit = 10, .taken = 10}, 0, 0},
        /* paused: none, or one as a probe, whatever runs still */
        {{.waiting = 4, .is_paused = true}, 0, 0},
        {{.waiting = 1, .is_paused = true, .is_probing = true}, 0, 1},
        {{.waiting = 3, .held = 3, .is_paused = true, .is_probing = true}, 0, 1},
        {{.waiting = 1, .is_paused = true, .is_probing = true}, 1, 0},
        {{.waiting = 1, .limit = 9, .taken = 9, .is_paused = true, .is_probing = true}, 0, 0},
    };
    FOR_EACH (each, cases) {
        struct outstanding outstanding;
        outstanding_reset(&outstanding, 0);
        outstanding_add(&outstanding, each->outstanding, 0);
        size_t is = pull_demand_room(&each->demand, &outstanding);
        if (is != each->expected)
            fail_msg("case %td: %zu, not %zu", each - cases, is, each->expected);
    }
}
