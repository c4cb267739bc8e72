#include "letters/letter_counts.h"

#include <inttypes.h>
#include <stdio.h>

void letter_counts_add(struct letter_counts *counts, const struct letter_entry *entry)
{
    int64_t died_at = entry->letter.died_at;
    counts->n[entry->state]++;
    if (counts->oldest == 0 || died_at < counts->oldest)
        counts->oldest = died_at;
}

uint64_t letter_counts_total(const struct letter_counts *counts)
{
    uint64_t total = 0;
    for (int state = 0; state < LETTER_STATES; state++)
        total += counts->n[state];
    return total;
}

const char *letter_counts_announced(const struct letter_counts *counts,
                                    char text[LETTER_COUNT_TEXT_MAX])
{
    snprintf(text, LETTER_COUNT_TEXT_MAX, "%" PRIu64, counts->n[LETTER_ANNOUNCED]);
    return counts->is_complete ? text : "?";
}

const char *letter_counts_text(const struct letter_counts *counts, unsigned states,
                               char text[LETTER_COUNTS_TEXT_MAX])
{
    size_t used = 0;
    for (int state = 0; state < LETTER_STATES; state++) {
        bool is_last = states >> state == 1;
        if ((states >> state & 1) && (counts->n[state] > 0 || (is_last && used == 0)))
            used += (size_t)snprintf(text + used, LETTER_COUNTS_TEXT_MAX - used, "%s%" PRIu64 " %s",
                                     used ? ", " : "", counts->n[state], letter_state_name(state));
    }
    return text;
}

int letter_counts_read(struct letter_counts *counts, struct dlq *dlq, unsigned states,
                       struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    struct letter_entry entry;
    *counts = (struct letter_counts){0};
    if (letter_reader_open(&reader, dlq, states, error) < 0)
        return -1;
    for (int result; (result = letter_reader_next(reader, &entry, error)) != 1;) {
        if (result < 0)
            return -1;
        letter_counts_add(counts, &entry);
        letter_entry_clear(&entry);
    }
    counts->is_complete = letter_reader_is_complete(reader);
    return 0;
}
