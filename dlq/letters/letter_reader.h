/* shelf: the letters of the DLQ stream that the selection names, in the order in which they came;
 * reading them takes nothing away. Constant memory; one thread. */
#ifndef NATSQ_SHELF_H
#define NATSQ_SHELF_H

#include "verb.h"

enum { SHELF_WAITING = 1, SHELF_HELD = 2, SHELF_WATCHED = 4, SHELF_BATCH = 256 };

/* A letter where it lies. One that cannot be read has a fault, no subject, the reason `unreadable`,
 * its sequence in the DLQ stream and the time when it was stored. */
struct entry {
    struct job message; /* owned; job_subject is its own in the DLQ stream */
    bool held;
    const char *fault;
    struct letter letter;
};

struct shelf;

/* `states`: which, the waiting ones first. A long search is seen at a terminal; with SHELF_WATCHED
 * also where one comes after the other, for who shows nothing himself meanwhile. */
int shelf_open(struct shelf **opened, struct dlq *dlq, unsigned states, struct error *error);
void shelf_close(struct shelf *shelf);

/* 0: the next, for entry_clear. 1: the end, or a stop was requested. -1. */
int shelf_next(struct shelf *shelf, struct entry *entry, struct error *error);

/* As many as make a batch, by number (`most`, at most SHELF_BATCH) and by bytes; 0 at the end. -1.
 */
int shelf_take(struct shelf *shelf, struct entry *entries, size_t most, size_t *n,
               struct error *error);

/* How many there are. */
int shelf_count(struct dlq *dlq, unsigned states, uint64_t *n, struct error *error);

/* What the message says, which the entry takes over. */
void entry_read(struct entry *entry, struct job *message, const char *origin);
void entry_clear(struct entry *entry);
void entries_clear(struct entry *entries, size_t n);

/* "12", or "_7" for one that cannot be read. */
const char *entry_name(const struct entry *entry, char name[24]);
const char *entry_state(const struct entry *entry);

CLEANUP_DEFINE(struct shelf *, cleanup_shelf, shelf_close)

#endif
