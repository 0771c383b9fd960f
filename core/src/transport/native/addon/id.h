#pragma once

#include <cstdint>
#include <vector>

namespace kong {

/** Generations keep a late command from reaching a connection that has taken the place of another. */
struct Id {
  uint32_t index;
  uint32_t generation;

  bool operator==(const Id& other) const {
    return index == other.index && generation == other.generation;
  }
};

/** Generations fit what JavaScript holds as a small integer. */
inline uint32_t nextGeneration(uint32_t generation) { return (generation + 1) & 0x3fffffff; }

/**
 * What is known by ids. An index rests after its use until JavaScript has read every record that may name it: whoever
 * waits for one of those must not be taken for somebody who waits for the next that has the index.
 */
template <typename T>
class Table {
 public:
  Id add(T* item) {
    if (free_.empty()) {
      slots_.push_back({item, 0});
      return {static_cast<uint32_t>(slots_.size() - 1), 0};
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    slots_[index].item = item;
    return {index, slots_[index].generation};
  }

  /** Null: there was one, or never. */
  T* find(Id id) const {
    if (id.index >= slots_.size()) return nullptr;
    const Slot& slot = slots_[id.index];
    return slot.generation == id.generation ? slot.item : nullptr;
  }

  /** Whatever has this index now; null for nothing. */
  T* at(uint32_t index) const { return index < slots_.size() ? slots_[index].item : nullptr; }

  void remove(Id id) {
    Slot& slot = slots_[id.index];
    slot.item = nullptr;
    slot.generation = nextGeneration(slot.generation);
    resting_.push_back(id.index);
  }

  /** Every record was read. */
  void recycle() {
    free_.insert(free_.end(), resting_.begin(), resting_.end());
    resting_.clear();
  }

  template <typename Visit>
  void each(Visit visit) {
    for (size_t index = 0; index < slots_.size(); ++index) {
      if (slots_[index].item != nullptr) visit(*slots_[index].item);
    }
  }

 private:
  struct Slot {
    T* item;
    uint32_t generation;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> resting_;
};

}  // namespace kong
