#include "reference.h"

#include <cmath>

namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// y += W x, with the weights transposed so that the inner loop is over contiguous numbers.
void add_product(const Doubles& transposed, const double* x, int64_t inputs, int64_t rows, double* y) {
    for (int64_t k = 0; k < inputs; ++k)
        for (int64_t j = 0; j < rows; ++j) y[j] += transposed[k * rows + j] * x[k];
}

// x += W^T y
void add_transposed_product(const Doubles& weight, const double* y, int64_t inputs, int64_t rows, double* x) {
    for (int64_t j = 0; j < rows; ++j)
        for (int64_t k = 0; k < inputs; ++k) x[k] += weight[j * inputs + k] * y[j];
}

// W += y x^T
void add_outer_product(const double* y, const double* x, int64_t inputs, int64_t rows, Doubles& weight) {
    for (int64_t j = 0; j < rows; ++j)
        for (int64_t k = 0; k < inputs; ++k) weight[j * inputs + k] += y[j] * x[k];
}

Doubles doubles(const Floats& floats) { return Doubles(floats.begin(), floats.end()); }

Doubles transposed(const Floats& weight, int64_t inputs) {
    const int64_t rows = static_cast<int64_t>(weight.size()) / inputs;
    Doubles result(weight.size());
    for (int64_t j = 0; j < rows; ++j)
        for (int64_t k = 0; k < inputs; ++k) result[k * rows + j] = weight[j * inputs + k];
    return result;
}

struct DirectionGradients {
    Doubles input, hidden, input_bias, hidden_bias;
};

struct BoundaryOf {
    explicit BoundaryOf(int64_t floats) : hidden(floats), memory(floats) {}
    Doubles hidden, memory;
};

// One direction of a layer. Gates of a step are kept as [gate][unit] after their nonlinearity.
class Direction {
   public:
    Direction(const Batch& batch, int d)
        : shape_(batch.shape),
          d_(d),
          hidden_(shape_.hidden),
          rows_(shape_.rows()),
          input_(doubles(batch.weights[d].input)),
          recurrent_(doubles(batch.weights[d].hidden)),
          input_transposed_(transposed(batch.weights[d].input, shape_.inputs)),
          recurrent_transposed_(transposed(batch.weights[d].hidden, hidden_)),
          input_bias_(shape_.biases ? doubles(batch.weights[d].input_bias) : Doubles(rows_)),
          hidden_bias_(shape_.biases ? doubles(batch.weights[d].hidden_bias) : Doubles(rows_)) {
        grads = {Doubles(rows_ * shape_.inputs), Doubles(rows_ * hidden_), Doubles(rows_), Doubles(rows_)};
    }

    // The states of one sequence. With `known` (all states of the layer), gates are computed from those instead.
    void forward(const Batch& batch, int64_t sequence, const Floats* known, Doubles& states, BoundaryOf& final) {
        const int64_t length = shape_.lengths[sequence];
        gates_.assign(length, {});
        apart_.assign(length, {});
        memory_.assign(length + 1, Doubles(hidden_));
        memory_[0] = one_state(batch.initial.memory, place(sequence));
        Doubles state = one_state(batch.initial.hidden, place(sequence));
        for (int64_t t = 0; t < length; ++t) {
            const int64_t at = step(batch, sequence, t);
            const Doubles x(batch.values.data() + at * shape_.inputs, batch.values.data() + (at + 1) * shape_.inputs);
            Doubles of_input = input_bias_, of_hidden = hidden_bias_;
            add_product(input_transposed_, x.data(), shape_.inputs, rows_, of_input.data());
            add_product(recurrent_transposed_, state.data(), hidden_, rows_, of_hidden.data());
            state = advance(t, of_input, of_hidden, state);
            if (known) state = one_state(*known, place(at));
            else std::copy(state.begin(), state.end(), states.begin() + place(at));
        }
        if (known) return;
        std::copy(state.begin(), state.end(), final.hidden.begin() + place(sequence));
        std::copy(memory_[length].begin(), memory_[length].end(), final.memory.begin() + place(sequence));
    }

