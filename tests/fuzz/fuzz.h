/* fuzz: the one function of a fuzzer, which libFuzzer or driver.c calls with bytes of any kind. */
#ifndef NATSQ_FUZZ_H
#define NATSQ_FUZZ_H

#include <stddef.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

#endif
