// Where in a network the parts of a picture are still separate.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "graft/graph/graph.h"

namespace graft::explain {

/// A value of (C, height, width), or tokens (extra + height * width, C): those of the positions, row by row, after `extra` others.
struct Places {
  std::size_t node = 0;
  int height = 0, width = 0, extra = 0;
  bool tokens = false;
  std::size_t channels = 0;

  std::size_t count() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width); }
  std::size_t numbers() const { return (count() + static_cast<std::size_t>(extra)) * channels; }
};

/// The last value that has positions and from which the whole answer is computed; for tokens, the one before the last attention,
/// where a class token collects them: the input of the last block. Nothing if there is none; then `why_not` says why.
std::optional<Places> last_places(const graph::Graph& graph, std::string& why_not);

/// The positions of a transformer's tokens; nothing if it has none, or if several pictures become tokens.
std::optional<Places> token_places(const graph::Graph& graph, int64_t tokens);

}  // namespace graft::explain
