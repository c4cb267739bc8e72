/* letter: a message of the DLQ stream about a dead job: the job's body and headers, and headers of
 * our own that say which job died, when and why. Pure.
 *
 * The job's own headers stay, except those on which the server would act again (Nats-Msg-Id,
 * Nats-Expected-*, Nats-TTL, …): these are renamed to Natsq-Was-<name>. */
#ifndef NATSQ_LETTER_H
#define NATSQ_LETTER_H

#include "letter/letter_names.h"
#include "queue/dlq_subjects.h"
#include "queue/job.h"

#include <stdbool.h>

enum { LETTER_SUBJECT_MAX = DLQ_SUBJECT_MAX };

/* What a letter says. The strings belong to the job or message that it was made from. */
struct letter {
    const char *origin, *consumer, *subject; /* the job's */
    uint64_t seq;                            /* S: the sequence in the origin */
    int64_t stored_at;                       /* T: ns since 1970; S and T identify the job */
    uint64_t deliveries, retries;
    const char *reason, *error, *host, *job_id; /* error, host and job_id may be NULL */
    const char *edited; /* what a person changed in the job before it died ("body"), or NULL */
    int64_t died_at;
    bool by_reference; /* without a body, which is still in the origin */
};

/* natsq.<state>.<origin>.<consumer>.<S>.<T>; the state is SUBJECT_DEAD or SUBJECT_HELD. */
const char *letter_subject(const struct letter *letter, const char *state,
                           char subject[LETTER_SUBJECT_MAX]);

/* natsq.held.<origin>._.<seq>.<time>: for a message in the DLQ stream that is not a letter. */
#define LETTER_UNREADABLE "_"
const char *letter_unreadable_subject(const char *origin, uint64_t seq, int64_t stored_at,
                                      char subject[LETTER_SUBJECT_MAX]);

/* The filter for letters of this state: of any consumer (NULL), of any job (`seq` 0). */
const char *letter_filter(const char *state, const char *origin, const char *consumer, uint64_t seq,
                          char filter[LETTER_SUBJECT_MAX]);

/* Whether the subject is that of a held letter. */
bool letter_is_held(const char *subject);

/* The id that the publisher gave the job: its message id, or the copy of it that a letter kept.
 * NULL when there is none; the message id of a put-back does not count. */
const char *letter_job_id(const struct job *job);

/* Fills in what follows from the job itself: subject, identity, id and number of retries. */
void letter_about(struct letter *letter, const struct job *job);

/* Whether a header would make the server act again (Nats-Msg-Id, …). */
bool letter_name_makes_server_act(const char *name);

/* Adds the headers of the job (NULL: none) and of the letter to `message`. */
natsStatus letter_write(const struct letter *letter, const struct job *job, natsMsg *message);

/* Reads a message of the DLQ stream; the strings are valid as long as the message. Returns NULL, or
 * what is wrong with it ("lacks Natsq-Reason"). */
const char *letter_read(struct letter *letter, const struct job *message);

/* The same, but the letter must be about `origin`, and its subject must agree with its headers. */
const char *letter_read_of(struct letter *letter, const struct job *message, const char *origin);

/* Adds the letter's headers to a message made from it (another letter, or the job put back), with
 * this number of retries and without the headers that concern only its own publication. */
natsStatus letter_copy(const struct job *from, uint64_t retries, natsMsg *message);

/* `retry:<origin>:<S>:<T>:<n>`: the message id of a job that is put back for the nth time. It
 * depends on the job and not on the letter, so that two deciders, or a step repeated after a crash,
 * store the job once. */
const char *letter_retry_id(const struct letter *letter, uint64_t n, char id[LETTER_SUBJECT_MAX]);

#endif
