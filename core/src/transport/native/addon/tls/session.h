// A TLS session by the OpenSSL that Node is made with.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "../socket.h"
#include "../tls.h"
#include "context.h"

namespace kong {

/** What the sessions of one environment share. */
class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  BIO_METHOD* method() const { return method_; }
  char* staging() { return staging_.get(); }
  char* ahead() { return ahead_.get(); }

  /** Records are gathered in it, so that a read of the other side leaves with one send. */
  static constexpr size_t stagingSize = 72 * 1024;
  /** Less than this is not asked of the kernel. */
  static constexpr size_t aheadSize = 4 * 1024;

 private:
  BIO_METHOD* method_;
  std::unique_ptr<char[]> staging_;
  std::unique_ptr<char[]> ahead_;
};

/** What one session asks for besides its context. */
struct SessionOptions {
  bool server;
  /** The certificate of the peer is verified: a server asks for one only then; `insists`: it refuses a client without. */
  bool asks;
  bool insists;
  /** RFC 7301 section 3.1: each with its length before it, in order of preference. */
  std::string protocols;
  /** The name that a client sends; empty: none. */
  std::string serverName;
};

class OpenSslTls final : public Tls {
 public:
  /** Null when memory is short. */
  static std::unique_ptr<OpenSslTls> make(Library& library, std::shared_ptr<Context> context, Socket& socket,
                                          SessionOptions options);
  ~OpenSslTls() override;

  int32_t handshake() override;
  ssize_t read(char* into, size_t size) override;
  ssize_t write(const char* data, size_t size) override;
  ssize_t writeLast(const char* data, size_t size) override;
  bool unsent() const override { return !unsent_.empty(); }
  bool flush() override;
  bool held() const override { return !held_.empty(); }
  void letGo() override;
  void close() override;
  bool closed() const override { return closed_; }
  void finish(Bytes& last) override;

  SSL* ssl() const { return ssl_; }
  const SessionOptions& options() const { return options_; }

 private:
  friend class Library;
  OpenSslTls(Library& library, std::shared_ptr<Context> context, Socket& socket, SessionOptions options);

  int receive(char* into, int size);
  int stage(const char* data, int size);
  bool seal(const char* data, size_t size);
  /** For send(2). */
  int flags() const;
  /** Sends what is staged; keeps what the kernel does not take. */
  void push();
  /** What an operation that did not succeed comes to: an errno, EAGAIN, or EPROTO; `cause` gets OpenSSL's reason. */
  int outcome(int answer, unsigned long& cause);

  Library& library_;
  const std::shared_ptr<Context> context_;
  Socket& socket_;
  const SessionOptions options_;
  SSL* ssl_ = nullptr;
  /** Read already, by peeks before the session began or because more was there than was asked for. */
  Bytes early_;
  /** Sealed, not taken by the kernel. */
  Bytes unsent_;
  /** Sealed, and to leave with whatever is sealed next; only while nothing is unsent. */
  Bytes held_;
  size_t staged_ = 0;
  /** What broke the connection: an errno; EPROTO: the peer does not keep to the protocol. */
  int error_ = 0;
  /** The kernel has told the end of the peer's side. */
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace kong
