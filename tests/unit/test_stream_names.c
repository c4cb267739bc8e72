#include "stream_names.h"

#include "base/error.h"
#include "verb.h"

#include "unit.h"

static const struct verb verbs[] = {{.name = "run"}, {.name = "list"}, {.name = "export"}, {0}};

enum { WORDS_MAX = 5 };

static const struct {
    const char *words[WORDS_MAX], *dlq, *origin; /* the variables */
    const char *stream, *of, *verb;              /* what is taken */
    size_t taken;
} good[] = {
    {{"dead", "jobs"}, NULL, NULL, "dead", "jobs", "run", 2},
    {{"dead", "jobs", "list", "12"}, NULL, NULL, "dead", "jobs", "list", 3},
    {{"dead", "jobs", "list"}, "d", "o", "dead", "jobs", "list", 3},
    {{"dead", "jobs"}, "d", NULL, "dead", "jobs", "run", 2},
    {{"list"}, "d", "o", "d", "o", "list", 1},
    {{"list", "12"}, "d", "o", "d", "o", "list", 1},
    {{"export", "file"}, "d", "o", "d", "o", "export", 1},
    {{NULL}, "d", "o", "d", "o", "run", 0},
    {{"list", "jobs", "run"}, "d", "o", "list", "jobs", "run", 3},
    {{"list", "jobs"}, NULL, NULL, "list", "jobs", "run", 2},
    {{"list", "jobs", "list"}, NULL, "", "list", "jobs", "list", 3},
};

static size_t count(const char *const *words)
{
    size_t n = 0;
    while (n < WORDS_MAX && words[n])
        n++;
    return n;
}

TEST(streams_and_verb_are_taken)
{
    FOR_EACH (each, good) {
        struct stream_names names;
        struct error error = {0};
        assert_int_equal(stream_names_take(&names, each->words, count(each->words), verbs,
                                           each->dlq, each->origin, &error),
                         0);
        assert_string_equal(names.stream, each->stream);
        assert_string_equal(names.origin, each->of);
        assert_string_equal(names.verb, each->verb);
        assert_int_equal(names.words, each->taken);
    }
}

static const struct {
    const char *words[WORDS_MAX], *dlq, *origin, *says;
} bad[] = {
    {{NULL}, NULL, NULL, "DLQ_STREAM is missing"},
    {{"dead"}, NULL, NULL, "ORIGIN_STREAM is missing"},
    {{"dead"}, "d", "o", "ORIGIN_STREAM is missing"},
    {{"lst"}, "d", "o", "are used only before a verb, and 'lst' is none"},
    {{"list"}, NULL, NULL, "or set NATSQ_DLQ and NATSQ_ORIGIN"},
    {{"list"}, "d", NULL, "NATSQ_DLQ is set, but NATSQ_ORIGIN is not"},
    {{"list", "12"}, "", "o", "NATSQ_ORIGIN is set, but NATSQ_DLQ is not"},
    {{NULL}, NULL, "o", "NATSQ_ORIGIN is set, but NATSQ_DLQ is not"},
    {{"list"}, "same", "same", "NATSQ_DLQ and NATSQ_ORIGIN are both 'same'"},
    {{"list"}, "a.b", "o", "NATSQ_DLQ 'a.b'"},
    {{"dead", "a.b"}, NULL, NULL, "ORIGIN_STREAM 'a.b'"},
    {{"same", "same"}, NULL, NULL, "DLQ_STREAM and ORIGIN_STREAM are both 'same'"},
};

TEST(what_is_missing_or_wrong_is_named)
{
    FOR_EACH (each, bad) {
        struct stream_names names;
        struct error error = {0};
        assert_int_equal(stream_names_take(&names, each->words, count(each->words), verbs,
                                           each->dlq, each->origin, &error),
                         -1);
        assert_int_equal(error.exit_code, EX_USAGE);
        assert_non_null(strstr(error.text, each->says));
    }
}
