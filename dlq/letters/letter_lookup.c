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

static const struct {
    enum letter_state state;
    const char *name; /* in the subject */
    enum dlq_subject all;
} looked_in[] = {{LETTER_WAITING, SUBJECT_DEAD, DLQ_DEAD}, {LETTER_HELD, SUBJECT_HELD, DLQ_HELD}};

static void ask_for(unsigned states, const char *stream, const struct letter *letter,
                    struct subject_pair *pair, struct stored_message *waiting_held)
{
    for (int i = 0; i < 2; i++) {
        waiting_held[i] = (struct stored_message){.result = STORED_GONE};
        if (letter && (states >> looked_in[i].state & 1))
            waiting_held[i] = (struct stored_message){
                .stream = stream,
                .last_of = letter_subject(letter, looked_in[i].name, pair->subject[i])};
    }
}

int letters_look_up(struct requester *requester, const char *stream,
                    const struct letter *const *letters, size_t n, enum letter_found *found,
                    struct error *error)
{
    return letters_look_up_in(1 << LETTER_WAITING | 1 << LETTER_HELD, requester, stream, letters, n,
                              found, error);
}

int letters_look_up_in(unsigned states, struct requester *requester, const char *stream,
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
        ask_for(states, stream, letters[i], &pairs[i], &stored[2 * i]);
    int result = stored_messages_fetch(requester, stored, 2 * n, error);
    for (size_t i = 0; i < n; i++)
        found[i] = letters[i] ? found_in(&stored[2 * i]) : LETTER_UNKNOWN;
    stored_messages_clear(stored, 2 * n);
    return result;
}

int letters_find_states(struct requester *requester, const char *stream, const char *origin,
                        unsigned *states, struct error *error)
{
    char filters[2][DLQ_SUBJECT_MAX];
    struct stored_message last[2];
    for (int i = 0; i < 2; i++)
        last[i] = (struct stored_message){
            .stream = stream, .last_of = dlq_subject(looked_in[i].all, origin, filters[i])};
    int result = stored_messages_fetch(requester, last, 2, error);
    *states = 0;
    for (int i = 0; i < 2; i++)
        *states |= last[i].result == STORED_GONE ? 0u : 1u << looked_in[i].state;
    stored_messages_clear(last, 2);
    return result;
}
