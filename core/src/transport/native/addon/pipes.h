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
  /** False when descriptors are short: then bytes are copied. */
  bool take(Pipe& pipe);
  /** Takes an empty pipe back. */
  void give(Pipe& pipe);
  /** Closes one that may hold bytes. */
  static void drop(Pipe& pipe);
  /** Gives the descriptors back to the system. */
  void clear();

  /** What one splice moves at most. A client that never reads costs this much of the kernel's memory. */
  static constexpr size_t capacity = 256 * 1024;

 private:
  /** More than these are not kept: a machine has few bulk transfers at once, and their pages are the kernel's. */
  static constexpr size_t kept = 32;
  std::vector<Pipe> free_;
};

/** Bytes in memory, consumed from the front. Empty, it owns nothing. */
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

  const char* data() const { return data_ + begin_; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  void append(const char* data, size_t size);
  /** Room for so many more at the end; `grow` says how many were written. */
  char* room(size_t size);
  void grow(size_t size) { end_ += size; }
  void consume(size_t size);
  void clear();
  void swap(Bytes& other);

 private:
  char* data_ = nullptr;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t capacity_ = 0;
};

}  // namespace kong
