/* consumer_options: the options of `consumer`, checked. */
#ifndef NATSQ_CONSUMER_OPTIONS_H
#define NATSQ_CONSUMER_OPTIONS_H

#include "base/log.h"
#include "breaker.h"
#include "cli/options.h"
#include "handler/handler_options.h"
#include "nats/connection_options.h"
#include "queue/durable_config.h"

struct consumer_options {
    struct connection_options connection;
    struct log log;
    struct arguments arguments;
    struct durable_spec durable; /* stream, filters and settings */
    struct handler_options handler;
    const char *job_log;
    const char *breaker_text;
    struct breaker_rule breaker;
    double rate;   /* attempts begun per second; 0: no limit */
    int ack;       /* 0 async, 1 sync: each ack waits for the server's confirmation */
    int64_t count; /* attempts; 0: no limit */
    bool until_empty;
    bool builtin;    /* use the built-in handler even on a durable that is meant for a COMMAND */
    bool is_instant; /* the built-in handler without --rate or --breaker: jobs may be requested in
                        batches */
};

/* 0: run. 1: help was printed. -1: a usage error (64). */
int consumer_options_parse(struct consumer_options *options, int argc, char **argv,
                           struct error *error);

/* If a word names a program, adds to the error that its `--` may be missing. Returns -1. */
int consumer_options_hint(const struct consumer_options *options, struct error *error);

void consumer_options_close(struct consumer_options *options);

#endif
