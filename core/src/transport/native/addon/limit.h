// Bytes that may pass, which directions of several relays share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "id.h"

namespace kong {

class Engine;
class Limit;
class Relay;
struct Flow;

/** What a direction has to do with a limit; linked into the limit while the direction waits for it. */
struct Draw {
  Draw(Limit& limit, Relay& relay, Flow& flow, bool soft);
  ~Draw();
  Draw(const Draw&) = delete;
  Draw& operator=(const Draw&) = delete;

  Limit& limit;
  Relay& relay;
  Flow& flow;
  /** What passes is counted, and never held back. */
  const bool soft;
  Draw* prev = nullptr;
  Draw* next = nullptr;
};

/** A pot that JavaScript fills and directions empty. Who finds it empty waits in line; a grant is shared out evenly. */
class Limit {
 public:
  Limit(Engine& engine, double low);

  /** Bytes that the direction may take now. */
  size_t offer(const Draw& draw) const;
  /** Stands in line, with something to send and nothing that it may take. */
  void wait(Draw& draw);
  void take(const Draw& draw, size_t bytes);
  /** Goes on with those that wait. May be the end of any relay. */
  void grant(double bytes);
  /** Holds nobody back any more; it is gone once nobody draws from it. */
  void close();
  double left() const { return left_; }
  bool closed() const { return closed_; }

  const Id id;

 private:
  friend struct Draw;
  bool waits(const Draw& draw) const { return draw.prev != nullptr || first_ == &draw; }
  void leave(Draw& draw);
  void tell();
  void dropIfUnused();

  Engine& engine_;
  double left_ = 0;
  const double low_;
  Draw* first_ = nullptr;
  Draw* last_ = nullptr;
  size_t waiting_ = 0;
  size_t users_ = 0;
  /** Whose turn it is in a grant, and what it may take. */
  const Draw* turn_ = nullptr;
  double turnLeft_ = 0;
  /** JavaScript knows that there is little left, and that somebody waits. */
  bool toldLow_ = false;
  bool toldEmpty_ = false;
  bool granting_ = false;
  bool closed_ = false;
};

}  // namespace kong
