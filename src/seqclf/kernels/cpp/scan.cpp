// The recurrence over ragged rows; compiled once per instruction set.
//
// A task takes a tile of rows (sequences of similar length) in one direction through all their own steps: no step waits
// for another tile, and no padded step exists. What a tile needs stays in its thread's cache; the forward pass writes
// states (and, for training, gates) once, the backward pass reads them once. Tiles go through time in chunks: whatever
// needs no recurrence (the inputs' product, the gradients of weights and inputs) is done for a chunk's steps at once.

#include "cells.h"
#include "layer.h"
#include "packing.h"
#include "threads.h"

#ifndef SEQCLF_ISA
#error "SEQCLF_ISA names the instruction set this file is compiled for"
#endif
#define SEQCLF_JOIN(a, b) a##b
#define SEQCLF_KERNELS(isa) SEQCLF_JOIN(kernels_, isa)

namespace {

constexpr int64_t kTileRows = 24;     // at most; a multiple of kPanelRows
constexpr int64_t kFewestTiles = 16;  // where rows suffice: work for more threads than a laptop has
constexpr int64_t kChunkSteps = 96;  // rows x steps whose gates lie in cache together
constexpr int64_t kMostShards = 32;   // separate sums of weight gradients
constexpr int64_t kShardFloats = int64_t{1} << 24;

template <typename T>
T least(T a, T b) {
    return a < b ? a : b;
}

template <typename T>
T most(T a, T b) {
    return a < b ? b : a;
}

// Tiles depend on the batch alone, never on the number of threads: neither do sums, then.
struct Tiling {
    int64_t rows;
    int64_t tiles;

    explicit Tiling(int64_t n_sequences) {
        const int64_t wanted = (n_sequences + kFewestTiles - 1) / kFewestTiles;
        rows = least(kTileRows, most<int64_t>(1, (wanted + kPanelRows - 1) / kPanelRows) * kPanelRows);  // 0 sequences too
        tiles = (n_sequences + rows - 1) / rows;
    }
};

// The rows of one tile in one direction: where a row's step lies among all steps.
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
    // Rows are sorted by falling length: those that have a step t come first.
    int64_t active(int64_t t, int64_t guess) const {
        while (guess > 0 && length(guess - 1) <= t) --guess;
        while (guess < count && length(guess) > t) ++guess;
        return guess;
    }
};

Rows tile_rows(const Layer& layer, const Tiling& tiling, int64_t tile, int direction) {
    const int64_t first = tile * tiling.rows;
    return {layer, direction, first, least(tiling.rows, layer.n_sequences - first)};
}

// A block of a thread's scratch memory, cut into parts.
struct Parts {
    float* next;
    float* take(int64_t floats) {
        float* part = next;
        next += padded(floats);
        return part;
    }
};

// One chunk of a tile's way through time: slot s is one step of one row.
struct Chunk {
    int64_t begin = 0, end = 0;  // time steps
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
            previous[slots] =
                t == 0 ? zeros : states + rows.step_before(at) * width + rows.direction * layer.hidden_size;
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

void pack_all(Packing* packings, int count, int threads) {
    struct Context {
        Packing* packings;
        int count;
    } context{packings, count};
    int64_t panels = 0, floats = 0;
    for (int i = 0; i < count; ++i) panels += packings[i].panels(), floats += packings[i].to.floats();
    auto task = [](void* raw, int64_t index) {
        const Context& all = *static_cast<Context*>(raw);
        for (int i = 0; i < all.count; ++i) {
            const Packing& one = all.packings[i];
            if (index < one.panels()) return pack_panel(one.to, one.from, one.column(index));
            index -= one.panels();
        }
    };
    run_tasks(panels, floats < 100000 ? 1 : threads, task, &context);
}

// ------------------------------------------------------------------------------------------------ forward

template <class Cell>
struct ForwardPass {
    const Layer& layer;
    const Forward& pass;
    Sizes<Cell> sizes;
    Tiling tiling;
    Panels input[2], hidden[2];
    float* bias[2];         // added to the inputs' product
    float* hidden_bias[2];  // added to the hidden product of the gate that stands apart
    bool failed = false;

