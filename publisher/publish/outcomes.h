/* outcomes: what became of each job: it is counted and logged, moves the checkpoint and, if it was
 * not confirmed, goes to the file of --failed. */
#ifndef NATSQ_OUTCOMES_H
#define NATSQ_OUTCOMES_H

#include "checkpoint/checkpoint.h"
#include "publish/failed_file.h"
#include "publish/report.h"

enum { OUTCOMES_RANDOM_BYTES = 8 };

struct outcomes {
    const struct publisher_options *options;
    struct report report;
    struct failed_file *failed;    /* NULL without --failed */
    struct checkpoint *checkpoint; /* NULL without --checkpoint */
    const char *id_prefix;
    char made_up[2 * OUTCOMES_RANDOM_BYTES + 1]; /* an id prefix of this run alone */
    bool id_used;                                /* --id's one job was there */
};

/* Keeps `log`, `source` and `options`. -1: as checkpoint_open and failed_file_open; then it is to
 * be closed as well. */
int outcomes_open(struct outcomes *outcomes, const struct log *log, const struct source *source,
                  const struct publisher_options *options, struct error *error);
void outcomes_close(struct outcomes *outcomes);

/* As checkpoint_pass; 0 without a checkpoint. */
int outcomes_pass(struct outcomes *outcomes, struct source_item *item, struct error *error);

/* Whether the item is not a job, or one that no server accepts; if so, reports it. */
bool outcomes_is_bad(struct outcomes *outcomes, const struct source_item *item);

/* A job that was sent. `message` is needed unless `outcome` confirms. */
void outcomes_settle(struct outcomes *outcomes, uint64_t number, const struct puback *outcome,
                     natsMsg *message);

/* A job with a subject of its own that no stream has: reports it as failed. */
int outcomes_fail_stray(struct outcomes *outcomes, const struct source_item *item,
                        struct error *error);

/* A job that is no longer sent: it goes to the file of --failed. */
int outcomes_leave(struct outcomes *outcomes, const struct source_item *item, struct error *error);

/* After a stop, the same for what the source still gives, unless it is settled or no job. */
int outcomes_leave_unsent(struct outcomes *outcomes, struct source_item *item, struct error *error);

/* Writes checkpoint and file, and says how it went: as report_end. `result` is that of the run so
 * far; if it is negative, that error stands. */
int outcomes_end(struct outcomes *outcomes, int result, bool is_blind, struct error *error);

#endif
