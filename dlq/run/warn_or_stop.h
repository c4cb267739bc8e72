/* warn_or_stop: what to do with an error in one part of `dlq run`. */
#ifndef NATSQ_WARN_OR_STOP_H
#define NATSQ_WARN_OR_STOP_H

struct dlq;
struct error;

/* Logs a warning, and the part goes on. A refusal by the server (77) ends the program instead
 * (stop_because): everything else would be refused too. */
void warn_or_stop(const struct dlq *dlq, const struct error *error);

#endif
