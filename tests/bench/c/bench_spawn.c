/* bench_spawn THREADS JOBS COMMAND [ARG…]: the minimal cost of a command for each job: a pipe with
 * 16 bytes as its stdin, posix_spawn, wait. */
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_long left;
static char **command;

static void run_one(void)
{
    int ends[2], status;
    pid_t child;
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0 || write(ends[1], "0123456789abcdef", 16) != 16)
        abort();
    close(ends[1]);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    if (posix_spawnp(&child, command[0], &actions, NULL, command, environ) != 0)
        abort();
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || status != 0)
        abort();
}

static void *work(void *unused)
{
    while (atomic_fetch_sub(&left, 1) > 0)
        run_one();
    return unused;
}

int main(int argc, char **argv)
{
    enum { MOST = 64 };
    pthread_t threads[MOST] = {0};
    int n = argc > 3 ? atoi(argv[1]) : 0;
    if (n < 1 || n > MOST)
        return 64;
    atomic_store(&left, strtol(argv[2], NULL, 10));
    command = argv + 3;
    for (int i = 0; i < n; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            abort();
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
