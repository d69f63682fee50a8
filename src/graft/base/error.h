// The one error type of graft. The library throws it and never prints or exits; `main` prints it once, or a server returns it once.
#pragma once

#include <exception>
#include <string>

namespace graft {

enum class ErrorKind {
  usage,  // the command line or a config file is wrong: exit code 2
  data,   // a file, an image or the machine is wrong: exit code 1
};

/// Reads "subject: fact; hint". The fact says what was found and what was expected, the hint what to do next (may be empty).
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string subject, std::string fact, std::string hint = {});

  ErrorKind kind() const { return kind_; }
  const std::string& subject() const { return subject_; }
  const std::string& fact() const { return fact_; }
  const std::string& hint() const { return hint_; }
  int exit_code() const { return kind_ == ErrorKind::usage ? 2 : 1; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  ErrorKind kind_;
  std::string subject_, fact_, hint_, text_;
};

Error usage_error(std::string subject, std::string fact, std::string hint = {});
Error data_error(std::string subject, std::string fact, std::string hint = {});

/// Thrown by check_interrupted() after Ctrl-C; undoes everything half-done, and `main` exits with 130. The text says what is left.
class Interrupted : public std::exception {
 public:
  explicit Interrupted(std::string left = "nothing half-written is left") : text_("interrupted; " + left) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// SIGINT and SIGTERM only set a flag (a second one ends the process at once); called by `main`, not by the library.
void catch_interrupts();
bool interrupted();
/// Throws Interrupted once the flag is set. Long loops call it every step.
void check_interrupted();

}  // namespace graft
