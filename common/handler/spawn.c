#include "handler/spawn.h"

#include "base/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child of a vfork runs on our memory while we wait: it may only call what is safe after fork,
 * and reports its failure by writing to ours. */
struct child {
    const struct spawn_request *request;
    pid_t parent;
    volatile int *failure; /* errno of the step that failed */
};

static int connect_streams(const struct spawn_request *request)
{
    if (dup2(request->input, STDIN_FILENO) < 0 || dup2(request->output, STDOUT_FILENO) < 0 ||
        dup2(request->errors, STDERR_FILENO) < 0)
        return -1;
    close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC); /* those of libraries too */
    return 0;
}

__attribute__((noreturn)) static void run_child(struct child *child)
{
    const struct spawn_request *request = child->request;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->parent) /* it died before the line above */
        _exit(EX_OSERR);
    setpgid(0, 0);
    inherited_restore();
    if (connect_streams(request) == 0)
        execve(request->program, request->arguments, request->environment);
    *child->failure = errno;
    _exit(EX_OSERR);
}

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int spawn(const struct spawn_request *request, struct process *process, struct error *error)
{
    volatile int reported = 0; /* not a member of `child`: gcc 12 at -O2 drops that */
    struct child child = {.request = request, .parent = getpid(), .failure = &reported};
    sigset_t all, before;
    sigfillset(&all);
    /* A signal handler in the child would run on our memory. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0)
        run_child(&child);
    int failure = pid < 0 ? errno : reported;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure && pid > 0)
        waitpid(pid, NULL, 0);
    if (failure) {
        error_set(error, EX_OSERR, "cannot start '%s': %s", request->program, strerror(failure));
        return -failure;
    }
    *process = (struct process){.pid = pid, .pidfd = open_pidfd(pid)};
    if (process->pidfd >= 0)
        return 0;
    failure = errno;
    process_signal(process, SIGKILL);
    waitpid(pid, NULL, 0);
    error_set(error, EX_OSERR, "cannot watch '%s': %s", request->program, strerror(failure));
    return -failure;
}

/* It has not been reaped, so its number is still its own. */
static bool has_left_group(const struct process *process)
{
    return getpgid(process->pid) != process->pid;
}

void process_signal(const struct process *process, int number)
{
    kill(-process->pid, number);
    /* Twice only what cannot be caught: some programs take a second SIGTERM for "at once". */
    if (number == SIGKILL || has_left_group(process))
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
    process->pidfd = -1;
}
