// What JavaScript sees of TLS. `tls.ts` says what each function means.
#include "../extension.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/opensslv.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>

#include "session.h"

namespace kong {

namespace {

struct TlsExtension final : Extension {
  Library library;
};

/** Tells an external of ours from anybody else's. */
constexpr napi_type_tag contextTag = {0x6b6f6e672d747354, 0x6c73436f6e746578};

using Shared = std::shared_ptr<Context>;

std::string longText(napi_env env, napi_value value) {
  size_t size = 0;
  if (value == nullptr || napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok) return {};
  std::string text(size, '\0');
  napi_get_value_string_utf8(env, value, text.data(), size + 1, &size);
  return text;
}

/** Each character a byte. */
std::string byteText(napi_env env, napi_value value) {
  size_t size = 0;
  if (value == nullptr || napi_get_value_string_latin1(env, value, nullptr, 0, &size) != napi_ok) return {};
  std::string text(size, '\0');
  napi_get_value_string_latin1(env, value, text.data(), size + 1, &size);
  return text;
}

/** Null for what is no context. */
Shared* contextOf(napi_env env, napi_value value) {
  bool ours = false;
  void* data = nullptr;
  if (value == nullptr || napi_check_object_type_tag(env, value, &contextTag, &ours) != napi_ok || !ours) {
    return nullptr;
  }
  napi_get_value_external(env, value, &data);
  return static_cast<Shared*>(data);
}

napi_value makeText(napi_env env, const std::string& text) {
  napi_value made;
  napi_create_string_utf8(env, text.data(), text.size(), &made);
  return made;
}

napi_value errorValue(napi_env env, unsigned long error) { return makeNumber(env, static_cast<double>(error)); }

/** context(minVersion, maxVersion, options, dhAuto, ciphers, suites): a context, or an error. */
napi_value context(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Policy policy{given.integer(0),
                      given.integer(1),
                      static_cast<uint64_t>(given.number(2)),
                      given.flag(3),
                      longText(env, given.value(4)),
                      longText(env, given.value(5))};
  ERR_clear_error();
  SSL_CTX* made = SSL_CTX_new(TLS_method());
  if (made == nullptr) return errorValue(env, takeError());
  auto shared = std::make_unique<Shared>(std::make_shared<Context>(made));
  if (const unsigned long error = (*shared)->prepare(policy)) return errorValue(env, error);
  const auto release = [](napi_env, void* data, void*) { delete static_cast<Shared*>(data); };
  napi_value external = nullptr;
  if (napi_create_external(env, shared.get(), release, nullptr, &external) != napi_ok) return nothing();
  shared.release();
  napi_type_tag_object(env, external, &contextTag);
  return external;
}

/** present(context, chain, key): an error, or 0. */
napi_value present(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Shared* shared = contextOf(env, given.value(0));
  if (shared == nullptr) return nothing();
  std::string key = longText(env, given.value(2));
  const unsigned long error = (*shared)->present(longText(env, given.value(1)), key);
  OPENSSL_cleanse(key.data(), key.size());
  return errorValue(env, error);
}

/** trust(context, certificates, partial): an error, or 0. */
napi_value trust(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Shared* shared = contextOf(env, given.value(0));
  if (shared == nullptr) return nothing();
  return errorValue(env, (*shared)->trust(longText(env, given.value(1)), given.flag(2)));
}

/** resume(context, ticketKeys, idContext, seconds): an error, or 0. */
napi_value resume(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Shared* shared = contextOf(env, given.value(0));
  void* data = nullptr;
  size_t size = 0;
  TicketKeys keys;
  if (shared == nullptr || napi_get_buffer_info(env, given.value(1), &data, &size) != napi_ok ||
      size != sizeof keys) {
    return nothing();
  }
  std::memcpy(&keys, data, sizeof keys);
  const auto seconds = static_cast<long>(given.number(3));
  const unsigned long error = (*shared)->resume(keys, longText(env, given.value(2)), seconds);
  OPENSSL_cleanse(&keys, sizeof keys);
  return errorValue(env, error);
}

/** secure(socket, context, server, asks, insists, protocols, serverName, patience): 0, or an errno, negated. */
napi_value secure(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Socket* socket = given.socket(0);
  const Shared* shared = contextOf(env, given.value(1));
  if (socket == nullptr || shared == nullptr) return makeInteger(env, -EBADF);
  if (socket->state > State::peeking || socket->tls) return makeInteger(env, -EBUSY);
  SessionOptions options{given.flag(2), given.flag(3), given.flag(4), byteText(env, given.value(5)),
                         longText(env, given.value(6))};
  auto& extension = static_cast<TlsExtension&>(*given.instance->extension);
  auto session = OpenSslTls::make(extension.library, *shared, *socket, std::move(options));
  if (!session) return makeInteger(env, -ENOMEM);
  given.engine().secure(*socket, std::move(session), static_cast<int64_t>(given.number(7)));
  return makeInteger(env, 0);
}

/** Null for a socket that is gone, or is not encrypted. */
SSL* sessionOf(const Arguments& given) {
  const Socket* socket = given.socket(0);
  return socket != nullptr && socket->tls ? static_cast<const OpenSslTls*>(socket->tls.get())->ssl() : nullptr;
}

/**
 * facts(socket): version, cipher, server name, protocol, and something where a session was resumed, with a NUL between
 * each; none of them can hold one.
 */
napi_value facts(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const SSL* ssl = sessionOf(given);
  if (ssl == nullptr) return makeText(env, "");
  const char* cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  std::string text(SSL_get_version(ssl));
  text.append(1, '\0').append(cipher == nullptr ? "" : cipher);
  text.append(1, '\0').append(name == nullptr ? "" : name).append(1, '\0');
  if (size > 0) text.append(reinterpret_cast<const char*>(protocol), size);
  text.append(1, '\0').append(SSL_session_reused(ssl) ? "resumed" : "");
  return makeText(env, text);
}

/** peer(socket): the certificate of the peer, DER; empty: it sent none. */
napi_value peer(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const SSL* ssl = sessionOf(given);
  X509* certificate = ssl == nullptr ? nullptr : SSL_get1_peer_certificate(ssl);
  unsigned char* data = nullptr;
  const int size = certificate == nullptr ? 0 : i2d_X509(certificate, &data);
  napi_value bytes;
  napi_create_buffer_copy(env, size > 0 ? static_cast<size_t>(size) : 0, size > 0 ? static_cast<const void*>(data) : "", nullptr, &bytes);
  OPENSSL_free(data);
  X509_free(certificate);
  return bytes;
}

/** chain(socket): what a client sent after its certificate, DER, one after the other; empty: nothing. */
napi_value chain(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const SSL* ssl = sessionOf(given);
  const STACK_OF(X509)* sent = ssl == nullptr ? nullptr : SSL_get_peer_cert_chain(ssl);
  std::string bytes;
  for (int at = 0; sent != nullptr && at < sk_X509_num(sent); ++at) {
    unsigned char* data = nullptr;
    const int size = i2d_X509(sk_X509_value(sent, at), &data);
    if (size > 0) bytes.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
    OPENSSL_free(data);
  }
  napi_value value;
  napi_create_buffer_copy(env, bytes.size(), bytes.data(), nullptr, &value);
  return value;
}

/** Words for the verdict on a chain, as Node has them. */
const char* verdictName(long verdict) {
  switch (verdict) {
    case X509_V_OK:
      return "";
#define VERDICT(name) \
  case X509_V_ERR_##name: \
    return #name;
    VERDICT(UNABLE_TO_GET_ISSUER_CERT)
    VERDICT(UNABLE_TO_GET_CRL)
    VERDICT(UNABLE_TO_DECRYPT_CERT_SIGNATURE)
    VERDICT(UNABLE_TO_DECRYPT_CRL_SIGNATURE)
    VERDICT(UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY)
    VERDICT(CERT_SIGNATURE_FAILURE)
    VERDICT(CRL_SIGNATURE_FAILURE)
    VERDICT(CERT_NOT_YET_VALID)
    VERDICT(CERT_HAS_EXPIRED)
    VERDICT(CRL_NOT_YET_VALID)
    VERDICT(CRL_HAS_EXPIRED)
    VERDICT(ERROR_IN_CERT_NOT_BEFORE_FIELD)
    VERDICT(ERROR_IN_CERT_NOT_AFTER_FIELD)
    VERDICT(ERROR_IN_CRL_LAST_UPDATE_FIELD)
    VERDICT(ERROR_IN_CRL_NEXT_UPDATE_FIELD)
    VERDICT(OUT_OF_MEM)
    VERDICT(DEPTH_ZERO_SELF_SIGNED_CERT)
    VERDICT(SELF_SIGNED_CERT_IN_CHAIN)
    VERDICT(UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
    VERDICT(UNABLE_TO_VERIFY_LEAF_SIGNATURE)
    VERDICT(CERT_CHAIN_TOO_LONG)
    VERDICT(CERT_REVOKED)
    VERDICT(INVALID_CA)
    VERDICT(PATH_LENGTH_EXCEEDED)
    VERDICT(INVALID_PURPOSE)
    VERDICT(CERT_UNTRUSTED)
    VERDICT(CERT_REJECTED)
    VERDICT(HOSTNAME_MISMATCH)
#undef VERDICT
    default:
      return "UNSPECIFIED";
  }
}

/** verdict(socket): why the peer's chain is refused; empty: it is trusted. */
napi_value verdict(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const SSL* ssl = sessionOf(given);
  return makeText(env, verdictName(ssl == nullptr ? X509_V_ERR_UNSPECIFIED : SSL_get_verify_result(ssl)));
}

/** depth(socket): certificates between the peer's and the trust anchor. */
napi_value depth(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const SSL* ssl = sessionOf(given);
  const STACK_OF(X509)* chain = ssl == nullptr ? nullptr : SSL_get0_verified_chain(ssl);
  const int length = chain == nullptr ? 0 : sk_X509_num(chain);
  return makeInteger(env, length > 2 ? length - 2 : 0);
}

/** reason(error): OpenSSL's words for one of its errors. */
napi_value reason(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const char* words = ERR_reason_error_string(static_cast<unsigned long>(given.number(0)));
  return makeText(env, words == nullptr ? "the TLS library failed" : words);
}

/** Structures and numbers of one major version are the same; a smaller minor one may lack something. */
bool isCompatible() {
  const unsigned long version = OpenSSL_version_num();
  return version >> 28 == OPENSSL_VERSION_MAJOR && (version >> 20 & 0xff) >= OPENSSL_VERSION_MINOR;
}

}  // namespace

void extend(napi_env env, napi_value exports, Instance& instance) {
  if (!isCompatible()) {
    napi_throw_error(env, nullptr, "it was built for another version of OpenSSL (" OPENSSL_VERSION_STR ")");
    return;
  }
  instance.extension = std::make_unique<TlsExtension>();
  napi_value tls;
  napi_create_object(env, &tls);
  const struct {
    const char* name;
    napi_callback call;
  } functions[] = {
      {"context", context}, {"present", present}, {"trust", trust},     {"resume", resume}, {"secure", secure},
      {"facts", facts},     {"peer", peer},       {"verdict", verdict}, {"depth", depth},   {"reason", reason},
      {"chain", chain},
  };
  for (const auto& [name, call] : functions) define(env, tls, name, call, instance);
  napi_set_named_property(env, exports, "tls", tls);
}

}  // namespace kong
