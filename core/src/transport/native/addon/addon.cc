// What JavaScript sees of the engine: one function for each command, numbers in and out, so that a call allocates
// nothing. `binding.ts` says what each means.
#include <arpa/inet.h>
#include <fcntl.h>
#include <node_api.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "engine.h"
#include "extension.h"
#include "instance.h"

namespace kong {

namespace {

constexpr size_t batch = 256;
/** Behind the records: where the bytes of a look are shown. */
constexpr size_t windowSize = 32 * 1024;

void notify(void* context) {
  Instance& self = *static_cast<Instance*>(context);
  napi_env env = self.env;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value callback, resource, result;
  napi_get_reference_value(env, self.callback, &callback);
  napi_get_reference_value(env, self.resource, &resource);
  // Runs the microtasks before it returns.
  const napi_status status = napi_make_callback(env, self.context, resource, callback, 0, nullptr, &result);
  if (status == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

void cleanUp(napi_async_cleanup_hook_handle handle, void* data) {
  Instance* self = static_cast<Instance*>(data);
  self->cleanup = handle;
  const auto done = [](void* context) {
    Instance* instance = static_cast<Instance*>(context);
    napi_remove_async_cleanup_hook(instance->cleanup);
    delete instance;
  };
  if (self->engine == nullptr) return done(self);
  for (napi_ref kept : {self->callback, self->resource, self->memory}) napi_delete_reference(self->env, kept);
  napi_async_destroy(self->env, self->context);
  Engine* engine = self->engine;
  self->engine = nullptr;
  engine->destroy(done, self);
}

/** open(callback): the array that records come in; or an errno, negated. Once in an environment. */
napi_value open(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Instance& self = *given.instance;
  uv_loop_t* loop = nullptr;
  if (self.engine != nullptr || napi_get_uv_event_loop(env, &loop) != napi_ok) {
    return makeInteger(env, -EALREADY);
  }
  const int error = Engine::create(loop, notify, &self, &self.engine);
  if (error != 0) return makeInteger(env, -error);
  napi_value name, resource, buffer;
  void* memory = nullptr;
  napi_create_reference(env, given.value(0), 1, &self.callback);
  napi_create_object(env, &resource);
  napi_create_reference(env, resource, 1, &self.resource);
  napi_create_string_utf8(env, "kong-ts:transport", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, resource, name, &self.context);
  napi_create_arraybuffer(env, batch * sizeof(Record) + windowSize, &memory, &buffer);
  napi_create_reference(env, buffer, 1, &self.memory);
  self.records = static_cast<Record*>(memory);
  self.window = reinterpret_cast<char*>(self.records + batch);
  return buffer;
}

napi_value take(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return makeInteger(env, static_cast<int32_t>(given.engine().take(given.instance->records, batch)));
}

/** listen(fd, duplicate, backlog, keepAlive, unixDomain): an id, or an errno, negated. */
napi_value listen(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  int fd = given.integer(0);
  if (given.flag(1)) fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return makeInteger(env, -errno);
  Id id;
  const int error = given.engine().listen(fd, given.integer(2), given.integer(3), given.flag(4), id);
  return error == 0 ? idValue(env, id) : makeInteger(env, error);
}

napi_value unlisten(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  given.engine().unlisten(given.id(0));
  return nothing();
}

/**
 * look(id, atLeast, patience): how many bytes there are in the window, the bytes themselves if they do not fit, or an
 * errno, negated. The first record's `code` says whether it is all.
 */
napi_value look(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  if (socket == nullptr) return makeInteger(env, -EBADF);
  bool ended = false;
  const char* data = nullptr;
  const auto atLeast = static_cast<size_t>(given.number(1));
  const int size = given.engine().look(*socket, atLeast, static_cast<int64_t>(given.number(2)), ended, data);
  if (size < 0) return makeInteger(env, size);
  given.instance->records->code = ended;
  if (static_cast<size_t>(size) <= windowSize) {
    if (size > 0) std::memcpy(given.instance->window, data, static_cast<size_t>(size));
    return makeInteger(env, size);
  }
  napi_value bytes;
  napi_create_buffer_copy(env, static_cast<size_t>(size), data, nullptr, &bytes);
  return bytes;
}

napi_value unlook(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (Socket* socket = given.socket(0)) given.engine().unlook(*socket);
  return nothing();
}

napi_value skip(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  const int answer =
      socket == nullptr ? -EBADF : given.engine().skip(*socket, static_cast<size_t>(given.number(1)));
  return makeInteger(env, answer);
}

/** say(socket, bytes): how many of them the kernel took; or an errno, negated. */
napi_value say(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  if (socket == nullptr) return makeInteger(env, -EBADF);
  const auto [data, size] = given.bytes(1);
  return makeInteger(env, Engine::say(*socket, data, size));
}

/** Fills in the address of a host (an IPv4 or IPv6 literal) or of a path; its size, 0 for neither. */
socklen_t resolve(const std::string& host, int32_t port, bool isPath, sockaddr_storage& address) {
  if (isPath) {
    auto& name = reinterpret_cast<sockaddr_un&>(address);
    if (host.empty() || host.size() >= sizeof name.sun_path) return 0;
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, host.c_str(), host.size() + 1);
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + host.size() + 1);
  }
  sockaddr_in v4;
  sockaddr_in6 v6;
  if (uv_ip4_addr(host.c_str(), port, &v4) == 0) {
    std::memcpy(&address, &v4, sizeof v4);
    return sizeof v4;
  }
  if (uv_ip6_addr(host.c_str(), port, &v6) != 0) return 0;
  std::memcpy(&address, &v6, sizeof v6);
  return sizeof v6;
}

/** connect(host, port, isPath, patience, keepAlive, client, first): an id, or an errno, negated. */
napi_value connect(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  sockaddr_storage address{};
  const socklen_t size = resolve(given.text(0), given.integer(1), given.flag(2), address);
  if (size == 0) return makeInteger(env, -EINVAL);
  const auto [first, firstSize] = given.bytes(6);
  Id id;
  const int error = given.engine().connect(reinterpret_cast<sockaddr*>(&address), size,
                                           static_cast<int64_t>(given.number(3)), given.integer(4),
                                           given.socket(5), first, firstSize, id);
  return error == 0 ? idValue(env, id) : makeInteger(env, error);
}

napi_value end(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  if (socket == nullptr || socket->state > State::connecting) return nothing();
  const auto [farewell, size] = given.bytes(1);
  given.engine().end(*socket, farewell, size);
  return nothing();
}

napi_value reset(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  if (socket != nullptr && socket->relay == nullptr) given.engine().reset(*socket);
  return nothing();
}

napi_value discard(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  if (socket != nullptr && socket->relay == nullptr) given.engine().discard(*socket);
  return nothing();
}

napi_value alive(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  napi_value answer;
  napi_get_boolean(env, given.socket(0) != nullptr, &answer);
  return answer;
}

/** held(id): what peeks have taken out of the kernel. */
napi_value held(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Socket* socket = given.socket(0);
  napi_value bytes;
  const size_t size = socket == nullptr ? 0 : socket->bytes.size();
  napi_create_buffer_copy(env, size, size == 0 ? "" : socket->bytes.data(), nullptr, &bytes);
  return bytes;
}

/** release(id): the descriptor, the caller's from now on, or an errno, negated. */
napi_value release(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  if (socket == nullptr || socket->state > State::peeking || socket->tls) return makeInteger(env, -EBADF);
  return makeInteger(env, given.engine().release(*socket));
}

/** pair(): the id of a socket, the descriptor of its other end is the first record's `code`; or an errno, negated. */
napi_value pair(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Id id;
  const int error = given.engine().pair(id, given.instance->records->code);
  return error == 0 ? idValue(env, id) : makeInteger(env, error);
}

/** relay(client, upstream, readTimeout, writeTimeout, uploadRate, downloadRate, held): an id, or an errno, negated. */
napi_value relay(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* client = given.socket(0);
  Socket* upstream = given.socket(1);
  if (client == nullptr || upstream == nullptr || client == upstream) return makeInteger(env, -EBADF);
  if (client->state > State::peeking || upstream->state > State::peeking) return makeInteger(env, -EBUSY);
  const RelayLimits limits{static_cast<int64_t>(given.number(2)), static_cast<int64_t>(given.number(3)),
                           given.number(4), given.number(5)};
  return idValue(env, given.engine().relay(*client, *upstream, limits, given.flag(6)));
}

napi_value throttle(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  given.engine().touchClock();
  if (Relay* relay = given.relay(0)) relay->throttle(given.flag(1), given.number(2), given.number(3));
  return nothing();
}

/** start(relay): one that was held. */
napi_value start(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (Relay* relay = given.relay(0)) relay->start();
  return nothing();
}

/** limit(low): the id of a limit that is empty. */
napi_value limit(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return idValue(env, (new Limit(given.engine(), given.number(0)))->id);
}

/** draw(relay, upload, limit, soft) */
napi_value draw(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Relay* relay = given.relay(0);
  Limit* limit = given.limit(2);
  if (relay != nullptr && limit != nullptr) relay->draw(given.flag(1), *limit, given.flag(3));
  return nothing();
}

/** grant(limit, bytes) */
napi_value grant(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  given.engine().touchClock();
  if (Limit* limit = given.limit(0)) limit->grant(given.number(1));
  return nothing();
}

/** left(limit): 0 for one that is gone. */
napi_value left(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Limit* limit = given.limit(0);
  return makeNumber(env, limit == nullptr ? 0 : limit->left());
}

/** unlimit(limit): holds nobody back any more. */
napi_value unlimit(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  given.engine().touchClock();
  if (Limit* limit = given.limit(0)) limit->close();
  return nothing();
}

napi_value stop(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (Relay* relay = given.relay(0)) relay->stop(given.flag(1));
  return nothing();
}

/** bytes(id): the counters, in the numbers of the first record; false for a relay that has ended. */
napi_value bytes(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Relay* relay = given.relay(0);
  if (relay != nullptr) relay->count(given.instance->records->numbers);
  napi_value answer;
  napi_get_boolean(env, relay != nullptr, &answer);
  return answer;
}

napi_value textWithPort(napi_env env, const Arguments& given, int fd, bool local) {
  int port = 0;
  const std::string text = Engine::address(fd, local, port);
  given.instance->records->code = port;
  napi_value made;
  napi_create_string_utf8(env, text.data(), text.size(), &made);
  return made;
}

/** address(id, local): the text; the port is the first record's `code`. */
napi_value address(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Socket* socket = given.socket(0);
  return textWithPort(env, given, socket == nullptr ? -1 : socket->fd, given.flag(1));
}

/** bound(listener): the same, of a listener; empty for one that is bound to every address. */
napi_value bound(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Listener* listener = given.engine().listener(given.id(0));
  const bool known = listener != nullptr && !listener->wildcard;
  return textWithPort(env, given, known ? listener->fd : -1, true);
}

/** tally(): how often things happened, in the numbers of the first record. */
napi_value tally(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Tally& tally = given.engine().tally();
  double* numbers = given.instance->records->numbers;
  numbers[0] = static_cast<double>(tally.events);
  numbers[1] = static_cast<double>(tally.sockets);
  numbers[2] = static_cast<double>(tally.trims);
  numbers[3] = static_cast<double>(tally.spliced);
  return nothing();
}

/** leave(code): ends the process without waiting for its other threads. */
napi_value leave(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  _exit(static_cast<int>(given.number(0)));
}

napi_value initialize(napi_env env, napi_value exports) {
  Instance* instance = new Instance();
  instance->env = env;
  napi_add_async_cleanup_hook(env, cleanUp, instance, nullptr);
  const struct {
    const char* name;
    napi_callback call;
  } functions[] = {
      {"open", open},         {"take", take},     {"listen", listen},   {"unlisten", unlisten},
      {"look", look},         {"unlook", unlook}, {"skip", skip},       {"connect", connect},
      {"say", say},
      {"end", end},           {"reset", reset},   {"discard", discard}, {"alive", alive},
      {"held", held},         {"release", release}, {"relay", relay},   {"throttle", throttle},
      {"stop", stop},         {"bytes", bytes},   {"address", address}, {"bound", bound},
      {"tally", tally},       {"pair", pair},     {"start", start},     {"limit", limit},
      {"draw", draw},         {"grant", grant},   {"left", left},       {"unlimit", unlimit},
      {"leave", leave},
  };
  for (const auto& [name, call] : functions) define(env, exports, name, call, *instance);
  napi_value sources;
  napi_create_string_utf8(env, KONG_SOURCES, NAPI_AUTO_LENGTH, &sources);
  napi_set_named_property(env, exports, "sources", sources);
  extend(env, exports, *instance);
  return exports;
}

}  // namespace

}  // namespace kong

NAPI_MODULE_INIT() { return kong::initialize(env, exports); }
