// A decoder's library that is loaded when the first file of its format is
// met: a program that reads only JPEG never loads it, and works without it.
#pragma once

#include <dlfcn.h>
#include <fmt/format.h>

#include "graft/image/formats.h"

namespace graft::image {

class Library {
 public:
  /// `package`: of Debian. The library stays open until the program ends. Error of the photo that needs it when it cannot be opened.
  Library(const Source& source, const char* file, const char* format, const char* package)
      : source_(source), file_(file), format_(format), package_(package), handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) refuse("cannot be opened");
  }

  template <class Function>
  void find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
    if (function == nullptr) refuse(fmt::format("has no {}", name));
  }

 private:
  [[noreturn]] void refuse(const std::string& fact) const {
    fail(source_, fmt::format("{} is read by {}, which {} (on Debian: apt-get install {})", format_, file_, fact, package_));
  }

  const Source& source_;
  const char *file_, *format_, *package_;
  void* handle_;
};

}  // namespace graft::image
