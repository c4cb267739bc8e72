#include "cli/options.h"

#include "base/cleanup.h"
#include "base/edit_distance.h"
#include "base/output.h"
#include "base/program_name.h"
#include "cli/option_value.h"
#include "version.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 128, CODE_VERSION = 1000, CODE_FIRST_ROW };

struct parser {
    const struct program *program;
    struct option longs[ROWS_MAX + 3]; /* including --help, --version and the terminator */
    char letters[2 * ROWS_MAX + 4];
    const struct option_row *rows[ROWS_MAX];
    void *values[ROWS_MAX]; /* the struct that holds the row's value */
    bool seen[ROWS_MAX];
    int n;
};

static void *value_address(const struct parser *parser, int i)
{
    return (char *)parser->values[i] + parser->rows[i]->offset;
}

static void add_row(struct parser *parser, const struct option_row *row, void *values, char **spec)
{
    int i = parser->n++;
    int has_value = row->kind == OPTION_FLAG ? no_argument
                    : row->implied_value     ? optional_argument
                                             : required_argument;
    parser->rows[i] = row;
    parser->values[i] = values;
    parser->longs[i] = (struct option){row->name, has_value, NULL, CODE_FIRST_ROW + i};
    if (row->short_name) {
        *(*spec)++ = row->short_name;
        if (has_value != no_argument)
            *(*spec)++ = ':';
    }
}

static void build_parser(struct parser *parser, const struct program *program)
{
    /* "-": positional arguments are returned in order. ":": a missing value is not reported as an
     * unknown option. */
    char *spec = stpcpy(parser->letters, "-:h");
    parser->program = program;
    for (const struct option_set *set = program->sets; set->rows; set++)
        for (const struct option_row *row = set->rows; row->name; row++)
            add_row(parser, row, set->values, &spec);
    *spec = '\0';
    parser->longs[parser->n] = (struct option){"help", no_argument, NULL, 'h'};
    parser->longs[parser->n + 1] = (struct option){"version", no_argument, NULL, CODE_VERSION};
}

static const char *nearest_option(const struct parser *parser, const char *name)
{
    const char *best = NULL;
    size_t best_distance = 4;
    for (const struct option *o = parser->longs; o->name; o++) {
        size_t d = edit_distance(name, o->name);
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
    const char *near = nearest_option(parser, name);
    if (!near)
        return error_set(error, EX_USAGE, "unknown option '--%s' (see --help)", name);
    return error_set(error, EX_USAGE, "unknown option '--%s'; did you mean '--%s'?", name, near);
}

static int row_of(const struct parser *parser, int code)
{
    if (code >= CODE_FIRST_ROW)
        return code - CODE_FIRST_ROW;
    for (int i = 0; i < parser->n; i++)
        if (parser->rows[i]->short_name == code)
            return i;
    return -1;
}

static int missing_value(const struct parser *parser, struct error *error)
{
    int i = row_of(parser, optopt);
    if (i < 0)
        return error_set(error, EX_USAGE, "an option has no value");
    return error_set(error, EX_USAGE, "--%s needs a value: --%s %s", parser->rows[i]->name,
                     parser->rows[i]->name, parser->rows[i]->value_name);
}

/* `--keep jsonl` would make the value a positional argument. */
static int check_equals_sign(const struct option_row *row, const char *word, struct error *error)
{
    for (const char *const *choice = row->choices; word && *choice; choice++)
        if (strcmp(*choice, word) == 0)
            return error_set(error, EX_USAGE, "the value of --%s follows a '=': --%s=%s", row->name,
                             row->name, word);
    return 0;
}

static int parse_option(struct parser *parser, int code, const char *next, struct error *error)
{
    int i = row_of(parser, code);
    const struct option_row *row = parser->rows[i];
    char from[72];
    bool is_bare = row->implied_value && !optarg;
    snprintf(from, sizeof from, "--%s", row->name);
    if (parser->seen[i] && row->kind != OPTION_TEXTS)
        return error_set(error, EX_USAGE, "%s is given twice", from);
    parser->seen[i] = true;
    if (row->given_offset)
        *(bool *)((char *)parser->values[i] + row->given_offset) = true;
    if (is_bare && check_equals_sign(row, next, error) < 0)
        return -1;
    if (option_value_parse(row, from, is_bare ? row->implied_value : optarg,
                           value_address(parser, i), error) < 0)
        return -1;
    if (row->kind == OPTION_SECRET)
        explicit_bzero(optarg, strlen(optarg));
    return 0;
}

/* What getopt_long(3) found in argv[word]. 1: --help or --version, which is printed. */
static int take_code(struct parser *parser, int code, char **argv, int word,
                     struct arguments *arguments, struct error *error)
{
    switch (code) {
    case 'h':
        options_help(parser->program);
        return output_flush(error) < 0 ? -1 : 1;
    case CODE_VERSION:
        printf("%s (natsq) %s\n", program_name(parser->program->name), NATSQ_VERSION);
        return output_flush(error) < 0 ? -1 : 1;
    case 1:
        arguments->positional[arguments->n++] = optarg;
        return 0;
    case '?':
        return unknown_option(parser, argv[word], error);
    case ':':
        return missing_value(parser, error);
    default:
        return parse_option(parser, code, argv[optind], error);
    }
}

static int parse_arguments(struct parser *parser, int argc, char **argv,
                           struct arguments *arguments, struct error *error)
{
    int word;
    opterr = 0;
    optind = 0; /* glibc: start from the beginning, also in a second call (tests) */
    for (;;) {
        word = optind ? optind : 1;
        int code = getopt_long(argc, argv, parser->letters, parser->longs, NULL);
        if (code == -1)
            break;
        int result = take_code(parser, code, argv, word, arguments, error);
        if (result != 0)
            return result;
    }
    arguments->positional[arguments->n] = NULL;
    bool has_command = optind == word + 1 && strcmp(argv[word], "--") == 0;
    arguments->command = has_command ? argv + optind : NULL;
    if (has_command && optind == argc)
        return error_set(error, EX_USAGE, "no COMMAND follows '--'");
    return 0;
}

/* For the options that are not on the command line. */
static int apply_defaults(struct parser *parser, struct error *error)
{
    for (int i = 0; i < parser->n; i++) {
        const struct option_row *row = parser->rows[i];
        if (parser->seen[i])
            continue;
        const char *from = row->environment, *text = from ? getenv(from) : NULL;
        if (!text || !*text) {
            from = row->name;
            text = row->default_value;
        }
        if (text && option_value_parse(row, from, text, value_address(parser, i), error) < 0)
            return -1;
    }
    return 0;
}

int options_parse(const struct program *program, int argc, char **argv, struct arguments *arguments,
                  struct error *error)
{
    _cleanup_(cleanup_free) struct parser *parser = calloc(1, sizeof *parser);
    arguments->positional = calloc((size_t)argc + 1, sizeof *arguments->positional);
    if (!parser || !arguments->positional)
        return error_set(error, EX_OSERR, "out of memory");
    build_parser(parser, program);
    int result = parse_arguments(parser, argc, argv, arguments, error);
    return result != 0 ? result : apply_defaults(parser, error);
}

void arguments_close(struct arguments *arguments)
{
    free(arguments->positional);
    arguments->positional = NULL;
}
