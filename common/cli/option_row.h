/* option_row: one option of a program as a row of a table: its name, its value, its line in --help,
 * and where its value is stored in the program's options struct. A new option is a new row. */
#ifndef NATSQ_OPTION_ROW_H
#define NATSQ_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,      /* bool */
    OPTION_TEXT,      /* const char *, NULL unless given or defaulted */
    OPTION_TEXTS,     /* struct option_texts; may be given several times */
    OPTION_SECRET,    /* const char *; wiped from argv, where ps(1) would show it */
    OPTION_NUMBER,    /* int64_t from min to max */
    OPTION_DURATION,  /* int64_t, ns */
    OPTION_DURATIONS, /* struct option_durations, given as D[,D...] */
    OPTION_FRACTION,  /* double from 0 to 1 */
    OPTION_RATE,      /* double, per second (option_value.c has the bounds) */
    OPTION_CHOICE,    /* int: the index in `choices` */
};

enum { OPTION_DURATIONS_MAX = 64 };

struct option_durations {
    int64_t ns[OPTION_DURATIONS_MAX];
    int n;
};

struct option_texts {
    const char **text; /* owned */
    size_t n;
};

struct option_row {
    const char *name;       /* without dashes; NULL ends the table */
    const char *value_name; /* the value's placeholder in --help; NULL for a flag */
    const char *help;
    const char *example;        /* a value, shown as `e.g. --name value`, or NULL */
    const char *environment;    /* the variable that is read if the option is not given, or NULL */
    const char *default_value;  /* as it would be written on the command line, or NULL */
    const char *const *choices; /* of OPTION_CHOICE, NULL-terminated */
    size_t offset;              /* offset of the value in the options struct */
    size_t given_offset;        /* offset of a bool: the option is on the command line; or 0 */
    int64_t min,
        max; /* for OPTION_NUMBER; for OPTION_DURATION, min in ns: 1 means that it may not be 0 */
    enum option_kind kind;
    char short_name;           /* or 0 */
    unsigned commands;         /* for the program's own use: which subcommands take the option */
    const char *implied_value; /* the value of a bare --name; any other value is then written
                                  --name=VALUE */
};

#endif
