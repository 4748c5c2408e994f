// A linear map of rows. The result of a row is bitwise independent of the other rows and of the number of threads, as the
// states of a sequence are; products of BLAS libraries round differently with another number of rows.
#pragma once

#include <cstring>

#include "tiles.h"

namespace {

constexpr int64_t kLinearRows = 96;  // rows per task; a multiple of kPanelRows

struct LinearPass {
    const Linear& call;
    int64_t pitch;
    Panels<Float32> panels;
    float* bias;
    bool failed = false;

    explicit LinearPass(const Linear& c) : call(c), pitch(padded(c.outputs)) {}

    bool run() {
        float* memory = call.packed ? call.packed : scratch(Scratch::kCall, packed_linear_floats(call.inputs, call.outputs));
        if (!memory) return false;
        Parts parts{memory};
        panels = {call.inputs, pitch, pitch, parts.take(pitch * call.inputs)};
        bias = parts.take(pitch);
        if (!call.is_packed) pack();
        auto task = [](void* self, int64_t index) { static_cast<LinearPass*>(self)->block(index * kLinearRows); };
        run_tasks((call.n_rows + kLinearRows - 1) / kLinearRows, call.threads, task, this);
        return !failed;
    }

    void pack() {
        std::memset(bias, 0, sizeof(float) * pitch);
        if (call.bias) std::memcpy(bias, call.bias, sizeof(float) * call.outputs);
        Packing<Float32> packing{panels, {call.weight, call.outputs, call.inputs, kInOrder, false}};
        pack_all(&packing, 1, call.threads);
    }

    void block(int64_t first) {
        const int64_t count = least(kLinearRows, call.n_rows - first);
        float* sums = scratch(Scratch::kTile, kLinearRows * pitch);
        if (!sums) {
            __atomic_store_n(&failed, true, __ATOMIC_RELAXED);  // perhaps by several threads at once
            return;
        }
        const float *row[kLinearRows], *start[kLinearRows] = {};
        float* end[kLinearRows] = {};
        for (int64_t r = 0; r < count; ++r) {
            row[r] = call.rows + (first + r) * call.inputs;
            start[r] = bias;
            end[r] = sums + r * pitch;
        }
        multiply<Float32>(row, count, panels, 0, pitch, start, end, 0, 0);
        for (int64_t r = 0; r < count; ++r)
            std::memcpy(call.result + (first + r) * call.outputs, end[r], sizeof(float) * call.outputs);
    }
};

}  // namespace
