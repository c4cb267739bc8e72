/* Keys and signature were made with `nats auth nkey gen|show|sign` (natscli 0.4.0) for this test
 * only: they give access to nothing. */
#include "nats/nkey.h"

#include "unit.h"

static const char seed[] = "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE";
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* The text has no four characters in a row of the secret. */
static void assert_secret_kept(const char *text, const char *secret)
{
    for (size_t i = 0; i + 4 <= strlen(secret); i++) {
        char part[5] = {0};
        memcpy(part, secret + i, 4);
        if (strstr(text, part))
            fail_msg("\"%s\" shows %s of the secret", text, part);
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

TEST(opens_known_seeds)
{
    static const char *const known[][2] = {
        {seed, "UATU46QHOMMMK3WAANBELCWLTDFLTFTLF4KXZBXEMUJ5UGVVIPVRXIEK"},
        {"SUACXK6QCK3MFMT6BSKOXCBTPFPK3ZG5WN55FY7TNCPKYCDNF7WZG2FVKI",
         "UDAH4BXGAVW5H4Y4FGATJY63HYBU7ES5ECT2PQG2Z55J7NXBPQ3OFA3T"},
    };
    FOR_EACH (each, known) {
        struct error error = {0};
        _cleanup_(cleanup_nkey) struct nkey *key =
            nkey_open((*each)[0], strlen((*each)[0]), &error);
        assert_non_null(key);
        assert_string_equal(nkey_public(key), (*each)[1]);
    }
}

TEST(signs_like_natscli)
{
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

/* What follows is not read and need not exist. */
TEST(reads_exactly_the_given_length)
{
    struct error error = {0};
    char longer[] = "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWEAAAA";
    _cleanup_(cleanup_nkey) struct nkey *key = nkey_open(longer, NKEY_SEED_LENGTH, &error);
    assert_non_null(key);
}

TEST(refuses_a_seed_with_any_character_changed)
{
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

TEST(names_the_position_of_a_bad_character)
{
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

TEST(refuses_any_other_length)
{
    for (size_t length = 1; length < NKEY_SEED_LENGTH; length++)
        assert_refused(seed, length, "wrong length");
    assert_refused("", 0, "not a seed");
    assert_refused("SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWEA",
                   NKEY_SEED_LENGTH + 1, "wrong length");
}

TEST(refuses_swapped_characters)
{
    for (size_t at = 1; at + 1 < NKEY_SEED_LENGTH; at++) {
        char text[sizeof seed];
        memcpy(text, seed, sizeof seed);
        text[at] = seed[at + 1];
        text[at + 1] = seed[at];
        if (text[at] != text[at + 1])
            assert_refused(text, NKEY_SEED_LENGTH, "bad checksum");
    }
}

TEST(refuses_lower_case_and_blanks)
{
    static const char *const texts[] = {
        "suaknqztofda3inhx4elqtde6qhzo3fdbdxuevdopk2qqzuaw5eryvbuwe",
        " SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE",
        "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE ",
        "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE\n",
        "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE=",
    };
    FOR_EACH (text, texts)
        assert_refused(*text, strlen(*text), "bad character");
}

TEST(refuses_other_kinds_of_keys)
{
    static const char *const keys[][2] = {
        {"SAAGXOFXTRJOGKOQNT3XOVGBHUGDAYHFGZTWXYMAVRCAESLPJPYA4LNFTI", "not a user's seed"},
        {"SOAEPJ5OZ4G6T6T3JCC2FPVBE5CXV7LGZOUI5X27JLZXNGHW6SVD6VZYI4", "not a user's seed"},
        {"SNADA6VBTPL266KMGHY5MZTGIOT5PSAK3OWXOWAFEF7LI3TWQE2AU2WDTM", "not a user's seed"},
        {"UATU46QHOMMMK3WAANBELCWLTDFLTFTLF4KXZBXEMUJ5UGVVIPVRXIEK", "not a seed"},
    };
    FOR_EACH (key, keys)
        assert_refused((*key)[0], strlen((*key)[0]), (*key)[1]);
}

TEST(close_takes_null)
{
    nkey_close(NULL);
}
