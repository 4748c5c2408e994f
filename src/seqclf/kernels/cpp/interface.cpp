// The C interface that Python loads, and the choice of the instruction set.

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "busy.h"
#include "layer.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

extern const Kernels kernels_portable;
#ifdef SEQCLF_X86
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif
#ifdef SEQCLF_BFLOAT16
extern const Kernels kernels_avx512_bf16;
#endif

namespace {

struct InstructionSet {
    const char* name;
    const Kernels* kernels;
    bool runs_here;
    const Kernels* bfloat16;  // with products in bfloat16; null if this build or this processor has none
};

// Best first.
const InstructionSet* instruction_sets() {
#ifdef SEQCLF_X86
    static const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const Kernels* bfloat16 = nullptr;
#ifdef SEQCLF_BFLOAT16
    if (avx512 && __builtin_cpu_supports("avx512bf16")) bfloat16 = &kernels_avx512_bf16;
#endif
    static const InstructionSet sets[] = {{"avx512", &kernels_avx512, avx512, bfloat16},
                                          {"avx2", &kernels_avx2, avx2, nullptr},
                                          {"portable", &kernels_portable, true, nullptr},
                                          {nullptr, nullptr, false, nullptr}};
#else
    static const InstructionSet sets[] = {{"portable", &kernels_portable, true, nullptr},
                                          {nullptr, nullptr, false, nullptr}};
#endif
    return sets;
}

const InstructionSet* find(const char* name) {
    for (const InstructionSet* set = instruction_sets(); set->name; ++set)
        if (std::strcmp(set->name, name) == 0) return set;
    return nullptr;
}

enum Outcome : int32_t { kDone = 0, kNoMemory = 1, kNoSuchSet = 2, kUnknown = 3, kWrongOffsets = 4 };

bool divides_all_steps(const int64_t* offsets, int64_t n_sequences, int64_t n_steps) {
    for (int64_t i = 0; i < n_sequences; ++i)
        if (offsets[i] > offsets[i + 1]) return false;
    return offsets[0] == 0 && offsets[n_sequences] == n_steps;
}

// Indices of sequences by decreasing length; the sort is stable.
std::vector<int64_t> by_falling_length(const int64_t* offsets, int64_t count) {
    std::vector<int64_t> order(count);
    for (int64_t i = 0; i < count; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [offsets](int64_t a, int64_t b) {
        return offsets[a + 1] - offsets[a] > offsets[b + 1] - offsets[b];
    });
    return order;
}

// Calls a function of one instruction set; exceptions must not cross into C.
template <class Function>
int32_t call_kernels(const char* isa, int32_t precision, Function function) {
    const InstructionSet* set = find(isa);
    if (set == nullptr) return kNoSuchSet;
    const Kernels* kernels = precision == kBFloat16 ? set->bfloat16 : set->kernels;
    if (kernels == nullptr) return kNoSuchSet;
    try {
        return function(*kernels) ? kDone : kNoMemory;
    } catch (const std::bad_alloc&) {
        return kNoMemory;
    } catch (...) {
        return kUnknown;
    }
}

// Calls a function with a layer whose sequences are sorted by decreasing length.
template <class Function>
int32_t call_sorted(const char* isa, const Layer& layer, Function function) {
    if (!divides_all_steps(layer.offsets, layer.n_sequences, layer.n_steps)) return kWrongOffsets;
    return call_kernels(isa, layer.precision, [&](const Kernels& kernels) {
        const std::vector<int64_t> order = by_falling_length(layer.offsets, layer.n_sequences);
        Layer sorted = layer;
        sorted.order = order.data();
        return function(kernels, sorted);
    });
}

}  // namespace

// Version of this interface, changed with it, so that Python refuses the library of another build.
EXPORT int32_t seqclf_interface() { return 5; }

// Names of the instruction sets in this build, best first; null at the end.
EXPORT const char* seqclf_instruction_set(int32_t index) {
    const InstructionSet* set = instruction_sets();
    for (; index > 0 && set->name; --index) ++set;
    return set->name;
}

// 1: runs on this machine, 0: does not, -1: not in this build.
EXPORT int32_t seqclf_runs(const char* name) {
    const InstructionSet* set = find(name);
    return set == nullptr ? -1 : set->runs_here;
}

// Uses threads as on a busy machine, or as on an idle one, for some milliseconds.
EXPORT void seqclf_assume_busy(int32_t milliseconds) { assume_busy(milliseconds); }
EXPORT void seqclf_assume_idle(int32_t milliseconds) { assume_idle(milliseconds); }

// Whether an instruction set that runs here has products in bfloat16.
EXPORT int32_t seqclf_has_bfloat16(const char* name) {
    const InstructionSet* set = find(name);
    return set != nullptr && set->bfloat16 != nullptr;
}

// Floats of `Layer::packed`.
EXPORT int64_t seqclf_packed_floats(int32_t gates_per_unit, const Layer* layer) {
    return packed_floats(gates_per_unit, layer->input_size, layer->hidden_size, layer->directions);
}

// Floats of `Linear::packed`.
EXPORT int64_t seqclf_packed_linear_floats(const Linear* call) {
    return packed_linear_floats(call->inputs, call->outputs);
}

EXPORT int32_t seqclf_forward(const char* isa, int32_t cell, const Layer* layer, const Forward* result) {
    return call_sorted(isa, *layer, [&](const Kernels& kernels, const Layer& sorted) {
        return kernels.forward(static_cast<CellKind>(cell), sorted, *result);
    });
}

EXPORT int32_t seqclf_backward(const char* isa, int32_t cell, const Layer* layer, const Backward* result) {
    return call_sorted(isa, *layer, [&](const Kernels& kernels, const Layer& sorted) {
        return kernels.backward(static_cast<CellKind>(cell), sorted, *result);
    });
}

EXPORT int32_t seqclf_linear(const char* isa, const Linear* call) {
    return call_kernels(isa, kFloat32, [&](const Kernels& kernels) { return kernels.linear(*call); });
}
