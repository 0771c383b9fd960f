// Pipes for splice(2), and the queue of bytes that could not be sent yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kong {

struct Pipe {
  int in = -1;
  int out = -1;
};

/** Pipes that are empty and wait for the next bulk transfer. */
class Pipes {
 public:
  ~Pipes();
  /** False when descriptors or what pipes may hold are short: then bytes are copied. */
  bool take(Pipe& pipe);
  /** Takes an empty pipe back. */
  void give(Pipe& pipe);
  /** Closes one that may hold bytes. */
  static void drop(Pipe& pipe);
  /** Gives the descriptors back to the system. */
  void clear();

  /**
   * What one splice moves at most: the more, the less often the other end is woken up, which is most of what a gigabyte
   * costs. A client that stops reading costs this much of the kernel's memory.
   */
  static constexpr size_t capacity = 1024 * 1024;

 private:
  /** More than these are not kept: a machine has few bulk transfers at once, and their pages are the kernel's. */
  static constexpr size_t kept = 32;
  std::vector<Pipe> free_;
};

/** Bytes in memory, consumed from the front. Empty, it owns nothing and is as small as a pointer: most are empty. */
class Bytes {
 public:
  Bytes() = default;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  Bytes(Bytes&& other) noexcept { swap(other); }
  Bytes& operator=(Bytes&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Bytes() { clear(); }

  /** Null when there are none. */
  const char* data() const { return block_ == nullptr ? nullptr : block_->bytes() + block_->begin; }
  size_t size() const { return block_ == nullptr ? 0 : block_->end - block_->begin; }
  bool empty() const { return size() == 0; }
  void append(const char* data, size_t size);
  /** Room for so many more at the end; `grow` says how many were written. */
  char* room(size_t size);
  /** @param size no more than there was asked room for */
  void grow(size_t size) { block_->end += size; }
  void consume(size_t size);
  void clear();
  void swap(Bytes& other);

 private:
  /** The bytes follow it. */
  struct Block {
    size_t begin;
    size_t end;
    size_t capacity;

    char* bytes() { return reinterpret_cast<char*>(this + 1); }
  };
  Block* block_ = nullptr;
};

}  // namespace kong
