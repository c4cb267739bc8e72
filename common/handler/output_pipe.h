/* output_pipe: our end of a pipe to which a handler writes: nonblocking, -1 once it is closed. */
#ifndef NATSQ_OUTPUT_PIPE_H
#define NATSQ_OUTPUT_PIPE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    OUTPUT_PIPE_CHUNK = 16384,
    OUTPUT_PIPE_READS = 64, /* empty 1 MiB, the largest pipe of an unprivileged user */
};

/* Reads once, and closes the pipe at its end. The number of bytes; 0: none now. */
size_t output_pipe_read(int *pipe, char bytes[OUTPUT_PIPE_CHUNK]);

/* Whether a read would find something, without waiting. */
bool output_pipe_is_readable(int pipe);

void output_pipe_close(int *pipe);

#endif
