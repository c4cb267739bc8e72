#include "base/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

const struct inherited_signal inherited_signals[] = {
    /* If it is ignored, waitpid does not report how children end, here or in a handler. */
    {SIGCHLD, .is_restored = false},
    /* Sent to handlers at a timeout, and to this process to stop it. */
    {SIGTERM, .is_restored = false},
    /* A shell sets it to ignored for background jobs; it must stop this process regardless. */
    {SIGINT, .is_restored = true},
    {SIGPIPE, .is_restored = true},
    /* Ignored, so that a file at RLIMIT_FSIZE is an error (EFBIG), not the end of the process. */
    {SIGXFSZ, .is_ignored = true, .is_restored = true},
    {0},
};

enum { N_SIGNALS = sizeof inherited_signals / sizeof inherited_signals[0] - 1 };

/* The soft limits that the programs need. */
static const struct {
    unsigned resource; /* unsigned: clang converts it to glibc's enum without a warning */
    rlim_t least;
} limits[] = {
    {RLIMIT_NOFILE, 1024},
    {RLIMIT_STACK, 8 << 20},
};

enum { N_LIMITS = sizeof limits / sizeof limits[0] };

static struct {
    bool is_known;
    struct sigaction actions[N_SIGNALS];
    sigset_t mask;
    mode_t umask;
    struct rlimit limits[N_LIMITS];
} inherited;

static void open_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) /* the lowest free */
            _exit(EX_OSERR);
    }
}

static void set_signals(void)
{
    sigset_t none;
    for (size_t i = 0; i < N_SIGNALS; i++) {
        const struct inherited_signal *signal = &inherited_signals[i];
        struct sigaction action = {.sa_handler = signal->is_ignored ? SIG_IGN : SIG_DFL};
        sigaction(signal->number, &action, &inherited.actions[i]);
        if (!signal->is_restored)
            inherited.actions[i] = (struct sigaction){.sa_handler = SIG_DFL};
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, &inherited.mask);
    for (size_t i = 0; i < N_SIGNALS; i++)
        if (!inherited_signals[i].is_restored)
            sigdelset(&inherited.mask, inherited_signals[i].number);
}

static void set_umask(void)
{
    inherited.umask = umask(0);
    umask((inherited.umask & (mode_t)~S_IRWXU) | S_IWOTH);
}

static void raise_limits(void)
{
    for (size_t i = 0; i < N_LIMITS; i++) {
        struct rlimit *limit = &inherited.limits[i];
        getrlimit(limits[i].resource, limit);
        struct rlimit raised = {limits[i].least, limit->rlim_max};
        if (raised.rlim_cur > raised.rlim_max) /* RLIM_INFINITY is the largest */
            raised.rlim_cur = raised.rlim_max;
        if (limit->rlim_cur < raised.rlim_cur)
            setrlimit(limits[i].resource, &raised);
    }
}

/* glibc has set the default for new threads from the inherited limit. */
static void set_thread_stacks(void)
{
    pthread_attr_t attributes;
    size_t size;
    if (pthread_getattr_default_np(&attributes) != 0)
        return;
    pthread_attr_getstacksize(&attributes, &size);
    pthread_attr_setstacksize(&attributes, 8 << 20);
    if (size < 1 << 20)
        pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

void inherited_normalize(void)
{
    open_descriptors();
    set_signals();
    set_umask();
    raise_limits();
    set_thread_stacks();
    inherited.is_known = true;
}

void inherited_restore(void)
{
    for (size_t i = 0; i < N_SIGNALS; i++)
        sigaction(inherited_signals[i].number, &inherited.actions[i], NULL);
    sigprocmask(SIG_SETMASK, &inherited.mask, NULL);
    if (!inherited.is_known)
        return;
    umask(inherited.umask);
    for (size_t i = 0; i < N_LIMITS; i++)
        setrlimit(limits[i].resource, &inherited.limits[i]);
}

int inherited_allow_descriptors(size_t n, const char *what, struct error *error)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return error_set(error, EX_OSERR, "cannot read the limit of descriptors: %s",
                         strerror(errno));
    if (limit.rlim_cur >= n)
        return 0;
    struct rlimit raised = {n, limit.rlim_max};
    if (limit.rlim_max >= n && setrlimit(RLIMIT_NOFILE, &raised) == 0)
        return 0;
    return error_set(error, EX_OSERR,
                     "%s needs %zu open files, and the hard limit is %ju: raise it (ulimit -Hn "
                     "%zu) or ask for less",
                     what, n, (uintmax_t)limit.rlim_max, n);
}
