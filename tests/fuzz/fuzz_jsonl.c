/* The reader of --jsonl accepts any bytes; a job that it accepts is written and read back
 * unchanged. */
#include "source/jsonl.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static size_t values_of(const struct jsonl *job, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < job->n_headers; i++)
        n += strcmp(job->headers[i].name, name) == 0;
    return n;
}

static void check_headers(const struct jsonl *job, const struct jsonl *back)
{
    check(job->n_headers == back->n_headers);
    for (size_t i = 0; i < job->n_headers; i++) {
        check(strpbrk(job->headers[i].value, "\r\n") == NULL);
        check(strpbrk(job->headers[i].name, "\r\n: ") == NULL);
        check(values_of(job, job->headers[i].name) == values_of(back, job->headers[i].name));
    }
}

static void check_back(const struct jsonl *job, struct jsonl *back)
{
    _cleanup_(cleanup_free) char *line = jsonl_write(job);
    check(line && !strchr(line, '\n'));
    check(jsonl_read(back, line, strlen(line)) == NULL);
    check(same_text(job->subject, back->subject) && same_text(job->id, back->id));
    check(job->length == back->length);
    check(job->length == 0 || memcmp(job->body, back->body, job->length) == 0);
    check_headers(job, back);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    struct jsonl job = {0}, back = {0};
    const char *fault = jsonl_read(&job, (const char *)bytes, length);
    if (fault)
        check(text_is_utf8(fault, strlen(fault)) || strlen(fault) == JSONL_FAULT_MAX - 1);
    else
        check_back(&job, &back);
    jsonl_release(&job);
    jsonl_release(&back);
    return 0;
}
