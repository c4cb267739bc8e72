#include "options.h"

#include "cleanup.h"
#include "duration.h"
#include "version.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long(3) parses; this is the table that it wants, made from ours. */
enum { ROWS_MAX = 128, CODE_HELP = 1000, CODE_VERSION, CODE_FIRST_ROW };

struct parser {
    const struct program *program;
    struct option longs[ROWS_MAX + 1];
    char letters[2 * ROWS_MAX + 4];
    const struct option_row *rows[ROWS_MAX];
    void *values[ROWS_MAX]; /* of the row's set */
    bool seen[ROWS_MAX];
    int n;
};

static void *place(const struct parser *parser, int i)
{
    return (char *)parser->values[i] + parser->rows[i]->at;
}

static int parse_number(const struct option_row *row, const char *from, const char *text,
                        int64_t *value, struct error *error)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool is_plain = isdigit((unsigned char)text[text[0] == '-']); /* strtoll skips blanks, a plus */
    if (!is_plain || *end || errno || number < row->least || number > row->most)
        return error_set(error, EX_USAGE,
                         "%s takes a whole number from %" PRId64 " to %" PRId64 ", not '%s'", from,
                         row->least, row->most, text);
    *value = number;
    return 0;
}

static int parse_duration(const struct option_row *row, const char *from, const char *text,
                          int64_t *value, struct error *error)
{
    if (!duration_parse(text, value))
        return error_set(error, EX_USAGE,
                         "%s takes a duration such as 250ms, 5s, 2m or 1h30m, not '%s'", from,
                         text);
    if (*value < row->least)
        return error_set(error, EX_USAGE, "%s must be longer than 0", from);
    return 0;
}

static int parse_durations(const struct option_row *row, const char *from, const char *text,
                           struct option_durations *list, struct error *error)
{
    _cleanup_(cleanup_free) char *copy = strdup(text);
    char *rest = copy;
    list->n = 0;
    for (char *item; (item = strsep(&rest, ","));) {
        if (list->n == OPTION_DURATIONS_MAX)
            return error_set(error, EX_USAGE, "%s takes at most %d durations", from,
                             OPTION_DURATIONS_MAX);
        if (parse_duration(row, from, item, &list->ns[list->n++], error) < 0)
            return -1;
    }
    return 0;
}

/* Without strtod's signs, blanks, exponents and hexadecimals; they would be slips here. */
static bool parse_decimal(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end > text && !*end && text[strspn(text, "0123456789.")] == '\0';
}

static int parse_fraction(const char *from, const char *text, double *value, struct error *error)
{
    if (!parse_decimal(text, value) || *value > 1)
        return error_set(error, EX_USAGE, "%s takes a number from 0 to 1, not '%s'", from, text);
    return 0;
}

static int parse_rate(const char *from, const char *text, double *value, struct error *error)
{
    if (!parse_decimal(text, value) || !(*value > 0 && *value <= 1e9))
        return error_set(error, EX_USAGE, "%s takes a number a second, above 0, not '%s'", from,
                         text);
    return 0;
}

static int parse_choice(const struct option_row *row, const char *from, const char *text,
                        int *value, struct error *error)
{
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) != 0)
            continue;
        *value = i;
        return 0;
    }
    return error_set(error, EX_USAGE, "%s takes %s, not '%s'", from, row->takes, text);
}

static int parse_text(const char *from, const char *text, const char **value, struct error *error)
{
    if (!*text)
        return error_set(error, EX_USAGE, "%s must not be empty", from);
    *value = text;
    return 0;
}

static int parse_texts(const char *from, const char *text, struct option_texts *texts,
                       struct error *error)
{
    const char **grown = reallocarray(texts->text, texts->n + 1, sizeof *grown);
    if (!grown)
        return error_set(error, EX_OSERR, "out of memory");
    texts->text = grown;
    return parse_text(from, text, &texts->text[texts->n++], error);
}

static int parse_secret(const char *from, const char *text, const char **value, struct error *error)
{
    if (parse_text(from, text, value, error) < 0)
        return -1;
    *value = strdup(text);
    return *value ? 0 : error_set(error, EX_OSERR, "out of memory");
}

