/* The server's side of DTLS 1.2 (RFC 6347) for SRTP keys (RFC 5764), through memory BIOs. */
#include "floor.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MTU = 1200, RECORD_HEADER = 13 };

static SSL_CTX *context;

/* Everybody's certificate is self-signed. The service compares it with the answer's fingerprint; the floor does not. */
static int accept_any(int preverified, X509_STORE_CTX *store)
{
    (void)preverified;
    (void)store;
    return 1;
}

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"floor", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    if (!X509_sign(certificate, key, EVP_sha256()))
        abort();
    return certificate;
}

void dtls_begin(char fingerprint[96])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key);
    context = SSL_CTX_new(DTLS_server_method());
    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
    if (!SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256")
        || SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM") /* 0 is success */
        || !SSL_CTX_use_certificate(context, certificate) || !SSL_CTX_use_PrivateKey(context, key)
        || !X509_digest(certificate, EVP_sha256(), hash, &length))
        abort();
    for (unsigned i = 0; i < length; i++)
        sprintf(fingerprint + 3 * i, "%02X%s", hash[i], i + 1 < length ? ":" : "");
}

static void begin_handshake(participant *p)
{
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    p->ssl = SSL_new(context);
    BIO_set_mem_eof_return(in, -1);
    BIO_set_mem_eof_return(out, -1);
    SSL_set_bio(p->ssl, in, out);
    DTLS_set_link_mtu(p->ssl, MTU);
    SSL_set_accept_state(p->ssl);
}

/* A flight is a string of records: each goes out as a datagram of its own. */
static void send_records(const participant *p, const uint8_t *flight, size_t left)
{
    while (left >= RECORD_HEADER) {
        size_t record = RECORD_HEADER + (size_t)(flight[11] << 8 | flight[12]);
        if (record > left || record > DATAGRAM)
            break;
        memcpy(next_datagram(), flight, record);
        send_datagram(record, &p->address);
        flight += record;
        left -= record;
    }
}

/* OpenSSL holds 75 KB for a connection: what is kept instead is the last flight, for a client that has not got it. */
static void end_handshake(participant *p, const uint8_t *flight, size_t length)
{
    p->last_flight = malloc(length);
    p->last_length = length;
    memcpy(p->last_flight, flight, length);
    SSL_free(p->ssl);
    p->ssl = NULL;
}

/* Client key, server key, client salt, server salt (RFC 5764 section 4.2). */
static void take_keys(participant *p)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t keys[2 * (16 + 12)];
    if (!SSL_export_keying_material(p->ssl, keys, sizeof keys, label, sizeof label - 1, NULL, 0, 0))
        abort();
    srtp_begin(&p->from_client, 0, keys, keys + 32);
    srtp_begin(&p->to_client, 1, keys + 16, keys + 44);
    p->has_keys = 1;
}

void dtls_handle(participant *p, const uint8_t *datagram, size_t length)
{
    if (p->has_keys) {
        if (!p->has_sent)
            send_records(p, p->last_flight, p->last_length);
        return;
    }
    if (!p->ssl)
        begin_handshake(p);
    BIO_write(SSL_get_rbio(p->ssl), datagram, (int)length);
    DTLSv1_handle_timeout(p->ssl); /* the client repeats by its own clock, and so wakes this one up */
    if (SSL_do_handshake(p->ssl) == 1)
        take_keys(p);
    char *flight;
    BIO *out = SSL_get_wbio(p->ssl);
    size_t written = (size_t)BIO_get_mem_data(out, &flight);
    send_records(p, (uint8_t *)flight, written);
    if (p->has_keys)
        end_handshake(p, (uint8_t *)flight, written);
    else
        (void)BIO_reset(out);
}
