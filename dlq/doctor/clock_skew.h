/* clock_skew: how far this machine's clock is from the server's. Pure. */
#ifndef NATSQ_CLOCK_SKEW_H
#define NATSQ_CLOCK_SKEW_H

#include <stdint.h>

/* All ns since 1970. The server's time lies between the other two if both clocks agree. */
struct clock_sample {
    int64_t sent, server, received;
};

/* By how much our clock is ahead at least (negative: behind), whatever way the time of the round
 * trip is divided; 0 when the clocks may agree. */
int64_t clock_skew(const struct clock_sample *sample);

#endif
