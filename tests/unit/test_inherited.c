#include "base/inherited.h"

#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each case runs in its own process, which exits with the line number of a failed condition. */
#define HOLDS(condition)                                                                           \
    do                                                                                             \
        if (!(condition))                                                                          \
            _exit(__LINE__ % 250 + 1);                                                             \
    while (0)

static void in_a_process(void (*run)(void))
{
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        run();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static bool is_ignored(int number)
{
    struct sigaction action;
    HOLDS(sigaction(number, NULL, &action) == 0);
    return action.sa_handler == SIG_IGN;
}

static bool is_blocked(int number)
{
    sigset_t mask;
    HOLDS(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
    return sigismember(&mask, number) == 1;
}

static void set_all(bool ignore, int how)
{
    struct sigaction action = {.sa_handler = ignore ? SIG_IGN : SIG_DFL};
    sigset_t all;
    sigfillset(&all);
    HOLDS(sigprocmask(how, &all, NULL) == 0);
    for (const struct inherited_signal *signal = inherited_signals; signal->number; signal++)
        HOLDS(sigaction(signal->number, &action, NULL) == 0);
}

static void run_with_signals(bool inherits)
{
    set_all(inherits, inherits ? SIG_BLOCK : SIG_UNBLOCK);
    inherited_normalize();
    for (const struct inherited_signal *signal = inherited_signals; signal->number; signal++)
        HOLDS(is_ignored(signal->number) == signal->is_ignored && !is_blocked(signal->number));
    HOLDS(!is_blocked(SIGHUP) && !is_blocked(SIGUSR1));
    set_all(!inherits, inherits ? SIG_UNBLOCK : SIG_BLOCK); /* as libraries do */
    inherited_restore();
    for (const struct inherited_signal *signal = inherited_signals; signal->number; signal++) {
        HOLDS(is_ignored(signal->number) == (inherits && signal->is_restored));
        HOLDS(is_blocked(signal->number) == (inherits && signal->is_restored));
    }
    HOLDS(is_blocked(SIGHUP) == inherits && is_blocked(SIGUSR1) == inherits);
}

static void run_with_defaults(void)
{
    run_with_signals(false);
}

static void run_with_ignored(void)
{
    run_with_signals(true);
}

static void run_without_sighup(void)
{
    signal(SIGHUP, SIG_IGN);
    inherited_normalize();
    HOLDS(is_ignored(SIGHUP));
}

TEST(signals_are_normalized_and_restored)
{
    in_a_process(run_with_defaults);
    in_a_process(run_with_ignored);
    in_a_process(run_without_sighup);
}

/* Using the descriptor fails, as if it were closed. */
static bool fails(int fd)
{
    char byte = 0;
    return (fd == STDIN_FILENO ? read(fd, &byte, 1) : write(fd, &byte, 1)) < 0;
}

static unsigned closed; /* a bit for each descriptor */

static void run_without_descriptors(void)
{
    struct stat before[3], after;
    for (int fd = 0; fd < 3; fd++) {
        HOLDS(fstat(fd, &before[fd]) == 0);
        if (closed & 1u << fd)
            close(fd);
    }
    inherited_normalize();
    for (int fd = 0; fd < 3; fd++) {
        HOLDS(fstat(fd, &after) == 0);
        if (closed & 1u << fd)
            HOLDS(fails(fd) && S_ISCHR(after.st_mode));
        else
            HOLDS(before[fd].st_ino == after.st_ino);
    }
    HOLDS(open("/", O_RDONLY) > STDERR_FILENO);
}

TEST(closed_standard_descriptors_are_opened_unusable)
{
    for (closed = 0; closed < 8; closed++)
        in_a_process(run_without_descriptors);
}

static void run_with_umask(mode_t inherited, mode_t ours)
{
    umask(inherited);
    inherited_normalize();
    HOLDS(umask(0) == ours);
    inherited_restore();
    HOLDS(umask(0) == inherited);
}

static void run_with_umasks(void)
{
    static const mode_t umasks[][2] = {
        {0, 0002}, {0002, 0002}, {0022, 0022}, {0077, 0077}, {0777, 0077}, {0700, 0002},
    };
    FOR_EACH (each, umasks)
        run_with_umask((*each)[0], (*each)[1]);
}

TEST(the_umask_is_normalized_and_restored)
{
    in_a_process(run_with_umasks);
}

static rlim_t soft_limit(unsigned resource)
{
    struct rlimit limit;
    HOLDS(getrlimit(resource, &limit) == 0);
    return limit.rlim_cur;
}

static void run_with_low_limits(void)
{
    const struct rlimit files = {20, 2000}, stack = {64 << 10, 16 << 20};
    struct error error;
    HOLDS(setrlimit(RLIMIT_NOFILE, &files) == 0 && setrlimit(RLIMIT_STACK, &stack) == 0);
    inherited_normalize();
    HOLDS(soft_limit(RLIMIT_NOFILE) == 1024 && soft_limit(RLIMIT_STACK) == 8 << 20);
    HOLDS(inherited_allow_descriptors(500, "it", &error) == 0);
    HOLDS(soft_limit(RLIMIT_NOFILE) == 1024);
    HOLDS(inherited_allow_descriptors(2000, "it", &error) == 0);
    HOLDS(soft_limit(RLIMIT_NOFILE) == 2000);
    HOLDS(inherited_allow_descriptors(2001, "it", &error) < 0 && error.exit_code == EX_OSERR);
    HOLDS(strstr(error.text, "it needs 2001") && strstr(error.text, "ulimit -Hn 2001"));
    inherited_restore();
    HOLDS(soft_limit(RLIMIT_NOFILE) == 20 && soft_limit(RLIMIT_STACK) == 64 << 10);
}

static void run_with_low_hard_limit(void)
{
    const struct rlimit files = {20, 100};
    HOLDS(setrlimit(RLIMIT_NOFILE, &files) == 0);
    inherited_normalize();
    HOLDS(soft_limit(RLIMIT_NOFILE) == 100);
}

TEST(limits_are_raised_and_restored)
{
    in_a_process(run_with_low_limits);
    in_a_process(run_with_low_hard_limit);
}
