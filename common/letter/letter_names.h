/* letter_names: the names of a letter's headers. Other programs read them: do not change them. */
#ifndef NATSQ_LETTER_NAMES_H
#define NATSQ_LETTER_NAMES_H

#include <stdbool.h>
#include <strings.h>

/* Listed in the order in which they are written. */
#define LETTER_ORIGIN_STREAM "Natsq-Origin-Stream"
#define LETTER_ORIGIN_SEQ "Natsq-Origin-Seq"
#define LETTER_ORIGIN_TIME "Natsq-Origin-Time"
#define LETTER_ORIGIN_SUBJECT "Natsq-Origin-Subject"
#define LETTER_CONSUMER "Natsq-Consumer"
#define LETTER_DELIVERIES "Natsq-Deliveries"
#define LETTER_RETRIES "Natsq-Retries"
#define LETTER_REASON "Natsq-Reason"
#define LETTER_ERROR "Natsq-Error"
#define LETTER_DIED_AT "Natsq-Died-At"
#define LETTER_HOST "Natsq-Host"
#define LETTER_JOB_ID "Natsq-Job-Id"
#define LETTER_BODY "Natsq-Body" /* "origin": the body did not fit and is still in the origin */

#define LETTER_EDITED "Natsq-Edited" /* "body", "headers" or "body,headers": by a person */
#define LETTER_WAS "Natsq-Was-"      /* before the name of a header on which the server would act */

#define LETTER_SWEPT "swept" /* the reason of a letter that sweep stored */

/* Whether a header of a job or letter is one of natsq. */
static inline bool letter_name_is_ours(const char *name)
{
    return strncasecmp(name, "Natsq-", sizeof "Natsq-" - 1) == 0;
}

#endif
