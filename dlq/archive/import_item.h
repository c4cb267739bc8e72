/* import_item: a letter of an archive in a batch of an import, and what the steps of the import
 * know about it. */
#ifndef NATSQ_IMPORT_ITEM_H
#define NATSQ_IMPORT_ITEM_H

#include "bulk/action_report.h"
#include "letter/letter_store.h"
#include "queue/stored_messages.h"

struct import_item {
    struct letter_entry entry;
    char held[LETTER_SUBJECT_MAX];    /* its subject once it is held */
    char waiting[LETTER_SUBJECT_MAX]; /* its subject if it is waiting already */
    struct job bare;                  /* the letter without the body, which the origin still has */
    bool settled;                     /* reported; later steps skip it */
    uint64_t replaces;                /* the letter that is there, with `replace`; 0: none */
    unsigned differs;                 /* from `replaces`: as letter_difference returns it */
    uint64_t older; /* letters on its subject are purged up to this one; 0: none */
    struct puback outcome;
};

struct import_batch {
    /* Set by the caller. */
    struct dlq *dlq;
    struct letter_store *letters;
    struct action_report *report;
    bool replace;    /* letters that are held already and differ */
    bool looks_only; /* a dry run */
    struct import_item items[READ_BATCH];
    struct stored_message stored[READ_BATCH]; /* by item, for one step */
    size_t n;
};

/* The message that is stored for the item. */
const struct job *import_item_message(const struct import_item *item);
uint64_t import_item_retries(const struct import_item *item);

/* Reports the item as left, and settles it. */
void import_batch_leave(struct import_batch *batch, struct import_item *item, const char *why);

#endif
