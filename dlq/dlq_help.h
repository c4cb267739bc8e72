/* dlq_help: the texts of `dlq --help`. */
#ifndef NATSQ_DLQ_HELP_H
#define NATSQ_DLQ_HELP_H

extern const char dlq_usage[];
extern const char dlq_notes[];
extern const char dlq_examples[];

enum { DLQ_SUMMARY_MAX = 4608 };

struct verb;

/* What dlq does, and all verbs. Returns `text`. */
const char *dlq_summary(const struct verb *verbs, char text[DLQ_SUMMARY_MAX]);

#endif
