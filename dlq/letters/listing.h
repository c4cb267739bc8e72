/* listing: letters as lines on stdout, for people and for programs. */
#ifndef NATSQ_LISTING_H
#define NATSQ_LISTING_H

#include "letters/letter_reader.h"

struct json_t;

/* The table's head and a letter's row. */
void listing_print_head(void);
void listing_print_row(const struct letter_entry *entry);

/* Who is meant: {"seq", "subject", "consumer"}, or {"seq": null, "dlq_seq"}. The caller's. */
struct json_t *listing_identity_json(const struct letter_entry *entry);

/* All but headers and body. The caller's. */
struct json_t *listing_letter_json(const struct letter_entry *entry);

/* A JSON string of any text; what is not UTF-8 is escaped. NULL for NULL. */
struct json_t *listing_text_json(const char *text);

/* Prints the object on a line of its own and owns it from here on. */
void listing_print_json(struct json_t *object);

/* SHELF_WATCHED where the lines do not show by themselves how far it is, else 0. */
unsigned listing_progress(void);

/* Nobody reads what is printed any more. */
bool listing_has_no_reader(void);

/* Whether all was written, or nobody wants the rest: -1 (74) when not. */
int listing_end(struct error *error);

/* The same; -1 (75) when a stop came before the end of what was to be listed. */
int listing_end_whole(struct error *error);

#endif
