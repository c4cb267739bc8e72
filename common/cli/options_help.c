#include "cli/options.h"

#include "base/program_name.h"
#include "base/wrapped_text.h"
#include "cli/exit_codes.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 30 };

static void print_row(const struct option_row *row)
{
    char left[80], right[600], letter[8] = "    ";
    const char *value_name = row->value_name ? row->value_name : "";
    if (row->short_name)
        snprintf(letter, sizeof letter, "-%c, ", row->short_name);
    snprintf(left, sizeof left, row->implied_value ? "  %s--%s[=%s]" : "  %s--%s %s", letter,
             row->name, value_name);
    int used = snprintf(right, sizeof right, "%s", row->help);
    if (row->example)
        used += snprintf(right + used, sizeof right - (size_t)used, ", e.g. --%s%c%s", row->name,
                         row->implied_value ? '=' : ' ', row->example);
    if (row->default_value)
        used += snprintf(right + used, sizeof right - (size_t)used, " (default %s)",
                         row->default_value);
    if (row->environment)
        snprintf(right + used, sizeof right - (size_t)used, " [%s]", row->environment);
    if (printf("%-*s", HELP_COLUMN, left) > HELP_COLUMN)
        printf("\n%*s", HELP_COLUMN, "");
    wrapped_text_print(right, HELP_COLUMN, HELP_COLUMNS);
}

/* Whether a command may begin here: at the first word of a line, or after a pipe. */
static bool begins_command(const char *text, const char *at)
{
    while (at > text && at[-1] == ' ')
        at--;
    return at == text || at[-1] == '\n' || at[-1] == '|';
}

/* Calls the programs in the examples as this one is called. */
static void print_examples(const char *text)
{
    for (const char *at = text; *at;) {
        char word[32];
        size_t length = strcspn(at, " \n");
        if (length > 0 && length < sizeof word && begins_command(text, at)) {
            snprintf(word, sizeof word, "%.*s", (int)length, at);
            fputs(program_name(word), stdout);
        } else {
            printf("%.*s", (int)length, at);
        }
        at += length;
        if (*at)
            putchar(*at++);
    }
}

void options_help(const struct program *program)
{
    wrapped_text_print(program->usage, printf("Usage: %s ", program_name(program->name)),
                       HELP_COLUMNS);
    printf("\n%s\n", program->summary);
    for (const struct option_set *set = program->sets; set->rows; set++) {
        printf("\n%s:\n", set->title);
        for (const struct option_row *row = set->rows; row->name; row++)
            print_row(row);
    }
    printf("  -h, --help                  show this text\n"
           "      --version               show the version\n");
    if (program->notes) {
        putchar('\n');
        wrapped_text_print(program->notes, 0, HELP_COLUMNS);
    }
    exit_codes_print(program->name);
    printf("\nExamples:\n");
    print_examples(program->examples);
}
