// One HTTPS request: TLS with the certificate and host name checked, redirects followed only to https://, proxies as
// https_proxy, no_proxy and their kin say, certificates of SSL_CERT_FILE and SSL_CERT_DIR when set. This uses libcurl,
// which is loaded at the first request: linking it would add 3 ms to every start of a program that downloads nothing.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "graft/base/files.h"

namespace graft::weights {

struct Answer {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case; of a header given twice the last

  std::string header(std::string_view name) const;  // empty when it is not there
};

/// The functions may throw: the transfer ends and send() throws the same.
struct Request {
  std::string url;
  std::vector<std::string> headers = {};              // "Accept: text/html"
  std::string range = {};                             // "100-": from that byte on
  std::chrono::seconds stall{30};                     // gives up if no connection is made or hardly anything (1 KiB/s) arrives for this long
  std::function<void(const Answer&)> on_answer = {};  // every answer, redirects too, before its body
  std::function<void(Bytes)> on_body = {};            // parts of the body of a 2xx answer
};

enum class Outcome {
  whole,        // a 2xx answer with all of its body
  refused,      // status 400 and above
  unreachable,  // no connection: name, route, proxy
  certificate,  // of the server or the CA file
  left_https,   // redirected to something else
  stalled,
  cut,      // the connection broke
  unusable  // anything else that will not improve at the next attempt
};

struct Response {
  Outcome outcome;
  Answer last;         // headers of the last answer
  std::string reason;  // of the failure, in libcurl's or the system's words
  std::chrono::seconds retry_after{0};
};

/// Sends a GET and passes on the answer. Throws what the request's functions throw, Interrupted after
/// Ctrl-C (within a second), Error (data) without a usable libcurl. May be called by several threads.
Response send(const Request& request);

/// "host" of "https://user@host:port/path"; empty when the address is not https.
std::string https_host(std::string_view url);

}  // namespace graft::weights
