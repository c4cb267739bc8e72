#include "edit/editor.h"

#include "base/stop.h"
#include "handler/executable.h"
#include "handler/spawn.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { NOT_FOUND = 127 }; /* the shell's exit code */

static const int kill_after_ms = 2000;

/* What is changed while the editor runs. */
struct surroundings {
    struct termios terminal;
    bool has_terminal;
    struct sigaction quit;
};

/* NULL: none. */
static const char *find_editor(void)
{
    static const char *const usual[] = {"editor", "vi", "nano"};
    char found[PATH_MAX];
    struct error ignored;
    const char *const chosen[] = {getenv("VISUAL"), getenv("EDITOR")};
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++)
        if (chosen[i] && *chosen[i])
            return chosen[i];
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (executable_find(usual[i], found, &ignored))
            return usual[i];
    return NULL;
}

/* The shell replaces itself by a simple command, so that our signals reach the editor. */
static bool write_script(const char *command, char *script, size_t size)
{
    bool is_simple = !strpbrk(command, ";|&<>()$`\n=");
    return snprintf(script, size, "%s%s \"$@\"", is_simple ? "exec " : "", command) < (int)size;
}

/* After the editor was started, since it would inherit an ignored signal. */
static void enter(struct surroundings *before)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGQUIT, &ignore, &before->quit);
}

static void leave(const struct surroundings *before, bool was_killed)
{
    sigaction(SIGQUIT, &before->quit, NULL);
    stop_ignore_interrupts(false);
    if (was_killed && before->has_terminal)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before->terminal);
}

static void end_editor(const struct process *process)
{
    struct pollfd exit = {.fd = process->pidfd, .events = POLLIN};
    kill(process->pid, SIGTERM);
    if (poll(&exit, 1, kill_after_ms) == 0)
        kill(process->pid, SIGKILL);
}

static int judge(const char *command, int code, int status, struct error *error)
{
    if (stop_requested())
        return error_set(error, EX_TEMPFAIL, "stopped: nothing was retried");
    if (code == CLD_EXITED && status == 0)
        return 0;
    if (code == CLD_EXITED && status == NOT_FOUND)
        return error_set(error, EX_CONFIG,
                         "the editor '%s' cannot be run: set VISUAL or EDITOR to another one",
                         command);
    return error_set(error, EX_TEMPFAIL, "the editor '%s' ended with %s %d: nothing was retried",
                     command, code == CLD_EXITED ? "exit" : "signal", status);
}

static int start_editor(const char *command, const char *path, struct process *process,
                        struct error *error)
{
    char script[1024];
    if (!write_script(command, script, sizeof script))
        return error_set(error, EX_CONFIG, "VISUAL or EDITOR is too long");
    char *const arguments[] = {(char *)(uintptr_t) "sh",   (char *)(uintptr_t) "-c", script,
                               (char *)(uintptr_t)command, (char *)(uintptr_t)path,  NULL};
    const struct spawn_request request = {.program = "/bin/sh",
                                          .arguments = arguments,
                                          .environment = environ,
                                          .in_our_group = true,
                                          .input = STDIN_FILENO,
                                          .output = STDOUT_FILENO,
                                          .errors = STDERR_FILENO};
    return spawn(&request, process, error);
}

int editor_run(const char *path, struct error *error)
{
    const char *command = find_editor();
    struct surroundings before = {.has_terminal = false};
    struct process process;
    if (!command)
        return error_set(error, EX_CONFIG,
                         "there is no editor: set EDITOR, or use `retry SEQ --body FILE`");
    before.has_terminal = tcgetattr(STDIN_FILENO, &before.terminal) == 0;
    stop_ignore_interrupts(true);
    if (start_editor(command, path, &process, error) < 0) {
        stop_ignore_interrupts(false);
        return -1;
    }
    enter(&before);
    if (stop_wait_or(process.pidfd, -1) && stop_requested())
        end_editor(&process);
    int code, status;
    process_reap(&process, &code, &status);
    leave(&before, code != CLD_EXITED);
    return judge(command, code, status, error);
}
