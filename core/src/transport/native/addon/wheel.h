// Deadlines. A hashed wheel of 16 ms slots: arming and disarming cost a few pointers, and what lies further ahead than
// one turn of the wheel is looked at once a turn.
#pragma once

#include <cstdint>

namespace kong {

enum class Due : uint8_t { socket, idle, flow, listener, trim };

/** Lives inside of what it belongs to; linked into the wheel while it is armed. */
struct Timer {
  Timer* prev = nullptr;
  Timer* next = nullptr;
  void* owner;
  int64_t due = 0;
  Due kind;

  Timer(Due kind, void* owner) : owner(owner), kind(kind) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  bool armed() const { return next != nullptr; }
};

class Wheel {
 public:
  static constexpr int64_t never = INT64_MAX;

  /** @param now milliseconds of the clock that `arm` and `advance` are told, too. */
  explicit Wheel(int64_t now);

  /** Fires once `due` has passed, at most a slot later; a deadline that has passed fires with the next slot. */
  void arm(Timer& timer, int64_t due);
  void disarm(Timer& timer);
  /** When the next slot with something in it begins, in milliseconds; `never` if there is none. */
  int64_t upcoming() const;

  /** Hands every timer that is due to `fire`, disarmed; `fire` may arm and disarm any timer. */
  template <typename Fire>
  void advance(int64_t now, Fire fire) {
    const int64_t until = now >> shift;
    if (until - cursor_ > slots) cursor_ = until - slots;
    while (cursor_ < until) {
      ++cursor_;
      Timer passed(Due::socket, nullptr);
      take(cursor_ & mask, passed);
      while (passed.next != &passed) {
        Timer& timer = *passed.next;
        unlink(timer);
        if (timer.due > now) {
          arm(timer, timer.due);
        } else {
          fire(timer);
        }
      }
    }
  }

 private:
  static constexpr int shift = 4;
  static constexpr int64_t slots = 1024;
  static constexpr int64_t mask = slots - 1;

  static void unlink(Timer& timer);
  void take(int64_t slot, Timer& into);

  struct Slot : Timer {
    Slot() : Timer(Due::socket, nullptr) { prev = next = this; }
  };
  Slot heads_[slots];
  uint64_t occupied_[slots / 64] = {};
  int64_t cursor_;
};

}  // namespace kong
