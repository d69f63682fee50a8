// How a vision transformer cuts its picture into patches, and the same network on fewer of them.
#pragma once

#include <cstdint>

#include "graft/graph/graph.h"

namespace graft::graph {

/// A stage of positions that do not train.
inline constexpr const char* kFixedPositions = "fixed positions";

struct Patches {
  std::size_t embedded;   // node: a token for each patch, with its position
  std::size_t last;       // node: the last that has every token
  int64_t side;           // of a patch, in pixels
  int64_t rows, columns;  // of patches
  int64_t before;         // tokens before those of the patches: 1 with a class token, else 0
  int64_t count() const { return rows * columns; }
};

/// Of a graph that gives a vector. Error (usage) if it is no vision transformer: one whose patches do not overlap, and whose tokens get their
/// positions once, before anything else.
Patches patches_of(const Graph& graph);

/// A graph whose input is tokens, (T, C), for another number of them. Error (usage) if it depends on that number.
Graph with_tokens(Graph graph, int64_t tokens);

}  // namespace graft::graph
