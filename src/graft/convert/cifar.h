// CIFAR-10 and CIFAR-100 in their binary versions: records of one label byte (two of CIFAR-100: coarse, fine) and 3 x 32 x 32 bytes.
// Format: https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky 2009, "Learning multiple layers of features from tiny images").
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "graft/convert/pictures.h"

namespace graft::convert {

enum class CifarLabels { fine, coarse };

/// Files by their name.
using CifarFiles = std::map<std::string, archive::Content>;

/// Whether a folder with these names is one of CIFAR (also of its Python version, which read_cifar refuses).
bool is_cifar(const std::function<bool(const std::string&)>& holds);

/// data_batch_1.bin ..., test_batch.bin and batches.meta.txt, or train.bin, test.bin and {fine,coarse}_label_names.txt. `name`: of all of them. Error (data)
/// for files that end within a picture, labels beyond the classes, names that are not as many as the classes; (usage) for `coarse` of CIFAR-10.
Collection read_cifar(const CifarFiles& files, const std::string& name, CifarLabels labels);

/// The folder, or the .tar.gz or .tar as it was downloaded.
Collection read_cifar(const std::filesystem::path& source, CifarLabels labels);

}  // namespace graft::convert
