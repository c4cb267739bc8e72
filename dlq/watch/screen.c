#include "watch/screen.h"

#include "base/stop.h"
#include "base/thread.h"
#include "base/write_all.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

/* Alternate screen, no cursor, no line wrap; and back. */
static const char enter_bytes[] = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
static const char leave_bytes[] = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/* What the handlers need: all but `entered` is set once, before they are installed. */
static struct {
    atomic_bool entered;
    bool has_keys;
    struct termios before, drawing; /* of stdin */
    int log, stderr_before;         /* -1: stderr is not the terminal */
    off_t written;                  /* of `log`, to the stderr of before */
    pthread_t keys;
} screen;

static void write_log(void)
{
    char bytes[1024];
    ssize_t n;
    while ((n = pread(screen.log, bytes, sizeof bytes, screen.written)) > 0) {
        if (!write_all(STDERR_FILENO, bytes, (size_t)n))
            break;
        screen.written += n;
    }
}

/* Safe in a signal handler, and more than once. */
static void leave(void)
{
    if (!atomic_exchange(&screen.entered, false))
        return;
    (void)!write(STDOUT_FILENO, leave_bytes, sizeof leave_bytes - 1);
    if (screen.has_keys)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
    if (screen.log >= 0) {
        dup2(screen.stderr_before, STDERR_FILENO);
        write_log();
    }
}

static void enter(void)
{
    if (atomic_exchange(&screen.entered, true))
        return;
    if (screen.has_keys)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.drawing);
    if (screen.log >= 0)
        dup2(screen.log, STDERR_FILENO);
    (void)!write(STDOUT_FILENO, enter_bytes, sizeof enter_bytes - 1);
}

/* SA_RESETHAND: the signal then does what it would have done. */
static void on_crash(int number)
{
    leave();
    raise(number);
}

/* Ctrl-Z: the shell gets its terminal back, and we ours when we are continued. */
static void on_suspend(int number)
{
    int saved = errno;
    bool was_entered = atomic_load(&screen.entered);
    (void)number;
    leave();
    raise(SIGSTOP);
    if (was_entered)
        enter();
    errno = saved;
}

static void install_handlers(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGHUP};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    struct sigaction inherited;
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        if (sigaction(crashes[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
            sigaction(crashes[i], &action, NULL);
    action = (struct sigaction){.sa_handler = on_suspend, .sa_flags = SA_RESTART};
    sigaction(SIGTSTP, &action, NULL);
    atexit(leave);
    at_quick_exit(leave);
}

/* Until a stop is requested, or stdin ends. */
static void *read_keys(void *unused)
{
    char key = '\0';
    (void)unused;
    while (key != 'q' && key != 'Q') {
        struct pollfd on[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = stop_descriptor(), .events = POLLIN}};
        if (poll(on, 2, -1) < 0)
            continue;
        if (stop_requested() || read(STDIN_FILENO, &key, 1) <= 0)
            return NULL;
    }
    stop_request();
    return NULL;
}

static void look_at_stderr(void)
{
    screen.log = isatty(STDERR_FILENO) ? memfd_create("log", MFD_CLOEXEC) : -1;
    screen.stderr_before = screen.log >= 0 ? dup(STDERR_FILENO) : -1;
}

int screen_open(struct error *error)
{
    screen.has_keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &screen.before) == 0;
    screen.drawing = screen.before;
    screen.drawing.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    look_at_stderr();
    install_handlers();
    if (screen.has_keys && thread_start(&screen.keys, read_keys, NULL, error) < 0) {
        screen.has_keys = false; /* there is no thread to join */
        return -1;
    }
    enter();
    return 0;
}

void screen_close(void)
{
    leave();
    stop_request(); /* ends the thread */
    if (screen.has_keys)
        pthread_join(screen.keys, NULL);
    screen.has_keys = false;
}

bool screen_draw(const void *bytes, size_t length)
{
    return write_all(STDOUT_FILENO, bytes, length);
}
