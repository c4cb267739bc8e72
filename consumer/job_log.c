#include "job_log.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/timestamp.h"
#include "base/write_all.h"
#include "handler/attempt_fields.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char header[] = "time\tseq\tsubject\tattempt\tverdict\texit\tms\tworker\toutcome\n";

struct job_log {
    int file;
    char worker[300]; /* host:pid */
    atomic_bool has_warned;
};

static int open_file(struct job_log *job_log, const char *path, struct error *error)
{
    job_log->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    struct stat status;
    if (job_log->file < 0 || fstat(job_log->file, &status) < 0)
        return error_set(error, EX_CONFIG, "--joblog '%s': %s", path, strerror(errno));
    if (status.st_size == 0 && !write_all(job_log->file, header, sizeof header - 1))
        return error_set(error, EX_CONFIG, "--joblog '%s': %s", path, strerror(errno));
    return 0;
}

int job_log_open(struct job_log **opened, const char *path, struct error *error)
{
    _cleanup_(cleanup_job_log) struct job_log *job_log = calloc(1, sizeof *job_log);
    if (!job_log)
        return error_set(error, EX_OSERR, "out of memory");
    job_log->file = -1;
    if (path && open_file(job_log, path, error) < 0)
        return -1;
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    snprintf(job_log->worker, sizeof job_log->worker, "%s:%d", host, (int)getpid());
    *opened = take(job_log);
    return 0;
}

void job_log_close(struct job_log *job_log)
{
    if (!job_log)
        return;
    if (job_log->file >= 0)
        close(job_log->file);
    free(job_log);
}

static const char *exit_text(const struct verdict *verdict, char text[32])
{
    if (verdict->signal)
        snprintf(text, 32, "signal %d", verdict->signal);
    else if (verdict->exit_code >= 0)
        snprintf(text, 32, "%d", verdict->exit_code);
    else
        strcpy(text, "-");
    return text;
}

static void add_line(struct job_log *job_log, const struct attempt *attempt,
                     const struct verdict *verdict, enum settlement_action action,
                     const struct log *log)
{
    char line[1024], time[TIMESTAMP_TEXT_MAX], exit[32];
    int64_t ms = (clock_now() - attempt->started_at) / DURATION_MS;
    int length = snprintf(
        line, sizeof line, "%s\t%" PRIu64 "\t%.512s\t%" PRId64 "\t%s\t%s\t%" PRId64 "\t%s\t%s\n",
        timestamp_format(timestamp_now(), 3, time), attempt->seq, attempt->subject, attempt->number,
        verdict_kind_text(verdict->kind), exit_text(verdict, exit), ms, job_log->worker,
        settlement_action_text(action));
    if (!write_all(job_log->file, line, (size_t)length) &&
        !atomic_exchange(&job_log->has_warned, true))
        log_warn(log, "cannot write the job log: %s", strerror(errno));
}

/* `attempt` is the same as `delivery`. */
static void add_object(const struct job_log *job_log, const struct attempt *attempt,
                       const struct verdict *verdict, enum settlement_action action,
                       const struct log *log)
{
    json_t *fields = attempt_fields(log, LOG_LEVEL_INFO, attempt, verdict);
    json_object_set_new(fields, "attempt", json_integer((json_int_t)attempt->number));
    json_object_set_new(fields, "outcome", json_string(settlement_action_text(action)));
    json_object_set_new(fields, "worker", json_string(job_log->worker));
    log_event(log, (struct log_event){.level = LOG_LEVEL_INFO, .fields = fields}, "settled");
}

void job_log_add(struct job_log *job_log, const struct attempt *attempt,
                 const struct verdict *verdict, enum settlement_action action,
                 const struct log *log)
{
    if (job_log->file >= 0)
        add_line(job_log, attempt, verdict, action, log);
    if (log_takes_fields(log, LOG_LEVEL_INFO))
        add_object(job_log, attempt, verdict, action, log);
}
