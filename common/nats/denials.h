/* denials: subjects that the server refused us on this connection. It reports them asynchronously:
 * the publish, request or subscription itself goes unanswered. Any thread. */
#ifndef NATSQ_DENIALS_H
#define NATSQ_DENIALS_H

#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { DENIALS_MAX = 64, DENIED_SUBJECT_MAX = 256 };

struct denials {
    pthread_mutex_t lock;
    char subject[DENIALS_MAX][DENIED_SUBJECT_MAX]; /* the last ones, in a ring */
    bool is_cut[DENIALS_MAX];                      /* more of it followed */
    size_t next;
    atomic_uint count; /* all, also those known already */
};

void denials_init(struct denials *denials);
void denials_destroy(struct denials *denials);

/* Takes the server's words (`Permissions Violation for Publish to "SUBJECT"`). 0: new, and the
 * subject in `subject`. 1: known already. -1: the words name no subject. */
int denials_add(struct denials *denials, const char *message, char subject[DENIED_SUBJECT_MAX]);

/* Whether the subject, of a publish or a subscription, was refused. */
bool denials_have(struct denials *denials, const char *subject);

/* -1 (77): this user may not `verb` ("publish", "subscribe") to the subject. */
int denials_error(struct error *error, const char *verb, const char *subject);

/* Rights may have changed: forgets all, but keeps the count. */
void denials_forget(struct denials *denials);

#endif
