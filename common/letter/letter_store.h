/* letter_store: puts letters into the DLQ stream, each once and for ever.
 *
 * A letter is published on a subject of its own with an expected last sequence of 0: exactly one
 * wins, also after a leader change, without a message id and its window. "There already" is looked
 * after on the leader before it counts, and does not count (AGAIN) for the letter of an earlier
 * death of a job that was alive again. Used by one thread. */
#ifndef NATSQ_LETTER_STORE_H
#define NATSQ_LETTER_STORE_H

#include "letter/letter.h"
#include "nats/connection.h"
#include "nats/puback.h"

struct letter_store;

/* `window`: letters in flight at most. `stream` is kept. */
int letter_store_open(struct letter_store **opened, struct connection *connection,
                      const char *stream, size_t window, struct error *error);
void letter_store_close(struct letter_store *store);

/* Sends a letter about a job; `outcome` is filled in by letter_store_flush at the latest, and so is
 * `by_reference` of a letter that is too large with its body: then the job must stay in the origin.
 * Letter, job and outcome stay the caller's until then. */
int letter_store_put(struct letter_store *store, const char *state, struct letter *letter,
                     const struct job *job, struct puback *outcome, struct error *error);

#define LETTER_STORE_UNREADABLE UINT64_MAX

/* Sends a copy of a letter, or of a message that is none (`retries` LETTER_STORE_UNREADABLE: as it
 * came, with the reason `unreadable`), on the subject given. */
int letter_store_copy(struct letter_store *store, const char *subject, const struct job *from,
                      uint64_t retries, struct puback *outcome, struct error *error);

/* Holds a message of the DLQ stream that is no letter, under the name that it gets from its place
 * there. */
int letter_store_copy_unreadable(struct letter_store *store, const char *origin,
                                 const struct job *from, struct puback *outcome,
                                 struct error *error);

/* Waits for all outcomes. puback_confirms tells whether the letter is safe. -1 (77) also when we
 * may not publish one. */
int letter_store_flush(struct letter_store *store, struct error *error);

CLEANUP_DEFINE(struct letter_store *, cleanup_letter_store, letter_store_close)

#endif
