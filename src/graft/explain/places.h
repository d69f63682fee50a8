// Where in a network the parts of a picture can still be told apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "graft/graph/graph.h"

namespace graft::explain {

/// A value of (C, height, width), or of tokens (extra + height width, C): those that stand for places, row by row, behind `extra` others.
struct Places {
  std::size_t node = 0;
  int height = 0, width = 0, extra = 0;
  bool tokens = false;
  std::size_t channels = 0;

  std::size_t count() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width); }
  std::size_t numbers() const { return (count() + static_cast<std::size_t>(extra)) * channels; }
};

/// The last value that all of the answer is computed from and that has places; of tokens, the one before the last attention where a class token
/// gathers what they say: the input of the last block. Nothing where there is none, which `why_not` says.
std::optional<Places> last_places(const graph::Graph& graph, std::string& why_not);

/// The places of the tokens of a transformer; nothing where there are none, or several pictures become tokens.
std::optional<Places> token_places(const graph::Graph& graph, int64_t tokens);

}  // namespace graft::explain
