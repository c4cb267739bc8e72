/* letter_state: where a dead job is on its way to its fate. */
#ifndef NATSQ_LETTER_STATE_H
#define NATSQ_LETTER_STATE_H

enum letter_state {
    LETTER_ANNOUNCED, /* dead, but only an advisory names it yet: `run` or `hold` collects it */
    LETTER_WAITING,   /* `run` decides it */
    LETTER_HELD,      /* it waits for a person */
    LETTER_STATES,
};

/* "announced", "waiting", "held". Total. */
const char *letter_state_name(enum letter_state state);

/* The states that a list such as `waiting,held` names, a bit for each (1 << LETTER_HELD); 0 when a
 * name is unknown or empty. */
unsigned letter_states_parse(const char *list);

#endif
