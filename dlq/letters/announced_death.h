/* announced_death: what an advisory announces, and whether it is still true. A batch of them is
 * read, then their consumers, then their jobs:
 *
 *     announced_death_read for each, announced_deaths_find_consumers, fetch the jobs,
 *     announced_death_judge for each */
#ifndef NATSQ_ANNOUNCED_DEATH_H
#define NATSQ_ANNOUNCED_DEATH_H

#include "letter/letter.h"
#include "letters/advisory_check.h"

struct announced_death {
    const char *fault; /* why the advisory cannot be read, or NULL */
    struct advisory advisory;
    struct consumer_sight consumer;
    enum advisory_status status; /* of its job */
};

void announced_death_read(struct announced_death *death, const struct job *message,
                          const char *origin);

/* Looks up each consumer of the batch once. -1: not all were found out about; those that were not
 * make their deaths UNDECIDED. */
int announced_deaths_find_consumers(struct announced_death *deaths, size_t n,
                                    struct requester *requester, const char *origin,
                                    struct error *error);

/* `job`: the job that was fetched after the consumer. */
void announced_death_judge(struct announced_death *death, const struct stored_message *job);

/* Its part of the letter; the job gives the rest (letter_about). Valid as long as `death`. */
struct letter announced_death_letter(const struct announced_death *death);

#endif
