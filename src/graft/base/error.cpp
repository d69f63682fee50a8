#include "graft/base/error.h"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <unistd.h>

namespace graft {
namespace {

volatile std::sig_atomic_t signals = 0;

void on_signal(int) {
  if (signals != 0) _exit(130);
  signals = 1;
}

std::string sentence(const std::string& subject, const std::string& fact, const std::string& hint) {
  std::string text = subject.empty() ? fact : subject + ": " + fact;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

}  // namespace

Error::Error(ErrorKind kind, std::string subject, std::string fact, std::string hint)
    : kind_(kind), subject_(std::move(subject)), fact_(std::move(fact)), hint_(std::move(hint)), text_(sentence(subject_, fact_, hint_)) {}

Error usage_error(std::string subject, std::string fact, std::string hint) {
  return {ErrorKind::usage, std::move(subject), std::move(fact), std::move(hint)};
}

Error data_error(std::string subject, std::string fact, std::string hint) {
  return {ErrorKind::data, std::move(subject), std::move(fact), std::move(hint)};
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return signals != 0; }

void check_interrupted() {
  if (interrupted()) throw Interrupted();
}

}  // namespace graft
