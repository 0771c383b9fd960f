#include "engine.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace kong {

namespace {

constexpr int eventsPerTurn = 256;
/** Looks at the epoll set in a row, before the rest of the loop has its turn in any case. */
constexpr int rounds = 64;
/** In the data of an event: a listener. Generations do not reach so far. */
constexpr uint32_t listenerMark = 0x80000000;
/** In the data of an event: libuv has something to do. Indexes do not reach so far. */
constexpr uint64_t loopMark = UINT64_MAX;
/** Tells the deadline of a connect from an ETIMEDOUT of the kernel. */
constexpr int32_t deadlinePassed = -1;

int64_t readClock() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1000000;
}

uint64_t markOf(Id id, uint32_t mark) { return uint64_t{id.index} << 32 | mark | id.generation; }

template <typename Handle>
uv_handle_t* handleOf(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

}  // namespace

int Engine::create(uv_loop_t* loop, Notify notify, void* context, Engine** made) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return errno;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = loopMark;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, uv_backend_fd(loop), &event) != 0) {
    const int error = errno;
    ::close(epoll);
    return error;
  }
  Engine* engine = new Engine(loop, notify, context, epoll);
  uv_prepare_init(loop, &engine->prepare_);
  uv_timer_init(loop, &engine->timer_);
  uv_idle_init(loop, &engine->idle_);
  engine->handles_ = 3;
  engine->prepare_.data = engine->timer_.data = engine->idle_.data = engine;
  uv_unref(handleOf(&engine->timer_));
  uv_unref(handleOf(&engine->idle_));
  uv_prepare_start(&engine->prepare_, [](uv_prepare_t* handle) { static_cast<Engine*>(handle->data)->run(); });
  uv_unref(handleOf(&engine->prepare_));
  *made = engine;
  return 0;
}

Engine::Engine(uv_loop_t* loop, Notify notify, void* context, int epoll)
    : loop_(loop),
      notify_(notify),
      context_(context),
      epoll_(epoll),
      now_(readClock()),
      wheel_(now_),
      scratch_(new char[scratchSize]) {}

Engine::~Engine() { ::close(epoll_); }

void Engine::destroy(void (*done)(void*), void* context) {
  notify_ = nullptr;
  destroyed_ = done;
  destroyedContext_ = context;
  relays_.each([this](Relay& relay) {
    relays_.remove(relay.id);
    delete &relay;
  });
  limits_.each([this](Limit& limit) {
    limits_.remove(limit.id);
    delete &limit;
  });
  sockets_.each([this](Socket& socket) {
    socket.relay = nullptr;
    drop(socket, false);
  });
  listeners_.each([this](Listener& listener) { close(listener); });
  const auto closed = [](uv_handle_t* handle) {
    Engine* engine = static_cast<Engine*>(handle->data);
    if (--engine->handles_ > 0) return;
    const auto destroyed = engine->destroyed_;
    void* const destroyedContext = engine->destroyedContext_;
    delete engine;
    destroyed(destroyedContext);
  };
  uv_close(handleOf(&prepare_), closed);
  uv_close(handleOf(&timer_), closed);
  uv_close(handleOf(&idle_), closed);
}

void Engine::touchClock() { now_ = readClock(); }

void Engine::run() {
  uv_idle_stop(&idle_);
  if (open_ == 0 && !isBusy()) return;
  turning_ = true;
  told_ = false;
  for (int round = 0; round < rounds && turn(); ++round) continue;
  turning_ = false;
  keepLoop();
  // What there was to wait for was waited for: libuv collects what it has, and goes round.
  uv_idle_start(&idle_, [](uv_idle_t*) {});
}

