/* verb: what `dlq DLQ ORIGIN VERB` can do. A new one is a file verb_<name>.c and a row in verb.c.
 */
#ifndef NATSQ_VERB_H
#define NATSQ_VERB_H

#include "dlq_options.h"

struct settings_watch;

/* What a verb works with. */
struct dlq {
    const struct dlq_options *options;
    const struct log *log;
    struct connection *connection;
    struct settings_watch *settings;
    bool has_advisories, has_dead, has_held; /* what the DLQ stream takes */
    uint64_t first_seq;                      /* of the DLQ stream, at the start */
    int exit_code;                           /* of the program, when all went well */
    struct handler_shared handlers;
};

/* What a verb may be given; anything else is a usage error. */
enum verb_takes {
    VERB_RUN = 1 << 0,    /* a COMMAND, --retries, --max-attempts */
    VERB_SELECT = 1 << 1, /* SEQ[-SEQ]…, --subject, … */
    VERB_NEEDS = 1 << 2,  /* and not without */
    VERB_ALL = 1 << 3,    /* --all alone */
    VERB_DRY = 1 << 4,    /* --dry-run */
    VERB_JSON = 1 << 5,
    VERB_JSONL = 1 << 6,
    VERB_FILE = 1 << 7, /* a word that is no SEQ */
    VERB_RATE = 1 << 8,
    VERB_TO = 1 << 9,
    VERB_RAW = 1 << 10,
    VERB_BY = 1 << 11,
    VERB_SWEEP = 1 << 12, /* --sweep-wait */
    /* What it does beside its work. */
    VERB_ASKS = 1 << 13,       /* first, unless there is --yes */
    VERB_OVERWRITES = 1 << 14, /* FILE, after asking, unless there is --yes */
    VERB_READS = 1 << 15,      /* changes nothing on the server */
    VERB_DOCTOR = 1 << 16,     /* looks at the streams itself, also for what is missing */
};

struct verb {
    const char *name;
    unsigned takes;
    int (*run)(struct dlq *dlq, struct error *error); /* 0, or -1 with an error */
};

/* NULL when there is none of the name. */
const struct verb *verb_find(const char *name);

/* "run, list" for an error's words: those that take one of these; all with 0. */
const char *verb_names(unsigned takes, char *text, size_t size);

int verb_run(struct dlq *dlq, struct error *error);
int verb_list(struct dlq *dlq, struct error *error);
int verb_sweep(struct dlq *dlq, struct error *error);
int verb_show(struct dlq *dlq, struct error *error);
int verb_retry(struct dlq *dlq, struct error *error);
int verb_export(struct dlq *dlq, struct error *error);
int verb_import(struct dlq *dlq, struct error *error);
int verb_hold(struct dlq *dlq, struct error *error);
int verb_stats(struct dlq *dlq, struct error *error);
int verb_discard(struct dlq *dlq, struct error *error);
int verb_doctor(struct dlq *dlq, struct error *error);

/* doctor's finding when there is no connection, for the reason in `error`. */
int doctor_unreachable(struct dlq *dlq, struct error *error);

#endif
