/* listing: letters as lines on stdout, for people and for programs. */
#ifndef NATSQ_LISTING_H
#define NATSQ_LISTING_H

#include "shelf.h"

struct json_t;

/* The table's head and a letter's row. */
void listing_head(void);
void listing_row(const struct entry *entry);

/* Who is meant: {"seq", "subject", "consumer"}, or {"seq": null, "dlq_seq"}. The caller's. */
struct json_t *listing_name(const struct entry *entry);

/* All but headers and body. The caller's. */
struct json_t *listing_json(const struct entry *entry);

/* A JSON string of any text; what is not UTF-8 is escaped. NULL for NULL. */
struct json_t *listing_text(const char *text);

/* Prints the object on a line of its own and owns it from here on. */
void listing_print(struct json_t *object);

/* Whether all was written: -1 (74) when not. */
int listing_end(struct error *error);

#endif
