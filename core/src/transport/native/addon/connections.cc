// What happens to a socket before and after its relay.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine.h"

namespace kong {

namespace {

/** How much of what the peer still sends is read and thrown away, in bytes, and for how long, in milliseconds. */
constexpr uint32_t discardLimit = 64 * 1024;
constexpr int64_t lingerLimit = 1000;
/** Milliseconds that session tickets wait for an answer to leave with. */
constexpr int64_t ticketDelay = 20;
/** What a look reads at most beyond what is asked for: nearly every ClientHello fits. */
constexpr size_t lookSize = 4096;

bool isTransient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

ssize_t receive(int fd, char* into, size_t size, int flags) {
  ssize_t got;
  do {
    got = recv(fd, into, size, flags | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  return got;
}

bool hasBytes(const Socket& socket) {
  int count = 0;
  return socket.buffered || !socket.bytes.empty() || (ioctl(socket.fd, FIONREAD, &count) == 0 && count > 0);
}

void set(int fd, int level, int option, int value) {
  (void)setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

Socket& Engine::adopt(int fd, bool unixDomain) {
  Socket* socket = new Socket();
  socket->fd = fd;
  socket->unixDomain = socket->choppy = unixDomain;
  socket->state = State::idle;
  socket->id = sockets_.add(socket);
  count(1);
  return *socket;
}

void Engine::drop(Socket& socket, bool rst) {
  disarm(socket.timer);
  if (rst && !socket.unixDomain && !socket.broken) {
    const struct linger abort{1, 0};
    (void)setsockopt(socket.fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }
  ::close(socket.fd);
  sockets_.remove(socket.id);
  count(-1);
  if (socket.relay != nullptr) socket.relay->socketClosed(socket);
  delete &socket;
}

int Engine::release(Socket& socket) {
  const int fd = socket.fd;
  disarm(socket.timer);
  hurry(socket);
  if (socket.watched) epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  sockets_.remove(socket.id);
  count(-1);
  delete &socket;
  return fd;
}

int Engine::look(Socket& socket, size_t atLeast, int64_t patience, bool& ended, const char*& data) {
  ended = false;
  if (socket.state != State::idle) return -EBUSY;
  // Nobody knows how long it waits, and its timer with it.
  sendHeld(socket);
  if (socket.error == 0) socket.error = collect(socket, atLeast, ended);
  if (socket.error == 0 && (ended || socket.bytes.size() >= atLeast)) {
    // It was held back for them.
    socket.listener = Socket::noListener;
    data = socket.bytes.data();
    return static_cast<int>(socket.bytes.size());
  }
  if (socket.error == 0 && !watch(socket, false)) socket.error = errno;
  if (socket.error != 0) {
    const int error = socket.error;
    drop(socket, false);
    return -error;
  }
  learn(socket, true);
  socket.state = State::peeking;
  socket.count = static_cast<uint32_t>(atLeast);
  if (patience >= 0) {
    touchClock();
    arm(socket.timer, now_ + patience);
  }
  return -EAGAIN;
}

/**
 * Moves to memory what is missing; answers an errno, 0 also when there is not enough yet. The bytes would have to be
 * read once more if they were only looked at, and the kernel counts small packets dearly.
 */
int Engine::collect(Socket& socket, size_t atLeast, bool& ended) {
  while (socket.canRead() && socket.bytes.size() < atLeast) {
    const size_t wanted = std::min(std::max(atLeast - socket.bytes.size(), lookSize), scratchSize);
    // What is decrypted is out of the kernel anyway.
    const ssize_t got = socket.tls ? socket.tls->read(scratch(), scratchSize)
                                   : receive(socket.fd, scratch(), wanted, 0);
    if (got < 0 && !isTransient(errno)) return errno;
    if (got < 0) {
      socket.readable = socket.buffered = false;
    } else if (got == 0) {
      ended = true;
      return 0;
    } else {
      socket.bytes.append(scratch(), static_cast<size_t>(got));
      // A set that the socket is put into later tells of what has come by then.
      const bool all = static_cast<size_t>(got) < wanted && !socket.ending && !socket.choppy;
      if (all && !socket.tls) socket.readable = false;
    }
  }
  return 0;
}

void Engine::onPeeking(Socket& socket) {
  // One byte is enough for the look that follows, which reads it.
  if (socket.count > 1) {
    bool ended = false;
    socket.error = collect(socket, socket.count, ended);
    if (socket.error == 0 && !ended && socket.bytes.size() < socket.count) return;
  }
  unlook(socket);
  reportSocket(Kind::ready, socket, 0);
}

void Engine::unlook(Socket& socket) {
  if (socket.state != State::peeking) return;
  socket.state = State::idle;
  disarm(socket.timer);
}

int Engine::skip(Socket& socket, size_t count) {
  const size_t held = std::min(count, socket.bytes.size());
  socket.bytes.consume(held);
  for (size_t left = count - held; left > 0;) {
    const ssize_t got = receive(socket.fd, scratch(), std::min(left, scratchSize), 0);
    if (got <= 0) return got == 0 ? -ENODATA : -errno;
    left -= static_cast<size_t>(got);
  }
  return 0;
}

int Engine::say(Socket& socket, const char* data, size_t size) {
  if (socket.state > State::peeking || socket.tls) return -EBUSY;
  hurry(socket);
  ssize_t sent;
  do {
    sent = ::send(socket.fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return static_cast<int>(sent);
  return isTransient(errno) ? 0 : -errno;
}

int Engine::connect(const sockaddr* address, socklen_t size, int64_t patience, int keepAlive,
                    Socket* client, const char* first, size_t firstSize, Id& id) {
  if (client != nullptr) learn(*client, false);
  const bool unixDomain = address->sa_family == AF_UNIX;
  const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  // Bytes that wait already take the last step of the handshake with them: a packet less, and the upstream is woken
  // once. Without them the upstream, who may speak first, must hear of the connection at once.
  if (!unixDomain && client != nullptr && hasBytes(*client)) set(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
  const bool done = ::connect(fd, address, size) == 0;
  if (!done && errno != EINPROGRESS) {
    const int error = errno;
    ::close(fd);
    return -error;
  }
  Socket& socket = adopt(fd, unixDomain);
  socket.readable = false;
  socket.keepAlive = unixDomain ? 0 : keepAlive;
  socket.bytes.append(first, firstSize);
  socket.delays = !unixDomain;
  // What follows the first bytes is not to wait until they have arrived.
  if (firstSize > 0) hurry(socket);
  if (!watch(socket, true)) {
    const int error = errno;
    drop(socket, false);
    return -error;
  }
  id = socket.id;
  socket.state = State::connecting;
  if (done) {
    onConnected(socket, false);
    // Unless the first bytes are still on their way, it is over.
    if (sockets_.find(id) == nullptr || socket.state != State::connecting) return 0;
  }
  socket.writable = false;
  dialled_ = true;
  if (patience >= 0) {
    touchClock();
    arm(socket.timer, now_ + patience);
  }
  return 0;
}

void Engine::probe(const Socket& socket) {
  set(socket.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket.fd, IPPROTO_TCP, TCP_KEEPIDLE, socket.keepAlive);
  set(socket.fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
  set(socket.fd, IPPROTO_TCP, TCP_KEEPCNT, 10);
}

void Engine::hurry(Socket& socket) {
  if (!socket.delays) return;
  socket.delays = false;
  set(socket.fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

void Engine::onConnected(Socket& socket, bool failed) {
  int error = 0;
  socklen_t size = sizeof error;
  if (failed && getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0 && !socket.bytes.empty()) {
    if (!send(socket)) error = errno;
    else if (!socket.bytes.empty()) return;
  }
  disarm(socket.timer);
  socket.state = State::idle;
  reportSocket(Kind::connected, socket, error);
  if (error != 0) drop(socket, false);
}

void Engine::secure(Socket& socket, std::unique_ptr<Tls> tls, int64_t patience) {
  unlook(socket);
  // A handshake is small packets, each of which waits for an answer.
  hurry(socket);
  socket.tls = std::move(tls);
  socket.state = State::securing;
  if (!watch(socket, false)) {
    reportSocket(Kind::secured, socket, errno);
    return drop(socket, false);
  }
  if (patience >= 0) {
    touchClock();
    arm(socket.timer, now_ + patience);
  }
  onSecuring(socket);
}

void Engine::onSecuring(Socket& socket) {
  int32_t outcome = socket.tls->handshake();
  if (socket.tls->unsent() && !watch(socket, true)) outcome = errno;
  if (outcome == EAGAIN) return;
  disarm(socket.timer);
  socket.state = State::idle;
  reportSocket(Kind::secured, socket, outcome);
  if (outcome == 0) {
    if (socket.tls->held()) arm(socket.timer, now_ + ticketDelay);
    return;
  }
  if (outcome < Tls::libraryErrors) return drop(socket, false);
  // The peer is told why.
  linger(socket);
}

void Engine::sendHeld(Socket& socket) {
  if (!socket.tls || !socket.tls->held()) return;
  socket.tls->letGo();
  // Whoever writes next meets what has broken it.
  if (socket.tls->unsent()) (void)watch(socket, true);
}

int Engine::pair(Id& id, int& otherEnd) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
  id = adopt(ends[0], true).id;
  otherEnd = ends[1];
  return 0;
}

void Engine::end(Socket& socket, const char* farewell, size_t size) {
  unlook(socket);
  // What was looked at is thrown away with what is still to come.
  socket.bytes.clear();
  socket.bytes.append(farewell, size);
  linger(socket);
}

void Engine::linger(Socket& socket) {
  socket.state = State::lingering;
  socket.count = 0;
  if (socket.tls) {
    socket.tls->finish(socket.bytes);
    socket.tls.reset();
  }
  if (!watch(socket, false)) return drop(socket, false);
  touchClock();
  arm(socket.timer, now_ + lingerLimit);
  flush(socket);
}

/** Sends what waits, then FIN, and reads what the peer still says until it ends its side, too. */
void Engine::flush(Socket& socket) {
  if (!send(socket)) return drop(socket, false);
  if (socket.bytes.empty() && !socket.finSent) {
    socket.finSent = true;
    if (shutdown(socket.fd, SHUT_WR) != 0) return drop(socket, false);
  }
  throwAway(socket);
}

/** False: the connection is broken. */
bool Engine::send(Socket& socket) {
  while (!socket.bytes.empty() && socket.writable) {
    const ssize_t sent =
        ::send(socket.fd, socket.bytes.data(), socket.bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      socket.bytes.consume(static_cast<size_t>(sent));
    } else if (errno != EINTR) {
      if (!isTransient(errno)) return false;
      socket.writable = false;
      return watch(socket, true);
    }
  }
  return true;
}

void Engine::throwAway(Socket& socket) {
  while (socket.readable) {
    const ssize_t got = receive(socket.fd, scratch(), scratchSize, 0);
    if (got < 0 && !isTransient(errno)) return drop(socket, false);
    if (got < 0) {
      socket.readable = false;
    } else if (got == 0) {
      // What waits is sent first; then this is met again.
      if (socket.bytes.empty()) drop(socket, false);
      return;
    } else {
      socket.count += static_cast<uint32_t>(got);
      if (socket.count > discardLimit) return drop(socket, false);
    }
  }
}

void Engine::reset(Socket& socket) { giveUp(socket, true); }

void Engine::discard(Socket& socket) { giveUp(socket, false); }

/** Whoever waits for a handshake is told that there will be none. */
void Engine::giveUp(Socket& socket, bool rst) {
  if (socket.state == State::securing) reportSocket(Kind::secured, socket, ECONNABORTED);
  drop(socket, rst);
}

Id Engine::relay(Socket& client, Socket& upstream, const RelayLimits& limits, bool held) {
  touchClock();
  unlook(client);
  unlook(upstream);
  Relay* relay = new Relay(*this, client, upstream, limits);
  // The relay may be over, and gone, before this returns.
  const Id id = relay->id;
  if (!held) relay->start();
  return id;
}

std::string Engine::address(int fd, bool local, int& port) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  sockaddr* generic = reinterpret_cast<sockaddr*>(&name);
  if ((local ? getsockname(fd, generic, &size) : getpeername(fd, generic, &size)) != 0) return {};
  char text[INET6_ADDRSTRLEN];
  if (name.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
    port = ntohs(v4.sin_port);
    return inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text) == nullptr ? "" : text;
  }
  if (name.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
  port = ntohs(v6.sin6_port);
  if (inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text) == nullptr) return {};
  std::string address(text);
  char zone[IF_NAMESIZE];
  if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) && if_indextoname(v6.sin6_scope_id, zone) != nullptr) {
    address.append("%").append(zone);
  }
  return address;
}

}  // namespace kong
