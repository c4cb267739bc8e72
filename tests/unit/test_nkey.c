/* Keys and signature were made by `nats auth nkey gen|show|sign` (natscli 0.4.0) for this test
 * alone: they open nothing. */
#include "nats/nkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char seed[] = "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE";
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* No four characters in a row of the secret are in the text. */
static void assert_secret_kept(const char *text, const char *secret)
{
    for (size_t i = 0; i + 4 <= strlen(secret); i++) {
        char part[5] = {0};
        memcpy(part, secret + i, 4);
        if (strstr(text, part))
            fail_msg("\"%s\" tells %s of the secret", text, part);
    }
}

static void assert_refused(const char *text, size_t length, const char *words)
{
    struct error error = {0};
    _cleanup_(cleanup_nkey) struct nkey *key = nkey_open(text, length, &error);
    assert_null(key);
    assert_int_equal(error.exit_code, EX_CONFIG);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    assert_secret_kept(error.text, seed);
}

static void test_known_keys(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {seed, "UATU46QHOMMMK3WAANBELCWLTDFLTFTLF4KXZBXEMUJ5UGVVIPVRXIEK"},
        {"SUACXK6QCK3MFMT6BSKOXCBTPFPK3ZG5WN55FY7TNCPKYCDNF7WZG2FVKI",
         "UDAH4BXGAVW5H4Y4FGATJY63HYBU7ES5ECT2PQG2Z55J7NXBPQ3OFA3T"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct error error = {0};
        _cleanup_(cleanup_nkey) struct nkey *key =
            nkey_open(known[i][0], strlen(known[i][0]), &error);
        assert_non_null(key);
        assert_string_equal(nkey_public(key), known[i][1]);
    }
}

static void test_known_signature(void **state)
{
    (void)state;
    static const unsigned char expected[NKEY_SIGNATURE_SIZE] = {
        0xcf, 0x1b, 0xbf, 0x3f, 0x45, 0xd0, 0x62, 0xbf, 0x40, 0xca, 0x85, 0x17, 0xc2,
        0x45, 0xa3, 0xcc, 0xed, 0x9e, 0xe4, 0x6d, 0xd0, 0x7f, 0x48, 0x1e, 0x0b, 0x5b,
        0xe7, 0x37, 0x2a, 0xfe, 0x40, 0x5a, 0xcf, 0x4e, 0x31, 0x40, 0x86, 0xbd, 0x04,
        0x31, 0x3f, 0x90, 0x9d, 0x99, 0x70, 0xf6, 0x6f, 0x21, 0x62, 0xe4, 0xb7, 0x3f,
        0xd8, 0xa3, 0x37, 0x50, 0x44, 0xed, 0x3b, 0x23, 0x1c, 0xd5, 0x19, 0x09};
    struct error error = {0};
    unsigned char signature[NKEY_SIGNATURE_SIZE];
    _cleanup_(cleanup_nkey) struct nkey *key = nkey_open(seed, strlen(seed), &error);
    assert_non_null(key);
    assert_int_equal(nkey_sign(key, "a nonce to sign", 15, signature, &error), 0);
    assert_memory_equal(signature, expected, sizeof expected);
}

/* The length rules: what follows is not read, and need not be there. */
static void test_length_is_the_callers(void **state)
{
    (void)state;
    struct error error = {0};
    char longer[] = "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWEAAAA";
    _cleanup_(cleanup_nkey) struct nkey *key = nkey_open(longer, NKEY_SEED_LENGTH, &error);
    assert_non_null(key);
}

static void test_each_changed_character(void **state)
{
    (void)state;
    for (size_t at = 0; at < NKEY_SEED_LENGTH; at++) {
        char text[sizeof seed];
        memcpy(text, seed, sizeof seed);
        for (const char *other = base32; *other; other++) {
            text[at] = *other;
            if (*other != seed[at])
                assert_refused(text, strlen(text), at == 0 ? "not a seed" : "bad checksum");
        }
    }
}

static void test_each_bad_character(void **state)
{
    (void)state;
    for (size_t at = 0; at < NKEY_SEED_LENGTH; at++) {
        char text[sizeof seed], words[64];
        snprintf(words, sizeof words, "bad character at position %zu:", at + 1);
        for (int c = -128; c < 128; c++) {
            memcpy(text, seed, sizeof seed);
            text[at] = (char)c;
            if (c == 0 || !strchr(base32, c))
                assert_refused(text, NKEY_SEED_LENGTH, words);
        }
    }
}

static void test_each_length(void **state)
{
    (void)state;
    for (size_t length = 1; length < NKEY_SEED_LENGTH; length++)
        assert_refused(seed, length, "wrong length");
    assert_refused("", 0, "not a seed");
    assert_refused("SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWEA",
                   NKEY_SEED_LENGTH + 1, "wrong length");
}

static void test_swapped_neighbours(void **state)
{
    (void)state;
    for (size_t at = 1; at + 1 < NKEY_SEED_LENGTH; at++) {
        char text[sizeof seed];
        memcpy(text, seed, sizeof seed);
        text[at] = seed[at + 1];
        text[at + 1] = seed[at];
        if (text[at] != text[at + 1])
            assert_refused(text, NKEY_SEED_LENGTH, "bad checksum");
    }
}

static void test_case_and_spaces(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "suaknqztofda3inhx4elqtde6qhzo3fdbdxuevdopk2qqzuaw5eryvbuwe",
        " SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE",
        "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE ",
        "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE\n",
        "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE=",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_refused(texts[i], strlen(texts[i]), "bad character");
}

static void test_other_keys(void **state)
{
    (void)state;
    static const char *const keys[][2] = {
        {"SAAGXOFXTRJOGKOQNT3XOVGBHUGDAYHFGZTWXYMAVRCAESLPJPYA4LNFTI", "not a user's seed"},
        {"SOAEPJ5OZ4G6T6T3JCC2FPVBE5CXV7LGZOUI5X27JLZXNGHW6SVD6VZYI4", "not a user's seed"},
        {"SNADA6VBTPL266KMGHY5MZTGIOT5PSAK3OWXOWAFEF7LI3TWQE2AU2WDTM", "not a user's seed"},
        {"UATU46QHOMMMK3WAANBELCWLTDFLTFTLF4KXZBXEMUJ5UGVVIPVRXIEK", "not a seed"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_refused(keys[i][0], strlen(keys[i][0]), keys[i][1]);
}

static void test_close_takes_null(void **state)
{
    (void)state;
    nkey_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_keys),
        cmocka_unit_test(test_known_signature),
        cmocka_unit_test(test_length_is_the_callers),
        cmocka_unit_test(test_each_changed_character),
        cmocka_unit_test(test_each_bad_character),
        cmocka_unit_test(test_each_length),
        cmocka_unit_test(test_swapped_neighbours),
        cmocka_unit_test(test_case_and_spaces),
        cmocka_unit_test(test_other_keys),
        cmocka_unit_test(test_close_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
