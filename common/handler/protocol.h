/* protocol: the messages between us and a handler that is kept running, Job and Result (job.proto),
 * and their two encodings. Pure.
 *
 * protobuf: each message is preceded by its length, as a varint. jsonl: one object per line, with
 * the names of job.proto; a body that is not UTF-8 is "body_base64" instead of "body", and headers
 * have the shape of header_json.h. */
#ifndef NATSQ_PROTOCOL_H
#define NATSQ_PROTOCOL_H

#include "base/buffer.h"
#include "base/timestamp.h"
#include "handler/attempt.h"
#include "handler/verdict.h"

#include <job.pb-c.h>

/* A Result is a number, a verdict and a line: anything longer is not a Result. */
enum { PROTOCOL_RESULT_MAX = 64 * 1024 };

/* A Job and its memory, which is reused for the next one. Initialize it with zeros. */
struct protocol_job {
    Natsq__Job message; /* its strings belong to the attempt or to `copies` */
    char timestamp[TIMESTAMP_TEXT_MAX];
    Natsq__Header *headers, **pointers;
    size_t header_room;
    bool keeps_bytes; /* set by the owner: as in protocol_codec */
    char **copies;    /* valid UTF-8 for texts that are not, where the encoding requires it */
    size_t n_copies;
};

struct protocol_result {
    uint64_t seq;
    enum verdict_kind kind;
    char error[VERDICT_ERROR_MAX]; /* header-safe; "" for none */
};

struct protocol_codec {
    bool keeps_bytes; /* the values of headers need not be UTF-8 */
    /* Appends the job's message; `out->failed` if out of memory. */
    void (*write)(struct buffer *out, const Natsq__Job *job);
    /* Reads the message at the beginning of `bytes`. Returns its length; 0: it is not complete yet;
     * -1: it is invalid, and `fault` says why. */
    ssize_t (*read)(const char *bytes, size_t length, struct protocol_result *result,
                    const char **fault);
};

extern const struct protocol_codec protocol_protobuf, protocol_jsonl;

/* -1: out of memory. The message is valid until the next call or the end of the attempt. */
int protocol_job_from_attempt(struct protocol_job *protocol_job, const struct attempt *attempt);
void protocol_job_release(struct protocol_job *protocol_job);

#endif
