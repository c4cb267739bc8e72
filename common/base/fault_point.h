/* seam: a place between two steps where a test can end the process, as a power cut would.
 *
 * In a build with -DNATSQ_SEAMS=ON, NATSQ_SEAM=NAME[:N] in the environment makes the Nth pass
 * through the seam of that name kill the process with SIGKILL, or, with NATSQ_SEAM_STOP set too,
 * stop it until it is woken with SIGCONT. Nothing is left of it elsewhere. */
#ifndef NATSQ_SEAM_H
#define NATSQ_SEAM_H

#ifdef NATSQ_SEAMS
void seam(const char *name);
#else
#define seam(name) ((void)0)
#endif

#endif
