#include "cli/exit_codes.h"

#include "base/wrapped_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Those of sysexits.h, and 128 + n for a signal. */
static const struct {
    const char *codes, *meaning;
    const char *programs; /* NULL: all */
} rows[] = {
    {"0", "done, even after a clean stop by Ctrl-C or SIGTERM", NULL},
    {"1, 2", "`doctor` alone: the worst finding is a warning, or critical", "dlq"},
    {"64", "wrong usage; the message says what is accepted", NULL},
    {"65", "bad input: a damaged archive, or jobs that no stream will ever store; the rest is done",
     "publisher, dlq"},
    {"66", "an input file cannot be read", "publisher, dlq"},
    {"69", "no server, or no such stream, consumer or letter", NULL},
    {"70", "a bug: please report it", NULL},
    {"71", "the system is out of memory, threads, processes or open files", NULL},
    {"73", "an output file exists or cannot be created", "publisher, dlq"},
    {"74", "standard output cannot be written", NULL},
    {"75", "stopped, or gave up, before everything was done and confirmed: try again", NULL},
    {"77", "the server refuses the login or denies a permission; the message says which", NULL},
    {"78", "a local file or COMMAND cannot be used, or configurations conflict", NULL},
    {"129", "ended immediately by SIGHUP: its terminal was closed", NULL},
    {"130, 143", "ended immediately, by a second Ctrl-C or SIGTERM", NULL},
};

static bool is_of(const char *programs, const char *program)
{
    return !programs || strstr(programs, program);
}

void exit_codes_print(const char *program)
{
    printf("\nExit codes:\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (is_of(rows[i].programs, program))
            wrapped_text_print(rows[i].meaning, printf("  %-8s  ", rows[i].codes), HELP_COLUMNS);
}
