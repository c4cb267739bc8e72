/* trouble: a part of a run that failed. It goes on with what comes next, unless the server refuses
 * us: then nothing else would fare better. */
#ifndef NATSQ_TROUBLE_H
#define NATSQ_TROUBLE_H

#include "verb.h"

/* Warns, or ends the program with the error (stop_because) when it is a refusal (77). */
void trouble(const struct dlq *dlq, const struct error *error);

#endif
