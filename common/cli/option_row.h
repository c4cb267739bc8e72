/* option_row: an option as a row of a table: its name, what it takes, what --help says of it, and
 * where in the program's options struct its value goes. A new flag is a new row. */
#ifndef NATSQ_OPTION_ROW_H
#define NATSQ_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>
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
    OPTION_RATE,      /* double, per second (see option_value.c for the bounds) */
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
    char letter;       /* short name or 0 */
    unsigned commands; /* the program's own: which of its subcommands take the option */
    const char *bare;  /* what --name alone stands for; another value is then --name=VALUE */
};

#endif
