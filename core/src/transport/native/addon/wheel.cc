#include "wheel.h"

#include <algorithm>

namespace kong {

Wheel::Wheel(int64_t now) : cursor_(now >> shift) {}

void Wheel::arm(Timer& timer, int64_t due) {
  if (timer.armed()) disarm(timer);
  timer.due = due;
  // Rounded up, so that nothing fires early; a slot that has passed comes round only with the next turn.
  const int64_t tick = std::max(due > never - mask ? never >> shift : (due + 15) >> shift, cursor_ + 1);
  const int64_t slot = std::min(tick, cursor_ + slots) & mask;
  Timer& head = heads_[slot];
  timer.prev = head.prev;
  timer.next = &head;
  head.prev->next = &timer;
  head.prev = &timer;
  occupied_[slot >> 6] |= uint64_t{1} << (slot & 63);
}

void Wheel::unlink(Timer& timer) {
  timer.prev->next = timer.next;
  timer.next->prev = timer.prev;
  timer.prev = timer.next = nullptr;
}

void Wheel::disarm(Timer& timer) {
  // The slot's bit stays: a slot that turns out to be empty costs one look.
  if (timer.armed()) unlink(timer);
}

void Wheel::take(int64_t slot, Timer& into) {
  occupied_[slot >> 6] &= ~(uint64_t{1} << (slot & 63));
  Timer& head = heads_[slot];
  if (head.next == &head) {
    into.prev = into.next = &into;
    return;
  }
  into.next = head.next;
  into.prev = head.prev;
  into.next->prev = &into;
  into.prev->next = &into;
  head.prev = head.next = &head;
}

int64_t Wheel::upcoming() const {
  int64_t tick = cursor_ + 1;
  const int64_t last = cursor_ + slots;
  while (tick <= last) {
    const int64_t slot = tick & mask;
    const uint64_t rest = occupied_[slot >> 6] >> (slot & 63);
    if (rest != 0) return (tick + __builtin_ctzll(rest)) << shift;
    tick += 64 - (slot & 63);
  }
  return never;
}

}  // namespace kong
