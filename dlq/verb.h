/* verb: what `dlq DLQ ORIGIN VERB` can do. A new one is a file verb_<name>.c and a row in verb.c.
 */
#ifndef NATSQ_VERB_H
#define NATSQ_VERB_H

#include "dlq_options.h"

/* What a verb works with. */
struct dlq {
    const struct dlq_options *options;
    const struct log *log;
    struct connection *connection;
    bool has_advisories, has_dead, has_held; /* what the DLQ stream takes */
};

struct verb {
    const char *name;
    const char *help;
    bool takes_command;
    int (*run)(struct dlq *dlq, struct error *error); /* 0, or -1 with an error */
};

/* NULL when there is none of the name. */
const struct verb *verb_find(const char *name);

/* "run, list" for an error's words. */
const char *verb_names(char *text, size_t size);

int verb_run(struct dlq *dlq, struct error *error);
int verb_list(struct dlq *dlq, struct error *error);
int verb_sweep(struct dlq *dlq, struct error *error);

#endif
