/* options: one table a program gives parsing, --help, defaults and environment.
 *
 * A row says where in the program's options struct its value goes. Order of sources: command line,
 * environment, the row's default. Positional words come in any place; what follows `--` is the
 * COMMAND. Texts point into argv or the environment, secrets into memory of their own. */
#ifndef NATSQ_OPTIONS_H
#define NATSQ_OPTIONS_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,      /* bool */
    OPTION_TEXT,      /* const char *, NULL unless given or defaulted */
    OPTION_TEXTS,     /* struct option_texts; may be given several times */
    OPTION_SECRET,    /* the same; wiped from argv, where ps(1) would show it */
    OPTION_NUMBER,    /* int64_t within least..most */
    OPTION_DURATION,  /* int64_t, ns */
    OPTION_DURATIONS, /* struct option_durations, given as D[,D...] */
    OPTION_FRACTION,  /* double from 0 to 1 */
    OPTION_RATE,      /* double above 0 */
    OPTION_CHOICE,    /* int: the index in `choices` */
};

enum { OPTION_DURATIONS_MAX = 64 };

struct option_durations {
    int64_t ns[OPTION_DURATIONS_MAX];
    int n;
};

struct option_texts {
    const char **text; /* to be released with free(3) */
    size_t n;
};

struct option_row {
    const char *name;  /* long, without dashes; NULL ends the table */
    const char *takes; /* what stands for the value in --help */
    const char *help;
    const char *example;        /* a value, shown as `e.g. --name value` */
    const char *environment;    /* the variable read when the option is not given, or NULL */
    const char *fallback;       /* the default as the option would take it, or NULL */
    const char *const *choices; /* of OPTION_CHOICE, ended by NULL */
    size_t at;                  /* offset of the value in the struct */
    size_t given;        /* offset of a bool set when it is on the command line; 0 for none */
    int64_t least, most; /* of OPTION_NUMBER; least 1 for a duration that may not be 0 */
    enum option_kind kind;
    char letter;      /* short name or 0 */
    const char *bare; /* what --name alone stands for; another value is then --name=VALUE */
};

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
