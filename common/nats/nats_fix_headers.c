/* nats_fix_headers: corrects the look-up of headers by name in the versions of nats.c that
 * cmake/NatsFixes.cmake lists; linked in place of natsStrHash_GetEx with --wrap.
 *
 * The fault: since 3.2.0 the look-up compares only as many letters as the requested name has, and
 * the hash of a name does not cover all of its letters (src/hash.c). So `User` finds `UserId`, and
 * `Order` finds `OrderId`. When a job has both, nats.c adds the values of one to the other while it
 * reads the headers, and a letter or a job that is put back carries the wrong ones. We know of no
 * upstream issue.
 *
 * The correction compares the terminating NUL as well: it looks for a name that is longer by two
 * NULs, wherever that has the same hash. Otherwise no longer name has that hash, except by chance.
 * Nothing of nats.c's private structures is used. */
#include <nats/nats.h>
#include <string.h>

enum { NAME_MOST = 253 }; /* a longer name is looked up the way nats.c does it */

void *__real_natsStrHash_GetEx(void *table, const char *name, int length);
void *__wrap_natsStrHash_GetEx(void *table, const char *name, int length);

/* The hash leaves out the last two bytes where the second bit of the length is set, and the last
 * four of an odd block of eight. */
static bool hashes_like_longer_by_two(int length)
{
    return !(length & 2) || length % 16 == 6;
}

void *__wrap_natsStrHash_GetEx(void *table, const char *name, int length)
{
    char padded[NAME_MOST + 3] = "";
    if (length > NAME_MOST || !hashes_like_longer_by_two(length))
        return __real_natsStrHash_GetEx(table, name, length);
    memcpy(padded, name, (size_t)length);
    return __real_natsStrHash_GetEx(table, padded, length + 2);
}
