// What the functions that JavaScript calls have in common.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "engine.h"

namespace kong {

/** What an extension keeps for as long as its environment lives. */
struct Extension {
  virtual ~Extension() = default;
};

/** What one environment (the main thread, or a worker thread) has of the addon. */
struct Instance {
  napi_env env = nullptr;
  Engine* engine = nullptr;
  napi_ref callback = nullptr;
  napi_ref resource = nullptr;
  napi_ref memory = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  std::unique_ptr<Extension> extension;
  /** Shared with JavaScript: the records of a batch, and before them the answers that do not fit a number. */
  Record* records = nullptr;
  /** Behind them: the bytes of the last look. */
  char* window = nullptr;
};

/** Ids are one number: the index in the low bits. */
constexpr uint32_t indexBits = 22;

class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    void* data = nullptr;
    napi_get_cb_info(env, info, &count_, values_, nullptr, &data);
    instance = static_cast<Instance*>(data);
  }

  double number(size_t at) const {
    double value = 0;
    if (at < count_) napi_get_value_double(env_, values_[at], &value);
    return value;
  }
  int32_t integer(size_t at) const {
    int32_t value = 0;
    if (at < count_) napi_get_value_int32(env_, values_[at], &value);
    return value;
  }
  bool flag(size_t at) const {
    bool value = false;
    if (at < count_) napi_get_value_bool(env_, values_[at], &value);
    return value;
  }
  /** Empty for what is no string, or too long for an address or a path. */
  std::string text(size_t at) const {
    char buffer[256];
    size_t size = 0;
    if (at >= count_) return {};
    if (napi_get_value_string_utf8(env_, values_[at], buffer, sizeof buffer, &size) != napi_ok) return {};
    return size == sizeof buffer - 1 ? std::string() : std::string(buffer, size);
  }
  /** Of a buffer; nothing of anything else. */
  std::pair<const char*, size_t> bytes(size_t at) const {
    void* data = nullptr;
    size_t size = 0;
    bool isBuffer = false;
    if (at < count_) napi_is_buffer(env_, values_[at], &isBuffer);
    if (isBuffer) napi_get_buffer_info(env_, values_[at], &data, &size);
    return {static_cast<const char*>(data), size};
  }
  Id id(size_t at) const {
    const int64_t whole = static_cast<int64_t>(number(at));
    if (whole < 0) return {UINT32_MAX, 0};
    const auto index = static_cast<uint32_t>(whole & ((1 << indexBits) - 1));
    return {index, static_cast<uint32_t>(whole >> indexBits)};
  }
  Engine& engine() const { return *instance->engine; }
  Socket* socket(size_t at) const { return engine().sockets().find(id(at)); }
  Relay* relay(size_t at) const { return engine().relays().find(id(at)); }
  /** Null for one that is closed, too. */
  Limit* limit(size_t at) const {
    Limit* found = engine().limits().find(id(at));
    return found == nullptr || found->closed() ? nullptr : found;
  }
  napi_value value(size_t at) const { return at < count_ ? values_[at] : nullptr; }

  Instance* instance = nullptr;

 private:
  napi_env env_;
  size_t count_ = 8;
  napi_value values_[8];
};

inline napi_value makeNumber(napi_env env, double value) {
  napi_value made;
  napi_create_double(env, value, &made);
  return made;
}

inline napi_value makeInteger(napi_env env, int32_t value) {
  napi_value made;
  napi_create_int32(env, value, &made);
  return made;
}

inline napi_value idValue(napi_env env, Id id) {
  return makeNumber(env, static_cast<double>(uint64_t{id.generation} << indexBits | id.index));
}

/** A state that a peer cannot bring about: a command for what is not there any more does nothing. */
inline napi_value nothing() { return nullptr; }

/** Makes a function of the addon. */
inline void define(napi_env env, napi_value object, const char* name, napi_callback call, Instance& instance) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call, &instance, &function);
  napi_set_named_property(env, object, name, function);
}

}  // namespace kong
