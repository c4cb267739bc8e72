/* inherited: what the process got from the one that started it: descriptors 0 to 2, signals, umask
 * and limits. The programs begin in a known state, and a handler gets back what was inherited.
 *
 * The state is kept once, before any other thread runs, and only read afterwards. */
#ifndef NATSQ_INHERITED_H
#define NATSQ_INHERITED_H

#include "base/error.h"

#include <stdbool.h>

/* A signal that has the same disposition in every run; none is blocked. All others stay as they
 * were inherited: nohup's ignored SIGHUP is meant. */
struct inherited_signal {
    int number;
    bool is_ignored;  /* by us; else it has its default action */
    bool is_restored; /* for a handler; else a handler starts with its default action, unblocked */
};

/* Ended by number 0. */
extern const struct inherited_signal inherited_signals[];

/* To be called first in main. Afterwards:
 * - Descriptors 0 to 2 are open, so that no socket takes their place. A closed one is /dev/null,
 *   opened so that using it fails as before (EBADF): a closed stdin is an error, not an empty
 *   input, and a closed stdout cannot be written.
 * - Signals are as in the table, and none is blocked.
 * - Files that the process makes are its own to read and write, and never writable by all.
 * - The stack is 8 MiB and 1,024 descriptors are allowed, as far as the hard limits permit.
 * Ends the process with 71 when /dev/null is needed and cannot be opened. */
void inherited_normalize(void);

/* Gives back what was inherited, but for the signals that are not restored. Safe in the child of a
 * vfork. */
void inherited_restore(void);

/* Raises the soft limit so that `n` descriptors can be open. -1 (71): the hard limit is lower; the
 * words name it, and `what` needs so many. */
int inherited_allow_descriptors(size_t n, const char *what, struct error *error);

#endif
