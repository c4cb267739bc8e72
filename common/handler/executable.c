#include "handler/executable.h"

#include "base/cleanup.h"
#include "base/program_name.h"
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The kernel reads this many bytes of a file to identify it (BINPRM_BUF_SIZE). */
enum { HEAD_MAX = 256 };

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* The same rule as execvp(3). */
static bool find_in_path(const char *name, char found[PATH_MAX])
{
    const char *path = getenv("PATH");
    const char *folder = path && *path ? path : "/usr/local/bin:/usr/bin:/bin";
    for (;;) {
        size_t n = strcspn(folder, ":");
        int length =
            snprintf(found, PATH_MAX, "%.*s/%s", n > 0 ? (int)n : 1, n > 0 ? folder : ".", name);
        if (length < PATH_MAX && is_program(found))
            return true;
        if (!folder[n])
            return false;
        folder += n + 1;
    }
}

static int check_file(const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return error_set(error, EX_CONFIG, "COMMAND '%s': %s", path, strerror(errno));
    if (S_ISREG(status.st_mode) && status.st_size == 0)
        return error_set(error, EX_CONFIG, "COMMAND '%s' is an empty file", path);
    if (is_program(path))
        return 0;
    if (S_ISREG(status.st_mode) && status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))
        return error_set(
            error, EX_CONFIG,
            "COMMAND '%s' may not be executed by this user, or its file system is mounted noexec",
            path);
    return error_set(error, EX_CONFIG,
                     "COMMAND '%s' is not executable: chmod +x it, or name its interpreter", path);
}

/* Returns its length; 0 even if the file may be executed but not read. */
static size_t read_head(const char *path, char head[HEAD_MAX + 1])
{
    _cleanup_(cleanup_fd) int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length = file < 0 ? 0 : read(file, head, HEAD_MAX);
    head[length > 0 ? length : 0] = '\0';
    return length > 0 ? (size_t)length : 0;
}

/* Binary formats contain control characters that text does not. */
static bool is_text(const char *head, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)head[i]) && !isspace((unsigned char)head[i]))
            return false;
    return length > 0;
}

/* `line` is what follows `#!`. For the kernel a blank ends the interpreter's name, and a carriage
 * return is part of it. */
static int check_interpreter(const char *path, char *line, struct error *error)
{
    size_t length = strcspn(line, "\n");
    if (length > 0 && line[length - 1] == '\r')
        return error_set(error, EX_CONFIG,
                         "COMMAND '%s' has CRLF line ends, so its interpreter is not found: sed -i "
                         "'s/\\r$//' %s",
                         path, path);
    char *interpreter = line + strspn(line, " \t");
    interpreter[strcspn(interpreter, " \t\n")] = '\0';
    if (*interpreter == '\0')
        return error_set(error, EX_CONFIG, "COMMAND '%s' names no interpreter after #!", path);
    if (is_program(interpreter))
        return 0;
    return error_set(error, EX_CONFIG,
                     "COMMAND '%s' names an interpreter that is missing or not executable: '%s'",
                     path, interpreter);
}

static int check(const char *path, struct error *error)
{
    static const char utf8_mark[] = "\xEF\xBB\xBF";
    char head[HEAD_MAX + 1];
    if (check_file(path, error) < 0)
        return -1;
    size_t length = read_head(path, head);
    if (strncmp(head, "#!", 2) == 0)
        return check_interpreter(path, head + 2, error);
    if (strncmp(head, utf8_mark, strlen(utf8_mark)) == 0)
        return error_set(
            error, EX_CONFIG,
            "COMMAND '%s' begins with a byte order mark: sed -i '1s/^\\xEF\\xBB\\xBF//' %s", path,
            path);
    if (is_text(head, length))
        return error_set(error, EX_CONFIG,
                         "COMMAND '%s' is a script without an interpreter line: its first line has "
                         "to name one, such as #!/bin/sh",
                         path);
    return 0;
}

void executable_explain(const char *path, struct error *error)
{
    struct error better = {0};
    if (check(path, &better) < 0)
        error_set(error, error->exit_code, "cannot start the handler: %s", better.text);
}

const char *executable_find(const char *name, char found[PATH_MAX], struct error *error)
{
    const char *path = strchr(name, '/') ? name : found;
    if (path == found && !find_in_path(name, found)) {
        error_set(error, EX_CONFIG, "COMMAND '%s' is not found in PATH", name);
        return NULL;
    }
    return check(path, error) < 0 ? NULL : path;
}

int executable_hint(const struct arguments *arguments, size_t first, const char *program,
                    const char *usage, struct error *error)
{
    char found[PATH_MAX];
    if (arguments->command)
        return -1;
    for (size_t i = first; i < arguments->n; i++) {
        const char *word = arguments->positional[i];
        if (*word && (strchr(word, '/') ? is_program(word) : find_in_path(word, found)))
            return error_add(
                error,
                "; if '%s' is the command to run for each job, write '--' before it: %s %s -- %s "
                "...",
                word, program_name(program), usage, word);
    }
    return -1;
}
