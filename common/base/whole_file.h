/* whole_file: reads all of a file or pipe into memory. */
#ifndef NATSQ_WHOLE_FILE_H
#define NATSQ_WHOLE_FILE_H

#include <stddef.h>

/* The bytes, at most `most`, for the caller to free; never NULL on success. Waits for a pipe or
 * terminal until a stop is requested. 0, or -1 with errno: EFBIG for more bytes, ECANCELED after a
 * stop. */
int whole_file_read(int fd, size_t most, char **bytes, size_t *length);

#endif