bool Engine::turn() {
  touchClock();
  runDeferred();
  tell();
  epoll_event events[eventsPerTurn];
  const int patience = uv_backend_timeout(loop_);
  // After JavaScript has run, the rest of the loop gets its turn before anybody waits: there are things to do, such as
  // immediates without a reference, of which libuv does not know.
  const int count = epoll_wait(epoll_, events, eventsPerTurn, told_ || isBusy() ? 0 : patience);
  uv_update_time(loop_);
  touchClock();
  bool isLoopReady = patience == 0;
  for (int at = 0; at < count; ++at) {
    if (events[at].data.u64 == loopMark) isLoopReady = true;
    else onEvent(events[at]);
  }
  tell();
  if (isLoopReady) return false;
  // A connect within a machine is done by the time that JavaScript has asked for it.
  return told_ ? std::exchange(dialled_, false) : count > 0 || isBusy();
}

void Engine::onEvent(const epoll_event& event) {
  const uint32_t mark = static_cast<uint32_t>(event.data.u64);
  const Id id{static_cast<uint32_t>(event.data.u64 >> 32), mark & ~listenerMark};
  // An event of this batch may have closed what a later one is about.
  if (mark & listenerMark) {
    if (Listener* listener = listeners_.find(id)) accept(*listener, 64);
  } else if (Socket* socket = sockets_.find(id)) {
    onSocket(*socket, event.events);
  }
}

void Engine::onSocket(Socket& socket, uint32_t events) {
  ++tally_.events;
  const bool broken = events & (EPOLLERR | EPOLLHUP);
  if (broken || events & (EPOLLIN | EPOLLRDHUP)) socket.readable = true;
  if (broken || events & EPOLLRDHUP) socket.ending = true;
  if (broken || events & EPOLLOUT) socket.writable = true;
  if (events & EPOLLPRI) socket.choppy = true;
  if (events & EPOLLERR) socket.broken = true;
  if ((events & EPOLLRDHUP) && !(events & EPOLLERR)) socket.finReceived = true;
  switch (socket.state) {
    case State::arriving:
      return arrive(socket);
    case State::peeking:
      return onPeeking(socket);
    case State::connecting:
      return onConnected(socket, broken);
    case State::securing:
      return onSecuring(socket);
    case State::relaying:
      return socket.relay->wake(socket, events & EPOLLERR);
    case State::lingering:
      return flush(socket);
    case State::idle:
      // The rest of a handshake; a broken connection is met by whoever uses it next.
      if (socket.tls) (void)socket.tls->flush();
      return;
    case State::free:
      return;
  }
}

void Engine::onLoopTimer() {
  timerDue_ = Wheel::never;
  turning_ = true;
  touchClock();
  wheel_.advance(now_, [this](Timer& timer) { onTimer(timer); });
  tell();
  turning_ = false;
  armLoopTimer(wheel_.upcoming());
  keepLoop();
}

void Engine::onTimer(Timer& timer) {
  switch (timer.kind) {
    case Due::idle:
      return static_cast<Relay*>(timer.owner)->onIdle();
    case Due::flow:
      return static_cast<Relay*>(timer.owner)->resume();
    case Due::listener:
      (void)watch(*static_cast<Listener*>(timer.owner));
      return;
    case Due::trim:
      return onTrim();
    case Due::socket:
      break;
  }
  Socket& socket = *static_cast<Socket*>(timer.owner);
  if (socket.state == State::arriving) return arrive(socket);
  if (socket.state == State::idle || (socket.state == State::relaying && socket.tls && socket.tls->held())) {
    return sendHeld(socket);
  }
  // A socket that lingers has lingered for long enough.
  if (socket.state == State::peeking) {
    socket.state = State::idle;
    reportSocket(Kind::ready, socket, 1);
  } else if (socket.state == State::connecting || socket.state == State::securing) {
    const Kind kind = socket.state == State::connecting ? Kind::connected : Kind::secured;
    reportSocket(kind, socket, deadlinePassed);
    drop(socket, false);
  } else if (socket.state == State::relaying) {
    probe(socket);
  } else {
    drop(socket, false);
  }
}

