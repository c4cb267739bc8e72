#include "joblog.h"

#include "duration.h"
#include "timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char header[] = "time\tseq\tsubject\tattempt\tverdict\texit\tms\tworker\n";

struct joblog {
    int file;
    char worker[300]; /* host:pid */
    atomic_bool said_failed;
};

static bool append(const struct joblog *joblog, const char *line, size_t length)
{
    ssize_t written;
    do
        written = write(joblog->file, line, length);
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)length;
}

int joblog_open(struct joblog **opened, const char *path, struct error *error)
{
    if (!path)
        return 0;
    _cleanup_(cleanup_joblog) struct joblog *joblog = calloc(1, sizeof *joblog);
    if (!joblog)
        return error_set(error, EX_OSERR, "out of memory");
    joblog->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    struct stat status;
    if (joblog->file < 0 || fstat(joblog->file, &status) < 0)
        return error_set(error, EX_CONFIG, "--joblog '%s': %s", path, strerror(errno));
    if (status.st_size == 0 && !append(joblog, header, sizeof header - 1))
        return error_set(error, EX_CONFIG, "--joblog '%s': %s", path, strerror(errno));
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    snprintf(joblog->worker, sizeof joblog->worker, "%s:%d", host, (int)getpid());
    *opened = take(joblog);
    return 0;
}

void joblog_close(struct joblog *joblog)
{
    if (!joblog)
        return;
    if (joblog->file >= 0)
        close(joblog->file);
    free(joblog);
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

void joblog_add(struct joblog *joblog, const struct attempt *attempt, const struct verdict *verdict,
                const struct log *log)
{
    if (!joblog)
        return;
    char line[1024], time[TIMESTAMP_TEXT_MAX], exit[32];
    int length = snprintf(
        line, sizeof line, "%s\t%" PRIu64 "\t%.512s\t%" PRId64 "\t%s\t%s\t%" PRId64 "\t%s\n",
        timestamp_format(timestamp_now(), 3, time), attempt->job->delivery.seq,
        job_subject(attempt->job), attempt->number, verdict_kind_text(verdict->kind),
        exit_text(verdict, exit), (duration_now() - attempt->began) / DURATION_MS, joblog->worker);
    if (!append(joblog, line, (size_t)length) && !atomic_exchange(&joblog->said_failed, true))
        log_warn(log, "cannot write the job log: %s", strerror(errno));
}
