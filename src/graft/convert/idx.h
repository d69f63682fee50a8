// IDX, the files of MNIST and Fashion-MNIST: a magic number that tells type and dimensions, sizes as big-endian 32-bit numbers, then bytes.
// Format: http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes, Burges 1998).
#pragma once

#include <filesystem>

#include "graft/convert/pictures.h"

namespace graft::convert {

/// Whether bytes (unpacked) begin as a file of pictures in IDX does.
bool is_idx(Bytes bytes);

/// (N, H, W) bytes and their N labels. Error (data) for another type or number of dimensions, sizes that are not the files', counts that differ.
Pictures read_idx(archive::Content images, const archive::Content& labels);

/// A folder with PREFIX-images-idx3-ubyte and PREFIX-labels-idx1-ubyte (also -images.idx3-ubyte; also with .gz), where PREFIX ends in train, t10k,
/// test, val or valid; or a file of pictures, whose labels are in the file `labels`, or where its name says.
Collection read_idx(const std::filesystem::path& source, const std::filesystem::path& labels);

}  // namespace graft::convert
