#include "context.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <cstring>
#include <memory>

namespace kong {

namespace {

template <typename T, void (*release)(T*)>
struct Release {
  void operator()(T* item) const { release(item); }
};

using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;

struct Text {
  explicit Text(const std::string& text)
      : bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))) {}
  ~Text() { BIO_free(bio); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  BIO* bio;
};

/** A key that is encrypted cannot be used; without this OpenSSL would ask the terminal. */
int noPassword(char*, int, int, void*) { return 0; }

/** What reading PEM comes to when there is no more; it says so by an error. */
bool isAtEnd() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

/** Fetched once: to look it up by its name costs as much as to seal a ticket. */
const EVP_CIPHER* ticketCipher() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
  return cipher;
}

/** As Node seals tickets (RFC 5077 section 4): AES-128-CBC and HMAC-SHA256. */
int onTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
             int seals) {
  const auto* keys = static_cast<const TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (keys == nullptr) return -1;
  if (seals) {
    std::memcpy(name, keys->name, sizeof keys->name);
    if (RAND_bytes(iv, 16) <= 0) return -1;
  } else if (CRYPTO_memcmp(name, keys->name, sizeof keys->name) != 0) {
    // Somebody else's, or one of keys that were replaced: a full handshake follows.
    return 0;
  }
  char digest[] = "SHA256";
  unsigned char hmac[sizeof keys->hmac];
  std::memcpy(hmac, keys->hmac, sizeof hmac);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, hmac, sizeof hmac),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  const bool ready = EVP_CipherInit_ex(cipher, ticketCipher(), nullptr, keys->aes, iv, seals) > 0 &&
                     EVP_MAC_CTX_set_params(mac, parameters) > 0;
  OPENSSL_cleanse(hmac, sizeof hmac);
  return ready ? 1 : -1;
}

}  // namespace

unsigned long takeError() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  // Nothing fails without a reason; a reason that was not left behind is told as one that has no words.
  return error != 0 ? error : ERR_PACK(ERR_LIB_SSL, 0, ERR_R_INTERNAL_ERROR);
}

Context::~Context() {
  SSL_CTX_free(context_);
  OPENSSL_cleanse(&keys_, sizeof keys_);
}

unsigned long Context::prepare(const Policy& policy) {
  ERR_clear_error();
  SSL_CTX_set_options(context_, SSL_OP_NO_SSLv3 | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                    policy.options);
  // Without authorities there is nothing to complete a chain with, and each handshake would look for it.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(context_, 1);
  // A client that resumes gets the next one: a second costs as much again, and is thrown away by nearly all.
  SSL_CTX_set_num_tickets(context_, 1);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_SERVER |
                                               SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR);
  if (SSL_CTX_set_min_proto_version(context_, policy.minVersion) != 1 ||
      SSL_CTX_set_max_proto_version(context_, policy.maxVersion) != 1) {
    return takeError();
  }
  if (!policy.suites.empty() && SSL_CTX_set_ciphersuites(context_, policy.suites.c_str()) != 1) return takeError();
  if (!policy.ciphers.empty() && SSL_CTX_set_cipher_list(context_, policy.ciphers.c_str()) != 1) return takeError();
  if (policy.dhAuto && SSL_CTX_set_dh_auto(context_, 1) != 1) return takeError();
  ERR_clear_error();
  return 0;
}

unsigned long Context::present(const std::string& chain, const std::string& key) {
  ERR_clear_error();
  const Text chainText(chain);
  const Certificate leaf(PEM_read_bio_X509_AUX(chainText.bio, nullptr, noPassword, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context_, leaf.get()) != 1) return takeError();
  SSL_CTX_clear_chain_certs(context_);
  while (const Certificate above{PEM_read_bio_X509(chainText.bio, nullptr, noPassword, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context_, above.get()) != 1) return takeError();
  }
  if (!isAtEnd()) return takeError();
  ERR_clear_error();
  const Text keyText(key);
  const Key privateKey(PEM_read_bio_PrivateKey(keyText.bio, nullptr, noPassword, nullptr));
  if (!privateKey || SSL_CTX_use_PrivateKey(context_, privateKey.get()) != 1) return takeError();
  if (SSL_CTX_check_private_key(context_) != 1) return takeError();
  ERR_clear_error();
  return 0;
}

unsigned long Context::trust(const std::string& certificates, bool partial) {
  ERR_clear_error();
  const Text text(certificates);
  SSL_CTX_clear_mode(context_, SSL_MODE_NO_AUTO_CHAIN);
  X509_STORE* store = SSL_CTX_get_cert_store(context_);
  if (partial && X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1) return takeError();
  while (const Certificate authority{PEM_read_bio_X509(text.bio, nullptr, noPassword, nullptr)}) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) return takeError();
    if (SSL_CTX_add_client_CA(context_, authority.get()) != 1) return takeError();
  }
  if (!isAtEnd()) return takeError();
  ERR_clear_error();
  return 0;
}

unsigned long Context::resume(const TicketKeys& keys, const std::string& idContext, long seconds) {
  ERR_clear_error();
  keys_ = keys;
  SSL_CTX_set_app_data(context_, &keys_);
  SSL_CTX_set_timeout(context_, seconds);
  const auto* id = reinterpret_cast<const unsigned char*>(idContext.data());
  if (SSL_CTX_set_session_id_context(context_, id, static_cast<unsigned>(idContext.size())) != 1 ||
      SSL_CTX_set_tlsext_ticket_key_evp_cb(context_, onTicket) != 1) {
    return takeError();
  }
  return 0;
}

}  // namespace kong
