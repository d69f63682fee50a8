// How the program reports errors: on standard error, so that standard output has only results. A line "graft: text" for people; with --json a line
// {"error": {"kind", "subject", "fact", "hint", "message", "exit_code"}}, where kind is usage, data, interrupted, memory or internal and `message`
// is the text for people. Notes and progress stand there, too, unless --quiet is given; the line of an error is the one that begins with {"error".
#pragma once

#include <exception>
#include <span>
#include <string>

#include "graft/base/error.h"

namespace graft::cli {

/// From now on, JSON or text.
void fail_in_json(bool json);

/// Whether --json is among the words, for errors before the words are read.
bool asks_for_json(std::span<const std::string> words);

/// Reports the error and returns the exit code of the program.
int fail(const Error& error);
int fail(const Interrupted& interrupted);
int fail_for_memory();
int fail_unexpectedly(const std::exception& error);

}  // namespace graft::cli
