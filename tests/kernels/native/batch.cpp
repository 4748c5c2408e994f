#include "batch.h"

#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>

namespace {

// Numbers of one batch; every second array lies before the second protected page.
class Source {
   public:
    explicit Source(uint64_t seed) : random_(seed) {}

    Floats draw(int64_t count, double limit) {
        std::uniform_real_distribution<float> number(static_cast<float>(-limit), static_cast<float>(limit));
        Floats drawn(count, random_() % 2 == 0);
        for (float& one : drawn) one = number(random_);
        drawn.freeze();
        return drawn;
    }

   private:
    std::mt19937_64 random_;
};

void check(int32_t outcome, const char* function) {
    if (outcome != 0) throw std::runtime_error(std::string(function) + " returned " + std::to_string(outcome));
}

States draw_states(Source& source, const Shape& shape) {
    States states;
    states.hidden = source.draw(shape.boundary_floats(), 1);
    if (shape.cell == kLstm) states.memory = source.draw(shape.boundary_floats(), 1);
    return states;
}

States new_states(const Shape& shape, bool at_end) {
    States states;
    states.hidden = Floats(shape.boundary_floats(), at_end);
    if (shape.cell == kLstm) states.memory = Floats(shape.boundary_floats(), at_end);
    return states;
}

WeightGradients pointers(const WeightsOf& of) {
    return {of.input.data(), of.hidden.data(), of.input_bias.data(), of.hidden_bias.data()};
}

}  // namespace

int64_t Shape::steps() const { return std::accumulate(lengths.begin(), lengths.end(), int64_t{0}); }

std::string Shape::text() const {
    const char* cells[] = {"tanh", "relu", "gru", "lstm"};
    std::string text = cells[cell];
    if (precision == kBFloat16) text += " in bfloat16";
    text += std::string(initial ? ", initial states" : "") + (grad_final ? ", gradients of final states" : "") +
            (grad_states ? "" : ", none of the others");
    text += ", " + std::to_string(inputs) + " inputs, " + std::to_string(hidden) + " hidden, " +
            std::to_string(directions) + " direction(s), " + (biases ? "biases" : "no biases") + ", " +
            std::to_string(lengths.size()) + " sequences of";
    for (std::size_t i = 0; i < lengths.size() && i < 12; ++i) text += " " + std::to_string(lengths[i]);
    return text + (lengths.size() > 12 ? " ..." : "");
}

Batch::Batch(const Shape& s) : shape(s), offsets(s.lengths.size() + 1, s.seed % 2 == 0) {
    Source source(s.seed);
    offsets[0] = 0;
    std::partial_sum(s.lengths.begin(), s.lengths.end(), offsets.begin() + 1);
    offsets.freeze();
    values = source.draw(s.steps() * s.inputs, 2);
    if (s.grad_states) grad_states = source.draw(s.steps() * s.directions * s.hidden, 1);
    if (s.initial) initial = draw_states(source, s);
    if (s.grad_final) grad_final = draw_states(source, s);
    const double limit = 1 / std::sqrt(static_cast<double>(s.hidden));
    for (int d = 0; d < s.directions; ++d) {
        weights[d].input = source.draw(s.rows() * s.inputs, limit);
        weights[d].hidden = source.draw(s.rows() * s.hidden, limit);
        if (!s.biases) continue;
        weights[d].input_bias = source.draw(s.rows(), limit);
        weights[d].hidden_bias = source.draw(s.rows(), limit);
    }
}

Layer Batch::layer(int threads) const {
    Layer layer{};
    layer.input_size = shape.inputs;
    layer.hidden_size = shape.hidden;
    layer.directions = shape.directions;
    for (int d = 0; d < shape.directions; ++d) {
        const WeightsOf& w = weights[d];
        layer.weights[d] = {w.input.data(), w.hidden.data(), w.input_bias.data(), w.hidden_bias.data()};
    }
    layer.n_sequences = static_cast<int64_t>(shape.lengths.size());
    layer.n_steps = offsets.data()[layer.n_sequences];
    layer.offsets = offsets.data();
    layer.values = values.data();
    layer.initial = {initial.hidden.data(), initial.memory.data()};
    layer.precision = shape.precision;
    layer.threads = threads;
    return layer;
}

