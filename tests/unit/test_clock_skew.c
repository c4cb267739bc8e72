#include "doctor/clock_skew.h"

#include "unit.h"

static const struct {
    struct clock_sample sample;
    int64_t skew;
} cases[] = {
    {{100, 105, 110}, 0},   {{100, 100, 110}, 0}, {{100, 110, 110}, 0},      {{100, 90, 110}, 10},
    {{100, 130, 110}, -20}, {{100, 100, 100}, 0}, {{3700, 100, 3701}, 3600},
};

TEST(only_what_the_round_trip_cannot_explain_is_skew)
{
    FOR_EACH (each, cases)
        assert_int_equal(clock_skew(&each->sample), each->skew);
}