    // Add the gradients of one sequence, after `forward` with known states.
    void backward(const Batch& batch, int64_t sequence, const Floats& known, Doubles& grad_values, BoundaryOf& grad_initial) {
        Doubles carry = one_state(batch.grad_final.hidden, place(sequence));
        Doubles memory_carry = one_state(batch.grad_final.memory, place(sequence));
        for (int64_t t = shape_.lengths[sequence] - 1; t >= 0; --t) {
            const int64_t at = step(batch, sequence, t);
            const Doubles x(batch.values.data() + at * shape_.inputs, batch.values.data() + (at + 1) * shape_.inputs);
            const Doubles state = one_state(known, place(at)), grad = one_state(batch.grad_states, place(at));
            const Doubles before = t == 0 ? one_state(batch.initial.hidden, place(sequence))
                                          : one_state(known, place(step(batch, sequence, t - 1)));
            for (int64_t u = 0; u < hidden_; ++u) carry[u] += grad[u];
            Doubles of_input(rows_), of_hidden(rows_);
            retreat(t, state, before, carry, memory_carry, of_input, of_hidden);
            add_transposed_product(recurrent_, of_hidden.data(), hidden_, rows_, carry.data());
            add_transposed_product(input_, of_input.data(), shape_.inputs, rows_, &grad_values[at * shape_.inputs]);
            add_outer_product(of_input.data(), x.data(), shape_.inputs, rows_, grads.input);
            add_outer_product(of_hidden.data(), before.data(), hidden_, rows_, grads.hidden);
            for (int64_t j = 0; j < rows_; ++j) grads.input_bias[j] += of_input[j], grads.hidden_bias[j] += of_hidden[j];
        }
        std::copy(carry.begin(), carry.end(), grad_initial.hidden.begin() + place(sequence));
        std::copy(memory_carry.begin(), memory_carry.end(), grad_initial.memory.begin() + place(sequence));
    }

    DirectionGradients grads;

   private:
    int64_t step(const Batch& batch, int64_t sequence, int64_t t) const {
        return d_ == 0 ? batch.offsets[sequence] + t : batch.offsets[sequence + 1] - 1 - t;
    }

    // Where the state of a step or a sequence begins.
    int64_t place(int64_t index) const { return (index * shape_.directions + d_) * hidden_; }

    // The state that begins at an index; zeros if there are no states.
    Doubles one_state(const Floats& states, int64_t first) const {
        if (states.size() == 0) return Doubles(hidden_);
        return Doubles(states.data() + first, states.data() + first + hidden_);
    }

    Doubles advance(int64_t t, const Doubles& of_input, const Doubles& of_hidden, const Doubles& before) {
        Doubles gates(rows_), state(hidden_);
        for (int64_t u = 0; u < hidden_; ++u) {
            const auto sum = [&](int64_t gate) { return of_input[gate * hidden_ + u] + of_hidden[gate * hidden_ + u]; };
            const auto gate = [&](int64_t which) -> double& { return gates[which * hidden_ + u]; };
            if (shape_.cell == kTanh) state[u] = std::tanh(sum(0));
            if (shape_.cell == kRelu) state[u] = sum(0) < 0 ? 0 : sum(0);
            if (shape_.cell == kGru) {
                gate(0) = sigmoid(sum(0)), gate(1) = sigmoid(sum(1));
                gate(2) = std::tanh(of_input[2 * hidden_ + u] + gate(0) * of_hidden[2 * hidden_ + u]);
                state[u] = (1 - gate(1)) * gate(2) + gate(1) * before[u];
            }
            if (shape_.cell == kLstm) {
                gate(0) = sigmoid(sum(0)), gate(1) = sigmoid(sum(1)), gate(3) = sigmoid(sum(3));
                gate(2) = std::tanh(sum(2));
                memory_[t + 1][u] = gate(1) * memory_[t][u] + gate(0) * gate(2);
                state[u] = gate(3) * std::tanh(memory_[t + 1][u]);
            }
        }
        gates_[t] = gates;
        apart_[t] = of_hidden;
        return state;
    }

