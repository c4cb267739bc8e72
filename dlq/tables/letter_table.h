/* letter_table: letters on stdout as a table for people. On a terminal it fits the width, as far as
 * the first screenful shows what is needed, marks reasons by colour, and ends with a total.
 * Elsewhere its columns are the same in each run, and nothing is cut. Constant memory. */
#ifndef NATSQ_LETTER_TABLE_H
#define NATSQ_LETTER_TABLE_H

#include "base/cleanup.h"
#include "letters/letter_reader.h"

struct letter_table;

/* --columns and --utc choose its columns. */
int letter_table_open(struct letter_table **opened, const struct dlq *dlq, struct error *error);
void letter_table_close(struct letter_table *table);

/* Prints the letter, sooner or later. Takes ownership of the entry. */
void letter_table_add(struct letter_table *table, struct letter_entry *entry);

/* Whether letters are kept back, for the widths of the columns; prints them. */
bool letter_table_keeps_back(const struct letter_table *table);
void letter_table_flush(struct letter_table *table);

/* Prints what is kept back, and on a terminal the total. */
void letter_table_end(struct letter_table *table);

CLEANUP_DEFINE(struct letter_table *, cleanup_letter_table, letter_table_close)

#endif
