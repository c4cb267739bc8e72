/* options: one table a program (option_row) gives parsing, --help, defaults and environment.
 *
 * Order of sources: command line, environment, the row's default. Positional words come in any
 * place; what follows `--` is the COMMAND. Texts point into argv or the environment, secrets into
 * memory of their own. */
#ifndef NATSQ_OPTIONS_H
#define NATSQ_OPTIONS_H

#include "base/error.h"
#include "cli/option_row.h"

/* A titled table and the struct that it fills in. */
struct option_set {
    const char *title;
    const struct option_row *rows;
    void *values;
};

enum { OPTION_SETS_MAX = 6, OPTION_WORDS_MAX = 4096 };

struct program {
    const char *name;  /* "publisher" */
    const char *usage; /* "SUBJECT [options]" */
    const char *summary;
    const char *notes; /* further lines of --help, or NULL */
    const char *examples;
    struct option_set sets[OPTION_SETS_MAX];
};

/* What is not an option. */
struct words {
    const char **word; /* NULL-ended */
    size_t n;
    char **command; /* what follows `--`, NULL-ended; NULL without one */
};

/* 0: run. 1: --help or --version was asked for and printed. -1: a usage error (64). */
int options_parse(const struct program *program, int argc, char **argv, struct words *words,
                  struct error *error);

void words_close(struct words *words);

/* Prints --help on stdout (options_help.c). */
void options_help(const struct program *program);

#endif
