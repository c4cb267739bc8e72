#include "tables/letter_groups.h"

#include "unit.h"

#include <jansson.h>

TEST(the_largest_groups_come_first)
{
    static const struct {
        size_t most;
        const char *expected;
    } rows[] = {{0, ""}, {1, "d9 "}, {3, "d9 b5 e5 "}, {9, "d9 b5 e5 c2 a1 "}};
    json_t *groups = json_loads("{\"a\":{\"held\":1},\"b\":{\"held\":2,\"waiting\":3},\"c\":{"
                                "\"announced\":2},\"d\":{\"held\":9},\"e\":{\"waiting\":5}}",
                                0, NULL);
    FOR_EACH (row, rows) {
        struct letter_group top[10];
        char text[64] = "";
        size_t n = letter_groups_top(groups, top, row->most);
        for (size_t i = 0; i < n; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d ", top[i].name,
                     (int)top[i].n);
        assert_string_equal(text, row->expected);
    }
    json_decref(groups);
}
