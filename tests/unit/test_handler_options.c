#include "handler/handler_options.h"

#include "unit.h"

static char program[] = "./resize.sh", *words[] = {program, NULL};

static const struct example {
    struct handler_options options;
    enum handler_choice chosen;
    bool uses_stdout;
} examples[] = {
    {{.concurrency = 4}, HANDLER_BUILTIN, false},
    {{.concurrency = 4, .command = words}, HANDLER_COMMAND, true},
    {{.concurrency = 4, .command = words, .keep = HANDLER_KEEP_PROTOBUF}, HANDLER_COPROCESS, false},
    {{.concurrency = 4, .command = words, .keep = HANDLER_KEEP_JSONL}, HANDLER_COPROCESS, false},
};

TEST(the_options_choose_the_kind_of_handler)
{
    FOR_EACH (example, examples) {
        assert_int_equal(handler_chosen(&example->options), example->chosen);
        assert_int_equal(handler_uses_stdout(&example->options), example->uses_stdout);
    }
}

TEST(the_builtin_handler_has_one_slot_and_decides_no_letters)
{
    FOR_EACH (example, examples) {
        bool is_builtin = example->chosen == HANDLER_BUILTIN;
        assert_int_equal(handler_is_builtin(&example->options), is_builtin);
        assert_int_equal(handler_decides_letters(&example->options), !is_builtin);
        assert_int_equal(handler_slots(&example->options), is_builtin ? 1 : 4);
    }
}

TEST(refuses_options_that_the_builtin_handler_would_ignore)
{
    static const struct {
        struct handler_options options;
        const char *named;
    } refused[] = {
        {{.keep = HANDLER_KEEP_JSONL}, "--keep"},
        {{.given.concurrency = true}, "--concurrency"},
        {{.given.job_timeout = true}, "--job-timeout"},
        {{.given.kill_after = true}, "--kill-after"},
    };
    FOR_EACH (example, refused) {
        struct handler_options options = example->options;
        struct error error = {0};
        assert_int_equal(handler_options_check(&options, &error), -1);
        assert_int_equal(error.exit_code, EX_USAGE);
        assert_non_null(strstr(error.text, example->named));
    }
}
