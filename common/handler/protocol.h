/* kept: what is said to a handler that is kept running, and heard from it: a Job and its Result
 * (job.proto), in one of two encodings. Pure but for protocol_job_from_attempt, which reads the
 * attempt.
 *
 * protobuf: each message with its length in front, as a varint. jsonl: an object a line; its names
 * are those of job.proto, and a body that is not UTF-8 is "body_base64" in place of "body". */
#ifndef NATSQ_PROTOCOL_H
#define NATSQ_PROTOCOL_H

#include "base/buffer.h"
#include "base/timestamp.h"
#include "handler/attempt.h"
#include "handler/verdict.h"

#include <job.pb-c.h>

/* A Result is a number, a verdict and a line: what is longer is something else. */
enum { PROTOCOL_RESULT_MAX = 64 * 1024 };

/* A Job and the memory that it stands in; for one attempt after the other. Starts as zeros. */
struct protocol_job {
    Natsq__Job message; /* its texts belong to the attempt, or to `copies` */
    char timestamp[TIMESTAMP_TEXT_MAX];
    Natsq__Header *headers, **pointers;
    size_t header_room;
    char **copies; /* of texts that were not UTF-8, which no encoding carries as text */
    size_t n_copies;
};

struct protocol_result {
    uint64_t seq;
    enum verdict_kind kind;
    char error[VERDICT_ERROR_MAX]; /* header-safe; "" for none */
};

/* How jobs and results look on the pipes. */
struct protocol_codec {
    /* Appends the job's message; what fails is out of memory (`out->failed`). */
    void (*write)(struct buffer *out, const Natsq__Job *job);
    /* Reads the message that `bytes` begin with. Returns its length; 0: it is not whole yet; -1: it
     * is nonsense, and `fault` says how. */
    ssize_t (*read)(const char *bytes, size_t length, struct protocol_result *result,
                    const char **fault);
};

extern const struct protocol_codec protocol_protobuf, protocol_jsonl;

/* -1: out of memory. Valid while the attempt is, until the next call. */
int protocol_job_from_attempt(struct protocol_job *kept, const struct attempt *attempt);
void protocol_job_release(struct protocol_job *kept);

#endif
