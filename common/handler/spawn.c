#include "handler/spawn.h"

#include "base/inherited.h"
#include "handler/executable.h"
#include "handler/oom_score.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int connect_streams(const struct spawn_request *request)
{
    if (dup2(request->input, STDIN_FILENO) < 0 || dup2(request->output, STDOUT_FILENO) < 0 ||
        dup2(request->errors, STDERR_FILENO) < 0)
        return -1;
    close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC); /* also what libraries opened */
    return 0;
}

/* The child of a vfork runs on our memory while we wait, so it may only call what is safe after
 * fork. It reports why it failed through a pipe and not through that memory: a sanitizer turns
 * vfork into fork, and an optimiser may not see the write. */
__attribute__((noreturn)) static void run_child(const struct spawn_request *request, pid_t parent,
                                                int report)
{
    if (!request->in_our_group) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) /* the parent died before the line above */
            _exit(EX_OSERR);
        setpgid(0, 0);
        oom_score_raise();
    }
    inherited_restore();
    if (connect_streams(request) == 0)
        execve(request->program, request->arguments, request->environment);
    int failure = errno;
    _exit(write(report, &failure, sizeof failure) == sizeof failure ? EX_OSERR : EX_SOFTWARE);
}

/* All signals are blocked until the exec: a signal handler in the child would run in our memory. */
static pid_t start_child(const struct spawn_request *request, int report)
{
    sigset_t all, before;
    pid_t parent = getpid();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0)
        run_child(request, parent, report);
    int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failure;
    return pid;
}

/* Returns the process that runs the program, or -1 with errno. */
static pid_t start(const struct spawn_request *request)
{
    int ends[2], failure = 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    pid_t pid = start_child(request, ends[1]);
    if (pid < 0)
        failure = errno;
    close(ends[1]);
    /* The exec closes the other end. */
    if (pid > 0 && read(ends[0], &failure, sizeof failure) > 0)
        waitpid(pid, NULL, 0);
    close(ends[0]);
    errno = failure;
    return failure ? -1 : pid;
}

static int fail(const struct spawn_request *request, const char *what, int failure,
                struct error *error)
{
    error_set(error, EX_OSERR, "cannot %s '%s': %s", what, request->program, strerror(failure));
    executable_explain(request->program, error);
    return -failure;
}

int spawn(const struct spawn_request *request, struct process *process, struct error *error)
{
    pid_t pid = start(request);
    if (pid < 0)
        return fail(request, "start", errno, error);
    *process = (struct process){.pid = pid, .pidfd = (int)syscall(SYS_pidfd_open, pid, 0)};
    if (process->pidfd >= 0)
        return 0;
    int failure = errno;
    process_signal(process, SIGKILL);
    waitpid(pid, NULL, 0);
    *process = (struct process){.pidfd = -1};
    return fail(request, "watch", failure, error);
}

int spawn_pipe(int *ours, int *theirs, bool we_write)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    *ours = ends[we_write ? 1 : 0];
    *theirs = ends[we_write ? 0 : 1];
    return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

void process_signal(const struct process *process, int number)
{
    kill(-process->pid, number);
    /* A process in the group would get both signals, and some programs treat a second SIGTERM as
     * "exit immediately". */
    if (number == SIGKILL || getpgid(process->pid) != process->pid)
        syscall(SYS_pidfd_send_signal, process->pidfd, number, NULL, 0);
}

void process_reap(struct process *process, int *code, int *status)
{
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)process->pid, &info, WEXITED) < 0 && errno == EINTR)
        ;
    *code = info.si_code;
    *status = info.si_status;
    close(process->pidfd);
    *process = (struct process){.pidfd = -1};
}
