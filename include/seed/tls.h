/* SPDX-License-Identifier: MIT */
#ifndef SEED_TLS_H
#define SEED_TLS_H

#include <seed/types.h>

SEED_BEGIN_C

/* HTTPS: TLS 1.2 and 1.3, by OpenSSL. There is no renegotiation, compression
 * or early data, and ALPN offers http/1.1 alone: a client that offers
 * protocols and not this one is refused by an alert. A request in clear text
 * to a TLS port is answered 400.
 *
 * Wherever a certificate, key, CA or CRL is asked for, the text is the path of
 * a PEM file, or the PEM text itself when it begins with "-----BEGIN". Files
 * are read again by seed_tls_reload(). */

/** How a TLS listener is made. Zero in a field means its default; strings are
 *  copied. */
struct seed_tls_options {
    /** The certificate, behind it those that lead to its root. It is for
     *  clients that name no host, or one that no seed_tls_host() is for. */
    const char *cert;

    /** Its key, without a passphrase. NULL: it is in `cert`. */
    const char *key;

    /** Authorities of clients' certificates. With it a client must show one
     *  that leads to one of them, by at most three others; without it none is
     *  asked for. */
    const char *client_ca;

    /** What these authorities have revoked. NULL: nothing is looked up. */
    const char *client_crl;

    /** A client may show none (seed_req_tls() then has no subject); one that
     *  it does show must be good. */
    bool client_optional;

    /** A name (SNI) that no certificate is for is refused by an alert,
     *  unrecognized_name, instead of getting the certificate above. */
    bool strict_names;

    /** Every connection makes a whole handshake, none resumes a session by a
     *  ticket. Tickets last two hours; their keys change every twelve hours,
     *  two old ones stay good, and all workers share them. */
    bool no_tickets;

    /** TLS 1.2 ciphers in OpenSSL's words. NULL: ECDHE with AES-GCM or
     *  ChaCha20-Poly1305. (TLS 1.3's are OpenSSL's own.) */
    const char *ciphers;

    /** Groups for the key exchange. NULL: "X25519:P-256:P-384". */
    const char *groups;

    /** Milliseconds from accept to the handshake's end, whatever arrives
     *  meanwhile; then the connection is closed without a word. 0: 10,000. */
    unsigned handshake_timeout;

    /** Handshakes that a worker has in progress at once. Over it the listener
     *  rests until one ends, and each may take a second at most. 0: 1,000. */
    unsigned max_handshakes;
};

/** Opens a TCP listener that speaks TLS. Others of the server may speak plain
 *  HTTP, or TLS with other options.
 *
 *  host, port  as for seed_listen()
 *  options     borrowed for the call
 *
 *  Returns 0, or the server's first setup error. SEED_EUNSUPPORTED for a
 *  server that has paths of evhttp's (seed_mount_evhttp(), options.evhttp):
 *  evhttp writes to the socket by itself, in clear text. */
#define seed_listen_tls(server, host, port, ...) \
    seed_listen_tls_sized((server), (host), (port), (__VA_ARGS__), \
        sizeof(struct seed_tls_options))
SEED_API int seed_listen_tls_sized(seed_server *server, const char *host,
    int port, const struct seed_tls_options *options, size_t size);

/** The same on an inherited socket that is bound and listening, as
 *  seed_listen_fd() has it.
 *
 *  fd  taken, also on failure */
#define seed_listen_tls_fd(server, fd, ...) \
    seed_listen_tls_fd_sized((server), (fd), (__VA_ARGS__), \
        sizeof(struct seed_tls_options))
SEED_API int seed_listen_tls_fd_sized(seed_server *server, int fd,
    const struct seed_tls_options *options, size_t size);

/** One more certificate, for the hosts that it names. Fields that both have
 *  mean what they do in struct seed_tls_options. */
struct seed_tls_host {
    /** Names with blanks between, "example.org *.example.org". The asterisk
     *  stands for one label. NULL: the DNS names in the certificate. */
    const char *names;

    const char *cert, *key;
    const char *client_ca, *client_crl;
    bool client_optional;
};

/** Adds a certificate to the server's last TLS listener. The client's
 *  name (SNI) chooses it: an exact name goes before one with an asterisk.
 *
 *  A session of one certificate is never resumed with another. A request for a
 *  host (by target or Host) that asks its clients for other certificates than
 *  the connection's is answered 421 (RFC 9110 15.5.20).
 *
 *  host  borrowed for the call
 *
 *  Before the server runs. Returns 0, or the server's first setup error. */
#define seed_tls_add_host(server, ...) \
    seed_tls_add_host_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_tls_host))
SEED_API int seed_tls_add_host_sized(seed_server *server,
    const struct seed_tls_host *host, size_t size);

/** Reads all files of all TLS listeners again. When all of them are good, new
 *  connections get what they say; those that are open keep what they have.
 *  When one is not, nothing changes, and one warning says why.
 *
 *  Blocks while it reads; any thread, but not a signal handler. Returns 0,
 *  SEED_EINVAL for a bad file, SEED_ESTATE for a server without TLS, or
 *  SEED_ENOMEM. */
SEED_API int seed_tls_reload(seed_server *server);

/** Makes a key and a certificate that it signs itself, for trying TLS: no
 *  client trusts it. ECDSA with P-256, good for 30 days.
 *
 *  names      DNS names and IP addresses with blanks between, "localhost ::1"
 *  cert, key  receive PEM text for struct seed_tls_options, owned:
 *             seed_release() each. NULL after a failure
 *
 *  Returns 0, SEED_EINVAL for names that are not, SEED_ESYSTEM for a refusal
 *  by OpenSSL, or SEED_ENOMEM. Any thread. */
SEED_API int seed_tls_selfsigned(const char *names, char **cert, char **key);

/** What the connection of a request has agreed on. Fields are only ever added
 *  at its end. */
typedef struct seed_tls {
    const char *version;     /* "TLSv1.3"                                   */
    const char *cipher;      /* "TLS_AES_128_GCM_SHA256"                    */
    const char *server_name; /* the name that was asked for (SNI), or NULL  */
    bool resumed;            /* by a ticket, without a whole handshake      */

    /* The client's certificate, which was verified. NULL: it showed none. */
    const char *subject;     /* RFC 2253: "CN=ann,O=Example"                */
    const char *issuer;
    const char *serial;      /* in hex, upper case                          */
    const char *fingerprint; /* SHA-256 of the certificate, in hex          */

    /* Its alternative names, "DNS:a.example", "EMAIL:ann@example.org",
     * "URI:spiffe://a/b", "IP:192.0.2.1"; none that holds a NUL. */
    const char *const *names;
    size_t name_count;
} seed_tls;

/** Tells how a request came by TLS, or NULL: it did not, or memory is
 *  exhausted. Collected when it is first asked for. Borrowed from the request
 *  until its last `after` hook; the request's worker only. */
SEED_API const seed_tls *seed_req_tls(seed_req *req);

SEED_END_C

#endif
