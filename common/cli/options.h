/* options: parses the command line, prints --help and applies defaults and environment variables,
 * all from one table of rows (option_row.h).
 *
 * The command line overrides the environment, which overrides the row's default. Positional
 * arguments may appear anywhere before `--`; what follows `--` is the COMMAND. Strings point into
 * argv or the environment; secrets are copies.
 *
 * getopt_long(3) splits argv. argp(3) would print --help too, but has no types, defaults or
 * environment variables, so we would need our table in addition. */
#ifndef NATSQ_OPTIONS_H
#define NATSQ_OPTIONS_H

#include "base/error.h"
#include "cli/option_row.h"

/* A section of --help and the struct that its rows fill in. */
struct option_set {
    const char *title;
    const struct option_row *rows;
    void *values;
};

enum { OPTION_SETS_MAX = 8 };

struct program {
    const char *name;  /* "publisher" */
    const char *usage; /* "SUBJECT [options]" */
    const char *summary;
    const char *notes; /* paragraphs, a line each, which --help wraps; or NULL */
    const char *examples;
    struct option_set sets[OPTION_SETS_MAX]; /* the last one has no rows */
};

struct arguments {
    const char **positional; /* NULL-terminated */
    size_t n;
    char **command; /* what follows `--`, NULL-terminated; NULL if there is no `--` */
};

/* 0: run. 1: --help or --version was printed. -1: a usage error (64), out of memory (71), or stdout
 * cannot be written (74). Initialize `arguments` with {0}, and close it in any case. */
int options_parse(const struct program *program, int argc, char **argv, struct arguments *arguments,
                  struct error *error);

void arguments_close(struct arguments *arguments);

/* Prints --help on stdout. */
void options_help(const struct program *program);

#endif
