/* fault_point: a place between two steps where a test can end the process, as a power cut would.
 *
 * In a build with -DNATSQ_FAULT_POINTS=ON, NATSQ_FAULT_POINT=NAME[:N] in the environment makes the
 * Nth pass through the fault point of that name kill the process with SIGKILL, or, with
 * NATSQ_FAULT_POINT_STOP set too, stop it until it is woken with SIGCONT. Nothing is left of it
 * elsewhere. */
#ifndef NATSQ_FAULT_POINT_H
#define NATSQ_FAULT_POINT_H

#ifdef NATSQ_FAULT_POINTS
void fault_point(const char *name);
#else
#define fault_point(name) ((void)0)
#endif

#endif
