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
    int fault; /* the first errno */
};

/* publisher has one exit code for local files. */
static int as_local_file(int result, struct error *error)
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
    if (as_local_file(atomic_file_open(&failed->out, path, true, error), error) < 0)
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

static size_t count_headers(natsMsg *message)
{
    size_t n = 0;
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    while (header_iterator_next(&header))
        n++;
    return n;
}

/* The texts are the message's. */
static natsStatus take_headers(struct jsonl *job, natsMsg *message)
{
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    job->headers = calloc(count_headers(message) + 1, sizeof *job->headers);
    while (job->headers && header_iterator_next(&header))
        if (strcmp(header.name, id_header) == 0)
            job->id = header.value;
        else
            job->headers[job->n_headers++] = (struct header){header.name, header.value};
    return job->headers ? header.status : NATS_NO_MEMORY;
}

void failed_file_add(struct failed_file *failed, natsMsg *message)
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
    if ((!line || fputs(line, failed->out.file) < 0) && failed->fault == 0)
        failed->fault = errno ? errno : ENOMEM;
}

void failed_file_add_line(struct failed_file *failed, const void *line, size_t length)
{
    errno = 0;
    failed->count++;
    if ((fwrite(line, 1, length, failed->out.file) < length ||
         fputc('\n', failed->out.file) == EOF) &&
        failed->fault == 0)
        failed->fault = errno;
}

static int finish(struct failed_file *failed, struct error *error)
{
    if (failed->fault)
        return error_set(error, EX_CONFIG, "cannot write '%s': %s", failed->path,
                         strerror(failed->fault));
    if (!failed->out.name)
        return output_end(error);
    return as_local_file(atomic_file_commit(&failed->out, error), error);
}

int failed_file_finish(struct failed_file *failed, struct error *error)
{
    int result = finish(failed, error);
    _cleanup_(cleanup_free) char *part = take(failed->out.temporary);
    if (result < 0 && part) {
        size_t used = strlen(error->text);
        snprintf(error->text + used, sizeof error->text - used,
                 "; what could be written is in '%s'", part);
    }
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
