// .npz, several NumPy arrays in a zip archive, in the layout of MedMNIST: train_images (N, H, W) or (N, H, W, 3) of bytes, train_labels (N,) or
// (N, 1) of whole numbers, and the same of val and test. Also Keras' names for MNIST and CIFAR: x_train, y_train, x_test, y_test.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.savez.html; layout: Yang et al. 2023, "MedMNIST v2".
#pragma once

#include <filesystem>
#include <string>

#include "graft/convert/pictures.h"

namespace graft::convert {

/// Of bytes that the caller keeps alive. Error (data) for arrays of other types and shapes, several labels for a picture, counts that differ, sizes
/// that are not the archive's, damaged entries.
Collection read_npz(Bytes file, const std::string& name);
Collection read_npz(const std::filesystem::path& source);

}  // namespace graft::convert
