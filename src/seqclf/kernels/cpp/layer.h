// One recurrent or linear layer and one batch: the structures passed from Python to the kernels.
#pragma once

#include <cstdint>

enum CellKind : int32_t { kTanh = 0, kRelu = 1, kGru = 2, kLstm = 3 };

// What the matrix products multiply; all else is float32.
enum PrecisionKind : int32_t { kFloat32 = 0, kBFloat16 = 1 };

// Internal buffers pad their units to whole registers of every instruction set.
constexpr int64_t kAlignment = 16;

static inline int64_t padded(int64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

// Weights of one direction as in torch.nn: weight_ih (gates * hidden, input), weight_hh (gates * hidden, hidden), and
// biases (gates * hidden) or null.
struct Weights {
    const float* input;
    const float* hidden;
    const float* input_bias;
    const float* hidden_bias;
};

struct WeightGradients {
    float* input;
    float* hidden;
    float* input_bias;
    float* hidden_bias;
};

// One state per sequence, (n_sequences, directions * hidden_size): before its first step in each direction, or after its last.
// A null pointer means zeros where it is read and "not wanted" where it would be written; only the LSTM has a memory, its cell
// state.
struct Boundary {
    const float* hidden;
    const float* memory;
};

struct BoundaryResult {
    float* hidden;
    float* memory;
};

struct Layer {
    int64_t input_size;
    int64_t hidden_size;
    int32_t directions;
    int32_t precision;
    Weights weights[2];

    int64_t n_sequences;
    int64_t n_steps;
    const int64_t* offsets;  // (n_sequences + 1,)
    const int64_t* order;    // sequences by decreasing length
    const float* values;     // (n_steps, input_size)
    Boundary initial;
    int32_t threads;
    int32_t is_packed;  // whether `packed` holds the weights already
    float* packed;      // memory of the caller for the packed weights, `packed_floats` of them, or null
};

// Floats that the packed weights and biases of the forward pass take at most; bfloat16 numbers, of which sums hold pairs, take less.
static inline int64_t packed_floats(int64_t gates_per_unit, int64_t input_size, int64_t hidden_size, int64_t directions) {
    const int64_t pitch = padded(hidden_size), gates = gates_per_unit * pitch;
    return directions * (gates * (input_size + 1 + hidden_size + 1 + 1) + pitch) + 4 * directions * kAlignment;
}

struct Forward {
    float* states;  // (n_steps, directions * hidden_size)
    float* saved;   // (n_steps, directions, kSaved * padded hidden_size) for the backward pass, or null
    BoundaryResult final;
};

struct Backward {
    const float* states;
    const float* saved;
    const float* grad_states;  // like states, or null for zeros
    Boundary grad_final;
    float* grad_values;  // (n_steps, input_size), or null if not needed
    BoundaryResult grad_initial;
    WeightGradients grads[2];
};

struct Linear {
    int64_t inputs;
    int64_t outputs;
    int64_t n_rows;
    const float* rows;    // (n_rows, inputs)
    const float* weight;  // (outputs, inputs)
    const float* bias;    // (outputs,), or null
    float* result;        // (n_rows, outputs)
    int32_t threads;
    int32_t is_packed;    // as in Layer
    float* packed;        // `packed_linear_floats` of them, or null
};

static inline int64_t packed_linear_floats(int64_t inputs, int64_t outputs) {
    return padded(outputs) * (inputs + 1) + 2 * kAlignment;
}

// The functions of one instruction set. They return false if memory cannot be allocated.
struct Kernels {
    bool (*forward)(CellKind, const Layer&, const Forward&);
    bool (*backward)(CellKind, const Layer&, const Backward&);
    bool (*linear)(const Linear&);
};
