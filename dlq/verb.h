/* verb: what `dlq DLQ ORIGIN VERB` does, as a row of a table (verbs/verbs.c): its name, its help,
 * the options and arguments that it takes, and its function. */
#ifndef NATSQ_VERB_H
#define NATSQ_VERB_H

#include <stddef.h>

struct dlq;
struct error;

/* What a verb takes; anything else is a usage error. */
enum verb_takes {
    VERB_RUN = 1 << 0,    /* a COMMAND, --retries, --max-attempts */
    VERB_SELECT = 1 << 1, /* SEQ[-SEQ]…, --subject, … */
    VERB_NEEDS = 1 << 2,  /* at least one of these */
    VERB_ALL = 1 << 3,    /* --all alone */
    VERB_DRY = 1 << 4,    /* --dry-run */
    VERB_JSON = 1 << 5,
    VERB_JSONL = 1 << 6,
    VERB_FILE = 1 << 7, /* an argument that is not a SEQ */
    VERB_RATE = 1 << 8,
    VERB_TO = 1 << 9,
    VERB_RAW = 1 << 10,
    VERB_BY = 1 << 11,
    VERB_SWEEP = 1 << 12,  /* --sweep-wait */
    VERB_EDITS = 1 << 13,  /* --set-header, and --body FILE with one SEQ */
    VERB_EDITOR = 1 << 14, /* --headers; one SEQ and a terminal are needed */
    VERB_TABLE = 1 << 15,  /* --columns, --utc */
    VERB_EVERY = 1 << 16,  /* --every */
    VERB_REPLACE = 1 << 17,
    VERB_YES = 1 << 18, /* --yes, although it does not ask, like all that change something */
    /* How it behaves. */
    VERB_ASKS = 1 << 19,       /* asks before it changes something, unless --yes is given */
    VERB_OVERWRITES = 1 << 20, /* overwrites FILE after asking, unless --yes is given */
    VERB_READS = 1 << 21,      /* changes nothing on the server */
    VERB_CHECKS = 1 << 22,     /* checks the streams itself, even when they do not exist */
};

struct verb {
    const char *name; /* NULL ends the table */
    const char *help; /* continuation lines are indented as --help prints them */
    unsigned takes;
    unsigned states; /* that it acts on, a bit for each (1 << LETTER_HELD); 0: all */
    /* Both: 0, or -1 with an error. */
    int (*run)(struct dlq *dlq, struct error *error);
    /* Instead of `run` when there is no connection, for the reason in `error`; may be NULL. */
    int (*run_unconnected)(struct dlq *dlq, struct error *error);
};

/* NULL when the table has no verb of this name. */
const struct verb *verb_find(const struct verb *verbs, const char *name);

/* The verb that a mistyped name means. NULL: none is near. */
const struct verb *verb_nearest(const struct verb *verbs, const char *name);

/* "run, list": the names of the verbs that take one of these, or of all when `takes` is 0. */
const char *verb_names(const struct verb *verbs, unsigned takes, char *text, size_t size);

/* The part of --help that explains the verbs. */
const char *verb_help(const struct verb *verbs, char *text, size_t size);

#endif
