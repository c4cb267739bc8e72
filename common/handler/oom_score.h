/* oom_score: makes the kernel prefer a handler to its worker when memory runs out. A worker that is
 * killed costs each job in flight an attempt, a handler only its own job. */
#ifndef NATSQ_OOM_SCORE_H
#define NATSQ_OOM_SCORE_H

/* Raises the calling process's oom_score_adj by 500, to at most 1000. Its children inherit it.
 * Needs no privilege; does nothing where there is no /proc. Safe after vfork(2): the kernel
 * (Linux 4.8 and later) leaves the score of the process whose memory the child borrows. */
void oom_score_raise(void);

/* The raised score for "-17\n", as the kernel shows the present one. Pure. */
int oom_score_raised(const char *shown);

#endif
