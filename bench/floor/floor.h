/* The floor: the least C that forwards calls as the service does. One thread, one UDP port, nothing decided. */
#ifndef FLOOR_H
#define FLOOR_H

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MAX_PARTICIPANTS = 8192,
    MAX_ROOMS = 4096,
    MAX_MEMBERS = 25,    /* of a room, as the service's own limit */
    BATCH = 64,          /* datagrams per system call */
    DATAGRAM = 2304,     /* bytes of a slot: more than anything that is taken */
    GCM_TAG = 16,
    RTP_HEADER = 12,
};

/* One direction of SRTP, AES-128-GCM (RFC 7714). */
typedef struct {
    EVP_CIPHER_CTX *cipher;
    uint8_t salt[12];
} srtp_key;

typedef struct {
    int id, room;
    char ufrag[16], password[32];
    struct sockaddr_in address;     /* the latest that a check came from */
    SSL *ssl;                       /* while it shakes hands */
    uint8_t *last_flight;           /* what a client is sent again that has not got it */
    size_t last_length;
    srtp_key from_client, to_client;
    uint64_t highest, seen;         /* what has come of its stream: packet index, and the 64 before it */
    uint32_t ssrc;
    int has_keys, has_sent;
} participant;

/* Where the next datagram is written; send_datagram hands it over, and flush sends what waits. */
uint8_t *next_datagram(void);
void send_datagram(size_t length, const struct sockaddr_in *to);

/* dtls.c */
void dtls_begin(char fingerprint[96]);
void dtls_handle(participant *p, const uint8_t *datagram, size_t length);

/* srtp.c: both work in place; unprotect says the plain length, or 0 for what is not authentic. */
void srtp_begin(srtp_key *key, int encrypts, const uint8_t master[16], const uint8_t salt[12]);
size_t srtp_unprotect(participant *p, uint8_t *packet, size_t length, size_t *header, uint32_t *rollover);
size_t srtp_protect(srtp_key *key, uint8_t *packet, size_t header, size_t length, uint32_t rollover);

/* stun.c: the participant whose valid check this is, and the answer's length; NULL for anything else. */
participant *stun_answer(const uint8_t *check, size_t length, const struct sockaddr_in *from, uint8_t *answer,
                         size_t *answer_length);
participant *participant_of(const char *ufrag, size_t length);

#endif
