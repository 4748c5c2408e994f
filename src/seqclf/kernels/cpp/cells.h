// The gates of each cell at one step of one sequence, forward and backward; see torch.nn.RNN, GRU and LSTM for the
// equations.
//
// Gates are in the order of torch.nn. A pre-activation is the weighted sum before the nonlinearity of a gate; `pre`
// holds those of one panel of units, [gate][width]. All other buffers per gate are `pitch` floats apart. The
// forward step covers one panel of units, the backward step all units. Padding units have zero weights; after an
// infinite input they are NaN, which the backward pass clears.
#pragma once

#include "vector.h"

namespace {

struct ForwardStep {
    float* pre;             // overwritten; pre-activations, from inputs and hidden states
    const float* input;     // contribution of the inputs alone, which the GRU's candidate keeps separate
    const float* previous;  // hidden state of the previous step
    float* memory;          // cell state of the LSTM, updated in place
    float* state;           // hidden state of this step
    float* saved;           // for the backward pass, or null
    int64_t pitch;
    int width;  // number of units, including padding
    int units;  // number of units without padding
};

struct BackwardStep {
    const float* saved;
    const float* memory_before;  // cell state of the previous step, or null for zeros; not padded at the first step
    const float* state;
    const float* previous;
    const float* grad_state;  // from the next layer
    float* carry;             // gradient from the next step; replaced by the part that bypasses the hidden weights
    float* memory_carry;      // the same for the cell state of the LSTM
    float* grads;             // of the pre-activations, in the order of the gradient slots below
    int64_t pitch;
    int width;  // number of units, including padding
    int units;  // number of units without padding
};

// Constants of a cell:
//   kGates         gates in the weights
//   kSaved         vectors of units saved per step for the backward pass
//   kMemory        which of them is the cell state of the LSTM, or -1
//   kGradSlots     vectors of gradients of pre-activations: kGates of them, from slot 0, for the input weights and
//                  kGates, from kHiddenSlot, for the hidden weights; the two ranges overlap where gradients are equal
//   input_gate(s)  gate of slot s of the input weights; those of the hidden weights are in the order of the gates
//   kApart         the gate whose hidden contribution is kept separate from its inputs, or -1

template <bool kRectified>
struct Simple {
    static constexpr int kGates = 1, kSaved = 0, kGradSlots = 1, kHiddenSlot = 0, kApart = -1;
    static constexpr int kMemory = -1;
    static constexpr int input_gate(int slot) { return slot; }

    static void forward(const ForwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector sum = load(s.pre + j);
            // NaN < 0 is false, so NaN propagates as in torch.
            const Vector state = kRectified ? (sum < Vector{} ? Vector{} : sum) : tanh(sum);
            store_first(s.state + j, state, s.units - j);
        }
    }

    static void backward(const BackwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector state = load_first(s.state + j, s.units - j);
            const Vector grad = load(s.carry + j) + load_first(s.grad_state + j, s.units - j);
            const Vector through = kRectified ? (state <= Vector{} ? Vector{} : grad) : grad * (1.0f - state * state);
            store(s.grads + j, through);
            store(s.carry + j, Vector{});
        }
    }
};

// Cho et al. (2014), but with the reset gate applied after the hidden matrix, as in torch and cuDNN:
// r, z = sigmoid(...), n = tanh(W x + r * (U h + b)), h' = n + z * (h - n)
struct Gru {
    static constexpr int kGates = 3, kSaved = 4, kGradSlots = 4, kHiddenSlot = 1, kApart = 2;
    static constexpr int kMemory = -1;
    static constexpr int input_gate(int slot) { return slot == 0 ? 2 : slot - 1; }  // n, r, z

