/*
 * floor: receives datagrams in batches, forwards each packet to the others of its room, sends in batches.
 *
 * It says "PORT n" on its output when it is ready. Participants are announced by datagrams to the same port, in the
 * range of first bytes that belongs to nobody here (RFC 7983): "JOIN id room" is answered by
 * "JOINED id ufrag password fingerprint"; asked again, it answers the same.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ADDRESSES = 4 * MAX_PARTICIPANTS }; /* slots of the hash table, a power of two */

typedef struct {
    int count;
    participant *members[MAX_MEMBERS];
} room;

static participant *participants[MAX_PARTICIPANTS];
static participant *by_address[ADDRESSES];
static room rooms[MAX_ROOMS];
static char fingerprint[96];

static int udp;
static int waiting;
static uint8_t outgoing[BATCH][DATAGRAM];
static struct sockaddr_in outgoing_to[BATCH];
static struct iovec outgoing_part[BATCH];
static struct mmsghdr outgoing_message[BATCH];

static void flush(void)
{
    for (int sent = 0; sent < waiting;) {
        int n = sendmmsg(udp, outgoing_message + sent, (unsigned)(waiting - sent), 0);
        sent += n > 0 ? n : 1; /* one that is not taken is lost, as by a network */
    }
    waiting = 0;
}

uint8_t *next_datagram(void) { return outgoing[waiting]; }

void send_datagram(size_t length, const struct sockaddr_in *to)
{
    outgoing_part[waiting].iov_len = length;
    outgoing_to[waiting] = *to;
    if (++waiting == BATCH)
        flush();
}

static participant **place_of(const struct sockaddr_in *address)
{
    uint32_t hash = (ntohl(address->sin_addr.s_addr) * 2654435761u) ^ (ntohs(address->sin_port) * 40503u);
    for (uint32_t i = hash >> 7;; i++) {
        participant **place = &by_address[i & (ADDRESSES - 1)];
        if (!*place
            || ((*place)->address.sin_addr.s_addr == address->sin_addr.s_addr
                && (*place)->address.sin_port == address->sin_port))
            return place;
    }
}

participant *participant_of(const char *ufrag, size_t length)
{
    char *end;
    char text[16] = "";
    if (length < 2 || length >= sizeof text || ufrag[0] != 'F')
        return NULL;
    memcpy(text, ufrag + 1, length - 1);
    unsigned long id = strtoul(text, &end, 10);
    return *end == 0 && id < MAX_PARTICIPANTS ? participants[id] : NULL;
}

static participant *join(int id, int room_number)
{
    uint8_t random[12];
    room *r = &rooms[room_number];
    participant *p = calloc(1, sizeof *p);
    if (!p || r->count == MAX_MEMBERS || RAND_bytes(random, sizeof random) != 1)
        abort();
    p->id = id;
    p->room = room_number;
    snprintf(p->ufrag, sizeof p->ufrag, "F%06d", id);
    for (size_t i = 0; i < sizeof random; i++)
        sprintf(p->password + 2 * i, "%02x", random[i]);
    r->members[r->count++] = p;
    return participants[id] = p;
}

static void handle_request(const uint8_t *datagram, size_t length, const struct sockaddr_in *from)
{
    char text[64] = "";
    int id, room_number;
    memcpy(text, datagram, length < sizeof text ? length : sizeof text - 1);
    if (sscanf(text, "JOIN %d %d", &id, &room_number) != 2 || id < 0 || id >= MAX_PARTICIPANTS || room_number < 0
        || room_number >= MAX_ROOMS)
        return;
    participant *p = participants[id] ? participants[id] : join(id, room_number);
    int written = snprintf((char *)next_datagram(), DATAGRAM, "JOINED %d %s %s %s", id, p->ufrag, p->password, fingerprint);
    send_datagram((size_t)written, from);
}

static void handle_check(const uint8_t *datagram, size_t length, const struct sockaddr_in *from)
{
    size_t answer_length;
    participant *p = stun_answer(datagram, length, from, next_datagram(), &answer_length);
    if (!p)
        return;
    /* A client of the bench keeps its address for life, so nothing is ever taken out of the table. */
    participant **place = place_of(from);
    p->address = *from;
    *place = p;
    send_datagram(answer_length, from);
}

static void forward(participant *p, uint8_t *packet, size_t length)
{
    size_t header;
    uint32_t rollover;
    size_t plain = srtp_unprotect(p, packet, length, &header, &rollover);
    if (!plain)
        return;
    const room *r = &rooms[p->room];
    for (int i = 0; i < r->count; i++) {
        participant *to = r->members[i];
        if (to == p || !to->has_keys)
            continue;
        uint8_t *copy = next_datagram();
        memcpy(copy, packet, plain);
        send_datagram(srtp_protect(&to->to_client, copy, header, plain, rollover), &to->address);
    }
}

static void handle(uint8_t *datagram, size_t length, const struct sockaddr_in *from)
{
    if (length < 2)
        return;
    if (datagram[0] <= 3) {
        handle_check(datagram, length, from);
    } else if (datagram[0] == 'J') {
        handle_request(datagram, length, from);
    } else {
        participant *p = *place_of(from);
        if (p && datagram[0] >= 20 && datagram[0] <= 63)
            dtls_handle(p, datagram, length);
        else if (p && datagram[0] >= 128 && datagram[0] <= 191 && (datagram[1] < 192 || datagram[1] > 223))
            forward(p, datagram, length); /* RTCP (192 to 223) ends here: there is nothing to report */
    }
}

static void open_port(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t size = sizeof any;
    int bytes = 4 << 20; /* as much as the service asks for */
    udp = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(udp, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (udp < 0 || bind(udp, (struct sockaddr *)&any, sizeof any) || getsockname(udp, (struct sockaddr *)&any, &size)) {
        perror("floor");
        exit(1);
    }
    printf("PORT %d\n", ntohs(any.sin_port));
    fflush(stdout);
}

int main(void)
{
    static uint8_t incoming[BATCH][DATAGRAM];
    static struct sockaddr_in from[BATCH];
    static struct iovec part[BATCH];
    static struct mmsghdr message[BATCH];
    for (int i = 0; i < BATCH; i++) {
        part[i] = (struct iovec){incoming[i], DATAGRAM};
        message[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_iov = &part[i], .msg_iovlen = 1};
        outgoing_part[i].iov_base = outgoing[i];
        outgoing_message[i].msg_hdr = (struct msghdr){.msg_name = &outgoing_to[i],
                                                      .msg_namelen = sizeof outgoing_to[i],
                                                      .msg_iov = &outgoing_part[i],
                                                      .msg_iovlen = 1};
    }
    dtls_begin(fingerprint);
    open_port();
    for (;;) {
        for (int i = 0; i < BATCH; i++)
            message[i].msg_hdr.msg_namelen = sizeof from[i];
        int n = recvmmsg(udp, message, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++)
            handle(incoming[i], message[i].msg_len, &from[i]);
        flush();
    }
}
