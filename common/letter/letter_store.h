/* letter_store: stores letters in the DLQ stream, one per job.
 *
 * A letter is published to a subject of its own with an expected last sequence of 0. So exactly one
 * is stored, even after a leader change and after the duplicate window. When the server reports
 * that one exists already, it is read from the leader before it counts as stored. The letter of an
 * earlier death, of a job that was alive again, does not count, since it may be settled at any
 * moment: ours is published with that letter's sequence as the expected last one, and both are
 * decided. If it is not clear which of the two deaths is the earlier one: AGAIN. For one thread. */
#ifndef NATSQ_LETTER_STORE_H
#define NATSQ_LETTER_STORE_H

#include "letter/letter.h"
#include "nats/connection.h"
#include "nats/puback.h"

struct letter_store;

/* `window`: maximum number of unconfirmed letters. Keeps the pointer `stream`. */
int letter_store_open(struct letter_store **opened, struct connection *connection,
                      const char *stream, size_t window, struct error *error);
void letter_store_close(struct letter_store *store);

/* Sends a letter about a job. Letter, job and outcome are borrowed and must live until
 * letter_store_flush has filled in `outcome`, and `by_reference` when the letter with its body is
 * too large: then the job must stay in the origin. -1 (75): a stop was requested before there was
 * room in the window. */
int letter_store_put(struct letter_store *store, const char *state, struct letter *letter,
                     const struct job *job, struct puback *outcome, struct error *error);

#define LETTER_STORE_UNREADABLE UINT64_MAX

/* Sends a copy of a letter to this subject, with this number of retries; or a copy of a message
 * that is not a letter (LETTER_STORE_UNREADABLE), with the reason `unreadable`. */
int letter_store_copy(struct letter_store *store, const char *subject, const struct job *from,
                      uint64_t retries, struct puback *outcome, struct error *error);

/* The same with a new reason and error; NULL: those of the letter; "": none. */
int letter_store_copy_as(struct letter_store *store, const char *subject, const struct job *from,
                         uint64_t retries, const char *reason, const char *why,
                         struct puback *outcome, struct error *error);

/* The same in place of the letter that has the sequence `replaces`, if that is still the last one
 * on the subject; else the outcome is EXISTS. That letter stays stored, to be purged once the new
 * one is confirmed. `edited`: for Natsq-Edited, or NULL. */
int letter_store_replace(struct letter_store *store, const char *subject, const struct job *from,
                         uint64_t retries, uint64_t replaces, const char *edited,
                         struct puback *outcome, struct error *error);

/* Holds a message of the DLQ stream that is not a letter, on letter_unreadable_subject. */
int letter_store_copy_unreadable(struct letter_store *store, const char *origin,
                                 const struct job *from, struct puback *outcome,
                                 struct error *error);

/* Waits for all outcomes; puback_confirms tells whether a letter is safe. -1 also when we may not
 * publish one (77). */
int letter_store_flush(struct letter_store *store, struct error *error);

CLEANUP_DEFINE(struct letter_store *, cleanup_letter_store, letter_store_close)

#endif
