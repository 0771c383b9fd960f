#include "session.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace kong {

namespace {

/**
 * Bytes that a peer may leave untaken, beyond what is relayed to it, before it counts as hostile: it could ask for new
 * keys again and again without ever reading the answers.
 */
constexpr size_t owedLimit = 512 * 1024;

bool isTransient(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

/** Pushes, closings and the like that OpenSSL asks of any BIO: there is nothing to be done for them. */
long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

/** The first of the server's protocols that the client speaks; none in common refuses the handshake. */
int onProtocols(SSL* ssl, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                unsigned int length, void*) {
  const auto* session = static_cast<const OpenSslTls*>(SSL_get_app_data(ssl));
  const std::string& own = session->options().protocols;
  if (own.empty()) return SSL_TLSEXT_ERR_NOACK;
  unsigned char* found = nullptr;
  const int answer = SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(own.data()),
                                           static_cast<unsigned>(own.size()), offered, length);
  *chosen = found;
  return answer == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/** The handshake goes on with whatever certificate there is: the verdict is asked for when it is over. */
int acceptAny(int, X509_STORE_CTX*) { return 1; }

/** OpenSSL has few of them: one for the whole process. */
int bioType() {
  static const int type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK;
  return type;
}

}  // namespace

Library::Library()
    : method_(BIO_meth_new(bioType(), "kong-ts socket")),
      staging_(new char[stagingSize]),
      ahead_(new char[aheadSize]) {
  BIO_meth_set_ctrl(method_, control);
  BIO_meth_set_read(method_, [](BIO* bio, char* into, int size) {
    return static_cast<OpenSslTls*>(BIO_get_data(bio))->receive(into, size);
  });
  BIO_meth_set_write(method_, [](BIO* bio, const char* data, int size) {
    return static_cast<OpenSslTls*>(BIO_get_data(bio))->stage(data, size);
  });
}

Library::~Library() { BIO_meth_free(method_); }

OpenSslTls::OpenSslTls(Library& library, std::shared_ptr<Context> context, Socket& socket, SessionOptions options)
    : library_(library), context_(std::move(context)), socket_(socket), options_(std::move(options)) {}

OpenSslTls::~OpenSslTls() { SSL_free(ssl_); }

std::unique_ptr<OpenSslTls> OpenSslTls::make(Library& library, std::shared_ptr<Context> context, Socket& socket,
                                             SessionOptions options) {
  SSL_CTX* shared = context->get();
  std::unique_ptr<OpenSslTls> made(new OpenSslTls(library, std::move(context), socket, std::move(options)));
  SSL* ssl = made->ssl_ = SSL_new(shared);
  BIO* bio = BIO_new(library.method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    ERR_clear_error();
    return nullptr;
  }
  BIO_set_data(bio, made.get());
  BIO_set_init(bio, 1);
  // One reference serves both ways.
  SSL_set_bio(ssl, bio, bio);
  SSL_set_app_data(ssl, made.get());
  const SessionOptions& asked = made->options_;
  const auto* protocols = reinterpret_cast<const unsigned char*>(asked.protocols.data());
  if (asked.server) {
    SSL_set_accept_state(ssl);
    if (asked.asks) {
      SSL_set_verify(ssl, SSL_VERIFY_PEER | (asked.insists ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), acceptAny);
    }
    if (!asked.protocols.empty()) SSL_CTX_set_alpn_select_cb(shared, onProtocols, nullptr);
  } else {
    SSL_set_connect_state(ssl);
    SSL_set_verify(ssl, asked.asks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, acceptAny);
    if (!asked.serverName.empty()) (void)SSL_set_tlsext_host_name(ssl, asked.serverName.c_str());
    if (!asked.protocols.empty()) {
      (void)SSL_set_alpn_protos(ssl, protocols, static_cast<unsigned>(asked.protocols.size()));
    }
  }
  ERR_clear_error();
  made->early_.swap(socket.bytes);
  return made;
}

int OpenSslTls::receive(char* into, int size) {
  BIO* bio = SSL_get_rbio(ssl_);
  BIO_clear_retry_flags(bio);
  if (!early_.empty()) {
    const size_t taken = std::min(early_.size(), static_cast<size_t>(size));
    std::memcpy(into, early_.data(), taken);
    early_.consume(taken);
    return static_cast<int>(taken);
  }
  if (!socket_.readable) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // A handshake asks for headers and bodies by turns: more is read at once, and kept.
  const auto wanted = static_cast<size_t>(size);
  const bool small = wanted < Library::aheadSize;
  char* const buffer = small ? library_.ahead() : into;
  const size_t room = small ? Library::aheadSize : wanted;
  ssize_t got;
  do {
    got = recv(socket_.fd, buffer, room, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && isTransient(errno)) {
    socket_.readable = false;
    BIO_set_retry_read(bio);
    return -1;
  }
  if (got < 0) error_ = errno;
  if (got == 0) ended_ = true;
  // See `Relay::copy`.
  if (got <= 0) return static_cast<int>(got);
  const auto length = static_cast<size_t>(got);
  if (length < room && !socket_.ending && !socket_.choppy) socket_.readable = false;
  const size_t taken = std::min(length, wanted);
  if (small) {
    std::memcpy(into, buffer, taken);
    early_.append(buffer + taken, length - taken);
  }
  return static_cast<int>(taken);
}

int OpenSslTls::stage(const char* data, int size) {
  BIO_clear_retry_flags(SSL_get_wbio(ssl_));
  const auto length = static_cast<size_t>(size);
  if (staged_ + length > Library::stagingSize) push();
  const size_t taken = std::min(length, Library::stagingSize);
  std::memcpy(library_.staging() + staged_, data, taken);
  staged_ += taken;
  return static_cast<int>(taken);
}

void OpenSslTls::push() {
  if (!held_.empty() && staged_ > 0) {
    held_.append(library_.staging(), std::exchange(staged_, 0));
    return letGo();
  }
  const char* data = library_.staging();
  size_t left = std::exchange(staged_, 0);
  while (left > 0 && unsent_.empty() && socket_.writable && error_ == 0) {
    const ssize_t sent = send(socket_.fd, data, left, flags());
    if (sent >= 0) {
      data += sent;
      left -= static_cast<size_t>(sent);
    } else if (isTransient(errno)) {
      socket_.writable = false;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  if (error_ == 0) unsent_.append(data, left);
}

void OpenSslTls::letGo() {
  unsent_.swap(held_);
  (void)flush();
}

bool OpenSslTls::flush() {
  while (!unsent_.empty() && socket_.writable && error_ == 0) {
    const ssize_t sent = send(socket_.fd, unsent_.data(), unsent_.size(), flags());
    if (sent >= 0) {
      unsent_.consume(static_cast<size_t>(sent));
    } else if (isTransient(errno)) {
      socket_.writable = false;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  if (error_ == 0) return true;
  errno = error_;
  return false;
}

int OpenSslTls::outcome(int answer, unsigned long& cause) {
  const int why = SSL_get_error(ssl_, answer);
  push();
  if (unsent_.size() > owedLimit) error_ = EPROTO;
  if (error_ != 0) {
    ERR_clear_error();
    return error_;
  }
  if (why == SSL_ERROR_WANT_READ && !ended_) return EAGAIN;
  if (why == SSL_ERROR_ZERO_RETURN || (ended_ && ERR_peek_error() == 0)) {
    ERR_clear_error();
    return 0;
  }
  cause = takeError();
  error_ = EPROTO;
  return EPROTO;
}

int32_t OpenSslTls::handshake() {
  ERR_clear_error();
  if (!flush()) return error_;
  const int answer = SSL_do_handshake(ssl_);
  if (answer == 1) {
    if (options_.server && SSL_version(ssl_) == TLS1_3_VERSION) {
      // Nothing but tickets (RFC 8446 section 4.6.1). With the first answer they cost no packet of their own.
      held_.append(library_.staging(), std::exchange(staged_, 0));
    } else {
      push();
    }
    if (error_ != 0) return error_;
    socket_.buffered = SSL_has_pending(ssl_) != 0 || !early_.empty();
    return 0;
  }
  unsigned long cause = 0;
  const int error = outcome(answer, cause);
  if (ended_ && (error == 0 || error == EPROTO)) return ENODATA;
  if (error == 0) return ENODATA;
  return error == EPROTO ? static_cast<int32_t>(std::max<unsigned long>(cause & INT32_MAX, libraryErrors)) : error;
}

ssize_t OpenSslTls::read(char* into, size_t size) {
  size_t filled = 0;
  ERR_clear_error();
  socket_.buffered = false;
  while (filled < size) {
    size_t got = 0;
    const int answer = SSL_read_ex(ssl_, into + filled, size - filled, &got);
    if (answer == 1) {
      filled += got;
      if (socket_.readable || !early_.empty() || SSL_has_pending(ssl_)) continue;
      push();
      return static_cast<ssize_t>(filled);
    }
    unsigned long cause = 0;
    const int error = outcome(answer, cause);
    if (filled > 0) {
      // The end, or what broke it, is met again by the next read.
      socket_.buffered = error != EAGAIN;
      return static_cast<ssize_t>(filled);
    }
    errno = error;
    return error == 0 ? 0 : -1;
  }
  push();
  socket_.buffered = !early_.empty() || SSL_has_pending(ssl_);
  return static_cast<ssize_t>(filled);
}

ssize_t OpenSslTls::write(const char* data, size_t size) {
  const bool isSealed = seal(data, size);
  push();
  if (error_ == 0 && isSealed) return static_cast<ssize_t>(size);
  errno = error_ != 0 ? error_ : EPROTO;
  return -1;
}

ssize_t OpenSslTls::writeLast(const char* data, size_t size) {
  const bool isSealed = seal(data, size);
  close();
  if (error_ == 0 && isSealed) return static_cast<ssize_t>(size);
  errno = error_ != 0 ? error_ : EPROTO;
  return -1;
}

bool OpenSslTls::seal(const char* data, size_t size) {
  ERR_clear_error();
  size_t written = 0;
  const bool isSealed = SSL_write_ex(ssl_, data, size, &written) == 1;
  if (!isSealed) ERR_clear_error();
  return isSealed;
}

int OpenSslTls::flags() const { return MSG_NOSIGNAL | MSG_DONTWAIT | (closed_ ? MSG_MORE : 0); }

void OpenSslTls::close() {
  closed_ = true;
  ERR_clear_error();
  // What is to be said before it was said; the peer's own close_notify may come as late as it likes.
  if (SSL_is_init_finished(ssl_)) (void)SSL_shutdown(ssl_);
  ERR_clear_error();
  push();
}

void OpenSslTls::finish(Bytes& last) {
  if (!last.empty()) (void)write(last.data(), last.size());
  if (!closed_) close();
  last.clear();
  last.swap(unsent_);
}

}  // namespace kong
