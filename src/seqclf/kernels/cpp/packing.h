// Weights in the layout of the products: panels of columns, each [inputs / kPair][columns of the panel][kPair].
#pragma once

#include "layer.h"
#include "matmul.h"

namespace {

// A matrix of `inputs` by `columns` (padded), split into panels of at most kPanelVectors registers. Columns form groups
// of `group`, the last of which may be smaller; no panel crosses the end of a group.
template <class P>
struct Panels {
    using Number = typename P::Number;
    int64_t inputs;  // a multiple of kPair
    int64_t columns;
    int64_t group;
    Number* data;

    const Number* at(int64_t column) const { return data + column * inputs; }
    int64_t numbers() const { return inputs * columns; }
    int vectors(int64_t column) const {
        const int64_t of_group = group - column % group;
        const int64_t left = of_group < columns - column ? of_group : columns - column;
        return static_cast<int>((left < kPanelWidth ? left : kPanelWidth) / kLanes);
    }
};

// Element (input k, column j) of the panels is weights[r(j), k] or, transposed, weights[r(k), j]: r removes the
// padding.
struct Source {
    const float* weights;  // (gates * hidden, inner)
    int64_t hidden;
    int64_t inner;
    const int* gates;  // gate of each group of padded units
    bool transposed;
};

inline float element(const Source& from, int64_t padded_row, int64_t inner, int64_t pitch) {
    const int64_t unit = padded_row % pitch;
    if (unit >= from.hidden || inner >= from.inner) return 0.0f;
    return from.weights[(from.gates[padded_row / pitch] * from.hidden + unit) * from.inner + inner];
}

template <class P>
void pack_panel(const Panels<P>& to, const Source& from, int64_t column) {
    const int64_t width = static_cast<int64_t>(to.vectors(column)) * kLanes;
    const int64_t pitch = padded(from.hidden);
    typename P::Number* panel = to.data + column * to.inputs;
    const auto at = [=](int64_t k, int64_t j) -> typename P::Number& {
        return panel[(k / P::kPair * width + j) * P::kPair + k % P::kPair];
    };
    if (from.transposed) {
        for (int64_t k = 0; k < to.inputs; ++k)
            for (int64_t j = 0; j < width; ++j) at(k, j) = P::rounded(element(from, k, column + j, pitch));
    } else {
        for (int64_t j = 0; j < width; ++j)
            for (int64_t k = 0; k < to.inputs; ++k) at(k, j) = P::rounded(element(from, column + j, k, pitch));
    }
}

template <class P>
struct Packing {
    Panels<P> to;
    Source from;
    static int64_t panels_of(int64_t columns) { return (columns + kPanelWidth - 1) / kPanelWidth; }
    int64_t panels() const {
        return to.columns / to.group * panels_of(to.group) + panels_of(to.columns % to.group);
    }
    int64_t column(int64_t panel) const {
        const int64_t in_group = panels_of(to.group);
        return panel / in_group * to.group + panel % in_group * kPanelWidth;
    }
};

// C[r] = start[r] + A[r] W, for any number of rows and the columns from `first` to `last`.
template <class P>
inline void multiply(const typename P::Number* const* a, int64_t rows, const Panels<P>& w, int64_t first, int64_t last,
                     const float* const* start, float* const* c, int64_t start_shift, int64_t c_shift) {
    for (int64_t column = first; column < last;) {
        const int vectors = w.vectors(column);
        const PanelsByRows<MultiplyPanel<P>> panel = multiply_of<P>(vectors);
        const int64_t from = column - first + start_shift, to = column - first + c_shift;
        for (int64_t r = 0; r < rows; r += panel.most) {
            const int64_t some = rows - r < panel.most ? rows - r : panel.most;
            const float* starts[2 * kPanelRows];
            float* ends[2 * kPanelRows];
            for (int64_t i = 0; i < some; ++i) {
                starts[i] = start[r + i] + from;
                ends[i] = c[r + i] + to;
            }
            panel.of(some)(a + r, w.inputs, w.at(column), starts, ends);
        }
        column += static_cast<int64_t>(vectors) * kLanes;
    }
}

}  // namespace
