/* nats.c 3.14 takes its few random numbers from OpenSSL, which first reads its configuration and
 * sets up its own generator: 2 of the 6 ms of a program that publishes one job. They come from the
 * kernel instead; linked in its place (-Wl,--wrap=RAND_bytes) in nats.c alone: TLS, within OpenSSL,
 * goes on as it did. */
#include <sodium.h>

int __wrap_RAND_bytes(unsigned char *bytes, int length);

int __wrap_RAND_bytes(unsigned char *bytes, int length)
{
    randombytes_buf(bytes, (size_t)length);
    return 1;
}
