// Tiles of sequences, and the chunks of time in which a tile is processed.
#pragma once

#include <cstring>

#include "layer.h"
#include "packing.h"
#include "scratch.h"
#include "threads.h"

namespace {

constexpr int64_t kTileRows = 24;     // maximum; a multiple of kPanelRows
constexpr int64_t kFewestTiles = 16;  // if there are enough sequences: enough tasks for the threads of a laptop
constexpr int64_t kChunkSteps = 96;   // slots (rows x time steps) whose gates fit in the cache together

template <typename T>
T least(T a, T b) {
    return a < b ? a : b;
}

template <typename T>
T most(T a, T b) {
    return a < b ? b : a;
}

// Tiles depend on the batch only, not on the number of threads, so the order of sums does not either.
struct Tiling {
    int64_t rows;
    int64_t tiles;

    explicit Tiling(int64_t n_sequences) {
        const int64_t wanted = (n_sequences + kFewestTiles - 1) / kFewestTiles;
        rows = least(kTileRows, most<int64_t>(1, (wanted + kPanelRows - 1) / kPanelRows) * kPanelRows);  // even without sequences
        tiles = (n_sequences + rows - 1) / rows;
    }
};

// The rows of one tile in one direction: maps time step t of a row to its index among all steps.
struct Rows {
    const Layer& layer;
    int direction;
    int64_t first;
    int64_t count;

    int64_t sequence(int64_t row) const { return layer.order[first + row]; }
    int64_t length(int64_t row) const { return layer.offsets[sequence(row) + 1] - layer.offsets[sequence(row)]; }
    int64_t step(int64_t row, int64_t t) const {
        const int64_t i = sequence(row);
        return direction == 0 ? layer.offsets[i] + t : layer.offsets[i + 1] - 1 - t;
    }
    int64_t step_before(int64_t step) const { return direction == 0 ? step - 1 : step + 1; }
    int64_t step_after(int64_t step) const { return direction == 0 ? step + 1 : step - 1; }
    // Number of rows with a time step t, searched from `guess`; they come first, since lengths decrease.
    int64_t active(int64_t t, int64_t guess) const {
        while (guess > 0 && length(guess - 1) <= t) --guess;
        while (guess < count && length(guess) > t) ++guess;
        return guess;
    }
    // Where the state of a row begins in a Boundary.
    int64_t boundary(int64_t row) const {
        return (sequence(row) * layer.directions + direction) * layer.hidden_size;
    }
    // Copies the rows of a Boundary, or zeros if it is null, to rows of padded units.
    void read(const float* boundaries, float* to, int64_t pitch) const {
        std::memset(to, 0, sizeof(float) * count * pitch);
        if (!boundaries) return;
        for (int64_t r = 0; r < count; ++r)
            std::memcpy(to + r * pitch, boundaries + boundary(r), sizeof(float) * layer.hidden_size);
    }
    void write(const float* from, int64_t pitch, float* boundaries) const {
        if (!boundaries) return;
        for (int64_t r = 0; r < count; ++r)
            std::memcpy(boundaries + boundary(r), from + r * pitch, sizeof(float) * layer.hidden_size);
    }
};

Rows tile_rows(const Layer& layer, const Tiling& tiling, int64_t tile, int direction) {
    const int64_t first = tile * tiling.rows;
    return {layer, direction, first, least(tiling.rows, layer.n_sequences - first)};
}

// A block of scratch memory, handed out in parts.
struct Parts {
    float* next;
    template <typename Number = float>
    Number* take(int64_t count) {
        float* part = next;
        next += padded((count * static_cast<int64_t>(sizeof(Number)) + 3) / 4);
        return reinterpret_cast<Number*>(part);
    }
};

// Some consecutive time steps of a tile; slot s is one time step of one row.
struct Chunk {
    int64_t begin = 0, end = 0;  // range of time steps
    int64_t slots = 0;
    int64_t base[kChunkSteps + 1];  // first slot of each time step
    const float* values[kChunkSteps];
    const float* previous[kChunkSteps];
    int64_t step[kChunkSteps];

    void add(const Rows& rows, int64_t t, int64_t active, const float* states, const float* zeros) {
        const Layer& layer = rows.layer;
        const int64_t width = layer.directions * layer.hidden_size;
        for (int64_t r = 0; r < active; ++r, ++slots) {
            const int64_t at = rows.step(r, t);
            step[slots] = at;
            values[slots] = layer.values + at * layer.input_size;
            if (t > 0) previous[slots] = states + rows.step_before(at) * width + rows.direction * layer.hidden_size;
            else previous[slots] = layer.initial.hidden ? layer.initial.hidden + rows.boundary(r) : zeros;
        }
    }
};

template <class Cell>
struct Sizes {
    int64_t hidden, input, pitch, gates, saved, width;
    explicit Sizes(const Layer& layer)
        : hidden(layer.hidden_size),
          input(layer.input_size),
          pitch(padded(layer.hidden_size)),
          gates(Cell::kGates * pitch),
          saved(Cell::kSaved * pitch),
          width(layer.directions * layer.hidden_size) {}
};

constexpr int kInOrder[4] = {0, 1, 2, 3};

template <class P>
void pack_all(Packing<P>* packings, int count, int threads) {
    struct Context {
        Packing<P>* packings;
        int count;
    } context{packings, count};
    int64_t panels = 0, floats = 0;
    for (int i = 0; i < count; ++i) panels += packings[i].panels(), floats += packings[i].to.numbers();
    auto task = [](void* raw, int64_t index) {
        const Context& all = *static_cast<Context*>(raw);
        for (int i = 0; i < all.count; ++i) {
            const Packing<P>& one = all.packings[i];
            if (index < one.panels()) return pack_panel(one.to, one.from, one.column(index));
            index -= one.panels();
        }
    };
    run_tasks(panels, floats < 100000 ? 1 : threads, task, &context);
}

}  // namespace
