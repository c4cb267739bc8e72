/* sweeper: sweeps again and again, beside the other parts of a run. */
#ifndef NATSQ_SWEEPER_H
#define NATSQ_SWEEPER_H

#include "verb.h"

/* Until a stop is requested. What fails is said, and tried again the next time. */
void sweeper_run(struct dlq *dlq);

#endif
