// What a side of a session presents and accepts, as OpenSSL keeps it.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace kong {

/** Name, HMAC key and AES key of 16 bytes each: the tickets are those of Node, so that either resumes the other's. */
struct TicketKeys {
  unsigned char name[16];
  unsigned char hmac[16];
  unsigned char aes[16];
};

/** What a context is made of, in the words of Node's `tls.createSecureContext`. */
struct Policy {
  int minVersion;
  int maxVersion;
  /** SSL_OP_... */
  uint64_t options;
  bool dhAuto;
  /** Of TLS 1.2 and below, and of TLS 1.3; an empty text leaves them as they are. */
  std::string ciphers;
  std::string suites;
};

/**
 * An SSL_CTX with its ticket keys; sessions share it. Each function answers OpenSSL's error code, 0 for none, and leaves
 * no error behind.
 */
class Context {
 public:
  /** Owns it from now on. */
  explicit Context(SSL_CTX* made) : context_(made) {}
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  SSL_CTX* get() const { return context_; }
  unsigned long prepare(const Policy& policy);
  /** A chain that begins with the leaf, and its key; once for each type of key. */
  unsigned long present(const std::string& chain, const std::string& key);
  /** Trusts certificates; a server names them to its clients. `partial`: a chain may end at one that is no root. */
  unsigned long trust(const std::string& certificates, bool partial);
  /** @param seconds how long sessions may be resumed */
  unsigned long resume(const TicketKeys& keys, const std::string& idContext, long seconds);

 private:
  SSL_CTX* context_;
  TicketKeys keys_{};
};

/** The oldest error of this thread, which is the cause; forgets all of them. */
unsigned long takeError();

}  // namespace kong
