/* verbs: the table of dlq's verbs. A new verb is a file verb_<name>.c, its declaration here and a
 * row in verbs.c. */
#ifndef NATSQ_VERBS_H
#define NATSQ_VERBS_H

#include "verb.h"

/* Ended by a row without a name. */
extern const struct verb verbs[];

int verb_run(struct dlq *dlq, struct error *error);
int verb_list(struct dlq *dlq, struct error *error);
int verb_show(struct dlq *dlq, struct error *error);
int verb_stats(struct dlq *dlq, struct error *error);
int verb_watch(struct dlq *dlq, struct error *error);
int verb_retry(struct dlq *dlq, struct error *error);
int verb_edit(struct dlq *dlq, struct error *error);
int verb_discard(struct dlq *dlq, struct error *error);
int verb_export(struct dlq *dlq, struct error *error);
int verb_import(struct dlq *dlq, struct error *error);
int verb_hold(struct dlq *dlq, struct error *error);
int verb_sweep(struct dlq *dlq, struct error *error);
int verb_doctor(struct dlq *dlq, struct error *error);
int verb_doctor_unconnected(struct dlq *dlq, struct error *error);

#endif
