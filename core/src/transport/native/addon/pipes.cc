#include "pipes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace kong {

namespace {

/** A pipe that holds less is no better than a copy. */
constexpr size_t leastCapacity = 64 * 1024;

}  // namespace

Pipes::~Pipes() { clear(); }

bool Pipes::take(Pipe& pipe) {
  if (!free_.empty()) {
    pipe = free_.back();
    free_.pop_back();
    return true;
  }
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return false;
  pipe = {ends[0], ends[1]};
  // An unprivileged user may have used up most of what pipes may hold, and then gets one of two pages.
  for (const size_t size : {capacity, leastCapacity}) {
    if (fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(size)) >= 0) return true;
  }
  drop(pipe);
  return false;
}

void Pipes::give(Pipe& pipe) {
  if (free_.size() < kept) {
    free_.push_back(pipe);
    pipe = {};
  } else {
    drop(pipe);
  }
}

void Pipes::drop(Pipe& pipe) {
  if (pipe.in >= 0) close(pipe.in);
  if (pipe.out >= 0) close(pipe.out);
  pipe = {};
}

void Pipes::clear() {
  for (Pipe& pipe : free_) drop(pipe);
  free_.clear();
}

void Bytes::append(const char* data, size_t size) {
  if (size == 0) return;
  std::memcpy(room(size), data, size);
  grow(size);
}

char* Bytes::room(size_t size) {
  if (block_ == nullptr || block_->end + size > block_->capacity) {
    // Doubles, so that a peer who sends single bytes costs linear time.
    const size_t held = this->size();
    const size_t capacity = std::max(held + size, 2 * held);
    Block* larger = static_cast<Block*>(std::malloc(sizeof(Block) + capacity));
    if (larger == nullptr) std::abort();
    *larger = {0, held, capacity};
    if (held > 0) std::memcpy(larger->bytes(), data(), held);
    std::free(block_);
    block_ = larger;
  }
  return block_->bytes() + block_->end;
}

void Bytes::consume(size_t size) {
  if (size == 0) return;
  block_->begin += size;
  if (empty()) clear();
}

void Bytes::clear() {
  std::free(block_);
  block_ = nullptr;
}

void Bytes::swap(Bytes& other) { std::swap(block_, other.block_); }

}  // namespace kong
