#include "stress.h"

#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <thread>

#include "sanitizers.h"

namespace {

constexpr int kCallers = 4;
constexpr int32_t kNoMemory = 1;
constexpr std::size_t kEnough = std::size_t{1} << 40;  // not more: a system may promise memory that it does not have
std::atomic<std::size_t> largest_allocation{kEnough};

}  // namespace

// The linker puts this in the place of aligned_alloc (CMakeLists.txt). New memory holds NaN.
extern "C" void* __real_aligned_alloc(std::size_t alignment, std::size_t size);
extern "C" void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
    void* memory = size > largest_allocation ? nullptr : __real_aligned_alloc(alignment, size);
    return memory ? std::memset(memory, 0xff, size) : nullptr;
}

namespace {

// One batch, and its results on one thread.
struct Known {
    Batch batch;
    Results results;

    Known(const Shape& shape, const char* isa) : batch(shape), results(run(batch, isa, {})) {}

    bool same_again(const char* isa, int threads) const {
        try {
            Wanted wanted;
            wanted.threads = threads;
            check_same(run(batch, isa, wanted), results);
            return true;
        } catch (const std::runtime_error& error) {
            std::fprintf(stderr, "%s: %s, on %d threads\n", error.what(), batch.shape.text().c_str(), threads);
            return false;
        }
    }
};

// Whether a child, and a child of it, get the same results; a child that hangs is ended.
bool same_in_child(const Known& known, const char* isa, int generations) {
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) {
        alarm(300);
        bool same = known.same_again(isa, 4) && known.same_again(isa, 2);
        if (same && generations > 1) same = same_in_child(known, isa, generations - 1);
        _exit(same ? 0 : 1);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// The outcome of a call on a new thread while no allocation may be larger than `most`. With `prepared`, that thread has its memory
// already. Not all arrays are large enough for what must fail.
int32_t outcome_of(int64_t inputs, int64_t hidden, int cell, bool backward, std::size_t most, bool prepared = false) {
    constexpr int64_t n = 256, length = 4;
    std::vector<int64_t> offsets(n + 1);
    for (int64_t i = 0; i <= n; ++i) offsets[i] = i * length;
    std::vector<float> numbers(4096, 0.25f), grads(2 * 4096), results(n * length * 5 * 32, 0.25f);
    Layer layer{};
    layer.input_size = inputs;
    layer.hidden_size = hidden;
    layer.directions = 1;
    layer.weights[0] = {numbers.data(), numbers.data(), nullptr, nullptr};
    layer.n_sequences = n;
    layer.n_steps = n * length;
    layer.offsets = offsets.data();
    layer.values = numbers.data();
    Forward forward_call{};
    forward_call.states = results.data();
    Backward backward_call{};
    backward_call.states = backward_call.saved = backward_call.grad_states = results.data();
    backward_call.grads[0] = {grads.data(), grads.data() + 4096, nullptr, nullptr};
    const auto call = [&](int threads) {
        layer.threads = threads;
        return backward ? seqclf_backward("portable", cell, &layer, &backward_call)
                        : seqclf_forward("portable", cell, &layer, &forward_call);
    };
    int32_t outcome = -1;
    std::thread([&] {
        if (prepared) call(1);
        // Other numbers than before, so that what is left in memory is wrong.
        std::fill(grads.begin(), grads.end(), 0.0f);
        std::fill(results.begin(), results.end(), 0.5f);
        largest_allocation = most;
        outcome = call(4);
        largest_allocation = kEnough;
    }).join();
    if (outcome != 0) return outcome;
    const std::vector<float> got = backward ? grads : results;
    std::fill(grads.begin(), grads.end(), 0.0f);
    if (!backward) std::fill(results.begin(), results.end(), 0.5f);
    std::thread([&] { call(1); }).join();
    return got == (backward ? grads : results) ? 0 : -1;
}

void expect(int32_t got, int32_t expected, const char* what) {
    if (got != expected)
        throw std::runtime_error(std::string(what) + " must return " + std::to_string(expected) + ", got " + std::to_string(got));
}

}  // namespace

void stress_threads(Random& random, const std::vector<const char*>& instruction_sets, int rounds, bool forks) {
    for (int round = 0; round < rounds; ++round) {
        const char* isa = instruction_sets[round % instruction_sets.size()];
        std::vector<Known> known;
        for (int i = 0; i < kCallers; ++i) known.emplace_back(random_shape(random, random(), 3e5), isa);
        std::atomic<int> wrong{0};
        std::vector<std::thread> callers;
        for (int i = 0; i < kCallers; ++i)
            callers.emplace_back([&known, &wrong, isa, i, seed = random()] {
                Random own(seed);
                for (int call = 0; call < 20; ++call) wrong += !known[i].same_again(isa, random_threads(own));
            });
        // A process with AddressSanitizer must not fork while others allocate; ThreadSanitizer cannot follow a child's threads.
        bool same = true;
        for (int i = 0; i < kCallers && forks && !kAddressSanitizer && !kThreadSanitizer; ++i)
            same = same_in_child(known[i], isa, 2) && same;
        for (std::thread& caller : callers) caller.join();
        if (forks && !kThreadSanitizer) same = same_in_child(known[0], isa, 2) && same;
        if (!same) throw std::runtime_error("a forked process computes something else");
        if (wrong) throw std::runtime_error("calls from several threads at once disturb each other");
    }
}

void stress_memory() {
    for (int again = 0; again < 5; ++again)  // only the pool's threads, which are new, are without memory, several at once
        for (int cell = kTanh; cell <= kLstm; ++cell)
            for (const bool backward : {false, true})
                if (const int32_t outcome = outcome_of(3, 32, cell, backward, 0, true); outcome != kNoMemory)
                    expect(outcome, 0, "a call that some threads join without memory, if it does not say so,");
    for (int cell = kTanh; cell <= kLstm; ++cell)
        for (const bool backward : {false, true}) {
            std::size_t most = 0;
            expect(outcome_of(3, 32, cell, backward, 0), kNoMemory, "a call without memory");
            int32_t outcome = kNoMemory;
            while ((outcome = outcome_of(3, 32, cell, backward, most)) == kNoMemory) most += 8192;
            expect(outcome, 0, "a call with just enough memory, whose results must be complete,");
            expect(outcome_of(int64_t{1} << 48, 1, cell, backward, kEnough), kNoMemory, "a layer with 2^48 inputs");
            expect(outcome_of(3, int64_t{1} << 26, cell, backward, kEnough), kNoMemory, "a layer with 2^26 units");
        }
    const Linear linear{int64_t{1} << 28, int64_t{1} << 28, 1, nullptr, nullptr, nullptr, nullptr, 1, 0, nullptr};
    expect(seqclf_linear("portable", &linear), kNoMemory, "a linear map with 2^56 weights");
}
