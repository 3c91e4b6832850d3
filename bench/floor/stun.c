/* The answers of an ICE-lite agent to connectivity checks (RFC 8445 section 6.1, RFC 8489). */
#include "floor.h"

#include <openssl/hmac.h>
#include <string.h>

enum {
    HEADER = 20,
    USERNAME = 0x0006,
    INTEGRITY = 0x0008,
    MAPPED_ADDRESS = 0x0020, /* XOR-MAPPED-ADDRESS */
    FINGERPRINT = 0x8028,
    HASH = 20,
};

static const uint8_t cookie[4] = {0x21, 0x12, 0xA4, 0x42};

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at) { return (unsigned)(at[0] << 8 | at[1]); }

static uint32_t crc32_of(const uint8_t *bytes, size_t length)
{
    uint32_t crc = ~0u;
    while (length--) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1));
    }
    return ~crc;
}

/* HMAC-SHA1 over the message up to the attribute, with the length that ends behind it (RFC 8489 section 14.5). */
static void sign(const char *password, const uint8_t *message, size_t end, uint8_t hash[HASH])
{
    uint8_t copy[DATAGRAM];
    unsigned length;
    memcpy(copy, message, end);
    put16(copy + 2, (unsigned)(end + 4 + HASH - HEADER));
    HMAC(EVP_sha1(), password, (int)strlen(password), copy, end, hash, &length);
}

static size_t write_answer(const participant *p, const uint8_t *check, const struct sockaddr_in *from, uint8_t *answer)
{
    put16(answer, 0x0101); /* binding success */
    memcpy(answer + 4, check + 4, 16);
    size_t end = HEADER;
    put16(answer + end, MAPPED_ADDRESS);
    put16(answer + end + 2, 8);
    put16(answer + end + 4, 1); /* IPv4 */
    put16(answer + end + 6, ntohs(from->sin_port) ^ get16(cookie));
    memcpy(answer + end + 8, &from->sin_addr, 4);
    for (int i = 0; i < 4; i++)
        answer[end + 8 + (size_t)i] ^= cookie[i];
    end += 12;
    put16(answer + end, INTEGRITY);
    put16(answer + end + 2, HASH);
    sign(p->password, answer, end, answer + end + 4);
    end += 4 + HASH;
    put16(answer + 2, (unsigned)(end + 8 - HEADER));
    uint32_t crc = crc32_of(answer, end) ^ 0x5354554Eu;
    put16(answer + end, FINGERPRINT);
    put16(answer + end + 2, 4);
    put16(answer + end + 4, crc >> 16);
    put16(answer + end + 6, crc & 0xFFFF);
    return end + 8;
}

participant *stun_answer(const uint8_t *check, size_t length, const struct sockaddr_in *from, uint8_t *answer,
                         size_t *answer_length)
{
    if (length < HEADER || get16(check) != 0x0001 || memcmp(check + 4, cookie, 4) || get16(check + 2) != length - HEADER)
        return NULL;
    participant *p = NULL;
    for (size_t at = HEADER; at + 4 <= length;) {
        unsigned type = get16(check + at), size = get16(check + at + 2);
        if (at + 4 + size > length)
            return NULL;
        if (type == USERNAME) { /* ours, a colon, the client's */
            const char *name = (const char *)check + at + 4, *colon = memchr(name, ':', size);
            p = colon ? participant_of(name, (size_t)(colon - name)) : NULL;
        }
        if (type == INTEGRITY) {
            uint8_t hash[HASH];
            if (!p || size != HASH)
                return NULL;
            sign(p->password, check, at, hash);
            if (memcmp(hash, check + at + 4, HASH))
                return NULL;
            *answer_length = write_answer(p, check, from, answer);
            return p;
        }
        at += 4 + ((size + 3) & ~3u);
    }
    return NULL;
}
