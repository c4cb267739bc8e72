/* outcomes: records the outcome of each job: it is counted and logged, advances the checkpoint and,
 * if the job was not confirmed, goes to the file of --failed. */
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
    char generated_prefix[2 * OUTCOMES_RANDOM_BYTES + 1]; /* without --id-prefix */
    bool is_id_used;                                      /* --id is for one job */
};

/* Keeps `log`, `source` and `options`. -1: as checkpoint_open and failed_file_open. Close it after
 * a failure too. */
int outcomes_open(struct outcomes *outcomes, const struct log *log, const struct source *source,
                  const struct publisher_options *options, struct error *error);
void outcomes_close(struct outcomes *outcomes);

/* True, and reported, when the item is not a job, or a job that no server accepts. */
bool outcomes_reject(struct outcomes *outcomes, const struct source_item *item);

/* The outcome of a job that was sent. `message` is needed unless `outcome` confirms. */
void outcomes_settle(struct outcomes *outcomes, uint64_t number, const struct puback *outcome,
                     natsMsg *message);

/* A job with a subject of its own that no stream has: reported as failed. */
int outcomes_no_stream(struct outcomes *outcomes, const struct source_item *item,
                       struct error *error);

/* A job that is not sent because of a stop: saved to the file of --failed. */
int outcomes_unsent(struct outcomes *outcomes, const struct source_item *item, struct error *error);

/* The same for an item of the rest of the source, unless it is already confirmed or not a job. */
int outcomes_save_rest(struct outcomes *outcomes, struct source_item *item, struct error *error);

/* Writes the checkpoint and the file of --failed, and reports the result as report_end does.
 * `result` is that of the run so far; if it is negative, `error` stays as it is. */
int outcomes_end(struct outcomes *outcomes, int result, bool lookup_denied, struct error *error);

#endif
