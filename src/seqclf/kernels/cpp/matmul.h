// The two matrix products of a recurrence, in panels small enough for their sums to stay in registers.
//
// Each sum is accumulated in the order of its index by fused multiply-adds, in blocks that are then added up, so
// rounding errors grow with the length of a block rather than of the sum. The order does not depend on the number of
// rows processed together, so the results of a row are bitwise independent of the other rows.
#pragma once

#include "vector.h"

// Sums stay in registers only if every loop over them is unrolled.
#define SEQCLF_UNROLL _Pragma("GCC unroll 8")

namespace {

constexpr int64_t kSumBlock = 64;

// C[r] = start[r] + A[r] W, for R <= 6 rows and one panel of columns. The layout of W is [inputs][N * kLanes].
template <int R, int N>
void multiply_panel(const float* const* a, int64_t inputs, const float* w, const float* const* start, float* const* c) {
    const float* row[R];
    SEQCLF_UNROLL for (int r = 0; r < R; ++r) row[r] = a[r];
    int64_t k = 0;
    do {
        const int64_t end = k + kSumBlock < inputs ? k + kSumBlock : inputs;
        Vector sum[R][N] = {};
        for (; k < end; ++k, w += N * kLanes) {
            Vector column[N];
            SEQCLF_UNROLL for (int n = 0; n < N; ++n) column[n] = load(w + n * kLanes);
            SEQCLF_UNROLL for (int r = 0; r < R; ++r) {
                const Vector value = fill(row[r][k]);
                SEQCLF_UNROLL for (int n = 0; n < N; ++n) sum[r][n] += value * column[n];
            }
        }
        SEQCLF_UNROLL for (int r = 0; r < R; ++r)
            SEQCLF_UNROLL for (int n = 0; n < N; ++n)
                store(c[r] + n * kLanes, load(start[r] + n * kLanes) + sum[r][n]);
        start = c;
    } while (k < inputs);
}

// C[i] += sum over steps of a[step][i] * b[step], for R <= 6 inputs and one panel of columns: the gradient of a weight.
template <int R, int N>
void accumulate_panel(const float* const* a, int64_t first, int64_t steps, const float* b, int64_t b_stride, float* c,
                      int64_t c_stride) {
    Vector sum[R][N] = {};
    for (int64_t k = 0; k < steps; ++k, b += b_stride) {
        const float* row = a[k] + first;
        Vector column[N];
        SEQCLF_UNROLL for (int n = 0; n < N; ++n) column[n] = load(b + n * kLanes);
        SEQCLF_UNROLL for (int r = 0; r < R; ++r) {
            const Vector value = fill(row[r]);
            SEQCLF_UNROLL for (int n = 0; n < N; ++n) sum[r][n] += value * column[n];
        }
    }
    SEQCLF_UNROLL for (int r = 0; r < R; ++r)
        SEQCLF_UNROLL for (int n = 0; n < N; ++n) {
            float* total = c + r * c_stride + n * kLanes;
            store(total, load(total) + sum[r][n]);
        }
}

using MultiplyPanel = void (*)(const float* const*, int64_t, const float*, const float* const*, float* const*);
using AccumulatePanel = void (*)(const float* const*, int64_t, int64_t, const float*, int64_t, float*, int64_t);

// Functions by number of rows - 1.
template <int N>
struct PanelsOfWidth {
    static constexpr MultiplyPanel multiply[kPanelRows] = {multiply_panel<1, N>, multiply_panel<2, N>,
                                                           multiply_panel<3, N>, multiply_panel<4, N>,
                                                           multiply_panel<5, N>, multiply_panel<6, N>};
    static constexpr AccumulatePanel accumulate[kPanelRows] = {accumulate_panel<1, N>, accumulate_panel<2, N>,
                                                               accumulate_panel<3, N>, accumulate_panel<4, N>,
                                                               accumulate_panel<5, N>, accumulate_panel<6, N>};
};

inline const MultiplyPanel* multiply_of(int vectors) {
    if constexpr (kPanelVectors == 4) {
        if (vectors == 4) return PanelsOfWidth<4>::multiply;
        if (vectors == 3) return PanelsOfWidth<3>::multiply;
    }
    return vectors == 2 ? PanelsOfWidth<2>::multiply : PanelsOfWidth<1>::multiply;
}

inline const AccumulatePanel* accumulate_of(int vectors) {
    if constexpr (kPanelVectors == 4) {
        if (vectors == 4) return PanelsOfWidth<4>::accumulate;
        if (vectors == 3) return PanelsOfWidth<3>::accumulate;
    }
    return vectors == 2 ? PanelsOfWidth<2>::accumulate : PanelsOfWidth<1>::accumulate;
}

}  // namespace