/* `from` names the source of the text: `--count` or the environment variable. */
static int parse_value(const struct option_row *row, const char *from, char *text, void *to,
                       struct error *error)
{
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)to = true;
        return 0;
    case OPTION_TEXT:
        return parse_text(from, text, to, error);
    case OPTION_TEXTS:
        return parse_texts(from, text, to, error);
    case OPTION_SECRET:
        return parse_secret(from, text, to, error);
    case OPTION_NUMBER:
        return parse_number(row, from, text, to, error);
    case OPTION_DURATION:
        return parse_duration(row, from, text, to, error);
    case OPTION_DURATIONS:
        return parse_durations(row, from, text, to, error);
    case OPTION_FRACTION:
        return parse_fraction(from, text, to, error);
    case OPTION_RATE:
        return parse_rate(from, text, to, error);
    case OPTION_CHOICE:
        return parse_choice(row, from, text, to, error);
    }
    return error_set(error, EX_SOFTWARE, "%s is of no known kind", from);
}

static void add_row(struct parser *parser, const struct option_row *row, void *values, char **spec)
{
    int i = parser->n++;
    int has_value = row->kind == OPTION_FLAG ? no_argument
                    : row->bare              ? optional_argument
                                             : required_argument;
    parser->rows[i] = row;
    parser->values[i] = values;
    parser->longs[i] = (struct option){row->name, has_value, NULL, CODE_FIRST_ROW + i};
    if (row->letter) {
        *(*spec)++ = row->letter;
        if (has_value != no_argument)
            *(*spec)++ = ':';
    }
}

