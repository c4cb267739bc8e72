/* listing: prints letters on stdout as JSON lines for programs; letter_table prints them for
 * people.
 */
#ifndef NATSQ_LISTING_H
#define NATSQ_LISTING_H

#include "letters/letter_reader.h"

struct json_t;

/* {"seq", "subject", "consumer"}, or {"seq": null, "dlq_seq"} for an unreadable letter. The caller
 * owns it. */
struct json_t *listing_identity_json(const struct letter_entry *entry);

/* The same with all that is known of the letter but its headers and body. The caller owns it. */
struct json_t *listing_letter_json(const struct letter_entry *entry);

/* A JSON string; a text that is not UTF-8 is escaped. NULL for NULL. */
struct json_t *listing_text_json(const char *text);

/* Prints the object on a line of its own, and releases it. */
void listing_print_json(struct json_t *object);

/* READ_WITH_PROGRESS where stdout is not a terminal, which would show the progress; else 0. */
unsigned listing_progress(void);

/* Whether the reader of a pipe is gone, as in `list | head`. */
bool listing_has_no_reader(void);

/* Writes out what was printed. -1 (74) when that fails, unless the reader of a pipe is gone. */
int listing_end(struct error *error);

/* The same; -1 (75) when it was stopped before all was listed. */
int listing_end_whole(struct error *error);

#endif
