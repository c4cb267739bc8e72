/* account: what became of each job: it is counted and logged, moves the checkpoint and, if it was
 * not confirmed, goes to the file of --failed. */
#ifndef NATSQ_ACCOUNT_H
#define NATSQ_ACCOUNT_H

#include "checkpoint.h"
#include "failed_file.h"
#include "report.h"

enum { ACCOUNT_RANDOM_BYTES = 8 };

struct account {
    const struct publisher_options *options;
    struct report report;
    struct failed *failed;         /* NULL without --failed */
    struct checkpoint *checkpoint; /* NULL without --checkpoint */
    const char *id_prefix;
    char made_up[2 * ACCOUNT_RANDOM_BYTES + 1]; /* an id prefix of this run alone */
    bool id_used;                               /* --id's one job was there */
};

/* Keeps `log`, `source` and `options`. -1: as checkpoint_open and failed_open; then it is to be
 * closed as well. */
int account_open(struct account *account, const struct log *log, const struct source *source,
                 const struct publisher_options *options, struct error *error);
void account_close(struct account *account);

/* As checkpoint_pass; 0 without a checkpoint. */
int account_pass(struct account *account, struct item *item, struct error *error);

/* Whether the item is not a job, or one that no server accepts; if so, reports it. */
bool account_is_bad(struct account *account, const struct item *item);

/* A job that was sent. `message` is needed unless `outcome` confirms. */
void account_settle(struct account *account, uint64_t number, const struct puback *outcome,
                    natsMsg *message);

/* A job with a subject of its own that no stream has: reports it as failed. */
int account_fail_stray(struct account *account, const struct item *item, struct error *error);

/* A job that is no longer sent: it goes to the file of --failed. */
int account_leave(struct account *account, const struct item *item, struct error *error);

/* After a stop, the same for what the source still gives, unless it is settled or no job. */
int account_leave_unsent(struct account *account, struct item *item, struct error *error);

/* Writes checkpoint and file, and says how it went: as report_end. `result` is that of the run so
 * far; if it is negative, that error stands. */
int account_end(struct account *account, int result, bool is_blind, struct error *error);

#endif
