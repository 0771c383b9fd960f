#include "limit.h"

#include <algorithm>

#include "engine.h"

namespace kong {

namespace {

/** A turn is worth at least a packet, or all that there is: the others have theirs with the next grant. */
constexpr double smallestTurn = 1460;

}  // namespace

Draw::Draw(Limit& limit, Relay& relay, Flow& flow, bool soft)
    : limit(limit), relay(relay), flow(flow), soft(soft) {
  ++limit.users_;
}

Draw::~Draw() {
  limit.leave(*this);
  --limit.users_;
  limit.dropIfUnused();
}

Limit::Limit(Engine& engine, double low) : id(engine.limits().add(this)), engine_(engine), low_(low) {}

size_t Limit::offer(const Draw& draw) const {
  if (closed_ || draw.soft) return SIZE_MAX;
  if (turn_ != &draw && first_ != nullptr) return 0;
  const double share = turn_ == &draw ? std::min(left_, turnLeft_) : left_;
  return share < 1 ? 0 : static_cast<size_t>(std::min(share, 1e9));
}

void Limit::take(const Draw& draw, size_t bytes) {
  if (closed_) return;
  left_ -= static_cast<double>(bytes);
  if (turn_ == &draw) turnLeft_ -= static_cast<double>(bytes);
  if (left_ >= low_ || toldLow_) return;
  toldLow_ = true;
  tell();
}

void Limit::grant(double bytes) {
  left_ += bytes;
  toldLow_ = toldEmpty_ = false;
  if (granting_) return;
  granting_ = true;
  // Who comes back for more has its turn with the next grant.
  for (size_t turns = waiting_; turns > 0 && first_ != nullptr && (closed_ || left_ >= 1); --turns) {
    Draw& draw = *first_;
    leave(draw);
    turn_ = &draw;
    turnLeft_ = std::max(left_ / static_cast<double>(turns), smallestTurn);
    draw.relay.flow(draw.flow);
    turn_ = nullptr;
  }
  granting_ = false;
  if (first_ != nullptr && !toldEmpty_) {
    toldEmpty_ = true;
    tell();
  }
  dropIfUnused();
}

void Limit::close() {
  closed_ = true;
  grant(0);
}

void Limit::wait(Draw& draw) {
  if (waits(draw)) return;
  draw.prev = last_;
  (last_ == nullptr ? first_ : last_->next) = &draw;
  last_ = &draw;
  ++waiting_;
  if (toldEmpty_ || granting_) return;
  toldEmpty_ = true;
  tell();
}

void Limit::leave(Draw& draw) {
  if (!waits(draw)) return;
  (draw.prev == nullptr ? first_ : draw.prev->next) = draw.next;
  (draw.next == nullptr ? last_ : draw.next->prev) = draw.prev;
  draw.prev = draw.next = nullptr;
  --waiting_;
}

void Limit::tell() {
  Record record{};
  record.kind = static_cast<int32_t>(Kind::low);
  record.index = static_cast<int32_t>(id.index);
  record.generation = static_cast<int32_t>(id.generation);
  engine_.report(record);
}

void Limit::dropIfUnused() {
  if (!closed_ || users_ > 0 || granting_) return;
  engine_.limits().remove(id);
  delete this;
}

}  // namespace kong
