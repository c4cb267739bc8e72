/* selection: the letters that a verb acts on: those that every given selector matches. Pure. */
#ifndef NATSQ_SELECTION_H
#define NATSQ_SELECTION_H

#include "base/error.h"
#include "selectors.h"

bool selection_is_range(const char *argument);

/* Adds a range. -1 (64): the argument is not a range. */
int selection_add(struct selection *selection, const char *argument, struct error *error);

/* -1 (64) when a selector cannot match anything: a malformed subject, name, header or state. */
int selection_check(const struct selection *selection, struct error *error);
void selection_close(struct selection *selection);

/* Nothing is selected. A limit alone selects the first letters. */
bool selection_is_empty(const struct selection *selection);

/* Every letter is selected, up to the limit. */
bool selection_is_all(const struct selection *selection);

/* One sequence is selected, in the origin or of an unreadable letter, at most of one consumer. */
bool selection_is_one(const struct selection *selection);

/* Whether the ranges, if any are given, allow a letter with this sequence in the origin. */
bool selection_covers_seq(const struct selection *selection, uint64_t seq);

/* The one sequence in the origin that is selected; 0 when there may be several. */
uint64_t selection_only(const struct selection *selection);

/* The states that may be selected, a bit for each: all, unless some are given. */
unsigned selection_states(const struct selection *selection);

/* An unreadable letter has no subject; its `seq` is its sequence in the DLQ stream and `died_at`
 * the time at which it was stored. `now`: ns since 1970. */
bool selection_matches(const struct selection *selection, const struct selectable *item,
                       int64_t now);

/* Notes in `found`, which has an element for each range, which of them have this letter. */
void selection_note(const struct selection *selection, const struct letter *letter, bool *found);

/* How many of the ranges that are one SEQ were not found. Names them: "# 12, # _7 and 3 more". */
size_t selection_missing(const struct selection *selection, const bool *found, char *text,
                         size_t size);

#endif
