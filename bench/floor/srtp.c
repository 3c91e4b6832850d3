/* SRTP with AES-128-GCM by OpenSSL's EVP (RFC 3711, RFC 7714). */
#include "floor.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL_KEY = 0, LABEL_SALT = 2 };

/* RFC 3711 section 4.3: AES in counter mode over the label and the master salt, which here has 96 of its 112 bits. */
static void derive(const uint8_t master[16], const uint8_t salt[12], uint8_t label, uint8_t *key, int length)
{
    uint8_t counter[16] = {0}, zeros[16] = {0};
    int written;
    memcpy(counter, salt, 12);
    counter[7] ^= label;
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    if (!aes || !EVP_EncryptInit_ex(aes, EVP_aes_128_ctr(), NULL, master, counter)
        || !EVP_EncryptUpdate(aes, key, &written, zeros, length))
        abort();
    EVP_CIPHER_CTX_free(aes);
}

void srtp_begin(srtp_key *key, int encrypts, const uint8_t master[16], const uint8_t salt[12])
{
    uint8_t session[16];
    derive(master, salt, LABEL_KEY, session, sizeof session);
    derive(master, salt, LABEL_SALT, key->salt, sizeof key->salt);
    key->cipher = EVP_CIPHER_CTX_new();
    if (!key->cipher || !EVP_CipherInit_ex(key->cipher, EVP_aes_128_gcm(), NULL, session, NULL, encrypts))
        abort();
}

/* RFC 7714 section 8.1: two zero bytes, SSRC, roll-over counter, sequence number; mixed with the salt. */
static void make_nonce(const srtp_key *key, const uint8_t *packet, uint32_t rollover, uint8_t nonce[12])
{
    uint8_t plain[12] = {0};
    memcpy(plain + 2, packet + 8, 4);
    plain[6] = (uint8_t)(rollover >> 24);
    plain[7] = (uint8_t)(rollover >> 16);
    plain[8] = (uint8_t)(rollover >> 8);
    plain[9] = (uint8_t)rollover;
    memcpy(plain + 10, packet + 2, 2);
    for (int i = 0; i < 12; i++)
        nonce[i] = plain[i] ^ key->salt[i];
}

/* Fixed header, CSRCs and extension; 0 if the packet ends before them. */
static size_t measure_header(const uint8_t *packet, size_t length)
{
    size_t header = RTP_HEADER + 4u * (packet[0] & 15);
    if (packet[0] & 0x10) {
        if (header + 4 > length)
            return 0;
        header += 4 + 4u * (size_t)(packet[header + 2] << 8 | packet[header + 3]);
    }
    return header <= length ? header : 0;
}

/* RFC 3711 section 3.3.1: the index nearest to the highest one so far. */
static int64_t estimate_index(const participant *p, uint16_t sequence)
{
    if (!p->has_sent)
        return sequence;
    int64_t index = (int64_t)(p->highest & ~(uint64_t)0xFFFF) | sequence;
    int64_t step = index - (int64_t)p->highest;
    return step > 0x8000 ? index - 0x10000 : step < -0x8000 ? index + 0x10000 : index;
}

static int is_replay(const participant *p, int64_t index)
{
    int64_t age = (int64_t)p->highest - index;
    return index < 0 || (p->has_sent && age >= 0 && (age >= 64 || p->seen >> age & 1));
}

static void remember(participant *p, int64_t index)
{
    int64_t step = index - (int64_t)p->highest;
    if (!p->has_sent || step >= 64)
        p->seen = 1;
    else
        p->seen = step > 0 ? p->seen << step | 1 : p->seen | (uint64_t)1 << -step;
    if (!p->has_sent || step > 0)
        p->highest = (uint64_t)index;
}

size_t srtp_unprotect(participant *p, uint8_t *packet, size_t length, size_t *header, uint32_t *rollover)
{
    if (!p->has_keys || length < RTP_HEADER + GCM_TAG || !(*header = measure_header(packet, length - GCM_TAG)))
        return 0;
    uint32_t ssrc;
    memcpy(&ssrc, packet + 8, sizeof ssrc);
    if (p->has_sent && ssrc != p->ssrc)
        return 0;
    int64_t index = estimate_index(p, (uint16_t)(packet[2] << 8 | packet[3]));
    if (is_replay(p, index))
        return 0;
    *rollover = (uint32_t)(index >> 16);
    uint8_t nonce[12];
    int written;
    size_t plain = length - GCM_TAG;
    make_nonce(&p->from_client, packet, *rollover, nonce);
    EVP_CIPHER_CTX *cipher = p->from_client.cipher;
    if (!EVP_DecryptInit_ex(cipher, NULL, NULL, NULL, nonce)
        || !EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, GCM_TAG, packet + plain)
        || !EVP_DecryptUpdate(cipher, NULL, &written, packet, (int)*header)
        || !EVP_DecryptUpdate(cipher, packet + *header, &written, packet + *header, (int)(plain - *header))
        || EVP_DecryptFinal_ex(cipher, packet + plain, &written) <= 0)
        return 0;
    remember(p, index);
    p->ssrc = ssrc;
    p->has_sent = 1;
    return plain;
}

size_t srtp_protect(srtp_key *key, uint8_t *packet, size_t header, size_t length, uint32_t rollover)
{
    uint8_t nonce[12];
    int written;
    make_nonce(key, packet, rollover, nonce);
    if (!EVP_EncryptInit_ex(key->cipher, NULL, NULL, NULL, nonce)
        || !EVP_EncryptUpdate(key->cipher, NULL, &written, packet, (int)header)
        || !EVP_EncryptUpdate(key->cipher, packet + header, &written, packet + header, (int)(length - header))
        || !EVP_EncryptFinal_ex(key->cipher, packet + length, &written)
        || !EVP_CIPHER_CTX_ctrl(key->cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, packet + length))
        abort();
    return length + GCM_TAG;
}
