/* denials: subjects that the server denied us on this connection. It reports them asynchronously;
 * the publish, request or subscription itself gets no answer. Any thread. */
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
    char subject[DENIALS_MAX][DENIED_SUBJECT_MAX]; /* the latest, in a ring */
    bool is_cut[DENIALS_MAX];                      /* `subject` is only its beginning */
    size_t next;
    atomic_uint count; /* counts all reports, including repeated ones */
};

void denials_init(struct denials *denials);
void denials_release(struct denials *denials);

/* Adds the subject that the server's message (`Permissions Violation for Publish to "SUBJECT"`)
 * names and copies it to `subject`. 0: new. 1: known already. -1: the message names none. */
int denials_add(struct denials *denials, const char *message, char subject[DENIED_SUBJECT_MAX]);

/* Whether a publish or subscription to the subject was denied. */
bool denials_have(struct denials *denials, const char *subject);

/* Returns -1 (77): this user may not `verb` ("publish", "subscribe") to the subject. */
int denials_error(struct error *error, const char *verb, const char *subject);

/* Forgets all subjects, since permissions may have changed; keeps the count. */
void denials_forget(struct denials *denials);

#endif
