/* dlq: what every part of the program works with: the options, the log, the connection, and which
 * subjects the DLQ stream has. */
#ifndef NATSQ_DLQ_H
#define NATSQ_DLQ_H

#include "dlq_options.h"
#include "handler/handler.h"
#include "queue/dlq_subjects.h"

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
};

/* An error (78): `what` needs a subject that the DLQ stream does not have. */
int dlq_subject_missing(const struct dlq *dlq, enum dlq_subject which, const char *what,
                        struct error *error);

#endif
