/* decimal: whole numbers as text. Reads only digits: strtoull(3) also accepts signs and blanks. */
#ifndef NATSQ_DECIMAL_H
#define NATSQ_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the digits at `at` and moves it past them. False: there is none, or they exceed 64 bits. */
bool decimal_scan(const char **at, uint64_t *number);

/* The same for a whole text. False also for NULL. */
bool decimal_parse(const char *text, uint64_t *number);

/* Writes the digits and a NUL; returns where the NUL is. */
char *decimal_write(char *at, uint64_t number);

#endif
