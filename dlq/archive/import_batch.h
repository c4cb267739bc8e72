/* import_batch: letters of an archive on their way into the DLQ stream, where they are held. Each
 * is reported once. It can be interrupted anywhere and run again. */
#ifndef NATSQ_IMPORT_BATCH_H
#define NATSQ_IMPORT_BATCH_H

#include "archive/import_item.h"

/* Adds a letter and takes ownership of it; there must be room. */
void import_batch_add(struct import_batch *batch, const struct letter_entry *entry);

/* Stores what is not there already. */
int import_batch_store(struct import_batch *batch, struct error *error);

/* Settles what would not be stored. */
int import_batch_look(struct import_batch *batch, struct error *error);

void import_batch_clear(struct import_batch *batch);

#endif
