#include "graft/report/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <span>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"

namespace graft::report {
namespace {

constexpr std::size_t kOfACell = 6;  // photos of a class, and of a kind of mistake, before others are shown

struct Row {
  std::string_view text;  // without its line end
  std::string path, label, predicted;
  double probability = 0;  // of what is predicted; of several classes a photo 0
};

/// The text up to the next line end that stands in no quotes; takes it off `rest`.
std::string_view next_line(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != '\n'); ++end) quoted ^= rest[end] == '"';
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// The first fields of a line: there may be a thousand probabilities behind them.
std::string_view beginning(std::string_view line, std::size_t fields) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    quoted ^= line[i] == '"';
    if (line[i] == ',' && !quoted && --fields == 0) return line.substr(0, i);
  }
  return line;
}

std::vector<Row> read_rows(std::string_view& rest, bool one_class_each, std::string_view name) {
  std::vector<Row> rows;
  int number = 1;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    ++number;
    if (line.empty()) continue;
    const std::vector<data::CsvRow> parsed = data::parse_csv(beginning(line, 4), ',', name);
    if (parsed.size() != 1 || parsed[0].fields.size() != 4)
      throw data_error(fmt::format("{}:{}", name, number), "is not in the format that a run writes, expected path,label,predicted and numbers",
                       "train the run again");
    const auto& fields = parsed[0].fields;
    rows.push_back({line, fields[0], fields[1], fields[2], one_class_each ? number_in<double>(fields[3]).value_or(0) : 0});
  }
  return rows;
}

using Places = std::vector<std::size_t>;

/// One from the front of each list in turn, each row once, until there are enough or none is left.
Places in_turns(std::span<const Places> lists, std::size_t most) {
  Places taken;
  std::set<std::size_t> seen;
  std::size_t longest = 0;
  for (const Places& list : lists) longest = std::max(longest, list.size());
  for (std::size_t turn = 0; turn < longest; ++turn)
    for (const Places& list : lists) {
      if (taken.size() >= most) return taken;
      if (turn < list.size() && seen.insert(list[turn]).second) taken.push_back(list[turn]);
    }
  return taken;
}

struct Ranked {
  Places mistakes, hits;  // the most confident first, the least confident first
};

Ranked rank(const std::vector<Row>& rows) {
  Ranked ranked;
  for (std::size_t i = 0; i < rows.size(); ++i) (rows[i].label == rows[i].predicted ? ranked.hits : ranked.mistakes).push_back(i);
  std::ranges::stable_sort(ranked.mistakes, std::greater<>(), [&](std::size_t i) { return rows[i].probability; });
  std::ranges::stable_sort(ranked.hits, {}, [&](std::size_t i) { return rows[i].probability; });
  return ranked;
}

/// The rows whose photos are shown, the weightiest first.
Places choose_shown(const std::vector<Row>& rows, Ranked ranked, std::size_t most) {
  auto& [mistakes, hits] = ranked;
  std::map<std::pair<std::string_view, std::string_view>, Places> cells;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Places& cell = cells[{rows[i].label, rows[i].predicted}];
    if (rows[i].label == rows[i].predicted) cell.push_back(i);
    else if (cell.size() < kOfACell) cell.push_back(i);
  }
  std::vector<Places> of_cells;
  for (auto& [names, cell] : cells) {
    Places some;  // of the hits of a class not its worst, but some that stand for it
    const std::size_t count = std::min(kOfACell, cell.size());
    for (std::size_t k = 0; k < count; ++k) some.push_back(cell[(2 * k + 1) * cell.size() / (2 * count)]);
    of_cells.push_back(std::move(some));
  }
  mistakes.resize(std::min(mistakes.size(), most)), hits.resize(std::min(hits.size(), most));
  const std::vector<Places> lists = {std::move(mistakes), in_turns(of_cells, most), std::move(hits)};
  return in_turns(lists, most);
}

/// All, or as many as the limits let, drawn at random; ascending.
Places choose_rows(const std::vector<Row>& rows, const AnswerLimits& limits) {
  std::size_t bytes = 0;
  for (const Row& row : rows) bytes += row.text.size() + 1;
  Places order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t fit = bytes <= limits.row_bytes ? rows.size() : std::max<std::size_t>(1, limits.row_bytes / (bytes / rows.size()));
  const std::size_t count = std::min(fit, limits.rows);
  if (count >= rows.size()) return order;
  Rng(18).shuffle(std::span(order));
  order.resize(count);
  std::ranges::sort(order);
  return order;
}

}  // namespace

Answers choose_answers(std::string_view csv, std::string_view name, const AnswerLimits& limits) {
  std::string_view rest = csv;
  const std::string_view header = next_line(rest);
  const bool one_class_each = header.starts_with("path,label,predicted,probability,");
  if (!header.starts_with("path,label,predicted,") || header.find(",loss") == header.npos)  // the rules of the model may add columns before the loss
    throw data_error(std::string(name), "is not in the format that a run writes, expected the columns path,label,predicted", "train the run again");
  const std::vector<Row> rows = read_rows(rest, one_class_each, name);
  Answers answers{.csv = std::string(header) + '\n', .total = rows.size()};
  if (rows.empty()) return answers;
  const Ranked ranked = rank(rows);
  const Places shown = choose_shown(rows, ranked, limits.photos), drawn = choose_rows(rows, limits);
  for (const Places* of : {&ranked.mistakes, &ranked.hits})
    for (const std::size_t i : std::span(*of).first(std::min(of->size(), limits.close)))
      answers.close_ups.push_back({rows[i].path, rows[i].label, rows[i].predicted});
  for (const std::size_t i : shown) answers.photos.push_back(rows[i].path);
  const std::set<std::size_t> stand_for_all(drawn.begin(), drawn.end());
  std::set<std::size_t> all = stand_for_all;
  all.insert(shown.begin(), shown.end());
  for (const std::size_t i : all) {
    if (!stand_for_all.contains(i)) answers.added.push_back(answers.rows);
    answers.csv += std::string(rows[i].text) + '\n';
    ++answers.rows;
  }
  return answers;
}

}  // namespace graft::report
