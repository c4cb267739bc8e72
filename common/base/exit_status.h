/* exit_status: the end of main. */
#ifndef NATSQ_EXIT_STATUS_H
#define NATSQ_EXIT_STATUS_H

#include "base/error.h"
#include "base/log.h"

/* Returns 0, or the exit code of the error that ended the program, and logs that error. If `result`
 * is negative it is in `error`; one that another thread reported (stop_because) comes before it. */
int exit_status(int result, struct error *error, const struct log *log);

#endif
