// What stands between a socket and its bytes where they are encrypted.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "pipes.h"

namespace kong {

/**
 * One side of a TLS session upon a socket. It reads and writes the descriptor itself, keeps `readable`, `writable` and
 * `buffered` of the socket, and tells nobody to wait: whoever calls watches the socket.
 */
class Tls {
 public:
  virtual ~Tls() = default;
  /**
   * Goes on with the handshake. 0: it is done; EAGAIN: not yet; ENODATA: the peer has ended its side; any other errno:
   * the connection is broken; `libraryErrors` and above: why it failed, with an alert to be sent by `finish`.
   */
  virtual int32_t handshake() = 0;
  /** As recv(2). An end without close_notify is an end. */
  virtual ssize_t read(char* into, size_t size) = 0;
  /** As send(2), but all of it or nothing: what the kernel does not take is kept, see `unsent`. */
  virtual ssize_t write(const char* data, size_t size) = 0;
  /** The same for the last there is to write, with close_notify in the same packet. */
  virtual ssize_t writeLast(const char* data, size_t size) = 0;
  /** Whether something is sealed that the kernel has not taken. Nothing else is written before it is. */
  virtual bool unsent() const = 0;
  /** Sends more of that. False: the connection is broken. */
  virtual bool flush() = 0;
  /** Whether something waits for company: session tickets, which nobody is in a hurry for. */
  virtual bool held() const = 0;
  /** Sends that by itself; whoever calls looks at `unsent`. */
  virtual void letGo() = 0;
  /** Says close_notify, once; it waits a moment for the FIN that has to follow. */
  virtual void close() = 0;
  virtual bool closed() const = 0;
  /** Seals what is to be said last, with close_notify; afterwards it holds what is still to be sent. */
  virtual void finish(Bytes& last) = 0;

  static constexpr int32_t libraryErrors = 4096;
};

}  // namespace kong
