/* letter: what the DLQ stream holds about a dead job, by value: the job's body and headers, and
 * headers of ours that say what died, when and why. Pure: no I/O.
 *
 * A job's own headers stay, except those with which the server would act again (Nats-Msg-Id,
 * Nats-Expected-*, Nats-TTL, …): these become Natsq-Was-<name>. */
#ifndef NATSQ_LETTER_H
#define NATSQ_LETTER_H

#include "letter/letter_names.h"
#include "queue/dlq_subjects.h"
#include "queue/job.h"

#include <stdbool.h>

enum { LETTER_SUBJECT_MAX = DLQ_SUBJECT_MAX };

/* What is known of a death. The texts belong to whoever made it: the job, or the letter. */
struct letter {
    const char *origin, *consumer, *subject; /* the job's */
    uint64_t seq;                            /* S: in the origin */
    int64_t stored_at;                       /* T, ns since 1970; with S the job's identity */
    uint64_t deliveries, retries;
    const char *reason, *error, *host, *job_id; /* error, host and job_id may be NULL */
    int64_t died_at;
    bool by_reference; /* no body: it is still in the origin */
};

/* natsq.<state>.<origin>.<consumer>.<S>.<T>; the state is LETTER_DEAD or LETTER_HELD. */
const char *letter_subject(const struct letter *letter, const char *state,
                           char subject[LETTER_SUBJECT_MAX]);

/* natsq.held.<origin>._.<seq>.<time>: for a message of the DLQ stream that is no letter. */
#define LETTER_UNREADABLE "_"
const char *letter_unreadable_subject(const char *origin, uint64_t seq, int64_t stored_at,
                                      char subject[LETTER_SUBJECT_MAX]);

/* The filter for letters of this state: of any consumer (NULL), of any job (`seq` 0). */
const char *letter_filter(const char *state, const char *origin, const char *consumer, uint64_t seq,
                          char filter[LETTER_SUBJECT_MAX]);

/* Whether the subject is that of a held letter. */
bool letter_is_held(const char *subject);

/* What names a job to people: the header that a letter carried on, else its own message id; NULL
 * when it has none, also where it was put back and only we gave it one. */
const char *letter_job_id(const struct job *job);

/* What a job says of itself: subject, identity, id, how often it was put back. */
void letter_about(struct letter *letter, const struct job *job);

/* Adds the job's headers (NULL: none) and the letter's to a message. */
natsStatus letter_write(const struct letter *letter, const struct job *job, natsMsg *message);

/* Reads a message of the DLQ stream; the texts live as long as it. Returns NULL, or what is wrong
 * with it ("lacks Natsq-Reason"). */
const char *letter_read(struct letter *letter, const struct job *message);

/* The same for a message from the subjects of `origin`: the subject is the letter's name, so it
 * must be made of what the letter says. */
const char *letter_read_of(struct letter *letter, const struct job *message, const char *origin);

/* Adds a letter's headers to a message made from it (another letter, or the job put back), with
 * its number of retries; without those that were for its own publication. */
natsStatus letter_copy(const struct job *from, uint64_t retries, natsMsg *message);

/* `retry:<origin>:<S>:<T>:<n>`: the message id of the nth retry. From the job and not the letter,
 * so that two deciders, or a step repeated after a crash, store nothing twice. */
const char *letter_retry_id(const struct letter *letter, uint64_t n, char id[LETTER_SUBJECT_MAX]);

#endif
