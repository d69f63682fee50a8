#include "graft/explain/attention.h"

#include <algorithm>
#include <cmath>

namespace graft::explain {

std::vector<float> attention_of(std::span<const float> qkv, std::size_t tokens, std::size_t heads) {
  const std::size_t channels = qkv.size() / tokens / 3, width = channels / heads;
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  std::vector<float> mean(tokens * tokens), row(tokens);
  for (std::size_t head = 0; head < heads; ++head)
    for (std::size_t i = 0; i < tokens; ++i) {
      const float* query = qkv.data() + i * 3 * channels + head * width;
      for (std::size_t j = 0; j < tokens; ++j) {
        const float* key = qkv.data() + j * 3 * channels + channels + head * width;
        float sum = 0;
        for (std::size_t c = 0; c < width; ++c) sum += query[c] * key[c];
        row[j] = sum * scale;
      }
      const float largest = *std::ranges::max_element(row);
      float sum = 0;
      for (float& value : row) sum += value = std::exp(value - largest);
      for (std::size_t j = 0; j < tokens; ++j) mean[i * tokens + j] += row[j] / sum / static_cast<float>(heads);
    }
  return mean;
}

std::vector<float> roll_out(std::vector<float> begin, std::span<const std::vector<float>> layers) {
  std::vector<float> at = std::move(begin);
  const std::size_t tokens = at.size();
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    std::vector<float> before(tokens);
    for (std::size_t i = 0; i < tokens; ++i) {
      before[i] += at[i] / 2;
      for (std::size_t j = 0; j < tokens; ++j) before[j] += at[i] / 2 * (*layer)[i * tokens + j];
    }
    at = std::move(before);
  }
  return at;
}

}  // namespace graft::explain
