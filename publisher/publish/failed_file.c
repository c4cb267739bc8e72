#include "publish/failed_file.h"

#include "base/atomic_file.h"
#include "base/output.h"
#include "nats/header_iterator.h"
#include "source/jsonl.h"

#include <errno.h>
#include <string.h>

static const char id_header[] = "Nats-Msg-Id";

struct failed_file {
    const char *path;
    struct atomic_file out;
    uint64_t count;
    int error_number; /* the first errno; 0: none */
};

/* publisher exits with 78 for all local files. */
static int map_exit_code(int result, struct error *error)
{
    if (result < 0 && error->exit_code == EX_CANTCREAT)
        error->exit_code = EX_CONFIG;
    return result;
}

int failed_file_open(struct failed_file **opened, const char *path, struct error *error)
{
    _cleanup_(cleanup_failed_file) struct failed_file *failed = calloc(1, sizeof *failed);
    if (!failed)
        return error_set(error, EX_OSERR, "out of memory");
    failed->path = path;
    if (map_exit_code(atomic_file_open(&failed->out, path, true, error), error) < 0)
        return -1;
    *opened = take(failed);
    return 0;
}

void failed_file_close(struct failed_file *failed)
{
    if (!failed)
        return;
    atomic_file_close(&failed->out);
    free(failed);
}

/* The message owns the strings. */
static bool take_headers(struct jsonl *job, natsMsg *message)
{
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    while (header_iterator_next(&header))
        if (strcmp(header.name, id_header) == 0)
            job->id = header.value;
        else if (!jsonl_add_header(job, header.name, header.value))
            return false;
    return header.status == NATS_OK;
}

void failed_file_add_line(struct failed_file *failed, const void *line, size_t length)
{
    failed->count++;
    errno = ENOMEM; /* for a job that cannot be written as a line */
    if (line && fwrite(line, 1, length, failed->out.file) == length &&
        fputc('\n', failed->out.file) != EOF)
        return;
    if (failed->error_number == 0)
        failed->error_number = errno;
}

void failed_file_add(struct failed_file *failed, natsMsg *message)
{
    struct jsonl job = {
        .subject = natsMsg_GetSubject(message),
        .body = natsMsg_GetData(message),
        .length = (size_t)natsMsg_GetDataLength(message),
    };
    _cleanup_(cleanup_free) char *line = take_headers(&job, message) ? jsonl_write(&job) : NULL;
    jsonl_release(&job);
    failed_file_add_line(failed, line, line ? strlen(line) : 0);
}

static int finish(struct failed_file *failed, struct error *error)
{
    if (failed->error_number)
        return error_set(error, EX_CONFIG, "cannot write '%s': %s", failed->path,
                         strerror(failed->error_number));
    if (!failed->out.name)
        return output_flush(error);
    return map_exit_code(atomic_file_commit(&failed->out, error), error);
}

int failed_file_finish(struct failed_file *failed, struct error *error)
{
    int result = finish(failed, error);
    _cleanup_(cleanup_free) char *part = take(failed->out.temporary);
    if (result < 0 && part)
        error_add(error, "; the jobs written so far are in '%s'", part);
    return result;
}

const char *failed_file_path(const struct failed_file *failed)
{
    return failed->path;
}

uint64_t failed_file_count(const struct failed_file *failed)
{
    return failed->count;
}