static void build(struct parser *parser, const struct program *program)
{
    /* "-": words are handed over in their order; ":" tells a missing value from an unknown option.
     */
    char *spec = stpcpy(parser->letters, "-:h");
    parser->program = program;
    for (const struct option_set *set = program->sets; set->rows; set++)
        for (const struct option_row *row = set->rows; row->name; row++)
            add_row(parser, row, set->values, &spec);
    *spec = '\0';
    parser->longs[parser->n] = (struct option){"help", no_argument, NULL, CODE_HELP};
    parser->longs[parser->n + 1] = (struct option){"version", no_argument, NULL, CODE_VERSION};
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* How many letters must be changed, added or left out (Levenshtein), for short words. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    size_t row[LONGEST + 1], n = strlen(b);
    if (n > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            row[j] = least_of(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[n];
}

static const char *nearest(const struct parser *parser, const char *name)
{
    const char *best = NULL;
    size_t best_distance = 4;
    for (const struct option *o = parser->longs; o->name; o++) {
        size_t d = distance(name, o->name);
        if (d < best_distance) {
            best = o->name;
            best_distance = d;
        }
    }
    return best;
}

static int unknown_option(const struct parser *parser, const char *word, struct error *error)
{
    if (word[0] == '-' && word[1] != '-')
        return error_set(error, EX_USAGE, "unknown option '-%c' (see --help)", optopt);
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    for (const struct option *o = parser->longs; o->name; o++)
        if (o->has_arg == no_argument && strcmp(name, o->name) == 0)
            return error_set(error, EX_USAGE, "--%s takes no value", name);
    const char *near = nearest(parser, name);
    if (!near)
        return error_set(error, EX_USAGE, "unknown option '--%s' (see --help)", name);
    return error_set(error, EX_USAGE, "unknown option '--%s'; did you mean '--%s'?", name, near);
}

static int row_of(const struct parser *parser, int code)
{
    if (code >= CODE_FIRST_ROW)
        return code - CODE_FIRST_ROW;
    for (int i = 0; i < parser->n; i++)
        if (parser->rows[i]->letter == code)
            return i;
    return -1;
}

static int missing_value(const struct parser *parser, struct error *error)
{
    int i = row_of(parser, optopt);
    if (i < 0)
        return error_set(error, EX_USAGE, "an option lacks its value");
    return error_set(error, EX_USAGE, "--%s needs a value: --%s %s", parser->rows[i]->name,
                     parser->rows[i]->name, parser->rows[i]->takes);
}

/* `--keep jsonl` would take the value for a word. */
static int forgot_sign(const struct option_row *row, const char *word, struct error *error)
{
    for (const char *const *choice = row->choices; word && *choice; choice++)
        if (strcmp(*choice, word) == 0)
            return error_set(error, EX_USAGE, "the value of --%s is written behind a '=': --%s=%s",
                             row->name, row->name, word);
    return 0;
}

static int take_option(struct parser *parser, int code, const char *next, struct error *error)
{
    int i = row_of(parser, code);
    const struct option_row *row = parser->rows[i];
    char from[72];
    bool is_bare = row->bare && !optarg;
    snprintf(from, sizeof from, "--%s", row->name);
    if (parser->seen[i] && row->kind != OPTION_TEXTS)
        return error_set(error, EX_USAGE, "%s is given twice", from);
    parser->seen[i] = true;
    if (row->given)
        *(bool *)((char *)parser->values[i] + row->given) = true;
    if (is_bare && forgot_sign(row, next, error) < 0)
        return -1;
    _cleanup_(cleanup_free) char *bare = is_bare ? strdup(row->bare) : NULL;
    if (parse_value(row, from, is_bare ? bare : optarg, place(parser, i), error) < 0)
        return -1;
    if (row->kind == OPTION_SECRET)
        explicit_bzero(optarg, strlen(optarg));
    return 0;
}

static int parse_arguments(struct parser *parser, int argc, char **argv, struct words *words,
                           struct error *error)
{
    opterr = 0;
    optind = 0; /* glibc: start afresh, also when called again (tests) */
    int word;
    for (;;) {
        word = optind ? optind : 1;
        int code = getopt_long(argc, argv, parser->letters, parser->longs, NULL);
        if (code == -1)
            break;
        if (code == 'h' || code == CODE_HELP) {
            options_help(parser->program);
            return 1;
        }
        if (code == CODE_VERSION) {
            printf("%s (natsq) %s\n", parser->program->name, NATSQ_VERSION);
            return 1;
        }
        if (code == 1)
            words->word[words->n++] = optarg;
        else if (code == '?')
            return unknown_option(parser, argv[word], error);
        else if (code == ':')
            return missing_value(parser, error);
        else if (take_option(parser, code, argv[optind], error) < 0)
            return -1;
    }
    words->word[words->n] = NULL;
    bool has_command = optind == word + 1 && strcmp(argv[word], "--") == 0;
    words->command = has_command ? argv + optind : NULL;
    if (has_command && optind == argc)
        return error_set(error, EX_USAGE, "'--' is the end of the line: no COMMAND follows it");
    return 0;
}

/* Environment and defaults, for what the command line left open. */
static int fill_in(struct parser *parser, struct error *error)
{
    for (int i = 0; i < parser->n; i++) {
        const struct option_row *row = parser->rows[i];
        if (parser->seen[i])
            continue;
        char *text = row->environment ? getenv(row->environment) : NULL;
        if (text && *text) {
            if (parse_value(row, row->environment, text, place(parser, i), error) < 0)
                return -1;
        } else if (row->fallback) {
            _cleanup_(cleanup_free) char *copy = NULL;
            const char *name = row->name;
            /* A text default lives as long as the table; the others are only read. */
            if (row->kind == OPTION_TEXT)
                *(const char **)place(parser, i) = row->fallback;
            else if (parse_value(row, name, copy = strdup(row->fallback), place(parser, i), error) <
                     0)
                return -1;
        }
    }
    return 0;
}

int options_parse(const struct program *program, int argc, char **argv, struct words *words,
                  struct error *error)
{
    _cleanup_(cleanup_free) struct parser *parser = calloc(1, sizeof *parser);
    words->word = calloc((size_t)argc + 1, sizeof *words->word);
    if (!parser || !words->word)
        return error_set(error, EX_OSERR, "out of memory");
    build(parser, program);
    int result = parse_arguments(parser, argc, argv, words, error);
    return result != 0 ? result : fill_in(parser, error);
}

void words_close(struct words *words)
{
    free(words->word);
    words->word = NULL;
}
