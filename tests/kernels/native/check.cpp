#include "check.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "reference.h"

namespace {

// Of the largest number of an array. The largest errors of 3,000 cases were 6e-6 and, in bfloat16, 6e-2.
constexpr double kTolerance = 2e-5, kBFloat16Tolerance = 0.2;

int64_t between(Random& random, int64_t first, int64_t last) {
    return std::uniform_int_distribution<int64_t>(first, last)(random);
}

bool one_in(Random& random, int64_t n) { return between(random, 1, n) == 1; }

// Mostly small or next to a multiple of a register's width, sometimes large.
int64_t random_size(Random& random, int64_t largest) {
    if (one_in(random, 8)) return between(random, 1, largest);
    if (one_in(random, 3)) return std::min(largest, 16 * between(random, 1, 9) + between(random, -1, 1));
    return between(random, 1, std::min<int64_t>(largest, 40));
}

void check_close(const std::string& name, const Floats& got, const Doubles& expected, double tolerance = kTolerance) {
    double largest = 1e-3, error = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        largest = std::max(largest, std::fabs(expected[i]));
        const double difference = std::fabs(got[i] - expected[i]);
        if (!(difference <= error)) error = difference;  // NaN, too
        if (std::isnan(error)) break;
    }
    if (error <= tolerance * largest) return;
    throw std::runtime_error(name + " is wrong: error " + std::to_string(error) + " of " + std::to_string(largest));
}

void check_same(const std::string& name, const Floats& got, const Floats& expected) {
    const std::size_t count = std::min(got.size(), expected.size());
    if (count && std::memcmp(got.data(), expected.data(), count * sizeof(float)) != 0)
        throw std::runtime_error(name + " changed with the number of threads or with what else was wanted");
}

Floats draw(Random& random, int64_t count) {
    Floats drawn(count, one_in(random, 2));
    for (float& one : drawn) one = std::uniform_real_distribution<float>(-1, 1)(random);
    drawn.freeze();
    return drawn;
}

}  // namespace

int random_threads(Random& random) { return static_cast<int>(between(random, 1, 8)); }

Shape random_shape(Random& random, uint64_t seed, double work) {
    Shape shape{};
    shape.seed = seed;
    shape.cell = static_cast<int32_t>(between(random, 0, 3));
    shape.inputs = random_size(random, 300);
    shape.hidden = random_size(random, 600);
    shape.directions = static_cast<int32_t>(between(random, 1, 2));
    shape.biases = !one_in(random, 4);
    shape.initial = one_in(random, 2);
    shape.grad_final = one_in(random, 2);
    shape.grad_states = !one_in(random, 8);
    const double of_step = static_cast<double>(shape.rows() * shape.directions * (shape.inputs + shape.hidden));
    const int64_t most_steps = std::max<int64_t>(4, static_cast<int64_t>(work / of_step));
    const int64_t longest = one_in(random, 4) ? 300 : between(random, 1, 24);
    // Up to 1,000 sequences: more tiles than there are separate sums of gradients, and tiles of every size.
    const int64_t n = one_in(random, 16) ? 0 : one_in(random, 6) ? between(random, 300, 1000) : between(random, 1, 40);
    int64_t steps = 0;
    for (int64_t i = 0; i < n; ++i) {
        const int64_t length = one_in(random, 6) ? 0 : between(random, 1, longest);
        shape.lengths.push_back(std::min(length, std::min<int64_t>(most_steps, 4000) - steps));
        steps += shape.lengths.back();
    }
    std::shuffle(shape.lengths.begin(), shape.lengths.end(), random);
    return shape;
}

void check_same(const Results& got, const Results& expected) {
    const auto names = got.named(), others = expected.named();
    for (std::size_t i = 0; i < names.size(); ++i) check_same(names[i].first, *names[i].second, *others[i].second);
}

void check_recurrence(const Shape& shape, const char* isa, Random& random) {
    const Batch batch(shape);
    Wanted all;
    all.threads = random_threads(random);
    const Results results = run(batch, isa, all);
    const Expected expected = reference(batch, results.states);
    const auto named = results.named();
    const double tolerance = shape.precision == kBFloat16 ? kBFloat16Tolerance : kTolerance;
    for (std::size_t i = 0; i < named.size(); ++i)
        check_close(named[i].first, *named[i].second, expected[i].second, tolerance);
    Wanted some;
    some.threads = random_threads(random);
    some.gradients = one_in(random, 2);
    some.of_values = one_in(random, 2);
    some.of_initial = one_in(random, 2);
    some.final = one_in(random, 2);
    check_same(run(batch, isa, some), results);
}

void check_linear(uint64_t seed, const char* isa, Random& random) {
    const int64_t inputs = random_size(random, 600), outputs = random_size(random, 600);
    const int64_t n_rows = one_in(random, 8) ? 0 : random_size(random, 1 + 10'000'000 / (inputs * outputs));
    const Floats rows = draw(random, n_rows * inputs), weight = draw(random, outputs * inputs);
    const Floats bias = one_in(random, 4) ? Floats() : draw(random, outputs);
    const auto call = [&](int64_t count) {
        Floats result(count * outputs, seed % 2 == 0);
        const Linear linear{inputs, outputs, count, rows.data(), weight.data(), bias.data(), result.data(), random_threads(random), 0, nullptr};
        const int32_t outcome = seqclf_linear(isa, &linear);
        if (outcome != 0) throw std::runtime_error("seqclf_linear returned " + std::to_string(outcome));
        if (!result.intact()) throw std::runtime_error("seqclf_linear wrote outside of its result");
        return result;
    };
    const Floats result = call(n_rows);
    const std::string name = "linear map of " + std::to_string(n_rows) + " rows, " + std::to_string(inputs) + " to " + std::to_string(outputs);
    check_close(name, result, linear_reference(rows, weight, bias, inputs));
    check_same(name, call(between(random, 0, n_rows)), result);
}
