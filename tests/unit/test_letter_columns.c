#include "letter_columns.h"

#include "tables/letter_cells.h"

#include "unit.h"

TEST(columns_are_chosen_and_ordered_by_name)
{
    struct letter_columns columns;
    struct error error = {0};
    assert_int_equal(letter_columns_parse("error,seq,job_id", &columns, &error), 0);
    assert_int_equal(columns.n, 3);
    assert_int_equal(columns.column[0], COLUMN_ERROR);
    assert_int_equal(columns.column[1], COLUMN_SEQ);
    assert_int_equal(columns.column[2], COLUMN_JOB_ID);
}

TEST(each_column_has_a_name_a_head_and_a_width)
{
    static const char all[] = "seq,state,age,died,stored,subject,consumer,tries,retries,reason,"
                              "error,host,job_id,size,body";
    struct letter_columns columns;
    struct error error = {0};
    assert_int_equal(letter_columns_parse(all, &columns, &error), 0);
    assert_int_equal(columns.n, LETTER_COLUMNS);
    for (size_t i = 0; i < columns.n; i++) {
        assert_int_equal(columns.column[i], i);
        assert_true(strlen(letter_cell_head(columns.column[i])) <=
                    letter_cell_width(columns.column[i]));
    }
}

TEST(what_is_no_list_of_columns_is_refused_with_the_names)
{
    static const struct {
        const char *list, *says;
    } cases[] = {
        {"", "no column ''"},
        {"seq,", "no column ''"},
        {"SEQ", "no column 'SEQ'; there are seq, state, age, "},
        {"seq state", "no column 'seq state'"},
        {"seq,foo,state", "no column 'foo'"},
        {"seq,age,seq", "seq is there twice"},
    };
    FOR_EACH (each, cases) {
        struct letter_columns columns;
        struct error error = {0};
        assert_int_equal(letter_columns_parse(each->list, &columns, &error), -1);
        assert_int_equal(error.exit_code, EX_USAGE);
        if (!strstr(error.text, each->says))
            fail_msg("'%s': %s", each->list, error.text);
    }
}

TEST(reasons_have_colours)
{
    assert_string_equal(letter_reason_colour("exit 1"), "31");
    assert_string_equal(letter_reason_colour("timeout 30s"), "33");
    assert_string_equal(letter_reason_colour("hopeless"), "35");
    assert_null(letter_reason_colour("something new"));
    assert_null(letter_reason_colour(NULL));
}
