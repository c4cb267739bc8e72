/* write_all: write(2) until everything is written. */
#ifndef NATSQ_WRITE_ALL_H
#define NATSQ_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>

/* Uses a single write(2) unless that is interrupted or incomplete, so that lines of several writers
 * do not mix. False: it failed (errno). */
bool write_all(int fd, const void *bytes, size_t length);

#endif
