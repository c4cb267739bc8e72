#include "base/prompt.h"

#include "base/stop.h"

#include <stdio.h>
#include <unistd.h>

/* read(2), because stdio would go on waiting after a stop. */
enum prompt_answer prompt_ask(const char *question)
{
    char answer[64];
    fprintf(stderr, "%s [y/N] ", question);
    fflush(stderr);
    if (stop_wait_or(STDIN_FILENO, -1) && stop_requested()) {
        fputc('\n', stderr); /* what follows would stand behind the ^C */
        return PROMPT_STOPPED;
    }
    ssize_t length = read(STDIN_FILENO, answer, sizeof answer);
    if (length <= 0) {
        fputc('\n', stderr);
        return PROMPT_NO;
    }
    return answer[0] == 'y' || answer[0] == 'Y' ? PROMPT_YES : PROMPT_NO;
}