    ForwardPass(const Layer& l, const Forward& p) : layer(l), pass(p), sizes(l), tiling(l.n_sequences) {}

    bool run() {
        const int64_t per_direction = sizes.gates * (sizes.input + sizes.hidden + 1) + sizes.pitch;
        float* memory = scratch(Scratch::kCall, layer.directions * per_direction + 64);
        if (!memory) return false;
        Parts parts{memory};
        Packing packings[4];
        for (int d = 0; d < layer.directions; ++d) {
            const Weights& w = layer.weights[d];
            input[d] = {sizes.input, sizes.gates, sizes.pitch, parts.take(sizes.gates * sizes.input)};
            hidden[d] = {sizes.hidden, sizes.gates, sizes.pitch, parts.take(sizes.gates * sizes.hidden)};
            packings[2 * d] = {input[d], {w.input, sizes.hidden, sizes.input, kInOrder, false}};
            packings[2 * d + 1] = {hidden[d], {w.hidden, sizes.hidden, sizes.hidden, kInOrder, false}};
            bias[d] = parts.take(sizes.gates);
            hidden_bias[d] = parts.take(sizes.pitch);
            pack_biases(w, bias[d], hidden_bias[d]);
        }
        pack_all(packings, 2 * layer.directions, layer.threads);
        auto task = [](void* self, int64_t index) { static_cast<ForwardPass*>(self)->tile(index); };
        run_tasks(tiling.tiles * layer.directions, layer.threads, task, this);
        return !failed;
    }

    void pack_biases(const Weights& w, float* sums, float* apart) const {
        for (int64_t g = 0; g < Cell::kGates; ++g)
            for (int64_t u = 0; u < sizes.pitch; ++u) {
                const int64_t from = g * sizes.hidden + u;
                const bool real = w.input_bias && u < sizes.hidden;
                const float of_input = real ? w.input_bias[from] : 0.0f, of_hidden = real ? w.hidden_bias[from] : 0.0f;
                sums[g * sizes.pitch + u] = g == Cell::kApart ? of_input : of_input + of_hidden;
                if (g == Cell::kApart) apart[u] = of_hidden;
            }
    }

    void tile(int64_t index) {
        const int d = static_cast<int>(index % layer.directions);
        const Rows rows = tile_rows(layer, tiling, index / layer.directions, d);
        const int64_t pre_floats = tiling.rows * Cell::kGates * kPanelWidth;
        float* memory = scratch(Scratch::kTile, kChunkSteps * sizes.gates + pre_floats + sizes.hidden +
                                                    tiling.rows * sizes.pitch + 128);
        if (!memory) {
            failed = true;
            return;
        }
        Parts parts{memory};
        float* sums = parts.take(kChunkSteps * sizes.gates);
        float* pre = parts.take(pre_floats);
        float* zeros = parts.take(sizes.hidden);
        float* cells = parts.take(tiling.rows * sizes.pitch);
        std::memset(zeros, 0, sizeof(float) * sizes.hidden);
        std::memset(cells, 0, sizeof(float) * tiling.rows * sizes.pitch);
        Chunk chunk;
        int64_t active = rows.active(0, rows.count);
        while (active > 0) {
            chunk.begin = chunk.end;
            chunk.slots = 0;
            while (active > 0 && chunk.slots + active <= kChunkSteps) {
                chunk.base[chunk.end - chunk.begin] = chunk.slots;
                chunk.add(rows, chunk.end, active, pass.states, zeros);
                active = rows.active(++chunk.end, active);
            }
            chunk.base[chunk.end - chunk.begin] = chunk.slots;
            project(chunk, d, sums);
            for (int64_t t = 0; t < chunk.end - chunk.begin; ++t)
                advance(chunk, chunk.base[t], chunk.base[t + 1] - chunk.base[t], d, sums, pre, cells);
        }
    }

