#include "weights/https_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "graft/base/files.h"

namespace graft {
namespace {

struct Certificate {
  EVP_PKEY* key;
  X509* x509;
};

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Signed by the issuer, or by itself as an authority.
Certificate make_certificate(const char* name, const Certificate* issuer) {
  Certificate made{EVP_EC_gen("P-256"), X509_new()};
  X509_set_version(made.x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.x509), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(made.x509), -86400);
  X509_gmtime_adj(X509_getm_notAfter(made.x509), 86400);
  X509_set_pubkey(made.x509, made.key);
  X509_NAME* subject = X509_get_subject_name(made.x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(made.x509, issuer == nullptr ? subject : X509_get_subject_name(issuer->x509));
  X509* signer = issuer == nullptr ? made.x509 : issuer->x509;
  if (issuer == nullptr) add_extension(made.x509, signer, NID_basic_constraints, "critical,CA:TRUE");
  else add_extension(made.x509, signer, NID_subject_alt_name, "IP:127.0.0.1");
  X509_sign(made.x509, issuer == nullptr ? made.key : issuer->key, EVP_sha256());
  return made;
}

void free_certificate(const Certificate& certificate) {
  X509_free(certificate.x509);
  EVP_PKEY_free(certificate.key);
}

std::string pem(X509* certificate) {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  std::string copy(text, static_cast<std::size_t>(size));
  BIO_free(memory);
  return copy;
}

int bound_socket(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port on 127.0.0.1");
  port = ntohs(address.sin_port);
  return fd;
}

/// The value of a request's header; curl writes the names as here.
std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

void put(SSL* tls, std::string_view text) {
  if (!text.empty()) SSL_write(tls, text.data(), static_cast<int>(text.size()));
}

/// As a server of files does: 206 from the byte asked for, 416 behind the end.
void apply_range(Scripted& answer, const std::string& request) {
  const std::string range = header_of(request, "Range"), wanted = header_of(request, "If-Range");
  if (range.empty() || answer.status != 200 || !answer.ranges) return;
  bool same = wanted.empty();
  for (const std::string& header : answer.headers) same = same || header == "ETag: " + wanted;
  if (!same) return;
  const std::size_t begin = std::stoul(range.substr(6)), size = answer.body.size();  // "bytes=100-"
  answer.status = begin < size ? 206 : 416;
  const std::string part = begin < size ? std::to_string(begin) + "-" + std::to_string(size - 1) : "*";
  answer.headers.push_back("Content-Range: bytes " + part + "/" + std::to_string(size));
  answer.body = begin < size ? answer.body.substr(begin) : "";
}

}  // namespace

HttpsServer::HttpsServer() {
  std::signal(SIGPIPE, SIG_IGN);  // the client may leave while the server writes
  static std::atomic<int> servers = 0;
  const std::string name = "graft test authority " + std::to_string(++servers);
  const Certificate authority = make_certificate(name.c_str(), nullptr), own = make_certificate("graft test server", &authority);
  authority_ = pem(authority.x509);
  context_ = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(context_, own.x509);
  SSL_CTX_use_PrivateKey(context_, own.key);
  free_certificate(own);
  free_certificate(authority);
  listener_ = bound_socket(port_);
  if (::listen(listener_, 16) != 0) throw std::runtime_error("cannot listen on 127.0.0.1");
  thread_ = std::thread([this] { serve(); });
}

HttpsServer::~HttpsServer() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
  SSL_CTX_free(context_);
}

void HttpsServer::on(const std::string& path, std::vector<Scripted> answers) {
  const std::lock_guard lock(mutex_);
  script_[path] = std::move(answers);
}

std::string HttpsServer::url(const std::string& path, const std::string& host) const {
  return "https://" + host + ":" + std::to_string(port_) + path;
}

void HttpsServer::write_authority(const std::filesystem::path& path) const { write_file(path, authority_); }

std::vector<std::string> HttpsServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

Scripted HttpsServer::next(const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::vector<Scripted>& answers = script_[path];
  if (answers.empty()) return {.status = 404};
  Scripted answer = answers.front();
  if (answers.size() > 1) answers.erase(answers.begin());
  return answer;
}

void HttpsServer::serve() {
  for (;;) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection);
    ::close(connection);
  }
}

void HttpsServer::answer(int connection) {
  SSL* tls = SSL_new(context_);
  SSL_set_fd(tls, connection);
  std::string request;
  if (SSL_accept(tls) == 1) {
    char buffer[4096];
    for (int got = 1; got > 0 && request.find("\r\n\r\n") == std::string::npos;) {
      got = SSL_read(tls, buffer, sizeof buffer);
      if (got > 0) request.append(buffer, static_cast<std::size_t>(got));
    }
  }
  if (request.find("\r\n\r\n") != std::string::npos) {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);  // "GET /path HTTP/1.1"
    Scripted scripted = next(path);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    apply_range(scripted, request);
    std::string head = "HTTP/1.1 " + std::to_string(scripted.status) + " Scripted\r\nConnection: close\r\nContent-Length: ";
    head += (scripted.length.empty() ? std::to_string(scripted.body.size()) : scripted.length) + "\r\n";
    for (const std::string& header : scripted.headers) head += header + "\r\n";
    put(tls, head + "\r\n");
    put(tls, std::string_view(scripted.body).substr(0, scripted.send));
    char ignored = 0;
    if (scripted.stall) SSL_read(tls, &ignored, 1);  // returns when the client has gone
    else if (scripted.send == SIZE_MAX) SSL_shutdown(tls);
  }
  SSL_free(tls);
}

int closed_port() {
  int port = 0;
  ::close(bound_socket(port));
  return port;
}

Environment::Environment() {
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_DIR",
                           "SSL_CERT_FILE", "GRAFT_WEIGHTS_MIRROR", "GRAFT_HOME", "SSLKEYLOGFILE"})
    unset(name);
}

Environment::~Environment() {
  for (const auto& [name, value] : before_) {
    if (value.first) ::setenv(name.c_str(), value.second.c_str(), 1);
    else ::unsetenv(name.c_str());
  }
}

void Environment::keep(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  before_.try_emplace(name, value != nullptr, value == nullptr ? "" : value);
}

void Environment::set(const std::string& name, const std::string& value) {
  keep(name);
  ::setenv(name.c_str(), value.c_str(), 1);
}

void Environment::unset(const std::string& name) {
  keep(name);
  ::unsetenv(name.c_str());
}

}  // namespace graft
