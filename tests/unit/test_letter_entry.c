#include "letters/letter_entry.h"

#include "unit.h"

TEST(a_letter_by_reference_takes_the_memory_of_its_original)
{
    (void)state;
    struct letter_entry entry = {0};
    assert_int_equal(natsMsg_Create(&entry.message.message, "held", NULL, "order", 5), NATS_OK);
    assert_int_equal(letter_entry_bytes(&entry), 5);
    entry.letter.by_reference = true;
    assert_int_equal(letter_entry_bytes(&entry), 1 << 20);
    letter_entry_clear(&entry);
}