    // sums = bias + values W_input, for all steps of a chunk
    void project(const Chunk& chunk, int d, float* sums) const {
        const float* start[kChunkSteps];
        float* end[kChunkSteps];
        for (int64_t s = 0; s < chunk.slots; ++s) {
            start[s] = bias[d];
            end[s] = sums + s * sizes.gates;
        }
        multiply(chunk.values, chunk.slots, input[d], 0, sizes.gates, start, end, 0, 0);
    }

    // One time step of the rows that have it, panel of units after panel of units.
    void advance(const Chunk& chunk, int64_t slot, int64_t active, int d, const float* sums, float* pre,
                 float* cells) const {
        constexpr int64_t pre_pitch = Cell::kGates * kPanelWidth;
        const float* start[kTileRows];
        float* end[kTileRows];
        for (int64_t r = 0; r < active; ++r) end[r] = pre + r * pre_pitch;
        for (int64_t unit = 0; unit < sizes.pitch; unit += kPanelWidth) {
            const int64_t width = least<int64_t>(kPanelWidth, sizes.pitch - unit);
            for (int g = 0; g < Cell::kGates; ++g) {
                const int64_t column = g * sizes.pitch + unit;
                for (int64_t r = 0; r < active; ++r)
                    start[r] = g == Cell::kApart ? hidden_bias[d] + unit : sums + (slot + r) * sizes.gates + column;
                multiply(chunk.previous + slot, active, hidden[d], column, column + width, start, end, 0,
                         g * kPanelWidth);
            }
            for (int64_t r = 0; r < active; ++r) {
                const int64_t at = chunk.step[slot + r];
                ForwardStep step;
                step.pre = pre + r * pre_pitch;
                step.input = sums + (slot + r) * sizes.gates + unit;
                step.previous = chunk.previous[slot + r] + unit;
                step.memory = cells + r * sizes.pitch + unit;
                step.state = pass.states + at * sizes.width + d * sizes.hidden + unit;
                step.saved = pass.saved ? pass.saved + (at * layer.directions + d) * sizes.saved + unit : nullptr;
                step.pitch = sizes.pitch;
                step.width = static_cast<int>(width);
                step.units = static_cast<int>(sizes.hidden - unit);
                Cell::forward(step);
            }
        }
    }
};

// ------------------------------------------------------------------------------------------------ backward

template <class Cell>
struct BackwardPass {
    const Layer& layer;
    const Backward& pass;
    Sizes<Cell> sizes;
    Tiling tiling;
    int64_t shards;
    int64_t slot_pitch;                // gradients of one slot's sums
    int64_t shard_floats;              // one shard's sums, one direction
    Panels to_values[2], to_states[2]; // weights, transposed
    float* sums;                       // [direction][shard]: W_input^T, W_hidden^T, biases
    float* reversed_values;            // gradient of the inputs from the second direction
    bool failed = false;

    BackwardPass(const Layer& l, const Backward& p) : layer(l), pass(p), sizes(l), tiling(l.n_sequences) {
        // The odd line keeps slots from falling on the same few cache sets.
        slot_pitch = Cell::kGradSlots * sizes.pitch + kAlignment;
        shard_floats = sizes.gates * (sizes.input + sizes.hidden) + Cell::kGradSlots * sizes.pitch;
        shards = least(least(tiling.tiles, kMostShards), most<int64_t>(4, kShardFloats / shard_floats));
    }

