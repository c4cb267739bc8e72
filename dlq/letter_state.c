#include "letter_state.h"

#include <stddef.h>
#include <string.h>

static const char *const names[LETTER_STATES] = {"announced", "waiting", "held"};

const char *letter_state_name(enum letter_state state)
{
    return (size_t)state < LETTER_STATES ? names[state] : "unknown";
}

static unsigned state_of(const char *name, size_t length)
{
    for (int state = 0; state < LETTER_STATES; state++)
        if (strlen(names[state]) == length && strncmp(names[state], name, length) == 0)
            return 1u << state;
    return 0;
}

unsigned letter_states_parse(const char *list)
{
    unsigned states = 0;
    for (;; list++) {
        size_t length = strcspn(list, ",");
        unsigned state = state_of(list, length);
        states |= state;
        list += length;
        if (state == 0 || !*list)
            return state ? states : 0;
    }
}
