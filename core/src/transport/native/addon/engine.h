// The epoll set of a worker, in which the loop of libuv waits, and everything that lives in it.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <uv.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "limit.h"
#include "pipes.h"
#include "relay.h"
#include "socket.h"
#include "trim.h"
#include "wheel.h"

namespace kong {

enum class Kind : int32_t { accepted = 1, ready, connected, ended, closed, secured, low };

/** What JavaScript is told, as it lies in the array that both share. */
struct Record {
  int32_t kind;
  int32_t index;
  int32_t generation;
  /** accepted: the listener; ready: whether the deadline passed; connected: errno; ended: who and how; secured: see `Tls`. */
  int32_t code;
  union {
    /**
     * accepted: family, then address and port, of the client and of the gateway, of IPv4 in host order; how many
     * milliseconds ago.
     */
    int32_t words[8];
    /** ended: the relay's counters. */
    double numbers[4];
  };
};
static_assert(sizeof(Record) == 48);

struct Listener {
  Timer timer{Due::listener, this};
  int fd = -1;
  Id id{};
  bool unixDomain = false;
  /** Bound to every address: each connection is asked for its own. */
  bool wildcard = false;
  bool watched = false;
  /** Whose connections are asked for their first bytes before anything else, as far as the last one tells. */
  bool looks = false;
};

/** How often things happened, for the tests. */
struct Tally {
  /** Events that the epoll set reported for connections. */
  uint64_t events = 0;
  uint64_t sockets = 0;
  /** Freed memory was given back. */
  uint64_t trims = 0;
  uint64_t spliced = 0;
};

class Engine {
 public:
  /** Called at the end of a turn in which there is something to `take`. */
  using Notify = void (*)(void*);

  /** @returns an errno, or 0 */
  static int create(uv_loop_t* loop, Notify notify, void* context, Engine** made);

  /** Closes everything; deletes itself and calls back once libuv has let go of the handles. */
  void destroy(void (*done)(void*), void* context);

  // What JavaScript commands. Answers below zero are an errno, negated.

  /** Accepts on a bound descriptor, which is closed when this fails. */
  int listen(int fd, int backlog, int keepAlive, bool unixDomain, Id& id);
  /** Where a listener is bound; null for none. */
  const Listener* listener(Id id) const { return listeners_.find(id); }
  /** Accepts what the kernel has let in already, then closes; a record follows. */
  void unlisten(Id id);
  /**
   * Bytes that have arrived, at least so many or all that there will be; they stay where a relay finds them.
   * -EAGAIN: not yet; a record follows. Any other error closes the socket.
   */
  int look(Socket& socket, size_t atLeast, int64_t patience, bool& ended, const char*& data);
  /** Gives up waiting. */
  void unlook(Socket& socket);
  /** Address and port of either end of a TCP socket; empty when the kernel does not know any more. */
  static std::string address(int fd, bool local, int& port);
  /** Consumes bytes that were looked at. */
  int skip(Socket& socket, size_t count);
  /** Sends what the kernel takes at once, before there is a relay: how many bytes, or an errno, negated. */
  static int say(Socket& socket, const char* data, size_t size);
  /**
   * Connects and sends the first bytes. A record follows, also when this fails at once, unless there is no descriptor
   * to be had.
   * @param client whose bytes are meant for it; null for nobody
   */
  int connect(const sockaddr* address, socklen_t size, int64_t patience, int keepAlive, Socket* client,
              const char* first, size_t firstSize, Id& id);
  /** Runs the TLS handshake of a socket that nobody waits for; a record follows. */
  void secure(Socket& socket, std::unique_ptr<Tls> tls, int64_t patience);
  /** A socket whose other end is the caller's; or an errno, negated. */
  int pair(Id& id, int& otherEnd);
  /** Ends a connection in order, after a farewell. */
  void end(Socket& socket, const char* farewell, size_t size);
  /** Ends it with an RST where there is such a thing. */
  void reset(Socket& socket);
  void discard(Socket& socket);
  /** Gives the descriptor away, blocking mode and all as it was made. */
  int release(Socket& socket);
  /** Moves bytes until both sides have ended; a record follows. @param held it is started by `start` */
  Id relay(Socket& client, Socket& upstream, const RelayLimits& limits, bool held);

  /** Moves up to `room` records out of the queue; whoever asks has read those that it got before. */
  size_t take(Record* into, size_t room);

