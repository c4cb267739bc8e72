/* tty_progress: shows the progress of a verb in the last line of the terminal: after the first
 * second, a few times a second; nothing when stderr is not a terminal. */
#ifndef NATSQ_TTY_PROGRESS_H
#define NATSQ_TTY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct tty_progress {
    int64_t first, begin, shown; /* times of clock_now; `begin` is that of the last restart */
    bool on_terminal, is_visible;
};

void tty_progress_begin(struct tty_progress *progress);

/* Other output shows the progress: wipes the line, and shows nothing for a second. */
void tty_progress_restart(struct tty_progress *progress);

/* Replaces the line, when it is time. */
void tty_progress_show(struct tty_progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, with a bar and the time left (progress_line). `of` 0: that is not known. */
void tty_progress_bar(struct tty_progress *progress, uint64_t done, uint64_t of, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));

/* Removes the line: before anything else is written to the terminal, and at the end. */
void tty_progress_wipe(struct tty_progress *progress);

#endif
