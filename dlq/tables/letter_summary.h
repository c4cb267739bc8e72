/* letter_summary: what a verb is about to act on, in a few words for its question. Constant memory.
 * Pure. */
#ifndef NATSQ_LETTER_SUMMARY_H
#define NATSQ_LETTER_SUMMARY_H

#include "letter/letter.h"

/* Reasons beyond the first few dozen different ones are counted together. */
enum {
    SUMMARY_REASONS = 64,
    SUMMARY_SHOWN = 32, /* bytes of a reason */
    SUMMARY_REASON_MAX = 4 * SUMMARY_SHOWN + 8,
    SUMMARY_TEXT_MAX = 1024,
};

struct letter_summary {
    uint64_t n;
    struct {
        char reason[SUMMARY_REASON_MAX];
        uint64_t n;
    } reasons[SUMMARY_REASONS];
    size_t n_reasons;
    int64_t oldest, newest; /* deaths, ns since 1970 */
};

void letter_summary_add(struct letter_summary *summary, const struct letter *letter);

/* Two lines: "38 exit 1, 9 timeout 30s, 2 hopeless, 1 other" and "oldest death 3d4h ago, newest
 * 5m12s ago"; "" when there is none. `now`: ns since 1970. Returns `text`. */
const char *letter_summary_text(const struct letter_summary *summary, int64_t now,
                                char text[SUMMARY_TEXT_MAX]);

#endif