  // What the parts of the engine need from each other.

  int64_t now() const { return now_; }
  void touchClock();
  void arm(Timer& timer, int64_t due);
  void disarm(Timer& timer) { wheel_.disarm(timer); }
  /** In the epoll set from now on, with EPOLLOUT if it is asked for. False: it cannot be watched. */
  bool watch(Socket& socket, bool out);
  void report(const Record& record);
  void reportSocket(Kind kind, const Socket& socket, int32_t code);
  /** Closes the descriptor and recycles the socket. */
  void drop(Socket& socket, bool rst);
  /** From now on small packets leave at once. The first one does anyway: many connections need no more. */
  static void hurry(Socket& socket);
  /** The farewell and the linger of a socket whose `bytes` are to be sent. */
  void linger(Socket& socket);
  /** Goes on with a relay once the others have had their turn. */
  void defer(Relay& relay);
  void forget(Relay& relay);
  char* scratch() { return scratch_.get(); }
  Table<Socket>& sockets() { return sockets_; }
  Table<Relay>& relays() { return relays_; }
  Table<Limit>& limits() { return limits_; }
  Pipes& pipes() { return pipes_; }
  Tally& tally() { return tally_; }

  static constexpr size_t scratchSize = 64 * 1024;

 private:
  Engine(uv_loop_t* loop, Notify notify, void* context, int epoll);
  ~Engine();

  Socket& adopt(int fd, bool unixDomain);
  /**
   * What libuv would wait for, and what the engine waits for, in one call of the kernel. Where the engine's set is a
   * member of libuv's instead, each event wakes up two of them, and takes three calls to be learnt.
   */
  void run();
  /** Waits once. False: the rest of the loop is to have its turn. */
  bool turn();
  void onEvent(const epoll_event& event);
  void onSocket(Socket& socket, uint32_t events);
  void onLoopTimer();
  void onTimer(Timer& timer);
  void tell();
  void recycle();
  void runDeferred();
  void armLoopTimer(int64_t due);
  /** The loop lives, and comes by, for as long as there is something to do here. */
  void keepLoop();
  bool isBusy() const { return !records_.empty() || !deferred_.empty(); }
  void count(int change);
  void onTrim();

  void onPeeking(Socket& socket);
  int collect(Socket& socket, size_t atLeast, bool& ended);
  void onConnected(Socket& socket, bool failed);
  void onSecuring(Socket& socket);
  /** What waited for company waits no longer. */
  void sendHeld(Socket& socket);
  void giveUp(Socket& socket, bool rst);
  void probe(const Socket& socket);
  void flush(Socket& socket);
  bool send(Socket& socket);
  void throwAway(Socket& socket);

  void accept(Listener& listener, int limit);
  Record acceptedRecord(const Listener& listener, const Socket& socket, const sockaddr* client);
  /** Tells of a connection with its first bytes, if they come soon. False: it cannot be watched. */
  bool holdBack(Socket& socket, const Record& record);
  void arrive(Socket& socket);
  /** What JavaScript has done first with a connection, it will do with the next of that listener, too. */
  void learn(Socket& socket, bool looks);
  bool watch(Listener& listener);
  void ignore(Listener& listener);
  void close(Listener& listener);

  uv_loop_t* loop_;
  Notify notify_;
  void* context_;
  int epoll_;
  int64_t now_;
  Wheel wheel_;
  /** When the loop's timer is set for; `Wheel::never` while it is not. */
  int64_t timerDue_ = Wheel::never;
  bool turning_ = false;
  /** JavaScript has run in this turn of the loop, and has asked for a connect that the kernel goes on with. */
  bool told_ = false;
  bool dialled_ = false;
  size_t open_ = 0;
  Table<Socket> sockets_;
  Table<Relay> relays_;
  Table<Limit> limits_;
  Table<Listener> listeners_;
  std::deque<Record> records_;
  std::vector<Relay*> deferred_;
  std::unique_ptr<char[]> scratch_;
  Pipes pipes_;
  Tally tally_;
  Churn churn_;
  Timer trim_{Due::trim, this};
  uv_prepare_t prepare_;
  uv_timer_t timer_;
  /** Keeps libuv from waiting in its own set. */
  uv_idle_t idle_;
  int handles_ = 0;
  void (*destroyed_)(void*) = nullptr;
  void* destroyedContext_ = nullptr;
};

}  // namespace kong
