#include "failed.h"

#include "jsonl.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const char id_header[] = "Nats-Msg-Id";

struct failed {
    const char *path;
    char *part; /* NULL: PATH itself is written */
    FILE *file;
    uint64_t count;
    int fault; /* the first errno */
};

static int cannot_write(const char *path, int number, struct error *error)
{
    return error_set(error, EX_CONFIG, "cannot write '%s': %s", path, strerror(number));
}

static bool is_replaceable(const char *path)
{
    struct stat status;
    return lstat(path, &status) < 0 || S_ISREG(status.st_mode);
}

/* Only its owner can read it: it holds jobs. */
static FILE *open_part(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

int failed_open(struct failed **opened, const char *path, struct error *error)
{
    _cleanup_(cleanup_failed) struct failed *failed = calloc(1, sizeof *failed);
    if (!failed)
        return error_set(error, EX_OSERR, "out of memory");
    failed->path = path;
    if (is_replaceable(path) && asprintf(&failed->part, "%s.%d.part", path, (int)getpid()) < 0) {
        failed->part = NULL;
        return error_set(error, EX_OSERR, "out of memory");
    }
    /* What stands for a closed stdout could be opened anew. */
    if (!failed->part && output_is(path) && output_check(error) < 0)
        return -1;
    const char *name = failed->part ? failed->part : path;
    failed->file = failed->part ? open_part(name) : fopen(name, "we");
    if (!failed->file)
        return cannot_write(name, errno, error);
    *opened = take(failed);
    return 0;
}

void failed_close(struct failed *failed)
{
    if (!failed)
        return;
    if (failed->file)
        fclose(failed->file);
    if (failed->file && failed->part) /* nothing was sent */
        unlink(failed->part);
    free(failed->part);
    free(failed);
}

static natsStatus count_headers(natsMsg *message, const char **keys, int n, size_t *count)
{
    *count = 0;
    for (int i = 0; i < n; i++) {
        const char **values = NULL;
        int some = 0;
        natsStatus s = natsMsgHeader_Values(message, keys[i], &values, &some);
        free(values);
        if (s != NATS_OK)
            return s;
        *count += (size_t)some;
    }
    return NATS_OK;
}

static natsStatus take_values(struct jsonl *job, natsMsg *message, const char *key)
{
    _cleanup_(cleanup_free) const char **values = NULL;
    int n = 0;
    natsStatus s = natsMsgHeader_Values(message, key, &values, &n);
    for (int i = 0; s == NATS_OK && i < n; i++)
        if (strcmp(key, id_header) == 0)
            job->id = values[i];
        else
            job->headers[job->n_headers++] = (struct header){key, values[i]};
    return s;
}

/* The texts are the message's. */
static natsStatus take_headers(struct jsonl *job, natsMsg *message)
{
    _cleanup_(cleanup_free) const char **keys = NULL;
    int n = 0;
    size_t count;
    natsStatus s = natsMsgHeader_Keys(message, &keys, &n);
    if (s == NATS_NOT_FOUND)
        return NATS_OK;
    if (s == NATS_OK)
        s = count_headers(message, keys, n, &count);
    if (s == NATS_OK && !(job->headers = calloc(count + 1, sizeof *job->headers)))
        s = NATS_NO_MEMORY;
    for (int i = 0; s == NATS_OK && i < n; i++)
        s = take_values(job, message, keys[i]);
    return s;
}

void failed_add(struct failed *failed, natsMsg *message)
{
    struct jsonl job = {
        .subject = natsMsg_GetSubject(message),
        .body = natsMsg_GetData(message),
        .length = (size_t)natsMsg_GetDataLength(message),
    };
    errno = 0;
    natsStatus s = take_headers(&job, message);
    _cleanup_(cleanup_free) char *line = s == NATS_OK ? jsonl_write(&job) : NULL;
    free(job.headers);
    failed->count++;
    if ((!line || fputs(line, failed->file) < 0) && failed->fault == 0)
        failed->fault = errno ? errno : ENOMEM;
}

void failed_add_line(struct failed *failed, const void *line, size_t length)
{
    errno = 0;
    failed->count++;
    if ((fwrite(line, 1, length, failed->file) < length || fputc('\n', failed->file) == EOF) &&
        failed->fault == 0)
        failed->fault = errno;
}

int failed_finish(struct failed *failed, struct error *error)
{
    errno = 0;
    FILE *file = take(failed->file);
    bool written = fflush(file) == 0 && (!failed->part || fsync(fileno(file)) == 0);
    int number = failed->fault ? failed->fault : written ? 0 : errno;
    fclose(file);
    if (number == 0 && failed->part && rename(failed->part, failed->path) < 0)
        number = errno;
    return number == 0 ? 0 : cannot_write(failed->path, number, error);
}

const char *failed_path(const struct failed *failed)
{
    return failed->path;
}

uint64_t failed_count(const struct failed *failed)
{
    return failed->count;
}