    bool run() {
        static constexpr int kInputGates[4] = {Cell::input_gate(0), Cell::input_gate(1), Cell::input_gate(2),
                                               Cell::input_gate(3)};
        const int64_t columns = padded(sizes.input), directions = layer.directions;
        const bool two = directions == 2 && pass.grad_values;
        const int64_t extra = two ? n_steps() * sizes.input : 0;
        float* memory = scratch(Scratch::kCall, directions * (sizes.gates * (columns + sizes.pitch) +
                                                              shards * padded(shard_floats)) +
                                                    extra + 64);
        if (!memory) return false;
        Parts parts{memory};
        Packing packings[4];
        int packed = 0;
        for (int d = 0; d < directions; ++d) {
            const Weights& w = layer.weights[d];
            to_states[d] = {sizes.gates, sizes.pitch, sizes.pitch, parts.take(sizes.gates * sizes.pitch)};
            packings[packed++] = {to_states[d], {w.hidden, sizes.hidden, sizes.hidden, kInOrder, true}};
            if (!pass.grad_values) continue;
            to_values[d] = {sizes.gates, columns, columns, parts.take(sizes.gates * columns)};
            packings[packed++] = {to_values[d], {w.input, sizes.hidden, sizes.input, kInputGates, true}};
        }
        pack_all(packings, packed, layer.threads);
        sums = parts.take(directions * shards * padded(shard_floats));
        reversed_values = parts.take(extra);
        run_tasks(shards * directions, layer.threads,
                  [](void* self, int64_t index) { static_cast<BackwardPass*>(self)->shard(index); }, this);
        if (failed) return false;
        run_tasks(directions * Cell::kGates * (sizes.pitch / kAlignment), layer.threads,
                  [](void* self, int64_t index) { static_cast<BackwardPass*>(self)->collect(index); }, this);
        if (two)
            run_tasks((extra + kAdded - 1) / kAdded, layer.threads,
                      [](void* self, int64_t index) { static_cast<BackwardPass*>(self)->add_reversed(index); }, this);
        return true;
    }

    int64_t n_steps() const { return layer.offsets[layer.n_sequences]; }

    float* shard_sums(int64_t direction, int64_t shard) const {
        return sums + (direction * shards + shard) * padded(shard_floats);
    }

    // Tiles shard, shard + shards, ... in this order: the longest rows first, each shard a fair share.
    void shard(int64_t index) {
        const int d = static_cast<int>(index % layer.directions);
        const int64_t which = index / layer.directions;
        const int64_t state_floats = tiling.rows * sizes.pitch;
        float* memory = scratch(Scratch::kTile, kChunkSteps * slot_pitch + 2 * state_floats + sizes.width +
                                                    most(padded(sizes.input), sizes.pitch) +
                                                    kChunkSteps * kPanelWidth + 128);
        if (!memory) {
            failed = true;
            return;
        }
        Parts parts{memory};
        Work work;
        work.direction = d;
        work.grads = parts.take(kChunkSteps * slot_pitch);
        work.carry = parts.take(state_floats);
        work.memory_carry = parts.take(state_floats);
        work.zeros = parts.take(most(padded(sizes.input), sizes.pitch));
        work.tail = parts.take(kChunkSteps * kPanelWidth);
        work.sums = shard_sums(d, which);
        std::memset(work.zeros, 0, sizeof(float) * most(padded(sizes.input), sizes.pitch));
        std::memset(work.sums, 0, sizeof(float) * shard_floats);
        for (int64_t tile = which; tile < tiling.tiles; tile += shards)
            run_tile(tile_rows(layer, tiling, tile, d), work);
    }

    struct Work {
        int direction;
        float* grads;         // [slot][slot_pitch]
        float* carry;         // [row][pitch]
        float* memory_carry;  // [row][pitch]
        float* zeros;
        float* tail;
        float* sums;
    };

    void run_tile(const Rows& rows, const Work& work) const {
        std::memset(work.carry, 0, sizeof(float) * tiling.rows * sizes.pitch);
        std::memset(work.memory_carry, 0, sizeof(float) * tiling.rows * sizes.pitch);
        Chunk chunk;
        int64_t t = rows.count > 0 ? rows.length(0) : 0;
        int64_t active = 0;
        while (t > 0) {
            chunk.slots = 0;
            int64_t taken = 0;
            for (; t > 0; --t, ++taken) {
                active = rows.active(t - 1, active);
                if (chunk.slots + active > kChunkSteps) break;
                chunk.base[taken] = chunk.slots;
                chunk.add(rows, t - 1, active, pass.states, work.zeros);
            }
            chunk.base[taken] = chunk.slots;
            for (int64_t i = 0; i < taken; ++i)
                retreat(chunk, chunk.base[i], chunk.base[i + 1] - chunk.base[i], t + taken - 1 - i, rows, work);
            accumulate(chunk, work);
            if (pass.grad_values) to_inputs(chunk, work);
        }
    }

