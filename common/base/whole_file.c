#include "base/whole_file.h"

#include "base/buffer.h"
#include "base/stop.h"

#include <errno.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

/* The number of bytes read; 0 at the end. */
static ssize_t read_piece(int fd, struct buffer *buffer)
{
    char *end = buffer_reserve(buffer, PIECE);
    if (!end) {
        errno = ENOMEM;
        return -1;
    }
    if (stop_wait_or(fd, -1) && stop_requested()) {
        errno = ECANCELED;
        return -1;
    }
    ssize_t n = read(fd, end, PIECE);
    if (n > 0)
        buffer->length += (size_t)n;
    return n;
}

int whole_file_read(int fd, size_t most, char **bytes, size_t *length)
{
    struct buffer buffer = {0};
    ssize_t n;
    do
        n = read_piece(fd, &buffer);
    while (buffer.length <= most && (n > 0 || (n < 0 && errno == EINTR)));
    if (n < 0 || buffer.length > most) {
        int cause = n < 0 ? errno : EFBIG;
        buffer_release(&buffer);
        errno = cause;
        return -1;
    }
    *bytes = buffer.bytes;
    *length = buffer.length;
    return 0;
}
