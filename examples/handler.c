/* A handler that is kept running, in C with protobuf-c:
 *
 *     consumer orders_stream 'orders.*' --keep -- build/release/bin/example-handler
 *
 * It reads a Job, processes it, writes its Result, and so on until the end of its stdin. It shares
 * only job.proto with natsq: `protoc-c --c_out=. job.proto` generates job.pb-c.[ch]. */
#include "job.pb-c.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* Replace this with your own work. Returns the verdict; `error` says why it is not DONE. */
static Natsq__Verdict work(const Natsq__Job *job, const char **error)
{
    if (job->body.len == 0) {
        *error = "an order without a body";
        return NATSQ__VERDICT__HOPELESS;
    }
    if (job->body.len >= 4 && memcmp(job->body.data, "fail", 4) == 0) {
        *error = "this order asks for it";
        return NATSQ__VERDICT__RETRY;
    }
    return NATSQ__VERDICT__DONE;
}

/* Reads a length: seven bits per byte, the lowest first. False at the end of stdin. */
static bool read_varint(size_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        int byte = getc(stdin);
        if (byte == EOF)
            return false;
        *value |= (size_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static Natsq__Job *read_job(void)
{
    static uint8_t *bytes; /* used again for the next job */
    static size_t room;
    size_t length;
    if (!read_varint(&length))
        return NULL;
    if (length > room) {
        free(bytes);
        bytes = malloc(length);
        room = length;
    }
    if (!bytes && length > 0)
        exit(EX_OSERR);
    if (fread(bytes, 1, length, stdin) < length)
        exit(EX_DATAERR);
    Natsq__Job *job = natsq__job__unpack(NULL, length, bytes);
    if (!job)
        exit(EX_DATAERR);
    return job;
}

static void write_result(const Natsq__Job *job, Natsq__Verdict verdict, char *error)
{
    uint8_t bytes[512];
    Natsq__Result result = NATSQ__RESULT__INIT;
    result.seq = job->seq;
    result.verdict = verdict;
    result.error = error;
    size_t length = natsq__result__get_packed_size(&result);
    if (length > sizeof bytes)
        exit(EX_SOFTWARE);
    natsq__result__pack(&result, bytes);
    if (length >= 0x80)
        putc((int)(length & 0x7F) | 0x80, stdout);
    putc((int)(length >= 0x80 ? length >> 7 : length), stdout);
    fwrite(bytes, 1, length, stdout);
    if (fflush(stdout) != 0) /* send the Result now */
        exit(EX_IOERR);
}

int main(void)
{
    for (Natsq__Job *job; (job = read_job());) {
        const char *error = "";
        Natsq__Verdict verdict = work(job, &error);
        write_result(job, verdict, (char *)(uintptr_t)error);
        natsq__job__free_unpacked(job, NULL);
    }
    return 0;
}
