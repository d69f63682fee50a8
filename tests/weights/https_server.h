// A TLS server of the test's own on 127.0.0.1, with a certificate authority made for it in memory. It answers by script: no network is needed.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace graft {

struct Scripted {
  int status = 200;
  std::string body = {};
  std::vector<std::string> headers = {};  // "ETag: \"a\""
  std::size_t send = SIZE_MAX;            // bytes of the body, then the connection is cut
  bool stall = false;                     // not cut: nothing more comes until the client leaves
  bool ranges = true;                     // Range is answered by 206, unless If-Range is another ETag
  std::string length = {};                // said instead of the true Content-Length
};

class HttpsServer {
 public:
  HttpsServer();
  ~HttpsServer();
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;

  /// The answers to GET `path`, one after the other; the last one stays.
  void on(const std::string& path, std::vector<Scripted> answers);
  std::string url(const std::string& path, const std::string& host = "127.0.0.1") const;
  /// Certificate of the authority, for SSL_CERT_FILE.
  void write_authority(const std::filesystem::path& path) const;
  /// Whole requests so far, headers and all.
  std::vector<std::string> requests() const;

 private:
  void serve();
  void answer(int connection);
  Scripted next(const std::string& path);

  SSL_CTX* context_ = nullptr;
  std::string authority_;  // PEM
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Scripted>> script_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// A port of 127.0.0.1 that nobody listens on.
int closed_port();

/// Sets environment variables for a test, and back after it. Proxies of the machine are taken out of the way.
class Environment {
 public:
  Environment();
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  void set(const std::string& name, const std::string& value);
  void unset(const std::string& name);

 private:
  void keep(const std::string& name);
  std::map<std::string, std::pair<bool, std::string>> before_;
};

}  // namespace graft
