/* Shifts the wall clock of a program that is started with LD_PRELOAD=clock_shift.so, by CLOCK_SHIFT
 * seconds: a machine whose clock is wrong. Clocks that only measure, such as CLOCK_MONOTONIC, are
 * right. The kernel's clock is, too, so what waits until a time is given the right one. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void)
{
    const char *seconds = getenv("CLOCK_SHIFT");
    return seconds ? atol(seconds) : 0;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME)
        time->tv_sec += shift();
    return result;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict now,
                                                        void *restrict zone)
{
    struct timespec time;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &time) < 0)
        return -1;
    *now = (struct timeval){time.tv_sec, time.tv_nsec / 1000};
    return 0;
}

__attribute__((visibility("default"))) time_t time(time_t *now)
{
    struct timespec real;
    clock_gettime(CLOCK_REALTIME, &real);
    if (now)
        *now = real.tv_sec;
    return real.tv_sec;
}

__attribute__((visibility("default"))) int
pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                       const struct timespec *restrict end)
{
    struct timespec right = {end->tv_sec - shift(), end->tv_nsec};
    return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &right);
}
