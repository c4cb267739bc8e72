#include "base/glob.h"

#include "base/clock.h"
#include "base/duration.h"

#include "unit.h"

#include <stdlib.h>

static const struct {
    const char *glob, *text;
    bool matches;
} cases[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"abc", "abc", true},
    {"abc", "abd", false},
    {"abc", "abcd", false},
    {"ABC", "abc", false},
    {"*", "", true},
    {"*", "a\nb", true},
    {"**", "abc", true},
    {"a*", "a", true},
    {"a*c", "abbc", true},
    {"a*c", "abcb", false},
    {"*refused*", "connection refused (1)", true},
    {"*refused", "connection refused (1)", false},
    {"*ab*ab", "abxabab", true},
    {"*a*b*c*", "xxaxxcxxb", false},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"?", "", false},
    {"Z?rich", "Zürich", true},
    {"Z??rich", "Zürich", false},
    {"Z??rich", "Z\xff\xferich", true},
    {"*ü*", "Zürich", true},
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[a-c]x", "cx", true},
    {"[!a-c]", "b", false},
    {"[!a-c]", "d", true},
    {"[^a-c]", "d", true},
    {"[ä-ü]", "ö", true},
    {"[]a]", "]", true},
    {"[!]a]", "]", false},
    {"[a-]", "-", true},
    {"[-a]", "-", true},
    {"[\\]]", "]", true},
    {"[[:digit:]]*", "3x", true},
    {"[[:digit:]a-c]", "b", true},
    {"[![:digit:]]", "3", false},
    {"[[:nothing:]]", "n", false},
    {"[[:alpha:]]", "ü", false},
    {"[ab", "[ab", true},
    {"[ab", "a", false},
    {"[", "[", true},
    {"[!", "[!", true},
    {"[]", "[]", true},
    {"[[:digit:", "[[:digit:", true},
    {"exit [0-9]", "exit 3", true},
    {"timeout 3[0-9]s", "timeout 30s", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"a\\?", "a?", true},
    {"a\\", "a\\", true},
    {"\\\\", "\\", true},
};

TEST(a_glob_matches_the_whole_text)
{
    FOR_EACH (each, cases)
        if (glob_matches(each->glob, each->text, strlen(each->text)) != each->matches)
            fail_msg("'%s' %s '%s'", each->glob, each->matches ? "does not match" : "matches",
                     each->text);
}

TEST(a_nul_is_a_byte_like_others)
{
    static const char body[] = "a\0b";
    assert_true(glob_matches("*b", body, 3));
    assert_true(glob_matches("a?b", body, 3));
    assert_false(glob_matches("a", body, 3));
    assert_true(glob_matches("*", body, 0));
}

/* A matcher that tries each star again would not end in years. */
TEST(many_stars_in_a_large_body_take_no_time)
{
    enum { SIZE = 1 << 16 };
    char *body = malloc(SIZE);
    assert_non_null(body);
    memset(body, 'a', SIZE);
    int64_t begin = clock_now();
    assert_false(glob_matches("*a*a*a*a*a*a*a*a*a*a*b", body, SIZE));
    assert_true(clock_now() - begin < 30 * DURATION_S);
    free(body);
}
