#include "letters/letter_lookup.h"

#include "queue/stored_messages.h"

#include <stdlib.h>

/* The subjects of a job's waiting and held letter. */
struct subject_pair {
    char subject[2][LETTER_SUBJECT_MAX];
};

static enum letter_found found_in(const struct stored_message *waiting_held)
{
    enum letter_found found = LETTER_NONE;
    for (int i = 0; i < 2; i++) {
        if (waiting_held[i].result == STORED_UNKNOWN)
            return LETTER_UNKNOWN;
        if (waiting_held[i].result == STORED_GONE)
            continue;
        if (job_header(&waiting_held[i].job, LETTER_BODY))
            return LETTER_BY_REFERENCE;
        found = LETTER_BY_VALUE;
    }
    return found;
}

static void ask_for(const char *stream, const struct letter *letter, struct subject_pair *pair,
                    struct stored_message *waiting_held)
{
    static const char *const states[] = {SUBJECT_DEAD, SUBJECT_HELD};
    for (int i = 0; i < 2; i++) {
        waiting_held[i] = (struct stored_message){0};
        if (letter)
            waiting_held[i] = (struct stored_message){
                .stream = stream, .last_of = letter_subject(letter, states[i], pair->subject[i])};
    }
}

int letters_look_up(struct requester *requester, const char *stream,
                    const struct letter *const *letters, size_t n, enum letter_found *found,
                    struct error *error)
{
    _cleanup_(cleanup_free) struct subject_pair *pairs = calloc(n, sizeof *pairs);
    _cleanup_(cleanup_free) struct stored_message *stored = calloc(2 * n, sizeof *stored);
    if (n == 0)
        return 0;
    if (!pairs || !stored)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < n; i++)
        ask_for(stream, letters[i], &pairs[i], &stored[2 * i]);
    int result = stored_messages_fetch(requester, stored, 2 * n, error);
    for (size_t i = 0; i < n; i++)
        found[i] = letters[i] ? found_in(&stored[2 * i]) : LETTER_UNKNOWN;
    stored_messages_clear(stored, 2 * n);
    return result;
}
