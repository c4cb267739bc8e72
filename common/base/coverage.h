/* coverage: in a build with -DNATSQ_COVERAGE=ON, writes the counts of executed lines, which would
 * be lost when a process ends without its exit handlers. Compiled out in other builds. Any thread.
 */
#ifndef NATSQ_COVERAGE_H
#define NATSQ_COVERAGE_H

#ifdef NATSQ_COVERAGE
void __gcov_dump(void);
#define coverage_dump() __gcov_dump()
#else
#define coverage_dump() ((void)0)
#endif

#endif
