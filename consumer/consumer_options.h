/* consumer_options: the options of `consumer`, checked. */
#ifndef NATSQ_CONSUMER_OPTIONS_H
#define NATSQ_CONSUMER_OPTIONS_H

#include "cli/options.h"
#include "handler/handler_options.h"
#include "nats/connection.h"
#include "queue/durable.h"

struct consumer_options {
    struct connection_options connection;
    struct log log;
    struct arguments arguments;
    struct durable_spec durable; /* stream, filters and what the options say of it */
    struct handler_options handler;
    const char *job_log;
    double rate;   /* attempts begun in a second, 0: no limit */
    int ack;       /* 0 async, 1 sync: each ack waits for the server's word */
    int64_t count; /* jobs to settle, 0: no limit */
    bool until_empty;
    bool is_instant; /* the built-in handler, at any rate: may hold a batch of jobs */
};

/* 0: run. 1: help was printed. -1: a usage error (64). */
int consumer_options_parse(struct consumer_options *options, int argc, char **argv,
                           struct error *error);

/* Adds to an error that a `--` may be missing, where a word is the name of a program. -1. */
int consumer_options_hint(const struct consumer_options *options, struct error *error);

void consumer_options_close(struct consumer_options *options);

#endif
