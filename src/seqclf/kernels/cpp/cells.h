// What each cell does with its gates at one step of one sequence, forward and backward.
//
// Gates have the order of torch.nn. `pre` holds each gate's sum, [gate][kPanelWidth]; whatever else has a row of padded
// units per gate lies `pitch` floats apart. A step covers one panel of units. Padding units have zero weights and stay finite.
#pragma once

#include "vector.h"

namespace {

struct ForwardStep {
    const float* pre;       // sums of the gates: inputs and hidden states
    const float* input;     // what inputs alone contributed (the GRU's candidate keeps the two apart)
    const float* previous;  // hidden state of the step before
    float* memory;          // the LSTM's cell state, replaced
    float* state;           // hidden state of this step
    float* saved;           // for the backward pass, or null
    int64_t pitch;
    int width;  // units of this panel, padding included
    int units;  // the real ones among them
};

struct BackwardStep {
    const float* saved;
    const float* saved_before;  // of the step before; null at the first
    const float* state;
    const float* previous;
    const float* grad_state;  // from the layer above
    float* carry;             // gradient that came from the step after; replaced by what bypasses the hidden weights
    float* memory_carry;      // the same of the LSTM's cell state
    float* grads;             // of the gates' sums, in the cell's order of `grad slots`
    int64_t pitch;
    int width;  // units of this panel, padding included
    int units;  // the real ones among them
};

// A cell's numbers:
//   kGates         rows of gates in the weights
//   kSaved         rows kept for the backward pass
//   kGradSlots     rows of gradients of sums: kGates of inputs from slot 0, kGates of hidden states from kHiddenSlot
//   input_gate(s)  the weights' gate of input slot s; hidden slots have the order of the weights
//   kApart         the gate whose hidden sum must not be mixed with its inputs', or -1

template <bool kRectified>
struct Simple {
    static constexpr int kGates = 1, kSaved = 0, kGradSlots = 1, kHiddenSlot = 0, kApart = -1;
    static constexpr bool kHasMemory = false;
    static constexpr int input_gate(int slot) { return slot; }

    static void forward(const ForwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector sum = load(s.pre + j);
            // NaN < 0 is false, so that NaN goes on as torch's does.
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

// Cho et al. (2014), with the candidate's reset gate after its matrix, as in torch and cuDNN:
// r, z = sigmoid; n = tanh(W x + r * (U h + b)); h' = n + z * (h - n)
struct Gru {
    static constexpr int kGates = 3, kSaved = 4, kGradSlots = 4, kHiddenSlot = 1, kApart = 2;
    static constexpr bool kHasMemory = false;
    static constexpr int input_gate(int slot) { return slot == 0 ? 2 : slot - 1; }  // n, r, z

    static void forward(const ForwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector reset = sigmoid(load(s.pre + j));
            const Vector update = sigmoid(load(s.pre + kPanelWidth + j));
            const Vector hidden = load(s.pre + 2 * kPanelWidth + j);
            const Vector candidate = tanh(load(s.input + 2 * s.pitch + j) + reset * hidden);
            const Vector previous = load_first(s.previous + j, s.units - j);
            store_first(s.state + j, candidate + update * (previous - candidate), s.units - j);
            if (s.saved) {
                store(s.saved + j, reset);
                store(s.saved + s.pitch + j, update);
                store(s.saved + 2 * s.pitch + j, candidate);
                store(s.saved + 3 * s.pitch + j, hidden);
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

// Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000): i, f, g, o; c' = f c + i g; h' = o tanh(c').
struct Lstm {
    static constexpr int kGates = 4, kSaved = 5, kGradSlots = 4, kHiddenSlot = 0, kApart = -1;
    static constexpr bool kHasMemory = true;
    static constexpr int input_gate(int slot) { return slot; }

    static void forward(const ForwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector in = sigmoid(load(s.pre + j));
            const Vector forget = sigmoid(load(s.pre + kPanelWidth + j));
            const Vector candidate = tanh(load(s.pre + 2 * kPanelWidth + j));
            const Vector out = sigmoid(load(s.pre + 3 * kPanelWidth + j));
            const Vector memory = forget * load(s.memory + j) + in * candidate;
            store(s.memory + j, memory);
            store_first(s.state + j, out * tanh(memory), s.units - j);
            if (s.saved) {
                store(s.saved + j, in);
                store(s.saved + s.pitch + j, forget);
                store(s.saved + 2 * s.pitch + j, candidate);
                store(s.saved + 3 * s.pitch + j, out);
                store(s.saved + 4 * s.pitch + j, memory);
            }
        }
    }

    static void backward(const BackwardStep& s) {
        for (int j = 0; j < s.width; j += kLanes) {
            const Vector in = load(s.saved + j);
            const Vector forget = load(s.saved + s.pitch + j);
            const Vector candidate = load(s.saved + 2 * s.pitch + j);
            const Vector out = load(s.saved + 3 * s.pitch + j);
            const Vector squashed = tanh(load(s.saved + 4 * s.pitch + j));
            const Vector before = s.saved_before ? load(s.saved_before + 4 * s.pitch + j) : Vector{};
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
