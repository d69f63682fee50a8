// Approximate search in large tables: a graph of similar rows that the search
// walks. Hierarchical navigable small worlds, Malkov and Yashunin 2018 (hnswlib).
//
// Rows are inserted one by one with levels from a fixed seed, so the same features give the same graph. It holds no copy of the features, only the
// links: some 110 bytes a row in memory and on disk. The file: "grafthn1", stamp and hash of the features (16 bytes each), rows (u64), the entry row and
// its level (u32 each), 1 / length of each row (float32), for each row its level (u32) and for level 0 to this one count and neighbours (u32), XXH3-128
// of all before. It is derived from the features, so a file that is damaged or belongs to other features is not an error: the graph is built again.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/thread_pool.h"
#include "graft/search/nearest.h"
#include "graft/search/table.h"

namespace graft::search {

/// What a graph belongs to.
struct Features {
  Hash128 stamp;  // hash of their file's size and modification time: if it is equal, the features need not be read
  Hash128 hash;   // of the numbers themselves
  bool operator==(const Features&) const = default;
};
Features features_of(const std::filesystem::path& index, const Table& table);

class NeighbourGraph {
 public:
  /// `advance` is called with the number of rows just inserted. Keeps the table alive. Error (data) named `name` for rows that are not finite.
  static NeighbourGraph build(const Table& table, ThreadPool& pool, std::string_view name, const std::function<void(std::size_t)>& advance = {});
  /// From the bytes that to_bytes() gave for this very table, which the caller
  /// knows by features_in(); nothing if the bytes are not valid, whatever they are.
  static std::optional<NeighbourGraph> from_bytes(Bytes bytes, const Table& table);
  std::vector<std::byte> to_bytes(const Features& features) const;
  static std::optional<Features> features_in(Bytes bytes);

  /// Like nearest(), but a few of the rows may not be the most similar ones. Does not depend on the number of threads.
  std::vector<std::vector<Match>> nearest(std::span<const float> queries, std::size_t top, ThreadPool& pool) const;

  ~NeighbourGraph();
  NeighbourGraph(NeighbourGraph&&) noexcept;
  NeighbourGraph& operator=(NeighbourGraph&&) noexcept;

 private:
  struct Graph;
  explicit NeighbourGraph(std::unique_ptr<Graph> graph);
  std::unique_ptr<Graph> graph_;
};

/// The graph from `index`.hnsw if it fits the table, which was read from `index`; otherwise it is built and written there.
/// If the folder cannot be written, the next search has to build it again. `begin` is called if it has to be built.
NeighbourGraph open_graph(const std::filesystem::path& index, const Table& table, ThreadPool& pool, std::string_view name,
                          const std::function<std::function<void(std::size_t)>()>& begin);

}  // namespace graft::search
