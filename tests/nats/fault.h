/* fault: the frame of the programs in this folder. Each shows one fault of nats.c that natsq
 * corrects (cmake/NatsFixes.cmake) and is built twice: with nats.c as it is published, and with the
 * correction. Its argument says what is expected: faulty or sound. */
#ifndef NATSQ_FAULT_H
#define NATSQ_FAULT_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_faulty(void);

int main(int argc, char **argv)
{
    const char *expected = argc == 2 ? argv[1] : "", *found = is_faulty() ? "faulty" : "sound";
    printf("nats.c %s: %s, expected %s\n", nats_GetVersion(), found, expected);
    bool is_expected = strcmp(found, expected) == 0;
    if (!is_expected)
        printf("cmake/NatsFixes.cmake must list exactly the versions that have the fault. Once no "
               "version that natsq accepts has it, remove the correction and this test.\n");
    fflush(stdout);
    _exit(is_expected ? EXIT_SUCCESS : EXIT_FAILURE); /* nats.c's threads may still run */
}

/* For what only a broken test does. */
static void must(bool is_true, const char *what)
{
    if (is_true)
        return;
    printf("cannot tell: %s\n", what);
    exit(2);
}

#endif
