/* dlq: what every part of the program works with: the options, the log, the connection, and which
 * subjects the DLQ stream has. */
#ifndef NATSQ_DLQ_H
#define NATSQ_DLQ_H

#include "dlq_options.h"
#include "handler/handler.h"
#include "queue/dlq_subjects.h"

struct run_report;
struct settings_watch;

struct dlq {
    const struct dlq_options *options;
    const struct log *log;
    struct connection *connection;
    struct requester *requester; /* used by the main thread */
    struct settings_watch *settings;
    bool has_advisories, has_dead, has_held; /* subjects that the DLQ stream has for the origin */
    uint64_t first_seq;                      /* first sequence of the DLQ stream at startup */
    int exit_code;                           /* the program's exit code if no error occurs */
    struct handler_shared handlers;
    struct run_report *report; /* of `run` */
};

/* Notes what `info`, the answer to STREAM.INFO of the DLQ stream, says about its subjects and its
 * first sequence. */
void dlq_know_letters(struct dlq *dlq, const struct json_t *info);

/* 0, or -1 (78) when the DLQ stream lacks subjects that `what` needs: 1 << DLQ_DEAD | …; the error
 * names each. */
int dlq_require(const struct dlq *dlq, unsigned subjects, const char *what, struct error *error);

#endif
