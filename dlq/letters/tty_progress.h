/* tty_progress: how far a verb is, in the last line of the terminal: after the first second, a few
 * times a second, and nothing at all when stderr is no terminal. */
#ifndef NATSQ_TTY_PROGRESS_H
#define NATSQ_TTY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct tty_progress {
    int64_t begin, shown; /* of clock_now */
    bool on_terminal, stands;
};

void tty_progress_begin(struct tty_progress *progress);

/* Something else shows how far it is: wiped, and silent for a second. */
void tty_progress_restart(struct tty_progress *progress);

/* When it is time, these words take the place of those before. */
void tty_progress_show(struct tty_progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Before anything else is written to the terminal, and at the end. */
void tty_progress_wipe(struct tty_progress *progress);

#endif
