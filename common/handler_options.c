#include "handler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(field) .at = offsetof(struct handler_options, field)

/* In the order of enum handler_keep. */
static const char *const keeps[] = {"no", "protobuf", "jsonl", NULL};

const struct option_row handler_rows[] = {
    {"keep", "protobuf|jsonl",
     "start COMMAND once in each slot and feed it jobs, as messages of job.proto or as a JSON "
     "object a line (see examples/)",
     "jsonl", AT(keep), .choices = keeps, .bare = "protobuf", .kind = OPTION_CHOICE},
    {"concurrency", "N", "jobs that are run at once (default: the number of processors)", "4",
     AT(concurrency), .least = 1, .most = 1024, .kind = OPTION_NUMBER, .letter = 'j'},
    {"job-timeout", "D", "time that a handler gets for a job; then SIGTERM (default: no limit)",
     "30s", AT(job_timeout), .least = 1, .kind = OPTION_DURATION},
    {"kill-after", "D", "time from that SIGTERM to SIGKILL", "10s", NULL, "5s", AT(kill_after),
     .least = 1, .kind = OPTION_DURATION},
    {"grace", "D", "time that running handlers get to finish at a stop", "1m", NULL, "10s",
     AT(grace), .kind = OPTION_DURATION},
    {0},
};

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* As execvp(3) would find it, but once. Fills in `found`. */
static bool find_in_path(const char *name, char found[PATH_MAX])
{
    const char *path = getenv("PATH");
    _cleanup_(cleanup_free) char *copy =
        strdup(path && *path ? path : "/usr/local/bin:/usr/bin:/bin");
    char *rest = copy;
    for (char *folder; (folder = strsep(&rest, ":"));) {
        int length = snprintf(found, PATH_MAX, "%s/%s", *folder ? folder : ".", name);
        if (length < PATH_MAX && is_program(found))
            return true;
    }
    return false;
}

static int find_program(struct handler_options *options, struct error *error)
{
    const char *name = options->command[0];
    if (!strchr(name, '/')) {
        options->program = options->found;
        if (find_in_path(name, options->found))
            return 0;
        return error_set(error, EX_CONFIG, "COMMAND '%s' is not found in PATH", name);
    }
    options->program = name;
    if (access(name, F_OK) < 0)
        return error_set(error, EX_CONFIG, "COMMAND '%s': %s", name, strerror(errno));
    if (!is_program(name))
        return error_set(error, EX_CONFIG,
                         "COMMAND '%s' is not executable: chmod +x it, or name its interpreter",
                         name);
    return 0;
}

int handler_check(struct handler_options *options, struct error *error)
{
    if (options->concurrency == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        options->concurrency = processors > 0 ? processors : 1;
    }
    if (!options->command && options->keep)
        return error_set(error, EX_USAGE, "--keep needs a COMMAND: --keep -- COMMAND");
    if (!options->command)
        return 0;
    if (options->fail_rate > 0)
        return error_set(error, EX_USAGE, "--fail-rate is for the built-in handler");
    return find_program(options, error);
}
