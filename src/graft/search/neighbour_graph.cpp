#include "graft/search/neighbour_graph.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

// Without its vector code, which is not used here (distance() is ours) and prefetches from one place behind the end of a list.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include "graft/base/error.h"
#include "graft/search/dot_table.h"

namespace graft::search {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kNeighbours = 16;   // of a row on the upper levels, twice as many on the lowest
constexpr std::size_t kBuildWidth = 100;  // candidates kept while a row is inserted
constexpr std::size_t kSearchWidth = 200;
constexpr std::size_t kSeed = 100;
constexpr std::string_view kMagic = "grafthn1";
constexpr uint32_t kMostLevels = 64;

/// What hnswlib keeps of a row: where it is, instead of a copy.
struct Place {
  const float* values;
  float inverse_length;
};

struct Measure {
  Dot dot;
  std::size_t width;
};

float distance(const void* a, const void* b, const void* measure) {
  Place left, right;  // copied: hnswlib does not align them
  std::memcpy(&left, a, sizeof(Place));
  std::memcpy(&right, b, sizeof(Place));
  const auto& m = *static_cast<const Measure*>(measure);
  return 1 - m.dot(left.values, right.values, m.width) * left.inverse_length * right.inverse_length;
}

class CosineSpace : public hnswlib::SpaceInterface<float> {
 public:
  explicit CosineSpace(std::size_t width) : measure_{fastest_dot(), width} {}
  std::size_t get_data_size() override { return sizeof(Place); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return &measure_; }

 private:
  Measure measure_;
};

class Writer {
 public:
  void put(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  template <class T>
  void put(const T& value) {
    put(std::as_bytes(std::span(&value, 1)));
  }
  std::vector<std::byte> finish() {
    put(hash128(out_));
    return std::move(out_);
  }

 private:
  std::vector<std::byte> out_;
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : left_(bytes) {}
  /// False when fewer are left.
  bool get(void* to, std::size_t size) {
    if (size > left_.size()) return false;
    std::memcpy(to, left_.data(), size);
    left_ = left_.subspan(size);
    return true;
  }
  template <class T>
  bool get(T& value) {
    return get(&value, sizeof(T));
  }
  std::size_t left() const { return left_.size(); }

 private:
  Bytes left_;
};

Hash128 hash_of(const Table& table) { return Hasher().add(std::as_bytes(std::span(&table.width, 1))).add(std::as_bytes(table.values)).finish(); }

Hash128 stamp_of(const fs::path& index) {
  std::error_code code;
  const uint64_t size = fs::file_size(index, code);
  const auto changed = fs::last_write_time(index, code).time_since_epoch().count();
  return Hasher().add(std::as_bytes(std::span(&size, 1))).add(std::as_bytes(std::span(&changed, 1))).finish();
}

void keep(const fs::path& file, Bytes bytes) {
  try {
    write_file(file, bytes);
  } catch (const Error&) {
    // Kept nowhere: the next search builds it again.
  }
}

/// The graph of a file beside the index, where it belongs to it. One with another stamp but the same features (a copied index) gets the new stamp.
std::optional<NeighbourGraph> known_graph(const fs::path& file, const fs::path& index, const Table& table) {
  std::error_code code;
  if (!fs::is_regular_file(file, code)) return std::nullopt;
  const MappedFile mapped(file);
  const std::optional<Features> found = NeighbourGraph::features_in(mapped.bytes());
  if (!found) return std::nullopt;
  const Hash128 stamp = stamp_of(index);
  if (found->stamp != stamp && found->hash != hash_of(table)) return std::nullopt;
  auto graph = NeighbourGraph::from_bytes(mapped.bytes(), table);
  if (graph && found->stamp != stamp) keep(file, graph->to_bytes({stamp, found->hash}));
  return graph;
}

}  // namespace

struct NeighbourGraph::Graph {
  Graph(const Table& t, std::vector<float> l)
      : table(t), lengths(std::move(l)), space(table.width), links(&space, table.rows, kNeighbours, kBuildWidth, kSeed) {
    links.ef_ = kSearchWidth;
  }

