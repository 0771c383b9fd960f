#include "relay.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "engine.h"

namespace kong {

namespace {

/** Reads or writes in a row, or bytes sent, before the other connections have their turn. */
constexpr int budget = 4;
constexpr uint64_t byteBudget = 512 * 1024;
/** So many reads in a row that filled the buffer make a direction bulk, */
constexpr int fullReads = 2;
/** and so many that splice moved no more than this in undo it. */
constexpr int smallReads = 4;
constexpr size_t smallRead = 16 * 1024;
/** What a splice moves until so many bytes have passed: what nobody reads is to cost little. */
constexpr size_t firstSplices = 256 * 1024;
constexpr uint64_t sustained = 16 * 1024 * 1024;
constexpr double bucketSeconds = 0.1;
/** Milliseconds until the kernel is told to probe a silent upstream: most connections are over by then. */
constexpr int64_t probeDelay = 1000;

bool isTransient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

ssize_t transmit(Socket& socket, const char* data, size_t size, int flags = 0) {
  if (socket.tls) return socket.tls->write(data, size);
  return send(socket.fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
}

}  // namespace

void Bucket::adjust(double rate, double burst, int64_t now) {
  const bool limited = limits();
  if (limited) (void)allowed(now);
  rate_ = rate;
  burst_ = burst;
  filled_ = now;
  tokens_ = limited ? std::min(tokens_, capacity()) : capacity();
}

double Bucket::capacity() const {
  return rate_ > 0 ? std::max({rate_ * bucketSeconds, burst_, 1.0}) : 0;
}

size_t Bucket::allowed(int64_t now) {
  tokens_ = std::min(tokens_ + static_cast<double>(now - filled_) * rate_ / 1000, capacity());
  filled_ = now;
  return tokens_ < 1 ? 0 : static_cast<size_t>(std::min(tokens_, 1e9));
}

int64_t Bucket::refilled(int64_t now) const {
  if (!(rate_ > 0)) return Wheel::never;
  // Half a bucket, so that a timer that is late does not let tokens run over.
  const double missing = std::max(rate_ * bucketSeconds / 2, 1.0) - tokens_;
  return now + static_cast<int64_t>(std::ceil(std::min(missing * 1000 / rate_, 1e12)));
}

size_t Throttle::allowed(int64_t now, Draw*& lacking) {
  size_t least = bucket.limits() ? bucket.allowed(now) : SIZE_MAX;
  // It stands in line for one limit at a time.
  for (auto draw = draws.begin(); least > 0 && draw != draws.end(); ++draw) {
    least = std::min(least, (*draw)->limit.offer(**draw));
    if (least == 0) lacking = draw->get();
  }
  return least;
}

void Throttle::take(size_t bytes) {
  if (bucket.limits()) bucket.take(bytes);
  for (const auto& draw : draws) draw->limit.take(*draw, bytes);
}

Relay::Relay(Engine& engine, Socket& client, Socket& upstream, const RelayLimits& limits)
    : id(engine.relays().add(this)),
      engine_(engine),
      client_(&client),
      upstream_(&upstream),
      idle_(Due::idle, this),
      activity_(engine.now()),
      readTimeout_(limits.readTimeout),
      writeTimeout_(limits.writeTimeout) {
  up_.from = down_.to = &client;
  up_.to = down_.from = &upstream;
  limit(up_, limits.uploadRate, 0, activity_);
  limit(down_, limits.downloadRate, 0, activity_);
}

Relay::~Relay() {
  for (Flow* flow : {&up_, &down_}) {
    unlimit(*flow);
    if (flow->piped == 0 && flow->pipe.in >= 0) {
      engine_.pipes().give(flow->pipe);
    } else {
      Pipes::drop(flow->pipe);
    }
  }
  engine_.disarm(idle_);
  engine_.forget(*this);
}

void Relay::start() {
  started_ = true;
  for (Flow* flow : {&up_, &down_}) {
    Socket& from = *flow->from;
    from.relay = this;
    from.state = State::relaying;
    // Bytes are spliced between kernel sockets only.
    if (flow->from->tls || flow->to->tls) flow->canSplice = false;
    flow->pending.swap(from.bytes);
    if (!flow->pending.empty()) noteRead(*flow, flow->pending.size());
  }
  if (!engine_.watch(*client_, false) || !engine_.watch(*upstream_, false)) {
    finish(Side::gateway, How::reset, true);
    return;
  }
  engine_.arm(idle_, activity_ + idleLimit());
  if (upstream_->keepAlive > 0) engine_.arm(upstream_->timer, activity_ + probeDelay);
  resume();
}

void Relay::wake(Socket& socket, bool failed) {
  Flow& out = &socket == client_ ? up_ : down_;
  Flow& in = &socket == client_ ? down_ : up_;
  if (!pump(out) || !pump(in)) return;
  if (!failed || !out.ended) return;
  // Nothing is read from it any more, so that the reset would go unnoticed until something is sent.
  char byte;
  if (recv(socket.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && !isTransient(errno)) fail(socket);
}

void Relay::resume() {
  if (finished_) return;
  if (pump(up_)) pump(down_);
}

void Relay::throttle(bool upload, double rate, double burst) {
  if (finished_) return;
  Flow& flow = upload ? up_ : down_;
  limit(flow, rate, burst, engine_.now());
  if (started_) pump(flow);
}

void Relay::draw(bool upload, Limit& limit, bool soft) {
  Flow& flow = upload ? up_ : down_;
  throttleOf(flow).draws.push_back(std::make_unique<Draw>(limit, *this, flow, soft));
}

void Relay::flow(Flow& flow) {
  if (!finished_) pump(flow);
}

void Relay::limit(Flow& flow, double rate, double burst, int64_t now) {
  const bool shares = flow.throttle && !flow.throttle->draws.empty();
  if (rate < 0 && !shares) return unlimit(flow);
  throttleOf(flow).bucket.adjust(rate, burst, now);
  engine_.disarm(flow.throttle->timer);
}

Throttle& Relay::throttleOf(Flow& flow) {
  if (!flow.throttle) flow.throttle = std::make_unique<Throttle>(this);
  return *flow.throttle;
}

void Relay::unlimit(Flow& flow) {
  if (flow.throttle) engine_.disarm(flow.throttle->timer);
  flow.throttle.reset();
}

void Relay::stop(bool rst) { finish(Side::gateway, How::stopped, rst); }

bool Relay::pump(Flow& flow) {
  const uint64_t enough = flow.sent + byteBudget;
  for (int count = 0; count < budget && flow.sent < enough; ++count) {
    const Step taken = step(flow);
    if (taken != Step::again) return taken == Step::wait;
  }
  engine_.defer(*this);
  return true;
}

Relay::Step Relay::step(Flow& flow) {
  if (flow.to->tls && flow.to->tls->unsent()) return push(flow);
  if (!flow.pending.empty() || flow.piped > 0) return drain(flow);
  if (flow.ended) return close(flow);
  if (!flow.from->canRead() || !flow.to->writable) return Step::wait;
  Draw* lacking = nullptr;
  const size_t allowed = flow.throttle ? flow.throttle->allowed(engine_.now(), lacking) : SIZE_MAX;
  if (allowed == 0) return lacking == nullptr ? waitForTokens(flow) : waitInLine(flow, *lacking);
  const bool spliced = flow.bulk && flow.canSplice && !flow.from->choppy && allowed > smallRead;
  return spliced ? splice(flow, std::min(allowed, flow.sent > sustained ? Pipes::capacity : firstSplices))
                 : copy(flow, std::min(allowed, Engine::scratchSize));
}

Relay::Step Relay::drain(Flow& flow) {
  if (!flow.to->writable) return Step::wait;
  const bool fromPipe = flow.pending.empty();
  const int sink = flow.to->fd;
  const ssize_t sent =
      fromPipe
          ? ::splice(flow.pipe.in, nullptr, sink, nullptr, flow.piped, SPLICE_F_MOVE | SPLICE_F_NONBLOCK)
          : transmit(*flow.to, flow.pending.data(), flow.pending.size());
  if (sent < 0 && errno == EINTR) return Step::again;
  if (sent < 0 && isTransient(errno)) return block(flow);
  if (sent <= 0) return fail(*flow.to);
  noteSent(flow, static_cast<size_t>(sent));
  if (fromPipe) {
    flow.piped -= static_cast<size_t>(sent);
    return Step::again;
  }
  flow.pending.consume(static_cast<size_t>(sent));
  return flow.pending.empty() ? Step::again : block(flow);
}

/** What is sealed already, before anything else. */
Relay::Step Relay::push(Flow& flow) {
  if (!flow.to->writable) return block(flow);
  if (!flow.to->tls->flush()) return fail(*flow.to);
  activity_ = engine_.now();
  return flow.to->tls->unsent() ? block(flow) : Step::again;
}

Relay::Step Relay::close(Flow& flow) {
  if (flow.closed) return Step::wait;
  if (flow.to->tls && !flow.to->tls->closed()) {
    flow.to->tls->close();
    return Step::again;
  }
  flow.closed = flow.to->finSent = true;
  if (!up_.closed || !down_.closed) {
    // It fails where the sink is reset; whoever reads from the sink meets that.
    (void)shutdown(flow.to->fd, SHUT_WR);
    return Step::wait;
  }
  finished_ = true;
  for (Socket* socket : {client_, upstream_}) {
    socket->relay = nullptr;
    engine_.drop(*socket, false);
  }
  tellEnd();
  return Step::over;
}

Relay::Step Relay::copy(Flow& flow, size_t limit) {
  Socket& from = *flow.from;
  char* buffer = engine_.scratch();
  const ssize_t got = from.tls ? from.tls->read(buffer, limit) : recv(from.fd, buffer, limit, MSG_DONTWAIT);
  if (got < 0) {
    if (errno == EINTR) return Step::again;
    if (!isTransient(errno)) return fail(from);
    from.readable = from.buffered = false;
    return Step::wait;
  }
  // What is read may have to be answered, by a change of keys.
  if (from.tls && from.tls->unsent() && !engine_.watch(from, true)) return fail(from);
  if (got == 0) return sourceEnded(flow);
  const size_t size = static_cast<size_t>(got);
  noteRead(flow, size);
  if (size < limit && !from.ending && !from.choppy && !from.tls) from.readable = false;
  // The end is known before it is read, and leaves in one packet with what is sent here.
  const bool last = from.finReceived && size < limit && !from.choppy && !from.tls;
  if (last) sourceEnded(flow);
  flow.streak = size == limit && limit > smallRead ? flow.streak + 1 : 0;
  if (flow.streak >= fullReads) {
    flow.bulk = true;
    flow.streak = 0;
  }
  Tls* const seals = flow.to->tls.get();
  const ssize_t sent = last && seals != nullptr && !seals->closed() ? seals->writeLast(buffer, size)
                                                                    : transmit(*flow.to, buffer, size, last ? MSG_MORE : 0);
  if (sent < 0 && !isTransient(errno)) return fail(*flow.to);
  const size_t gone = sent < 0 ? 0 : static_cast<size_t>(sent);
  noteSent(flow, gone);
  // What was read may be the last that a reset has left: no call is needed to learn of that.
  const bool reset = from.broken && size < limit && !from.choppy && !from.tls;
  if (gone == size) return reset ? fail(from) : Step::again;
  flow.pending.append(buffer + gone, size - gone);
  return block(flow);
}

Relay::Step Relay::splice(Flow& flow, size_t limit) {
  if (flow.pipe.in < 0 && !engine_.pipes().take(flow.pipe)) {
    flow.bulk = false;
    return Step::again;
  }
  Socket& from = *flow.from;
  const ssize_t got =
      ::splice(from.fd, nullptr, flow.pipe.out, nullptr, limit, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (got < 0 && errno == EINTR) return Step::again;
  if (got > 0) {
    const size_t size = static_cast<size_t>(got);
    noteRead(flow, size);
    flow.piped += size;
    ++engine_.tally().spliced;
    flow.streak = size <= smallRead ? flow.streak + 1 : 0;
    if (flow.streak >= smallReads) {
      flow.bulk = false;
      flow.streak = 0;
    }
    return Step::again;
  }
  const int error = got == 0 ? 0 : errno;
  engine_.pipes().give(flow.pipe);
  if (error == EAGAIN || error == EWOULDBLOCK) {
    from.readable = false;
    return Step::wait;
  }
  // Whether this is the end, a plain read tells; sockets that cannot be spliced are read, too.
  if (error != 0 && error != EINVAL && error != ENOSYS && error != ENOMEM) return fail(from);
  flow.canSplice = false;
  return Step::again;
}

Relay::Step Relay::block(Flow& flow) {
  flow.to->writable = false;
  return engine_.watch(*flow.to, true) ? Step::wait : fail(*flow.to);
}

Relay::Step Relay::sourceEnded(Flow& flow) {
  flow.ended = true;
  if (by_ == Side::gateway) by_ = sideOf(*flow.from);
  return Step::again;
}

Relay::Step Relay::waitForTokens(Flow& flow) {
  const int64_t due = flow.throttle->bucket.refilled(engine_.now());
  if (due != Wheel::never) engine_.arm(flow.throttle->timer, due);
  return Step::wait;
}

/** Who has nothing to send must not hold up the others, and an end costs nothing. */
Relay::Step Relay::waitInLine(Flow& flow, Draw& draw) {
  Socket& from = *flow.from;
  char byte;
  const ssize_t got = from.buffered ? 1 : recv(from.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && errno != EINTR) {
    if (!isTransient(errno)) return fail(from);
    from.readable = false;
    return Step::wait;
  }
  if (got == 0 && !from.tls) return sourceEnded(flow);
  draw.limit.wait(draw);
  return Step::wait;
}

void Relay::noteRead(Flow& flow, size_t size) {
  flow.received += size;
  activity_ = engine_.now();
  // What is read is sent: the first time nothing can hold it back.
  if (flow.sent > 0) Engine::hurry(*flow.to);
  if (flow.throttle) flow.throttle->take(size);
}

void Relay::noteSent(Flow& flow, size_t size) {
  flow.sent += size;
  activity_ = engine_.now();
}

Relay::Step Relay::fail(const Socket& socket) {
  finish(sideOf(socket), How::reset, true);
  return Step::over;
}

void Relay::finish(Side by, How how, bool rst) {
  if (!finished_) {
    finished_ = true;
    by_ = by;
    how_ = how;
    unlimit(up_);
    unlimit(down_);
    engine_.disarm(idle_);
    engine_.forget(*this);
    if (!rst) {
      Socket& upstream = *upstream_;
      letGo(down_, *client_);
      letGo(up_, upstream);
      return;
    }
  }
  if (!rst) return;
  for (Socket* socket : {client_, upstream_}) {
    if (socket == nullptr) continue;
    socket->relay = nullptr;
    engine_.drop(*socket, true);
  }
  tellEnd();
}

void Relay::letGo(Flow& toward, Socket& socket) {
  unsent(toward, socket.bytes);
  engine_.linger(socket);
}

void Relay::unsent(Flow& flow, Bytes& into) {
  into.swap(flow.pending);
  while (flow.piped > 0) {
    const ssize_t got = read(flow.pipe.in, into.room(flow.piped), flow.piped);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    into.grow(static_cast<size_t>(got));
    flow.piped -= static_cast<size_t>(got);
  }
}

void Relay::socketClosed(Socket& socket) {
  (&socket == client_ ? client_ : upstream_) = nullptr;
  if (client_ == nullptr && upstream_ == nullptr) tellEnd();
}

void Relay::tellEnd() {
  Record record{};
  record.kind = static_cast<int32_t>(Kind::ended);
  record.index = static_cast<int32_t>(id.index);
  record.generation = static_cast<int32_t>(id.generation);
  record.code = static_cast<int32_t>(by_) | static_cast<int32_t>(how_) << 8;
  count(record.numbers);
  engine_.relays().remove(id);
  engine_.report(record);
  delete this;
}

void Relay::count(double* into) const {
  const uint64_t counters[] = {up_.received, up_.sent, down_.received, down_.sent};
  for (const uint64_t counter : counters) *into++ = static_cast<double>(counter);
}

void Relay::onIdle() {
  const int64_t limit = idleLimit();
  const int64_t silent = engine_.now() - activity_;
  if (silent >= limit) {
    finish(Side::gateway, How::idle, false);
  } else {
    engine_.arm(idle_, activity_ + limit);
  }
}

int64_t Relay::idleLimit() const {
  if (up_.closed) return readTimeout_;
  return down_.closed ? writeTimeout_ : std::min(readTimeout_, writeTimeout_);
}

Side Relay::sideOf(const Socket& socket) const {
  return &socket == client_ ? Side::client : Side::upstream;
}

}  // namespace kong
