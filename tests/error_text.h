// What a call complains about, for comparing whole messages.
#pragma once

#include <string>

#include "graft/base/error.h"

namespace graft::test {

/// The text of the Error that `call` throws, "no error" when it throws none.
template <class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// "usage: <text>" or "data: <text>" of the Error that `call` throws, "no error" when it throws none.
template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return (error.kind() == ErrorKind::usage ? "usage: " : "data: ") + std::string(error.what());
  }
  return "no error";
}

}  // namespace graft::test
