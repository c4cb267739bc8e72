/* warn_or_stop: a failure in one part of a run. The part goes on with the next item, unless the
 * server refuses us, for then everything else would fail too. */
#ifndef NATSQ_WARN_OR_STOP_H
#define NATSQ_WARN_OR_STOP_H

struct dlq;
struct error;

/* Warns, or ends the program with the error (stop_because) when it is a refusal (77). */
void warn_or_stop(const struct dlq *dlq, const struct error *error);

#endif
