/* fault_point: a place between two steps where a test can kill the process, as a power cut would.
 *
 * In a build with -DNATSQ_FAULT_POINTS=ON, the environment variable NATSQ_FAULT_POINT=NAME[:N]
 * sends SIGKILL to the process when it reaches that fault point for the Nth time; if
 * NATSQ_FAULT_POINT_STOP is set too, SIGSTOP. Compiled out in other builds. */
#ifndef NATSQ_FAULT_POINT_H
#define NATSQ_FAULT_POINT_H

#ifdef NATSQ_FAULT_POINTS
void fault_point(const char *name);
#else
#define fault_point(name) ((void)0)
#endif

#endif
