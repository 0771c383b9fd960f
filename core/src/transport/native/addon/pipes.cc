#include "pipes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace kong {

Pipes::~Pipes() { clear(); }

bool Pipes::take(Pipe& pipe) {
  if (!free_.empty()) {
    pipe = free_.back();
    free_.pop_back();
    return true;
  }
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return false;
  // An unprivileged user may have used up what pipes may hold: then it stays as small as it is.
  (void)fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(capacity));
  pipe = {ends[0], ends[1]};
  return true;
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
  if (end_ + size > capacity_) {
    // Doubles, so that a peer who sends single bytes costs linear time.
    const size_t wanted = this->size() + size;
    const size_t grown = wanted < 2 * this->size() ? 2 * this->size() : wanted;
    char* larger = static_cast<char*>(std::malloc(grown));
    if (larger == nullptr) std::abort();
    if (!empty()) std::memcpy(larger, data(), this->size());
    std::free(data_);
    end_ -= begin_;
    begin_ = 0;
    data_ = larger;
    capacity_ = grown;
  }
  return data_ + end_;
}

void Bytes::consume(size_t size) {
  begin_ += size;
  if (begin_ == end_) clear();
}

void Bytes::clear() {
  std::free(data_);
  data_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

void Bytes::swap(Bytes& other) {
  std::swap(data_, other.data_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  std::swap(capacity_, other.capacity_);
}

}  // namespace kong
