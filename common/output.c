#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int cannot_write(int number, struct error *error)
{
    return error_set(error, EX_IOERR, "standard output cannot be written%s%s", number ? ": " : "",
                     number ? strerror(number) : "");
}

int output_check(struct error *error)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    return flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? cannot_write(EBADF, error) : 0;
}

int output_end(struct error *error)
{
    errno = 0; /* of an earlier failure the stream keeps only that there was one */
    return fflush(stdout) != 0 || ferror(stdout) ? cannot_write(errno, error) : 0;
}