void Engine::onTrim() {
  if (!churn_.isOver()) return arm(trim_, now_ + Churn::period);
  ++tally_.trims;
  trimMemory();
}

void Engine::tell() {
  if (records_.empty() || notify_ == nullptr) return;
  told_ = true;
  notify_(context_);
}

void Engine::runDeferred() {
  std::vector<Relay*> relays;
  relays.swap(deferred_);
  for (size_t at = 0; at < relays.size(); ++at) relays[at]->deferred = -1;
  for (Relay* relay : relays) relay->resume();
}

void Engine::defer(Relay& relay) {
  if (relay.deferred >= 0) return;
  relay.deferred = static_cast<int>(deferred_.size());
  deferred_.push_back(&relay);
  if (!turning_) keepLoop();
}

void Engine::forget(Relay& relay) {
  if (relay.deferred < 0) return;
  Relay* last = deferred_.back();
  deferred_[static_cast<size_t>(relay.deferred)] = last;
  last->deferred = relay.deferred;
  deferred_.pop_back();
  relay.deferred = -1;
}

void Engine::keepLoop() {
  uv_handle_t* const handle = handleOf(&prepare_);
  if (open_ > 0 || isBusy()) uv_ref(handle);
  else uv_unref(handle);
}

void Engine::recycle() {
  sockets_.recycle();
  relays_.recycle();
  limits_.recycle();
  listeners_.recycle();
}

size_t Engine::take(Record* into, size_t room) {
  if (records_.empty()) {
    recycle();
    return 0;
  }
  const size_t count = std::min(room, records_.size());
  std::copy_n(records_.begin(), count, into);
  records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

void Engine::report(const Record& record) {
  records_.push_back(record);
  if (!turning_) keepLoop();
}

void Engine::reportSocket(Kind kind, const Socket& socket, int32_t code) {
  Record record{};
  record.kind = static_cast<int32_t>(kind);
  record.index = static_cast<int32_t>(socket.id.index);
  record.generation = static_cast<int32_t>(socket.id.generation);
  record.code = code;
  report(record);
}

void Engine::arm(Timer& timer, int64_t due) {
  wheel_.arm(timer, due);
  armLoopTimer(due);
}

void Engine::armLoopTimer(int64_t due) {
  if (due >= timerDue_) return;
  timerDue_ = due;
  const int64_t left = std::max<int64_t>(due - readClock(), 0) + 1;
  uv_timer_start(
      &timer_, [](uv_timer_t* handle) { static_cast<Engine*>(handle->data)->onLoopTimer(); },
      static_cast<uint64_t>(left), 0);
}

bool Engine::watch(Socket& socket, bool out) {
  if (socket.watched && (socket.wantsOut || !out)) return true;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLET | (out ? uint32_t{EPOLLOUT} : 0);
  event.data.u64 = markOf(socket.id, 0);
  const int change = socket.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (epoll_ctl(epoll_, change, socket.fd, &event) != 0) return false;
  socket.watched = true;
  socket.wantsOut = out;
  return true;
}

bool Engine::watch(Listener& listener) {
  epoll_event event{};
  // Workers share the listening socket of a unix domain: one of them is woken, not all.
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  event.data.u64 = markOf(listener.id, listenerMark);
  listener.watched = epoll_ctl(epoll_, EPOLL_CTL_ADD, listener.fd, &event) == 0;
  return listener.watched;
}

void Engine::ignore(Listener& listener) {
  // The descriptor of a listener may be open elsewhere: closing it here would leave it in the set.
  if (listener.watched) epoll_ctl(epoll_, EPOLL_CTL_DEL, listener.fd, nullptr);
  listener.watched = false;
}

void Engine::count(int change) {
  open_ += static_cast<size_t>(change);
  tally_.sockets = open_;
  if (churn_.note() && !trim_.armed()) arm(trim_, now_ + Churn::period);
  keepLoop();
}

}  // namespace kong