  Place place(std::size_t row) const { return {table.row(row).data(), lengths[row]}; }
  std::size_t most_links(uint32_t level) const { return level == 0 ? links.maxM0_ : links.maxM_; }

  bool read_lists(Reader& reader);
  bool neighbours_reach_their_level() const;

  Table table;
  std::vector<float> lengths;
  CosineSpace space;
  hnswlib::HierarchicalNSW<float> links;
};

/// Fills hnswlib's own memory with the rows and their lists; false as soon as something cannot be a graph of hnswlib's.
bool NeighbourGraph::Graph::read_lists(Reader& reader) {
  for (std::size_t row = 0; row < table.rows; ++row) {
    uint32_t level = 0;
    if (!reader.get(level) || level > kMostLevels) return false;
    const auto id = static_cast<hnswlib::tableint>(row);
    char* memory = links.data_level0_memory_ + row * links.size_data_per_element_;
    std::memset(memory, 0, links.size_data_per_element_);
    if (level > 0) {
      links.linkLists_[row] = static_cast<char*>(std::calloc(level, links.size_links_per_element_));  // freed by hnswlib
      if (links.linkLists_[row] == nullptr) throw std::bad_alloc();
    }
    links.element_levels_[row] = static_cast<int>(level);
    links.cur_element_count = row + 1;
    const Place here = place(row);
    std::memcpy(links.getDataByInternalId(id), &here, sizeof(Place));
    links.setExternalLabel(id, row);
    for (uint32_t l = 0; l <= level; ++l) {
      uint32_t count = 0;
      if (!reader.get(count) || count > most_links(l)) return false;
      hnswlib::linklistsizeint* list = links.get_linklist_at_level(id, static_cast<int>(l));
      links.setListCount(list, static_cast<unsigned short>(count));
      if (!reader.get(list + 1, count * sizeof(uint32_t))) return false;
      if (std::any_of(list + 1, list + 1 + count, [&](uint32_t neighbour) { return neighbour >= table.rows; })) return false;
    }
  }
  return reader.left() == 0;
}

/// A walk on a level reads the list of each neighbour on that level, so it has to be there.
bool NeighbourGraph::Graph::neighbours_reach_their_level() const {
  for (std::size_t row = 0; row < table.rows; ++row)
    for (int level = 1; level <= links.element_levels_[row]; ++level) {
      hnswlib::linklistsizeint* list = links.get_linklist_at_level(static_cast<hnswlib::tableint>(row), level);
      const auto reaches = [&](uint32_t neighbour) { return links.element_levels_[neighbour] >= level; };
      if (!std::all_of(list + 1, list + 1 + links.getListCount(list), reaches)) return false;
    }
  return true;
}

NeighbourGraph::NeighbourGraph(std::unique_ptr<Graph> graph) : graph_(std::move(graph)) {}
NeighbourGraph::~NeighbourGraph() = default;
NeighbourGraph::NeighbourGraph(NeighbourGraph&&) noexcept = default;
NeighbourGraph& NeighbourGraph::operator=(NeighbourGraph&&) noexcept = default;

Features features_of(const fs::path& index, const Table& table) { return {stamp_of(index), hash_of(table)}; }

NeighbourGraph NeighbourGraph::build(const Table& table, ThreadPool& pool, std::string_view name, const std::function<void(std::size_t)>& advance) {
  if (table.rows >= std::numeric_limits<uint32_t>::max() / 2)
    throw data_error(std::string(name), "more rows than a graph can hold", "raise --exact-below");
  auto graph = std::make_unique<Graph>(table, inverse_lengths(table, pool, name));
  constexpr std::size_t kStep = 64;
  for (std::size_t row = 0; row < table.rows; ++row) {
    const Place here = graph->place(row);
    graph->links.addPoint(&here, row);
    if ((row + 1) % kStep != 0 && row + 1 != table.rows) continue;
    check_interrupted();
    if (advance) advance(row % kStep + 1);
  }
  graph->links.label_lookup_.clear();  // only for rows that change
  return NeighbourGraph(std::move(graph));
}

std::vector<std::byte> NeighbourGraph::to_bytes(const Features& features) const {
  const auto& links = graph_->links;
  Writer writer;
  writer.put(as_bytes(kMagic));
  writer.put(features.stamp);
  writer.put(features.hash);
  writer.put(static_cast<uint64_t>(graph_->table.rows));
  writer.put(static_cast<uint32_t>(links.enterpoint_node_));
  writer.put(static_cast<uint32_t>(links.maxlevel_));
  writer.put(std::as_bytes(std::span(graph_->lengths)));
  for (std::size_t row = 0; row < graph_->table.rows; ++row) {
    const auto id = static_cast<hnswlib::tableint>(row);
    writer.put(static_cast<uint32_t>(links.element_levels_[row]));
    for (int level = 0; level <= links.element_levels_[row]; ++level) {
      hnswlib::linklistsizeint* list = links.get_linklist_at_level(id, level);
      const uint32_t count = links.getListCount(list);
      writer.put(count);
      writer.put(std::as_bytes(std::span(list + 1, count)));
    }
  }
  return writer.finish();
}

std::optional<Features> NeighbourGraph::features_in(Bytes bytes) {
  Features features;
  Hash128 sum;
  if (bytes.size() < kMagic.size() + sizeof(Features) + sizeof(Hash128) || !as_text(bytes).starts_with(kMagic)) return std::nullopt;
  std::memcpy(&features, bytes.data() + kMagic.size(), sizeof(Features));
  const Bytes content = bytes.first(bytes.size() - sizeof(Hash128));
  std::memcpy(&sum, bytes.data() + content.size(), sizeof(Hash128));
  return sum == hash128(content) ? std::optional(features) : std::nullopt;
}

std::optional<NeighbourGraph> NeighbourGraph::from_bytes(Bytes bytes, const Table& table) {
  if (!features_in(bytes)) return std::nullopt;
  Reader reader(bytes.subspan(kMagic.size() + sizeof(Features), bytes.size() - kMagic.size() - sizeof(Features) - sizeof(Hash128)));
  uint64_t rows = 0;
  uint32_t entry = 0, level = 0;
  if (!reader.get(rows) || rows != table.rows || !reader.get(entry) || entry >= rows || !reader.get(level)) return std::nullopt;
  std::vector<float> lengths(table.rows);
  if (!reader.get(lengths.data(), lengths.size() * sizeof(float))) return std::nullopt;
  auto graph = std::make_unique<Graph>(table, std::move(lengths));
  if (!graph->read_lists(reader) || !graph->neighbours_reach_their_level()) return std::nullopt;
  if (graph->links.element_levels_[entry] != static_cast<int>(level)) return std::nullopt;
  graph->links.enterpoint_node_ = entry;
  graph->links.maxlevel_ = static_cast<int>(level);
  return NeighbourGraph(std::move(graph));
}

std::vector<std::vector<Match>> NeighbourGraph::nearest(std::span<const float> queries, std::size_t top, ThreadPool& pool) const {
  const std::size_t width = graph_->table.width;
  std::vector<std::vector<Match>> found(queries.size() / width);
  pool.parallel_for(found.size(), [&](std::size_t q) {
    const std::span<const float> query = queries.subspan(q * width, width);
    const Place here{query.data(), inverse_length(query)};
    auto heap = graph_->links.searchKnn(&here, std::min(top, graph_->table.rows));
    for (; !heap.empty(); heap.pop()) {
      const float similarity = 1 - heap.top().first;
      found[q].push_back({heap.top().second, std::isnan(similarity) ? -1 : similarity});  // NaN: lengths of a file made on purpose
    }
    std::ranges::sort(found[q],
                      [](const Match& a, const Match& b) { return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row; });
  });
  return found;
}

NeighbourGraph open_graph(const fs::path& index, const Table& table, ThreadPool& pool, std::string_view name,
                          const std::function<std::function<void(std::size_t)>()>& begin) {
  const fs::path file = fs::path(index) += ".hnsw";
  const Hash128 stamp = stamp_of(index);  // before the work: who changes the file meanwhile changes the stamp
  if (auto known = known_graph(file, index, table)) return std::move(*known);
  NeighbourGraph graph = NeighbourGraph::build(table, pool, name, begin ? begin() : nullptr);
  keep(file, graph.to_bytes({stamp, hash_of(table)}));
  return graph;
}

}  // namespace graft::search
