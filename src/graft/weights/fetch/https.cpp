#include "graft/weights/fetch/https.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::weights {
namespace {

struct Curl {
  decltype(&::curl_easy_init) init;
  decltype(&::curl_easy_cleanup) cleanup;
  decltype(&::curl_easy_setopt) set;
  decltype(&::curl_easy_getinfo) get;
  decltype(&::curl_easy_perform) perform;
  decltype(&::curl_easy_strerror) text;
  decltype(&::curl_slist_append) append;
  decltype(&::curl_slist_free_all) free_list;
};

Error no_libcurl(const std::string& fact) {
  return data_error("libcurl", fact, "downloads need libcurl 7.85 or later; on Debian: apt-get install libcurl4");
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function == nullptr) throw no_libcurl(std::string("has no ") + name);
}

Curl load_curl() {
  void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);  // stays until the program ends
  if (library == nullptr) throw no_libcurl(std::string("cannot be loaded: ") + ::dlerror());
  Curl curl{};
  decltype(&::curl_global_init) global_init = nullptr;
  find(library, "curl_global_init", global_init);
  find(library, "curl_easy_init", curl.init);
  find(library, "curl_easy_cleanup", curl.cleanup);
  find(library, "curl_easy_setopt", curl.set);
  find(library, "curl_easy_getinfo", curl.get);
  find(library, "curl_easy_perform", curl.perform);
  find(library, "curl_easy_strerror", curl.text);
  find(library, "curl_slist_append", curl.append);
  find(library, "curl_slist_free_all", curl.free_list);
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw no_libcurl("cannot be started");
  return curl;
}

const Curl& curl() {
  static const Curl loaded = load_curl();
  return loaded;
}

/// What libcurl's callbacks share. Exceptions must not pass through its C code: they are kept and thrown after it.
struct Transfer {
  const Request& request;
  Answer answer;
  std::exception_ptr thrown = {};

  template <class Call>
  bool kept(Call&& call) noexcept {
    try {
      call();
    } catch (...) {
      thrown = std::current_exception();
    }
    return !thrown;
  }
  void header_line(std::string_view line);
};

void Transfer::header_line(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    answer = {};
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) std::from_chars(line.data() + space + 1, line.data() + line.size(), answer.status);
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    answer.headers[lower(line.substr(0, colon))] = trim(line.substr(colon + 1));
  } else if (trim(line).empty() && answer.status >= 200 && request.on_answer) {
    request.on_answer(answer);
  }
}

std::size_t on_header(const char* data, std::size_t size, std::size_t count, void* transfer) {
  auto& t = *static_cast<Transfer*>(transfer);
  return t.kept([&] { t.header_line({data, size * count}); }) ? size * count : 0;
}

std::size_t on_body(const char* data, std::size_t size, std::size_t count, void* transfer) {
  auto& t = *static_cast<Transfer*>(transfer);
  const bool wanted = t.answer.status < 300 && t.request.on_body;
  if (size * count == 0) return 0;
  return !wanted || t.kept([&] { t.request.on_body(as_bytes({data, size * count})); }) ? size * count : 0;
}

int on_progress(void* transfer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(transfer)->kept([] { check_interrupted(); }) ? 0 : 1;
}

struct Handle {
  CURL* easy = curl().init();
  curl_slist* headers = nullptr;
  std::array<char, CURL_ERROR_SIZE> reason{};
  Handle() = default;
  ~Handle() {
    curl().cleanup(easy);
    curl().free_list(headers);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  /// A setting that libcurl does not take would leave a check out, so none may fail.
  template <class Value>
  void set(CURLoption option, Value value) {
    if (const CURLcode code = curl().set(easy, option, value); code != CURLE_OK)
      throw no_libcurl(fmt::format("does not take option {}: {}", static_cast<int>(option), curl().text(code)));
  }
};

void prepare(Handle& h, Transfer& transfer) {
  const Request& request = transfer.request;
  if (h.easy == nullptr) throw no_libcurl("cannot make a request");
  h.set(CURLOPT_ERRORBUFFER, h.reason.data());
  h.set(CURLOPT_URL, request.url.c_str());
  h.set(CURLOPT_PROTOCOLS_STR, "https");
  h.set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  h.set(CURLOPT_FOLLOWLOCATION, 1L);
  h.set(CURLOPT_MAXREDIRS, 10L);
  h.set(CURLOPT_SSL_VERIFYPEER, 1L);
  h.set(CURLOPT_SSL_VERIFYHOST, 2L);
  h.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  h.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  h.set(CURLOPT_FAILONERROR, 1L);
  h.set(CURLOPT_USERAGENT, "graft");
  h.set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.stall.count()));
  h.set(CURLOPT_LOW_SPEED_LIMIT, 1024L);
  h.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall.count()));
  if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0') h.set(CURLOPT_CAINFO, file);
  if (const char* folder = std::getenv("SSL_CERT_DIR"); folder != nullptr && *folder != '\0') h.set(CURLOPT_CAPATH, folder);
  if (!request.range.empty()) h.set(CURLOPT_RANGE, request.range.c_str());
  for (const std::string& header : request.headers) h.headers = curl().append(h.headers, header.c_str());
  h.set(CURLOPT_HTTPHEADER, h.headers);
  h.set(CURLOPT_HEADERFUNCTION, &on_header);
  h.set(CURLOPT_HEADERDATA, &transfer);
  h.set(CURLOPT_WRITEFUNCTION, &on_body);
  h.set(CURLOPT_WRITEDATA, &transfer);
  h.set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  h.set(CURLOPT_XFERINFODATA, &transfer);
  h.set(CURLOPT_NOPROGRESS, 0L);
}

Outcome outcome_of(CURLcode code) {
  switch (code) {
    case CURLE_OK: return Outcome::whole;
    case CURLE_HTTP_RETURNED_ERROR: return Outcome::refused;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY: return Outcome::unreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return Outcome::certificate;
    case CURLE_UNSUPPORTED_PROTOCOL: return Outcome::left_https;
    case CURLE_OPERATION_TIMEDOUT: return Outcome::stalled;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return Outcome::cut;
    default: return Outcome::unusable;
  }
}

/// libcurl's own sentence tells how many milliseconds a refused connection took; the system's reason is the same every time.
std::string reason_of(const Handle& h, CURLcode code) {
  long number = 0;
  curl().get(h.easy, CURLINFO_OS_ERRNO, &number);
  if (code == CURLE_COULDNT_CONNECT && number != 0) return std::strerror(static_cast<int>(number));
  return printable(h.reason[0] != '\0' ? h.reason.data() : curl().text(code));
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Response send(const Request& request) {
  Transfer transfer{request, {}};
  Handle h;
  prepare(h, transfer);
  const CURLcode code = curl().perform(h.easy);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  Response response{outcome_of(code), std::move(transfer.answer), {}};
  if (code != CURLE_OK) response.reason = reason_of(h, code);
  curl_off_t seconds = 0;
  if (curl().get(h.easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK) response.retry_after = std::chrono::seconds(seconds);
  long proxy_status = 0;
  if (curl().get(h.easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status) == CURLE_OK && proxy_status >= 400) {
    response.outcome = Outcome::unreachable;
    response.reason = fmt::format("the proxy answers {}", proxy_status);
  }
  return response;
}

std::string https_host(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (lower(url.substr(0, kScheme.size())) != kScheme) return {};
  url.remove_prefix(kScheme.size());
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  if (url.starts_with('[')) return std::string(url.substr(0, url.find(']') + 1));
  return std::string(url.substr(0, url.find(':')));
}

}  // namespace graft::weights
