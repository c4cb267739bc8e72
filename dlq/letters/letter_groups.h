/* letter_groups: letters counted by what they have in common. */
#ifndef NATSQ_LETTER_GROUPS_H
#define NATSQ_LETTER_GROUPS_H

#include "letters/letter_reader.h"

struct json_t;

/* More kinds than this (subjects may be as many as jobs) are counted as one. */
enum { GROUPS_MOST = 10000, GROUPS_SHOWN = 20 };

/* Adds the letter to the group of that name; `groups` is a JSON object of
 * {name: {"waiting", "held", "seq", "example"}}. `example` may be NULL. */
void letter_groups_add(struct json_t *groups, const char *name, const struct letter_entry *entry,
                       const char *example);

/* A table, the largest first. */
void letter_groups_print(struct json_t *groups, const char *title);

#endif
