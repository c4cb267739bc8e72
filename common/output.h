/* output: standard output as a place for data. */
#ifndef NATSQ_OUTPUT_H
#define NATSQ_OUTPUT_H

#include "error.h"

/* -1 (74): it is closed, or not open for writing. */
int output_check(struct error *error);

/* Writes what is still buffered. -1 (74): some of what was printed could not be written. */
int output_end(struct error *error);

#endif
