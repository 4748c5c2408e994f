// The two matrix products of a recurrence, in panels small enough for their sums to stay in registers.
//
// Each sum is accumulated in the order of its index by fused multiply-adds, in blocks that are then added up, so
// rounding errors grow with the length of a block rather than of the sum. The order does not depend on the number of
// rows processed together, so the results of a row are bitwise independent of the other rows.
#pragma once

#include <utility>

#include "precision.h"

// Sums stay in registers only if every loop over them is unrolled.
#define SEQCLF_UNROLL _Pragma("GCC unroll 16")

namespace {

constexpr int64_t kSumBlock = 64;

// C[r] = start[r] + A[r] W, for R rows and one panel of columns. The layout of W is [inputs / kPair][N * kLanes][kPair]; `inputs`
// is a multiple of kPair.
template <class P, int R, int N>
void multiply_panel(const typename P::Number* const* a, int64_t inputs, const typename P::Number* w,
                    const float* const* start, float* const* c) {
    const typename P::Number* row[R];
    SEQCLF_UNROLL for (int r = 0; r < R; ++r) row[r] = a[r];
    int64_t k = 0;
    do {
        const int64_t end = k + kSumBlock < inputs ? k + kSumBlock : inputs;
        Vector sum[R][N] = {};
        for (; k < end; k += P::kPair, w += N * kLanes * P::kPair) {
            typename P::Operand column[N];
            SEQCLF_UNROLL for (int n = 0; n < N; ++n) column[n] = P::load_operand(w + n * kLanes * P::kPair);
            SEQCLF_UNROLL for (int r = 0; r < R; ++r) {
                const typename P::Operand value = P::repeat(row[r] + k);
                SEQCLF_UNROLL for (int n = 0; n < N; ++n) sum[r][n] = P::multiply_add(value, column[n], sum[r][n]);
            }
        }
        SEQCLF_UNROLL for (int r = 0; r < R; ++r)
            SEQCLF_UNROLL for (int n = 0; n < N; ++n)
                store(c[r] + n * kLanes, load(start[r] + n * kLanes) + sum[r][n]);
        start = c;
    } while (k < inputs);
}

// C[i] += sum over steps of a[step][i] * b[step], for R inputs and one panel of columns: the gradient of a
// weight. With kPair > 1, each step is a pair of them, and a and b hold pairs of numbers.
template <class P, int R, int N>
void accumulate_panel(const typename P::Number* const* a, int64_t first, int64_t steps, const typename P::Number* b,
                      int64_t b_stride, float* c, int64_t c_stride) {
    Vector sum[R][N] = {};
    for (int64_t k = 0; k < steps; ++k, b += b_stride) {
        const typename P::Number* row = a[k] + first * P::kPair;
        typename P::Operand column[N];
        SEQCLF_UNROLL for (int n = 0; n < N; ++n) column[n] = P::load_operand(b + n * kLanes * P::kPair);
        SEQCLF_UNROLL for (int r = 0; r < R; ++r) {
            const typename P::Operand value = P::repeat(row + r * P::kPair);
            SEQCLF_UNROLL for (int n = 0; n < N; ++n) sum[r][n] = P::multiply_add(value, column[n], sum[r][n]);
        }
    }
    SEQCLF_UNROLL for (int r = 0; r < R; ++r)
        SEQCLF_UNROLL for (int n = 0; n < N; ++n) {
            float* total = c + r * c_stride + n * kLanes;
            store(total, load(total) + sum[r][n]);
        }
}

template <class P>
using MultiplyPanel = void (*)(const typename P::Number* const*, int64_t, const typename P::Number*, const float* const*,
                               float* const*);
template <class P>
using AccumulatePanel = void (*)(const typename P::Number* const*, int64_t, int64_t, const typename P::Number*, int64_t,
                                 float*, int64_t);

// Functions by number of rows - 1, up to the most rows of the panels of one width.
template <class Panel>
struct PanelsByRows {
    const Panel* panels;
    int most;
    Panel of(int64_t rows) const { return panels[rows - 1]; }
};

// Narrow panels take more rows, so that each load of a weight serves more sums. With 6 rows of 2 vectors a product of 32 to
// 64 terms reached 70 % of the peak, with 12 rows 80 to 92 %; a gradient 77 %, with 8 rows 98 % (with 12 rows 90 %). Blocks
// are not balanced: 4 + 3 rows reach 82 and 78 %, 6 + 1 rows 93 and 69 %.
constexpr int multiply_rows(int vectors) { return vectors * 2 <= kPanelVectors ? 2 * kPanelRows : kPanelRows; }
constexpr int accumulate_rows(int vectors) { return vectors * 2 <= kPanelVectors ? 8 : kPanelRows; }

template <class P, int N, int... R>
inline PanelsByRows<MultiplyPanel<P>> multiply_table(std::integer_sequence<int, R...>) {
    static constexpr MultiplyPanel<P> panels[] = {multiply_panel<P, R + 1, N>...};
    return {panels, sizeof...(R)};
}

template <class P, int N, int... R>
inline PanelsByRows<AccumulatePanel<P>> accumulate_table(std::integer_sequence<int, R...>) {
    static constexpr AccumulatePanel<P> panels[] = {accumulate_panel<P, R + 1, N>...};
    return {panels, sizeof...(R)};
}

template <class P, int N = kPanelVectors>
inline PanelsByRows<MultiplyPanel<P>> multiply_of(int vectors) {
    if constexpr (N > 1)
        if (vectors < N) return multiply_of<P, N - 1>(vectors);
    return multiply_table<P, N>(std::make_integer_sequence<int, multiply_rows(N)>());
}

template <class P, int N = kPanelVectors>
inline PanelsByRows<AccumulatePanel<P>> accumulate_of(int vectors) {
    if constexpr (N > 1)
        if (vectors < N) return accumulate_of<P, N - 1>(vectors);
    return accumulate_table<P, N>(std::make_integer_sequence<int, accumulate_rows(N)>());
}

}  // namespace
