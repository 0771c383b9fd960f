// Accepting.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine.h"

namespace kong {

namespace {

/** Milliseconds until accepting is tried again when descriptors or memory ran out. */
constexpr int64_t pause = 50;
/** Most that a listener which closes takes out of its queue; the kernel keeps no more than this by default. */
constexpr int lastAccepts = 4096;
/**
 * Milliseconds that a client has for its first bytes before JavaScript hears of it. A TLS client speaks at once: then
 * one call does what would take two, with a promise between them.
 */
constexpr int64_t holdLimit = 10;

enum class Family : int32_t { none = 0, ipv4 = 4, ipv6 = 6 };

void set(int fd, int level, int option, int value) {
  (void)setsockopt(fd, level, option, &value, sizeof value);
}

bool isWildcard(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) return true;
  if (name.ss_family == AF_INET) {
    return reinterpret_cast<const sockaddr_in&>(name).sin_addr.s_addr == htonl(INADDR_ANY);
  }
  return IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6&>(name).sin6_addr);
}

/** Family, address and port; the text of an IPv6 address is asked for by itself. */
Family place(const sockaddr* address, int32_t& ip, int32_t& port) {
  if (address->sa_family == AF_INET) {
    const sockaddr_in& v4 = *reinterpret_cast<const sockaddr_in*>(address);
    ip = static_cast<int32_t>(ntohl(v4.sin_addr.s_addr));
    port = ntohs(v4.sin_port);
    return Family::ipv4;
  }
  const sockaddr_in6& v6 = *reinterpret_cast<const sockaddr_in6*>(address);
  port = ntohs(v6.sin6_port);
  if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return Family::ipv6;
  uint32_t inner;
  std::memcpy(&inner, v6.sin6_addr.s6_addr + 12, sizeof inner);
  ip = static_cast<int32_t>(ntohl(inner));
  return Family::ipv4;
}

}  // namespace

int Engine::listen(int fd, int backlog, int keepAlive, bool unixDomain, Id& id) {
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  if (!unixDomain) {
    // Accepted sockets inherit these.
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, keepAlive > 0);
    if (keepAlive > 0) {
      set(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepAlive);
      set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
      set(fd, IPPROTO_TCP, TCP_KEEPCNT, 10);
    }
  }
  Listener* listener = new Listener();
  listener->fd = fd;
  listener->unixDomain = unixDomain;
  listener->wildcard = !unixDomain && isWildcard(fd);
  listener->id = listeners_.add(listener);
  count(1);
  id = listener->id;
  if (::listen(fd, backlog) == 0 && watch(*listener)) return 0;
  const int error = errno;
  close(*listener);
  return -error;
}

void Engine::unlisten(Id id) {
  Listener* listener = listeners_.find(id);
  if (listener == nullptr) return;
  accept(*listener, lastAccepts);
  // Nobody is told of a connection once its listener is closed.
  sockets_.each([this](Socket& socket) {
    if (socket.state == State::arriving) arrive(socket);
  });
  close(*listener);
  Record record{};
  record.kind = static_cast<int32_t>(Kind::closed);
  record.code = static_cast<int32_t>(id.index);
  report(record);
}

void Engine::close(Listener& listener) {
  ignore(listener);
  disarm(listener.timer);
  ::close(listener.fd);
  listeners_.remove(listener.id);
  count(-1);
  delete &listener;
}

void Engine::accept(Listener& listener, int limit) {
  for (int count = 0; count < limit; ++count) {
    sockaddr_storage client;
    socklen_t size = sizeof client;
    sockaddr* address = reinterpret_cast<sockaddr*>(&client);
    const int fd = accept4(listener.fd, address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Socket& socket = adopt(fd, listener.unixDomain);
      socket.listener = static_cast<uint16_t>(listener.id.index);
      const Record record = acceptedRecord(listener, socket, address);
      if (!listener.looks || !holdBack(socket, record)) report(record);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO || errno == EPERM) continue;
    // Descriptors or memory: the queue waits, and what is kept in stock is given back.
    pipes_.clear();
    ignore(listener);
    touchClock();
    return arm(listener.timer, now_ + pause);
  }
}

Record Engine::acceptedRecord(const Listener& listener, const Socket& socket, const sockaddr* client) {
  Record record{};
  record.kind = static_cast<int32_t>(Kind::accepted);
  record.index = static_cast<int32_t>(socket.id.index);
  record.generation = static_cast<int32_t>(socket.id.generation);
  record.code = static_cast<int32_t>(listener.id.index);
  if (listener.unixDomain) return record;
  record.words[0] = static_cast<int32_t>(place(client, record.words[1], record.words[2]));
  sockaddr_storage own;
  socklen_t size = sizeof own;
  if (listener.wildcard && getsockname(socket.fd, reinterpret_cast<sockaddr*>(&own), &size) == 0) {
    record.words[3] =
        static_cast<int32_t>(place(reinterpret_cast<sockaddr*>(&own), record.words[4], record.words[5]));
  }
  return record;
}

bool Engine::holdBack(Socket& socket, const Record& record) {
  if (!watch(socket, false)) return false;
  socket.state = State::arriving;
  socket.bytes.append(reinterpret_cast<const char*>(&record), sizeof record);
  touchClock();
  arm(socket.timer, now_ + holdLimit);
  return true;
}

void Engine::arrive(Socket& socket) {
  Record record;
  std::memcpy(&record, socket.bytes.data(), sizeof record);
  socket.bytes.clear();
  socket.state = State::idle;
  record.words[6] = static_cast<int32_t>(now_ - (socket.timer.due - holdLimit));
  disarm(socket.timer);
  report(record);
}

void Engine::learn(Socket& socket, bool looks) {
  if (socket.listener == Socket::noListener) return;
  if (Listener* listener = listeners_.at(socket.listener)) listener->looks = looks;
  socket.listener = Socket::noListener;
}

}  // namespace kong