    // Gradients of the pre-activations. `carry` is that of the state, then what bypasses the hidden weights.
    void retreat(int64_t t, const Doubles& state, const Doubles& before, Doubles& carry, Doubles& memory_carry,
                 Doubles& of_input, Doubles& of_hidden) const {
        for (int64_t u = 0; u < hidden_; ++u) {
            const double grad = carry[u];
            const auto gate = [&](int64_t which) { return gates_[t][which * hidden_ + u]; };
            const auto give = [&](int64_t which, double value) {
                of_input[which * hidden_ + u] = of_hidden[which * hidden_ + u] = value;
            };
            carry[u] = 0;
            if (shape_.cell == kTanh) give(0, grad * (1 - state[u] * state[u]));
            if (shape_.cell == kRelu) give(0, state[u] > 0 ? grad : 0);
            if (shape_.cell == kGru) {
                const double reset = gate(0), update = gate(1), candidate = gate(2);
                const double grad_n = grad * (1 - update) * (1 - candidate * candidate);
                give(0, grad_n * apart_[t][2 * hidden_ + u] * reset * (1 - reset));
                give(1, grad * (before[u] - candidate) * update * (1 - update));
                of_input[2 * hidden_ + u] = grad_n, of_hidden[2 * hidden_ + u] = grad_n * reset;
                carry[u] = grad * update;
            }
            if (shape_.cell == kLstm) {
                const double in = gate(0), forget = gate(1), candidate = gate(2), out = gate(3);
                const double squashed = std::tanh(memory_[t + 1][u]);
                const double grad_memory = memory_carry[u] + grad * out * (1 - squashed * squashed);
                give(0, grad_memory * candidate * in * (1 - in));
                give(1, grad_memory * memory_[t][u] * forget * (1 - forget));
                give(2, grad_memory * in * (1 - candidate * candidate));
                give(3, grad * squashed * out * (1 - out));
                memory_carry[u] = grad_memory * forget;
            }
        }
    }

    const Shape& shape_;
    int d_;
    int64_t hidden_, rows_;
    Doubles input_, recurrent_, input_transposed_, recurrent_transposed_, input_bias_, hidden_bias_;
    std::vector<Doubles> gates_, apart_, memory_;  // of each step of the last sequence
};

}  // namespace

Expected reference(const Batch& batch, const Floats& states) {
    const Shape& s = batch.shape;
    Doubles expected_states(s.steps() * s.directions * s.hidden), grad_values(s.steps() * s.inputs);
    BoundaryOf final(s.boundary_floats()), grad_initial(s.boundary_floats());
    DirectionGradients grads[2];
    for (int d = 0; d < s.directions; ++d) {
        Direction direction(batch, d);
        for (int64_t i = 0; i < static_cast<int64_t>(s.lengths.size()); ++i) {
            direction.forward(batch, i, nullptr, expected_states, final);
            direction.forward(batch, i, &states, expected_states, final);
            direction.backward(batch, i, states, grad_values, grad_initial);
        }
        grads[d] = direction.grads;
    }
    Expected expected = {
        {"states", expected_states},
        {"final states", final.hidden},
        {"final memory", final.memory},
        {"grad of values", grad_values},
        {"grad of initial states", grad_initial.hidden},
        {"grad of initial memory", grad_initial.memory},
    };
    for (int d = 0; d < 2; ++d) {
        const std::string suffix = d == 0 ? "" : ", reverse";
        expected.emplace_back("grad of weight_ih" + suffix, grads[d].input);
        expected.emplace_back("grad of weight_hh" + suffix, grads[d].hidden);
        expected.emplace_back("grad of bias_ih" + suffix, grads[d].input_bias);
        expected.emplace_back("grad of bias_hh" + suffix, grads[d].hidden_bias);
    }
    return expected;
}

Doubles linear_reference(const Floats& rows, const Floats& weight, const Floats& bias, int64_t inputs) {
    const int64_t n_rows = static_cast<int64_t>(rows.size()) / inputs, outputs = static_cast<int64_t>(weight.size()) / inputs;
    const Doubles by_input = transposed(weight, inputs);
    Doubles result(n_rows * outputs);
    for (int64_t r = 0; r < n_rows; ++r) {
        const Doubles row(rows.data() + r * inputs, rows.data() + (r + 1) * inputs);
        for (int64_t j = 0; j < static_cast<int64_t>(bias.size()); ++j) result[r * outputs + j] = bias[j];
        add_product(by_input, row.data(), inputs, outputs, &result[r * outputs]);
    }
    return result;
}
