/* dlq_options: the options of `dlq`, checked. */
#ifndef NATSQ_DLQ_OPTIONS_H
#define NATSQ_DLQ_OPTIONS_H

#include "cli/options.h"
#include "edit_options.h"
#include "handler/handler_options.h"
#include "nats/connection.h"
#include "selection.h"
#include "thresholds.h"

struct verb;

/* Whether options are on the command line whose value does not show it. */
struct dlq_given {
    bool retries, max_attempts, sweep_every, sweep_wait, by, every;
};

enum stats_by { BY_ALL, BY_REASON, BY_CONSUMER, BY_SUBJECT, BY_AGE, BY_ERROR };

struct dlq_options {
    struct connection_options connection;
    struct log log;
    struct arguments arguments;
    const char *stream, *origin;
    size_t words;             /* positional arguments up to the verb, which its own follow */
    const struct verb *verbs; /* all of them */
    const struct verb *verb;
    int64_t retries;      /* how many times a job is put back before its letter is held */
    int64_t max_attempts; /* how many times a handler may fail before the letter is held */
    struct handler_options handler;
    int64_t sweep_every; /* run: ns; 0: never */
    int64_t sweep_wait;  /* ns between the two looks, when given */
    struct selection selection;
    const char *file; /* export, import: NULL for stdout, stdin */
    const char *to;   /* retry: a subject; NULL: each job's own */
    struct edit_options edit;
    double rate;                  /* per second; 0: no limit */
    struct thresholds thresholds; /* of doctor */
    int by;                       /* enum stats_by */
    int64_t every;                /* watch: ns between two looks */
    const char *columns;          /* list: those of the table, or NULL */
    bool utc, json, jsonl, raw, replace, dry_run, yes;
    struct dlq_given given;
};

/* `verbs`: the table that has VERB. 0: run. 1: help was printed. -1: a usage error (64). */
int dlq_options_parse(struct dlq_options *options, const struct verb *verbs, int argc, char **argv,
                      struct error *error);

/* Whether a question can be asked and answered at a terminal. */
bool dlq_options_can_ask(void);

void dlq_options_close(struct dlq_options *options);

#endif