    // One time step backwards: gradients of the gates' sums, then of the states before.
    void retreat(const Chunk& chunk, int64_t slot, int64_t active, int64_t t, const Rows& rows,
                 const Work& work) const {
        const int d = work.direction;
        const float* of_hidden[kTileRows];
        const float* start[kTileRows];
        float* end[kTileRows];
        for (int64_t r = 0; r < active; ++r) {
            const int64_t at = chunk.step[slot + r];
            const int64_t before = rows.step_before(at);
            float* grads = work.grads + (slot + r) * slot_pitch;
            float* carry = work.carry + r * sizes.pitch;
            BackwardStep step;
            step.saved = pass.saved + (at * layer.directions + d) * sizes.saved;
            step.saved_before = t == 0 ? nullptr : pass.saved + (before * layer.directions + d) * sizes.saved;
            step.state = pass.states + at * sizes.width + d * sizes.hidden;
            step.previous = chunk.previous[slot + r];
            step.grad_state = pass.grad_states + at * sizes.width + d * sizes.hidden;
            step.carry = carry;
            step.memory_carry = work.memory_carry + r * sizes.pitch;
            step.grads = grads;
            step.pitch = sizes.pitch;
            step.width = static_cast<int>(sizes.pitch);
            step.units = static_cast<int>(sizes.hidden);
            Cell::backward(step);
            of_hidden[r] = grads + Cell::kHiddenSlot * sizes.pitch;
            start[r] = end[r] = carry;
        }
        if (t > 0) multiply(of_hidden, active, to_states[d], 0, sizes.pitch, start, end, 0, 0);
    }

    // The weights' gradients of a chunk's steps.
    void accumulate(const Chunk& chunk, const Work& work) const {
        float* of_input = work.sums;
        float* of_hidden = of_input + sizes.gates * sizes.input;
        float* of_bias = of_hidden + sizes.gates * sizes.hidden;
        outer(chunk.values, sizes.input, chunk.slots, work.grads, sizes.gates, of_input);
        outer(chunk.previous, sizes.hidden, chunk.slots, work.grads + Cell::kHiddenSlot * sizes.pitch,
              sizes.gates, of_hidden);
        // A bias is the weight of an input that is always one.
        const float one = 1.0f;
        const float* ones[kChunkSteps];
        for (int64_t s = 0; s < chunk.slots; ++s) ones[s] = &one;
        outer(ones, 1, chunk.slots, work.grads, Cell::kGradSlots * sizes.pitch, of_bias);
    }

    // c[i] += sum over slots of a[slot][i] * grads[slot], for the first `columns` of grads
    void outer(const float* const* a, int64_t inputs, int64_t slots, const float* grads, int64_t columns,
               float* c) const {
        for (int64_t column = 0; column < columns;) {
            const int vectors = static_cast<int>(least<int64_t>(kPanelVectors, (columns - column) / kLanes));
            const AccumulatePanel* panel = accumulate_of(vectors);
            for (int64_t i = 0; i < inputs; i += kPanelRows) {
                const int64_t some = least<int64_t>(kPanelRows, inputs - i);
                panel[some - 1](a, i, slots, grads + column, slot_pitch, c + i * columns + column, columns);
            }
            column += static_cast<int64_t>(vectors) * kLanes;
        }
    }

