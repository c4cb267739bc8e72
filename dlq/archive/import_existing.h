/* import_existing: letters of an import that the DLQ stream has already: the same, or others that
 * somebody edited in the archive. */
#ifndef NATSQ_IMPORT_EXISTING_H
#define NATSQ_IMPORT_EXISTING_H

#include "archive/import_item.h"

/* Settles the items that the stream has as waiting letters. */
int import_existing_waiting(struct import_batch *batch, struct error *error);

/* Compares with the held letters the items that were refused because there is one (with
 * `looks_only`: all), and settles those that are not to be replaced. */
int import_existing_held(struct import_batch *batch, struct error *error);

/* Replaces the letters that differ: publishes each with the other's sequence as the expected last
 * one, and removes what is older on its subject only when it is confirmed. */
int import_existing_replace(struct import_batch *batch, struct error *error);

#endif
