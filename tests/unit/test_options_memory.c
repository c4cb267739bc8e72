/* Every allocation of the parser fails once; each time the exit code is 71. Linked with --wrap
 * (tests/CMakeLists.txt). */
#include "cli/options.h"

#include "base/cleanup.h"

#include "unit.h"

static int left = -1; /* allocations until one fails; -1: none does */

static bool is_failing(void)
{
    return left >= 0 && left-- == 0;
}

/* The names that the linker's --wrap requires. */
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_reallocarray(void *bytes, size_t n, size_t size);
void *__wrap_reallocarray(void *bytes, size_t n, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

void *__wrap_calloc(size_t n, size_t size)
{
    return is_failing() ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *bytes, size_t n, size_t size)
{
    return is_failing() ? NULL : __real_reallocarray(bytes, n, size);
}

char *__wrap_strdup(const char *text)
{
    return is_failing() ? NULL : __real_strdup(text);
}

struct values {
    const char *text, *secret, *other;
    struct option_texts texts;
    struct option_durations given, inherited, defaulted;
    int mode;
};

#define AT(field) .offset = offsetof(struct values, field)

static const char *const modes[] = {"off", "slow", NULL};

static const struct option_row rows[] = {
    {"text", "TEXT", "a text", NULL, NULL, "fallback", AT(text), .kind = OPTION_TEXT},
    {"texts", "TEXT", "texts", AT(texts), .kind = OPTION_TEXTS},
    {"secret", "TEXT", "a secret", AT(secret), .kind = OPTION_SECRET},
    {"other", "TEXT", "another", NULL, "TEST_SECRET", NULL, AT(other), .kind = OPTION_SECRET},
    {"given", "D[,D...]", "durations", AT(given), .kind = OPTION_DURATIONS},
    {"inherited", "D[,D...]", "durations", NULL, "TEST_DURATIONS", NULL, AT(inherited),
     .kind = OPTION_DURATIONS},
    {"defaulted", "D[,D...]", "durations", NULL, NULL, "5s,10s", AT(defaulted),
     .kind = OPTION_DURATIONS},
    {"mode", "slow", "a choice", AT(mode), .choices = modes, .implied_value = "slow",
     .kind = OPTION_CHOICE},
    {0},
};

static int parse(struct values *values, struct error *error)
{
    char lines[][16] = {"tester", "--texts",  "a", "--texts=b", "--given",
                        "1s,2s",  "--secret", "s", "--mode",    "word"};
    enum { N = LENGTH(lines) };
    char *argv[N + 1] = {0};
    struct arguments arguments = {0};
    const struct program program = {.name = "tester", .sets = {{"All", rows, values}}};
    for (int i = 0; i < N; i++)
        argv[i] = lines[i];
    int result = options_parse(&program, N, argv, &arguments, error);
    arguments_close(&arguments);
    return result;
}

static void release(struct values *values)
{
    free(values->texts.text);
    free((char *)(uintptr_t)values->secret);
    free((char *)(uintptr_t)values->other);
}

TEST(a_failed_allocation_is_never_taken_for_an_empty_value)
{
    int result = -1, failures = 0;
    setenv("TEST_SECRET", "o", 1);
    setenv("TEST_DURATIONS", "3s", 1);
    for (; result < 0; failures++) {
        struct values values = {0};
        struct error error = {0};
        left = failures;
        result = parse(&values, &error);
        bool was_reached = left < 0;
        left = -1;
        assert_int_equal(result < 0, was_reached);
        if (result < 0) {
            assert_int_equal(error.exit_code, EX_OSERR);
            assert_string_equal(error.text, "out of memory");
        } else {
            assert_int_equal(values.given.n, 2);
            assert_int_equal(values.inherited.n, 1);
            assert_int_equal(values.defaulted.n, 2);
            assert_int_equal(values.texts.n, 2);
            assert_string_equal(values.secret, "s");
            assert_string_equal(values.text, "fallback");
            assert_int_equal(values.mode, 1);
        }
        release(&values);
    }
    assert_true(failures > 8);
}
