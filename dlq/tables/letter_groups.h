/* letter_groups: counts letters by a value that they share, such as their reason. */
#ifndef NATSQ_LETTER_GROUPS_H
#define NATSQ_LETTER_GROUPS_H

#include "letters/letter_reader.h"

struct json_t;

/* Groups beyond this number are counted as one: each job may have a subject of its own. */
enum { GROUPS_MOST = 10000, GROUPS_SHOWN = 20 };

/* Adds the letter to the group `name` in a JSON object {name: {"announced", "waiting", "held",
 * "seq", "example"}}, where "seq" is the first letter's. `example` may be NULL. */
void letter_groups_add(struct json_t *groups, const char *name, const struct letter_entry *entry,
                       const char *example);

/* The largest groups, the largest first, at most `most`; returns their number. The names belong to
 * `groups`. */
struct letter_group {
    const char *name;
    uint64_t n; /* letters */
};

size_t letter_groups_top(struct json_t *groups, struct letter_group *top, size_t most);

/* Prints a table, the largest group first, cut to the width where stdout is a terminal. */
void letter_groups_print(struct json_t *groups, const char *title);

#endif