    static void forward(const ForwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector reset = sigmoid(load(s.pre + j));
            const Vector update = sigmoid(load(s.pre + s.width + j));
            const Vector hidden = load(s.pre + 2 * s.width + j);
            const Vector candidate = tanh(load(s.input + 2 * s.pitch + j) + reset * hidden);
            const Vector previous = load_first(s.previous + j, s.units - j);
            store_first(s.state + j, candidate + update * (previous - candidate), s.units - j);
            if (s.saved) {
                stream(s.saved + j, reset);
                stream(s.saved + s.pitch + j, update);
                stream(s.saved + 2 * s.pitch + j, candidate);
                stream(s.saved + 3 * s.pitch + j, hidden);
            }
        }
    }

    static void backward(const BackwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector reset = load(s.saved + j);
            const Vector update = load(s.saved + s.pitch + j);
            const Vector candidate = load(s.saved + 2 * s.pitch + j);
            const Vector hidden = load(s.saved + 3 * s.pitch + j);
            const Vector previous = load_first(s.previous + j, s.units - j);
            const Vector grad = load(s.carry + j) + load_first(s.grad_state + j, s.units - j);
            const Vector grad_n = grad * (1.0f - update) * (1.0f - candidate * candidate);
            const Vector grad_z = grad * (previous - candidate) * update * (1.0f - update);
            const Vector grad_hidden = grad_n * reset;
            const Vector grad_r = grad_n * hidden * reset * (1.0f - reset);
            store(s.grads + j, grad_n);
            store(s.grads + s.pitch + j, grad_r);
            store(s.grads + 2 * s.pitch + j, grad_z);
            store(s.grads + 3 * s.pitch + j, grad_hidden);
            store(s.carry + j, grad * update);
        }
    }
};

// Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000):
// i, f, o = sigmoid(...), g = tanh(...), c' = f * c + i * g, h' = o * tanh(c')
struct Lstm {
    static constexpr int kGates = 4, kSaved = 5, kGradSlots = 4, kHiddenSlot = 0, kApart = -1;
    static constexpr int kMemory = 4;
    static constexpr int input_gate(int slot) { return slot; }

    // In two loops, because a processor cannot look ahead far enough to overlap a chain of two nonlinearities with the next
    // (3 to 5 % of the forward pass; nothing for the GRU).
    static void forward(const ForwardStep& s) {
        float* const outs = s.pre + 3 * s.width;
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector in = sigmoid(load(s.pre + j));
            const Vector forget = sigmoid(load(s.pre + s.width + j));
            const Vector candidate = tanh(load(s.pre + 2 * s.width + j));
            const Vector out = sigmoid(load(outs + j));
            const Vector memory = forget * load(s.memory + j) + in * candidate;
            store(s.memory + j, memory);
            store(outs + j, out);
            if (s.saved) {
                stream(s.saved + j, in);
                stream(s.saved + s.pitch + j, forget);
                stream(s.saved + 2 * s.pitch + j, candidate);
                stream(s.saved + 3 * s.pitch + j, out);
                stream(s.saved + kMemory * s.pitch + j, memory);
            }
        }
        for (int j = 0; j < s.width; j += kLanes)
            store_first(s.state + j, load(outs + j) * tanh(load(s.memory + j)), s.units - j);
    }

    static void backward(const BackwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector in = load(s.saved + j);
            const Vector forget = load(s.saved + s.pitch + j);
            const Vector candidate = load(s.saved + 2 * s.pitch + j);
            const Vector out = load(s.saved + 3 * s.pitch + j);
            const Vector squashed = tanh(load(s.saved + kMemory * s.pitch + j));
            const Vector before = s.memory_before ? load_first(s.memory_before + j, s.units - j) : Vector{};
            const Vector grad = load(s.carry + j) + load_first(s.grad_state + j, s.units - j);
            const Vector grad_memory = load(s.memory_carry + j) + grad * out * (1.0f - squashed * squashed);
            store(s.grads + j, grad_memory * candidate * in * (1.0f - in));
            store(s.grads + s.pitch + j, grad_memory * before * forget * (1.0f - forget));
            store(s.grads + 2 * s.pitch + j, grad_memory * in * (1.0f - candidate * candidate));
            store(s.grads + 3 * s.pitch + j, grad * squashed * out * (1.0f - out));
            store(s.memory_carry + j, grad_memory * forget);
            store(s.carry + j, Vector{});
        }
    }
};

}  // namespace