    // grads W_input, for all steps of a chunk
    void to_inputs(const Chunk& chunk, const Work& work) const {
        const int d = work.direction;
        float* values = d == 0 ? pass.grad_values : reversed_values;
        const float* grads[kChunkSteps];
        const float* start[kChunkSteps];
        float* end[kChunkSteps];
        for (int64_t s = 0; s < chunk.slots; ++s) {
            grads[s] = work.grads + s * slot_pitch;
            start[s] = work.zeros;
            end[s] = values + chunk.step[s] * sizes.input;
        }
        // Rows of inputs are not padded: a last panel that is not full goes by way of scratch memory.
        const int64_t whole = sizes.input / kPanelWidth * kPanelWidth;
        multiply(grads, chunk.slots, to_values[d], 0, whole, start, end, 0, 0);
        if (whole == sizes.input) return;
        float* tail[kChunkSteps];
        for (int64_t s = 0; s < chunk.slots; ++s) tail[s] = work.tail + s * kPanelWidth;
        const int64_t last = least(whole + kPanelWidth, padded(sizes.input));
        multiply(grads, chunk.slots, to_values[d], whole, last, start, tail, 0, 0);
        if (last < sizes.input) __builtin_unreachable();
        for (int64_t s = 0; s < chunk.slots; ++s)
            std::memcpy(end[s] + whole, tail[s], sizeof(float) * (sizes.input - whole));
    }

    // Shards are summed in their order and put into torch's layout: one gate's block of units per task.
    void collect(int64_t index) const {
        const int64_t blocks = sizes.pitch / kAlignment;
        const int64_t unit = index % blocks * kAlignment;
        const int64_t gate = index / blocks % Cell::kGates;
        const int d = static_cast<int>(index / blocks / Cell::kGates);
        const WeightGradients& grads = pass.grads[d];
        int64_t slot = 0;
        while (Cell::input_gate(static_cast<int>(slot)) != gate) ++slot;
        const int64_t of_hidden = sizes.gates * sizes.input, of_bias = of_hidden + sizes.gates * sizes.hidden;
        const int64_t row = gate * sizes.hidden + unit;
        const int64_t units = least(kAlignment, sizes.hidden - unit);
        gather(d, slot * sizes.pitch + unit, sizes.gates, sizes.input, units, grads.input + row * sizes.input);
        gather(d, of_hidden + gate * sizes.pitch + unit, sizes.gates, sizes.hidden, units,
               grads.hidden + row * sizes.hidden);
        if (!grads.input_bias) return;
        gather(d, of_bias + slot * sizes.pitch + unit, 0, 1, units, grads.input_bias + row);
        gather(d, of_bias + (Cell::kHiddenSlot + gate) * sizes.pitch + unit, 0, 1, units, grads.hidden_bias + row);
    }

    // to[u][i] = sum over shards of sums[from + i * pitch + u]
    void gather(int d, int64_t from, int64_t pitch, int64_t inputs, int64_t units, float* to) const {
        for (int64_t i = 0; i < inputs; ++i) {
            float total[kAlignment] = {};
            for (int64_t s = 0; s < shards; ++s) {
                const float* part = shard_sums(d, s) + from + i * pitch;
                for (int64_t u = 0; u < kAlignment; ++u) total[u] += part[u];
            }
            for (int64_t u = 0; u < units; ++u) to[u * inputs + i] = total[u];
        }
    }

    static constexpr int64_t kAdded = 1 << 15;

    void add_reversed(int64_t index) const {
        const int64_t first = index * kAdded;
        const int64_t last = least(first + kAdded, n_steps() * sizes.input);
        for (int64_t i = first; i < last; ++i) pass.grad_values[i] += reversed_values[i];
    }
};

template <template <class> class Pass, class Result>
bool run(CellKind cell, const Layer& layer, const Result& result) {
    switch (cell) {
        case kTanh: return Pass<Simple<false>>(layer, result).run();
        case kRelu: return Pass<Simple<true>>(layer, result).run();
        case kGru: return Pass<Gru>(layer, result).run();
        default: return Pass<Lstm>(layer, result).run();
    }
}

bool forward(CellKind cell, const Layer& layer, const Forward& result) { return run<ForwardPass>(cell, layer, result); }

bool backward(CellKind cell, const Layer& layer, const Backward& result) {
    return run<BackwardPass>(cell, layer, result);
}

}  // namespace

extern const Kernels SEQCLF_KERNELS(SEQCLF_ISA);
const Kernels SEQCLF_KERNELS(SEQCLF_ISA) = {forward, backward};
