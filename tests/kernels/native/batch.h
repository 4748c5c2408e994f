// One recurrent layer, one batch and what the kernels compute from them, in protected memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guarded.h"
#include "layer.h"

extern "C" {
const char* seqclf_instruction_set(int32_t index);
int32_t seqclf_runs(const char* name);
void seqclf_assume_idle(int32_t milliseconds);
int32_t seqclf_has_bfloat16(const char* name);
int32_t seqclf_forward(const char* isa, int32_t cell, const Layer* layer, const Forward* result);
int32_t seqclf_backward(const char* isa, int32_t cell, const Layer* layer, const Backward* result);
int32_t seqclf_linear(const char* isa, const Linear* call);
}

using Floats = Guarded<float>;

constexpr int kCellGates[] = {1, 1, 3, 4};
constexpr int kCellSaved[] = {0, 0, 4, 5};

// Everything that is drawn at random for a case, except the numbers.
struct Shape {
    int32_t cell;
    int64_t inputs;
    int64_t hidden;
    int32_t directions;
    bool biases;
    bool initial;     // whether initial states are given; otherwise zeros
    bool grad_final;  // whether final states have a gradient
    bool grad_states;
    std::vector<int64_t> lengths;
    uint64_t seed;
    int32_t precision = kFloat32;

    int64_t rows() const { return kCellGates[cell] * hidden; }
    int64_t steps() const;
    int64_t boundary_floats() const { return static_cast<int64_t>(lengths.size()) * directions * hidden; }
    std::string text() const;
};

struct WeightsOf {
    Floats input, hidden, input_bias, hidden_bias;
};

// One state per sequence; only the LSTM has a memory.
struct States {
    Floats hidden, memory;
};

struct Batch {
    explicit Batch(const Shape& shape);
    Layer layer(int threads) const;

    Shape shape;
    Guarded<int64_t> offsets;
    Floats values, grad_states;
    WeightsOf weights[2];
    States initial, grad_final;
};

// What a caller may ask for.
struct Wanted {
    int threads = 1;
    bool gradients = true;  // otherwise the forward pass saves nothing, and there is no backward pass
    bool of_values = true;
    bool of_initial = true;
    bool final = true;
};

struct Results {
    Floats states, saved, grad_values;
    WeightsOf grads[2];
    States final, grad_initial;

    std::vector<std::pair<std::string, const Floats*>> named() const;  // without `saved`
};

// Calls the kernels; throws std::runtime_error if they fail or write out of bounds.
Results run(const Batch& batch, const char* isa, const Wanted& wanted);
