/* inherited: the descriptors 0 to 2, signals, umask and limits that the process inherits. The
 * programs replace them with known ones; a handler gets the inherited ones back.
 *
 * The inherited state is saved before other threads run, and only read afterwards. */
#ifndef NATSQ_INHERITED_H
#define NATSQ_INHERITED_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A signal that the programs unblock and give a known disposition. All others stay as inherited, so
 * that nohup works. */
struct inherited_signal {
    int number;
    bool is_ignored;  /* else it has its default action */
    bool is_restored; /* in a handler; else a handler has the default action too, unblocked */
};

/* Terminated by number 0. */
extern const struct inherited_signal inherited_signals[];

/* Call it first in main. Afterwards:
 * - Descriptors 0 to 2 are open, so that no socket gets their number. One that was closed is now
 *   /dev/null, opened such that its use still fails (EBADF): reading a closed stdin is an error,
 *   not the end of the input.
 * - Signals are as in the table, and none is blocked.
 * - The owner can read and write new files, and others cannot write them.
 * - The stack limit is at least 8 MiB and that of descriptors at least 1,024, as far as the hard
 *   limits permit.
 * Exits with 71 if /dev/null cannot be opened. */
void inherited_normalize(void);

/* Restores what was inherited, except for signals without is_restored. Safe after vfork(2). */
void inherited_restore(void);

/* Raises the soft limit to at least `n` descriptors, which `what` needs. -1 (71): the hard limit is
 * lower. */
int inherited_allow_descriptors(size_t n, const char *what, struct error *error);

#endif
