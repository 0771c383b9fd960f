// One descriptor of a connection, and what is known of it.
#pragma once

#include <cstdint>
#include <memory>

#include "id.h"
#include "pipes.h"
#include "tls.h"
#include "wheel.h"

namespace kong {

class Relay;

enum class State : uint8_t {
  free,
  /** JavaScript is to hear of it with its first bytes, for which it would only wait. */
  arriving,
  /** Nobody waits for anything; the kernel keeps what arrives. */
  idle,
  peeking,
  connecting,
  /** A TLS handshake is under way. */
  securing,
  relaying,
  /** The last bytes leave, then FIN; what the peer still sends is thrown away. */
  lingering,
};

struct Socket {
  static constexpr uint16_t noListener = UINT16_MAX;
  Timer timer{Due::socket, this};
  Relay* relay = nullptr;
  /** Encrypts it; null where nothing does. */
  std::unique_ptr<Tls> tls;
  /** Taken by peeks; in a lingering socket, what is still to be sent; in one that arrives, the record of it. */
  Bytes bytes;
  int fd = -1;
  /** Found while a peek waited, told by the next look. */
  int error = 0;
  Id id{};
  /** Bytes that a peek waits for; in a lingering socket, bytes thrown away. */
  uint32_t count = 0;
  /** Seconds of silence before the kernel probes; told to the kernel when the connection has lived for a while. */
  int keepAlive = 0;
  State state = State::free;
  /** Index of the listener of which it came, until JavaScript has asked for its bytes or done without. */
  uint16_t listener = noListener;
  bool unixDomain = false;
  /** In the epoll set, edge-triggered; `wantsOut`: with EPOLLOUT. */
  bool watched = false;
  bool wantsOut = false;
  /** False once the kernel has said EAGAIN, until it reports otherwise. */
  bool readable = true;
  bool writable = true;
  /** The end or an error is behind what is left to read: a short read does not mean that there is no more. */
  bool ending = false;
  /** The kernel has told an error: behind what can be read now there is that, and nobody is left to send an RST to. */
  bool broken = false;
  /** The peer has sent its FIN: behind what can be read now there is nothing. */
  bool finReceived = false;
  /** The kernel holds back a small packet while another is on its way (Nagle); what a listener accepts does not. */
  bool delays = false;
  /** TCP stops a read at urgent data, unix sockets at passed descriptors: short reads mean nothing there. */
  bool choppy = false;
  bool finSent = false;
  /** Something was read from the kernel that is not decrypted yet. */
  bool buffered = false;

  bool canRead() const { return readable || buffered; }
};

}  // namespace kong
