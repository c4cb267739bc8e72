/* spawn: starts a program without copying our address space, in a process group of its own, and
 * dies with us: the kernel kills it when the thread that started it ends (PR_SET_PDEATHSIG, Linux),
 * also by SIGKILL. Its own children are not reached by that; a cgroup would (docs/handlers.md). */
#ifndef NATSQ_SPAWN_H
#define NATSQ_SPAWN_H

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

struct spawn_request {
    const char *program;    /* a path */
    char *const *arguments; /* NULL-ended, the name first */
    char *const *environment;
    int input, output, errors; /* its stdin, stdout and stderr; any other descriptor is closed */
};

struct process {
    pid_t pid; /* also the number of the group that it is started in */
    int pidfd; /* readable once it has ended; owned */
};

/* 0, or a negative errno when it could not be started; the words say why. */
int spawn(const struct spawn_request *request, struct process *process, struct error *error);

/* Signals the whole group, and the process itself where it has moved to another group or session.
 * For one that has not been reaped. */
void process_signal(const struct process *process, int number);

/* Takes the status of one that has ended (`code` and `status` as of waitid(2)) and closes pidfd. */
void process_reap(struct process *process, int *code, int *status);

#endif
