#include "handler/oom_score.h"

#include "unit.h"

TEST(the_score_is_raised_up_to_a_limit)
{
    static const struct {
        const char *shown;
        int raised;
    } cases[] = {
        {"0\n", 500},     {"17\n", 517},  {"499\n", 999}, {"500\n", 1000}, {"501\n", 1000},
        {"1000\n", 1000}, {"-17\n", 483}, {"-500\n", 0},  {"-501\n", -1},  {"-1000\n", -500},
        {"", 500},        {"-\n", 500},   {"x", 500},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(oom_score_raised(cases[i].shown), cases[i].raised);
}