std::vector<std::pair<std::string, const Floats*>> Results::named() const {
    std::vector<std::pair<std::string, const Floats*>> all = {
        {"states", &states},
        {"final states", &final.hidden},
        {"final memory", &final.memory},
        {"grad of values", &grad_values},
        {"grad of initial states", &grad_initial.hidden},
        {"grad of initial memory", &grad_initial.memory},
    };
    for (int d = 0; d < 2; ++d) {
        const std::string suffix = d == 0 ? "" : ", reverse";
        all.emplace_back("grad of weight_ih" + suffix, &grads[d].input);
        all.emplace_back("grad of weight_hh" + suffix, &grads[d].hidden);
        all.emplace_back("grad of bias_ih" + suffix, &grads[d].input_bias);
        all.emplace_back("grad of bias_hh" + suffix, &grads[d].hidden_bias);
    }
    return all;
}

namespace {

void run_forward(const Batch& batch, const char* isa, const Wanted& wanted, bool at_end, Results& results) {
    const Shape& s = batch.shape;
    const Layer layer = batch.layer(wanted.threads);
    results.states = Floats(s.steps() * s.directions * s.hidden, at_end);
    if (wanted.gradients) results.saved = Floats(s.steps() * s.directions * kCellSaved[s.cell] * padded(s.hidden), at_end);
    if (wanted.final) results.final = new_states(s, at_end);
    Forward forward{};
    forward.states = results.states.data();
    forward.saved = results.saved.data();
    forward.final = {results.final.hidden.data(), results.final.memory.data()};
    check(seqclf_forward(isa, s.cell, &layer, &forward), "seqclf_forward");
}

void run_backward(const Batch& batch, const char* isa, const Wanted& wanted, bool at_end, Results& results) {
    const Shape& s = batch.shape;
    const Layer layer = batch.layer(wanted.threads);
    results.states.freeze();
    results.saved.freeze();
    if (wanted.of_values) results.grad_values = Floats(s.steps() * s.inputs, at_end);
    if (wanted.of_initial) results.grad_initial = new_states(s, at_end);
    Backward backward{};
    backward.states = results.states.data();
    backward.saved = results.saved.data();
    backward.grad_states = batch.grad_states.data();
    backward.grad_final = {batch.grad_final.hidden.data(), batch.grad_final.memory.data()};
    backward.grad_values = results.grad_values.data();
    backward.grad_initial = {results.grad_initial.hidden.data(), results.grad_initial.memory.data()};
    for (int d = 0; d < s.directions; ++d) {
        WeightsOf& grads = results.grads[d];
        grads.input = Floats(s.rows() * s.inputs, at_end);
        grads.hidden = Floats(s.rows() * s.hidden, at_end);
        if (s.biases) grads.input_bias = Floats(s.rows(), at_end), grads.hidden_bias = Floats(s.rows(), at_end);
        backward.grads[d] = pointers(grads);
    }
    check(seqclf_backward(isa, s.cell, &layer, &backward), "seqclf_backward");
}

}  // namespace

Results run(const Batch& batch, const char* isa, const Wanted& wanted) {
    const bool at_end = batch.shape.seed / 2 % 2 == 0;
    Results results;
    run_forward(batch, isa, wanted, at_end, results);
    if (wanted.gradients) run_backward(batch, isa, wanted, at_end, results);
    for (const auto& [name, floats] : results.named())
        if (!floats->intact()) throw std::runtime_error("the kernels wrote outside of the " + name);
    if (!results.saved.intact()) throw std::runtime_error("the kernels wrote outside of the saved gates");
    return results;
}
