/* coverage: in a build with -DNATSQ_COVERAGE=ON, writes out the counts of executed lines, which a
 * process that ends without its exit handlers would lose. Does nothing in other builds. Callable
 * from any thread. */
#ifndef NATSQ_COVERAGE_H
#define NATSQ_COVERAGE_H

#ifdef NATSQ_COVERAGE
void __gcov_dump(void);
#define coverage_dump() __gcov_dump()
#else
#define coverage_dump() ((void)0)
#endif

#endif
