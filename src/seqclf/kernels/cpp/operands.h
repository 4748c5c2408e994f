// Rows in the precision in which the matrix products multiply them.
#pragma once

#include "layer.h"
#include "precision.h"

namespace {

// Terms of a sum, as many as whole pairs hold.
template <class P>
int64_t paired(int64_t terms) {
    return (terms + P::kPair - 1) / P::kPair * P::kPair;
}

// Rows for a product over their width: the rows themselves, or rounded copies.
template <class P>
const typename P::Number* const* as_operands(const float* const* rows, int64_t count, int64_t width,
                                             typename P::Number* copies, const typename P::Number** to) {
    if constexpr (P::kPair == 1) return rows;
    else {
        for (int64_t r = 0; r < count; ++r, copies += padded(width)) {
            P::round_row(rows[r], width, copies);
            to[r] = copies;
        }
        return to;
    }
}

// Rows for a product over the rows: the rows themselves, or rounded copies of pairs of rows, kPair * pitch numbers apart.
template <class P, class Row>
const typename P::Number* const* as_paired_operands(const Row* const* rows, int64_t count, int64_t width, int64_t pitch,
                                                    typename P::Number* copies, const typename P::Number** to) {
    if constexpr (P::kPair == 1) return rows;
    else {
        for (int64_t r = 0; r < count; r += 2, copies += 2 * pitch) {
            P::pair_rows(rows[r], r + 1 < count ? rows[r + 1] : nullptr, width, copies);
            to[r / 2] = copies;
        }
        return to;
    }
}

}  // namespace
