/* periodic_sweep: sweeps at intervals while `dlq run` runs. */
#ifndef NATSQ_PERIODIC_SWEEP_H
#define NATSQ_PERIODIC_SWEEP_H

/* A thread (thread_start) that gets the struct dlq and runs until a stop is requested. An error is
 * logged, and the next sweep tries again. */
void *periodic_sweep_run(void *dlq);

#endif
