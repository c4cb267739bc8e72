/* periodic_sweep: sweeps again and again, beside the other parts of a run. */
#ifndef NATSQ_PERIODIC_SWEEP_H
#define NATSQ_PERIODIC_SWEEP_H

struct dlq;

/* Until a stop is requested. What fails is said, and tried again the next time. */
void periodic_sweep_run(struct dlq *dlq);

#endif
