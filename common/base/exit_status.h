/* exit_status: the end of main. */
#ifndef NATSQ_EXIT_STATUS_H
#define NATSQ_EXIT_STATUS_H

#include "base/error.h"
#include "base/log.h"

/* Logs the error that ended the program, a usage error with the program's name, and returns its
 * exit code, or 0. That is the error kept by stop_because, which caused all others, or else `error`
 * if `result` is negative. */
int exit_status(int result, struct error *error, const struct log *log);

#endif
