#include "handler/output_pipe.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

size_t output_pipe_read(int *pipe, char bytes[OUTPUT_PIPE_CHUNK])
{
    ssize_t n = read(*pipe, bytes, OUTPUT_PIPE_CHUNK);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        output_pipe_close(pipe);
    return n > 0 ? (size_t)n : 0;
}

bool output_pipe_is_readable(int pipe)
{
    struct pollfd readable = {.fd = pipe, .events = POLLIN};
    return pipe >= 0 && poll(&readable, 1, 0) > 0;
}

void output_pipe_close(int *pipe)
{
    if (*pipe >= 0)
        close(*pipe);
    *pipe = -1;
}
