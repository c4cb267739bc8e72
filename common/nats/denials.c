#include "nats/denials.h"

#include <string.h>

enum { CUT_FROM = 250 }; /* nats.c 3.14 cuts the server's message at 255 bytes, quotes included */

void denials_init(struct denials *denials)
{
    pthread_mutex_init(&denials->lock, NULL);
}

void denials_release(struct denials *denials)
{
    pthread_mutex_destroy(&denials->lock);
}

/* True when the message names a subject. */
static bool read_subject(const char *message, char subject[DENIED_SUBJECT_MAX], bool *is_cut)
{
    static const char *const before[] = {"for Publish to \"", "for Subscription to \""};
    const char *start = NULL;
    for (size_t i = 0; i < sizeof before / sizeof before[0] && !start; i++)
        if ((start = strstr(message, before[i])))
            start += strlen(before[i]);
    if (!start)
        return false;
    size_t length = strcspn(start, "\"");
    *is_cut = !start[length] && strlen(message) >= CUT_FROM;
    if (length >= DENIED_SUBJECT_MAX) {
        length = DENIED_SUBJECT_MAX - 1;
        *is_cut = true;
    }
    memset(subject, 0, DENIED_SUBJECT_MAX);
    memcpy(subject, start, length);
    return length > 0;
}

static bool is_at(const struct denials *denials, size_t i, const char *subject)
{
    const char *denied = denials->subject[i];
    return *denied && (denials->is_cut[i] ? strncmp(denied, subject, strlen(denied)) == 0
                                          : strcmp(denied, subject) == 0);
}

static bool is_known(const struct denials *denials, const char *subject)
{
    for (size_t i = 0; i < DENIALS_MAX; i++)
        if (is_at(denials, i, subject))
            return true;
    return false;
}

int denials_add(struct denials *denials, const char *message, char subject[DENIED_SUBJECT_MAX])
{
    bool is_cut;
    if (!read_subject(message, subject, &is_cut))
        return -1;
    pthread_mutex_lock(&denials->lock);
    bool known = is_known(denials, subject);
    if (!known) {
        size_t i = denials->next++ % DENIALS_MAX;
        memcpy(denials->subject[i], subject, DENIED_SUBJECT_MAX);
        denials->is_cut[i] = is_cut;
    }
    pthread_mutex_unlock(&denials->lock);
    atomic_fetch_add(&denials->count, 1);
    return known;
}

bool denials_have(struct denials *denials, const char *subject)
{
    pthread_mutex_lock(&denials->lock);
    bool known = is_known(denials, subject);
    pthread_mutex_unlock(&denials->lock);
    return known;
}

int denials_error(struct error *error, const char *verb, const char *subject)
{
    return error_set(error, EX_NOPERM, "the server says that this user may not %s to '%s'", verb,
                     subject);
}

void denials_forget(struct denials *denials)
{
    pthread_mutex_lock(&denials->lock);
    memset(denials->subject, 0, sizeof denials->subject);
    pthread_mutex_unlock(&denials->lock);
}
