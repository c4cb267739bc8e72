/* job_set: the identities of jobs (sequence and time), each once. Grows with them; 32 bytes a job
 * at most. */
#ifndef NATSQ_JOB_SET_H
#define NATSQ_JOB_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job_identity {
    uint64_t seq;      /* 0: an empty slot */
    int64_t stored_at; /* ns since 1970 */
};

struct job_set {
    struct job_identity *slots;
    size_t n, room; /* jobs; slots: 0 or a power of two */
};

/* 0: added. 1: it is there already. -1: out of memory. */
int job_set_add(struct job_set *set, uint64_t seq, int64_t stored_at);

bool job_set_has(const struct job_set *set, uint64_t seq, int64_t stored_at);

void job_set_release(struct job_set *set);

#endif
