/* spawn: starts a program, in a process group of its own unless it is to share ours, without
 * copying our address space. The kernel kills the process when the thread that started it ends
 * (PR_SET_PDEATHSIG, Linux), even by SIGKILL. That does not reach the children of the process; a
 * cgroup would. When memory runs out, the kernel prefers the process to us (oom_score.h). */
#ifndef NATSQ_SPAWN_H
#define NATSQ_SPAWN_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct spawn_request {
    const char *program;    /* a path */
    char *const *arguments; /* argv: the name first, NULL-terminated */
    char *const *environment;
    bool in_our_group; /* as an editor at the terminal needs it; the process may outlive us then */
    int input, output, errors; /* its stdin, stdout and stderr; it inherits no other descriptor */
};

struct process {
    pid_t pid; /* also the number of its process group; 0: none */
    int pidfd; /* readable once the process has exited; owned */
};

/* 0, or a negative errno when the process could not be started; the error says why. */
int spawn(const struct spawn_request *request, struct process *process, struct error *error);

/* Opens a pipe to (`we_write`) or from a process. Our end does not block, the other one does, as
 * programs expect. 0, or -1 with errno. */
int spawn_pipe(int *ours, int *theirs, bool we_write);

/* Signals the whole group, and the process itself if it has moved to another group or session. For
 * a process that has not been reaped. */
void process_signal(const struct process *process, int number);

/* Takes the status of a process that has exited (`code` and `status` as of waitid(2)) and closes
 * pidfd. */
void process_reap(struct process *process, int *code, int *status);

#endif
