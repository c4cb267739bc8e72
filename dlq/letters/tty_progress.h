/* headway: how far a verb is, in the last line of the terminal: after the first second, a few times
 * a second, and nothing at all when stderr is no terminal. */
#ifndef NATSQ_HEADWAY_H
#define NATSQ_HEADWAY_H

#include <stdbool.h>
#include <stdint.h>

struct headway {
    int64_t begin, shown; /* of duration_now */
    bool on_terminal, stands;
};

void headway_begin(struct headway *headway);

/* Something else shows how far it is: wiped, and silent for a second. */
void headway_again(struct headway *headway);

/* When it is time, these words take the place of those before. */
void headway_show(struct headway *headway, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Before anything else is written to the terminal, and at the end. */
void headway_wipe(struct headway *headway);

#endif
