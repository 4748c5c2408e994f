// The equations of torch.nn.RNN, GRU and LSTM in float64: one sequence at a time, plain loops.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "batch.h"

using Doubles = std::vector<double>;

// In the order and with the names of `Results::named`.
using Expected = std::vector<std::pair<std::string, Doubles>>;

// Gradients are those at `states`, which the kernels computed: near zero, rounding decides whether a rectified unit is active.
Expected reference(const Batch& batch, const Floats& states);

Doubles linear_reference(const Floats& rows, const Floats& weight, const Floats& bias, int64_t inputs);
