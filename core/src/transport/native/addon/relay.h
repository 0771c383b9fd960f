// Moves bytes both ways between two sockets, without JavaScript.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "id.h"
#include "limit.h"
#include "pipes.h"
#include "wheel.h"

namespace kong {

class Engine;
class Relay;
struct Socket;

struct RelayLimits {
  /** Milliseconds of silence. */
  int64_t readTimeout;
  int64_t writeTimeout;
  /** Bytes per second; below zero: no limit. */
  double uploadRate;
  double downloadRate;
};

/** A token bucket. */
class Bucket {
 public:
  /** @param burst bytes that it holds at most; 0: a tenth of a second */
  void adjust(double rate, double burst, int64_t now);
  bool limits() const { return rate_ >= 0; }
  /** Whole bytes that may pass now. */
  size_t allowed(int64_t now);
  void take(size_t bytes) { tokens_ -= static_cast<double>(bytes); }
  /** When to look again, `Wheel::never` at a rate of nothing. */
  int64_t refilled(int64_t now) const;

 private:
  double capacity() const;
  double rate_ = -1;
  double burst_ = 0;
  double tokens_ = 0;
  int64_t filled_ = 0;
};

/** The limits of a direction: its own, with when there is room again, and those that it shares. */
struct Throttle {
  explicit Throttle(Relay* relay) : timer(Due::flow, relay) {}
  /** Whole bytes that may pass now; with none `lacking` is the limit that is empty, or null for its own. */
  size_t allowed(int64_t now, Draw*& lacking);
  void take(size_t bytes);

  Timer timer;
  Bucket bucket;
  std::vector<std::unique_ptr<Draw>> draws;
};

/** One direction. It holds at most one read that the other side has not taken yet. */
struct Flow {
  Socket* from;
  Socket* to;
  uint64_t received = 0;
  uint64_t sent = 0;
  /** Read and not yet sent: in memory, or in a pipe of the kernel. */
  Bytes pending;
  Pipe pipe;
  size_t piped = 0;
  /** Null without a limit, as most are. */
  std::unique_ptr<Throttle> throttle;
  /** Reads in a row that filled the buffer, or that would have been too small to splice. */
  uint8_t streak = 0;
  bool bulk = false;
  bool canSplice = true;
  /** The source has sent its FIN; the sink was told. */
  bool ended = false;
  bool closed = false;
};

enum class Side : int32_t { client = 0, upstream, gateway };
enum class How : int32_t { fin = 0, reset, idle, stopped };

class Relay {
 public:
  Relay(Engine& engine, Socket& client, Socket& upstream, const RelayLimits& limits);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Each of these may be the relay's end: it is gone afterwards.

  void start();
  /** Goes on where a socket has become readable or writable; `failed`: the kernel reports an error. */
  void wake(Socket& socket, bool failed);
  /** Goes on with both directions. */
  void resume();
  void throttle(bool upload, double rate, double burst);
  /** From now on a direction takes its bytes out of a limit, too. Before `start`. */
  void draw(bool upload, Limit& limit, bool soft);
  /** Goes on with a direction that has waited for a limit. */
  void flow(Flow& flow);
  void stop(bool rst);
  /** A socket of a relay that has come to its end is closed. */
  void socketClosed(Socket& socket);
  void onIdle();

  /** By which JavaScript knows it. */
  const Id id;
  /** Bytes received from and sent to: client, upstream, upstream, client. */
  void count(double* into) const;
  /** Where the engine keeps it while it waits for its turn; below zero: nowhere. */
  int deferred = -1;

 private:
  enum class Step { again, wait, over };
  /** False: the relay is gone. */
  bool pump(Flow& flow);
  Step step(Flow& flow);
  Step drain(Flow& flow);
  Step push(Flow& flow);
  Step close(Flow& flow);
  Step copy(Flow& flow, size_t limit);
  Step splice(Flow& flow, size_t limit);
  Step block(Flow& flow);
  Step sourceEnded(Flow& flow);
  Step waitForTokens(Flow& flow);
  Step waitInLine(Flow& flow, Draw& draw);
  void limit(Flow& flow, double rate, double burst, int64_t now);
  void unlimit(Flow& flow);
  Throttle& throttleOf(Flow& flow);
  void noteRead(Flow& flow, size_t size);
  void noteSent(Flow& flow, size_t size);
  Step fail(const Socket& socket);
  /** The first cause counts; a later RST still cuts an orderly end short. */
  void finish(Side by, How how, bool rst);
  void letGo(Flow& toward, Socket& socket);
  void unsent(Flow& flow, Bytes& into);
  void tellEnd();
  int64_t idleLimit() const;
  Side sideOf(const Socket& socket) const;

  Engine& engine_;
  Socket* client_;
  Socket* upstream_;
  Flow up_;
  Flow down_;
  Timer idle_;
  int64_t activity_;
  int64_t readTimeout_;
  int64_t writeTimeout_;
  bool started_ = false;
  bool finished_ = false;
  Side by_ = Side::gateway;
  How how_ = How::fin;
};

}  // namespace kong
