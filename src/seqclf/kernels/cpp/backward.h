// The backward pass: gradients of weights and inputs from the gradients of states.
#pragma once

#include <atomic>
#include <thread>

#include "cells.h"
#include "operands.h"
#include "tiles.h"

namespace {

constexpr int64_t kMostShards = 32;  // a shard is a separate sum of weight gradients
constexpr int64_t kShardFloats = int64_t{1} << 24;
constexpr int64_t kFewShards = 8;

template <class Cell, class P>
struct BackwardPass {
    using Number = typename P::Number;
    const Layer& layer;
    const Backward& pass;
    Sizes<Cell> sizes;
    Tiling tiling;
    int64_t shards;
    int64_t slot_pitch;                // floats between the gradients of two slots
    int64_t shard_floats;              // size of the sums of one shard and direction
    Panels<P> to_values[2], to_states[2]; // transposed weights
    float* sums;                       // [direction][shard]: W_input^T, W_hidden^T, biases
    // The reverse direction adds its gradient of the inputs to that of the forward direction, once a shard of that is
    // done. With few shards threads would wait for each other, so it has memory of its own: reversed_values.
    float* reversed_values = nullptr;
    std::atomic<bool> forward_done[kMostShards] = {};
    float is_real[kAlignment];         // bits of the last units of a vector: all set, or none for padding
    bool failed = false;

    BackwardPass(const Layer& l, const Backward& p) : layer(l), pass(p), sizes(l), tiling(l.n_sequences) {
        // The extra cache line keeps slots from mapping to the same few cache sets.
        slot_pitch = Cell::kGradSlots * sizes.pitch + kAlignment;
        shard_floats = sizes.gates * (sizes.input + sizes.hidden) + Cell::kGradSlots * sizes.pitch;
        shards = least(least(tiling.tiles, kMostShards), most<int64_t>(4, kShardFloats / shard_floats));
        for (int64_t lane = 0; lane < kAlignment; ++lane) {
            const uint32_t bits = sizes.pitch - kAlignment + lane < sizes.hidden ? ~0u : 0u;
            std::memcpy(is_real + lane, &bits, sizeof bits);
        }
    }

    bool run() {
        static constexpr int kInputGates[4] = {Cell::input_gate(0), Cell::input_gate(1), Cell::input_gate(2),
                                               Cell::input_gate(3)};
        const int64_t columns = padded(sizes.input), directions = layer.directions;
        const bool apart = directions == 2 && pass.grad_values && shards < kFewShards;
        const int64_t extra = apart ? layer.n_steps * sizes.input : 0;
        float* memory = scratch(Scratch::kCall, directions * (sizes.gates * (columns + sizes.pitch) +
                                                              shards * padded(shard_floats)) +
                                                    extra + 64);
        if (!memory) return false;
        Parts parts{memory};
        Packing<P> packings[4];
        int packed = 0;
        for (int d = 0; d < directions; ++d) {
            const Weights& w = layer.weights[d];
            to_states[d] = {sizes.gates, sizes.pitch, sizes.pitch, parts.take<Number>(sizes.gates * sizes.pitch)};
            packings[packed++] = {to_states[d], {w.hidden, sizes.hidden, sizes.hidden, kInOrder, true}};
            if (!pass.grad_values) continue;
            to_values[d] = {sizes.gates, columns, columns, parts.take<Number>(sizes.gates * columns)};
            packings[packed++] = {to_values[d], {w.input, sizes.hidden, sizes.input, kInputGates, true}};
        }
        pack_all(packings, packed, layer.threads);
        sums = parts.take(directions * shards * padded(shard_floats));
        if (apart) reversed_values = parts.take(extra);
        run_tasks(shards * directions, layer.threads,
                  [](void* self, int64_t index) { static_cast<BackwardPass*>(self)->shard(index); }, this);
        if (failed) return false;
        run_tasks(directions * Cell::kGates * (sizes.pitch / kAlignment), layer.threads,
                  [](void* self, int64_t index) { static_cast<BackwardPass*>(self)->collect(index); }, this);
        if (apart)
            run_tasks((extra + kAdded - 1) / kAdded, layer.threads,
                      [](void* self, int64_t index) { static_cast<BackwardPass*>(self)->add_reversed(index); }, this);
        return true;
    }

    float* grad_values(int direction) const { return direction == 1 && reversed_values ? reversed_values : pass.grad_values; }

    float* shard_sums(int64_t direction, int64_t shard) const {
        return sums + (direction * shards + shard) * padded(shard_floats);
    }

    // All shards of the forward direction come first: nobody waits for one that has not begun.
    void shard(int64_t index) {
        const int d = static_cast<int>(index / shards);
        const int64_t which = index % shards;
        while (adds_to_forward(d) && !forward_done[which].load(std::memory_order_acquire)) std::this_thread::yield();
        process(d, which);
        if (d == 0) forward_done[which].store(true, std::memory_order_release);
    }

    bool adds_to_forward(int direction) const { return direction == 1 && pass.grad_values && !reversed_values; }

    // Processes tiles shard, shard + shards, ... in this order: longest sequences first, evenly divided among shards.
    void process(int d, int64_t which) {
        const int64_t state_floats = tiling.rows * sizes.pitch;
        const int64_t inputs = padded(sizes.input) + kAlignment, units = sizes.pitch + kAlignment;
        const int64_t copied = P::kPair == 1 ? 0 : slot_pitch + kChunkSteps * (slot_pitch + most(inputs, units));
        float* memory = scratch(Scratch::kTile, kChunkSteps * slot_pitch + 2 * state_floats +
                                                    most(padded(sizes.input), sizes.pitch) +
                                                    kChunkSteps * kPanelWidth + copied + 128);
        if (!memory) {
            __atomic_store_n(&failed, true, __ATOMIC_RELAXED);  // perhaps by several threads at once
            return;
        }
        Parts parts{memory};
        Work work;
        work.direction = d;
        work.grads = parts.take<Number>(kChunkSteps * slot_pitch);
        work.carry = parts.take(state_floats);
        work.memory_carry = parts.take(state_floats);
        work.zeros = parts.take(most(padded(sizes.input), sizes.pitch));
        work.tail = parts.take(kChunkSteps * kPanelWidth);
        if (copied > 0) {
            work.unrounded = parts.take(slot_pitch);
            work.pairs = parts.take<Number>(kChunkSteps * slot_pitch);
            work.copies = parts.take<Number>(kChunkSteps * most(inputs, units));
        }
        work.sums = shard_sums(d, which);
        std::memset(work.zeros, 0, sizeof(float) * most(padded(sizes.input), sizes.pitch));
        std::memset(work.sums, 0, sizeof(float) * shard_floats);
        for (int64_t tile = which; tile < tiling.tiles; tile += shards)
            run_tile(tile_rows(layer, tiling, tile, d), work);
    }

    struct Work {
        int direction;
        Number* grads;        // [slot][slot_pitch]
        float* carry;         // [row][pitch]
        float* memory_carry;  // [row][pitch]
        float* zeros;
        float* tail;
        float* sums;
        float* unrounded = nullptr;  // the gradients of one slot
        Number* pairs = nullptr;     // the gradients in pairs of slots
        Number* copies = nullptr;    // inputs or states in pairs of slots
    };

    void run_tile(const Rows& rows, const Work& work) const {
        rows.read(pass.grad_final.hidden, work.carry, sizes.pitch);
        rows.read(pass.grad_final.memory, work.memory_carry, sizes.pitch);
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
        rows.write(work.carry, sizes.pitch, pass.grad_initial.hidden);
        rows.write(work.memory_carry, sizes.pitch, pass.grad_initial.memory);
    }

    // One time step back: gradients of the pre-activations, then of the previous states.
    void retreat(const Chunk& chunk, int64_t slot, int64_t active, int64_t t, const Rows& rows,
                 const Work& work) const {
        const int d = work.direction;
        const Number* of_hidden[kTileRows];
        const float* start[kTileRows];
        float* end[kTileRows];
        for (int64_t r = 0; r < active; ++r) {
            const int64_t at = chunk.step[slot + r], before = rows.step_before(at);
            Number* grads = work.grads + (slot + r) * slot_pitch;
            float* carry = work.carry + r * sizes.pitch;
            BackwardStep step;
            step.saved = pass.saved + (at * layer.directions + d) * sizes.saved;
            step.memory_before = memory_before(rows, r, t);
            step.state = pass.states + at * sizes.width + d * sizes.hidden;
            step.previous = chunk.previous[slot + r];
            step.grad_state = pass.grad_states ? pass.grad_states + at * sizes.width + d * sizes.hidden : work.zeros;
            step.carry = carry;
            step.memory_carry = work.memory_carry + r * sizes.pitch;
            step.grads = P::unrounded(grads, work.unrounded);
            step.pitch = sizes.pitch;
            step.width = static_cast<int>(sizes.pitch);
            step.units = static_cast<int>(sizes.hidden);
            // One step ahead what is small, two what is large; three gained nothing.
            prefetch(step.state + (before - at) * sizes.width, sizes.hidden);
            prefetch(step.grad_state + (before - at) * sizes.width, sizes.hidden);
            prefetch(step.saved + 2 * (before - at) * layer.directions * sizes.saved, sizes.saved);
            if (pass.grad_values) prefetch_to_write(grad_values(d) + at * sizes.input, sizes.input);
            Cell::backward(step);
            clear_padding(step.grads);
            P::round_row(step.grads, Cell::kGradSlots * sizes.pitch, grads);
            of_hidden[r] = grads + Cell::kHiddenSlot * sizes.pitch;
            start[r] = end[r] = carry;
        }
        if (t > 0 || pass.grad_initial.hidden)
            multiply(of_hidden, active, to_states[d], 0, sizes.pitch, start, end, 0, 0);
    }

    const float* memory_before(const Rows& rows, int64_t row, int64_t t) const {
        if (Cell::kMemory < 0) return nullptr;
        if (t == 0) return layer.initial.memory ? layer.initial.memory + rows.boundary(row) : nullptr;
        const int64_t step = rows.step(row, t - 1);
        return pass.saved + (step * layer.directions + rows.direction) * sizes.saved + Cell::kMemory * sizes.pitch;
    }

    // Padding units have zero weights, but their gates and gradients are NaN after an infinite input, state or gradient
    // (0 * inf), and the products would carry NaN * 0 to the real units. Cleared by whole vectors: 1 % of the backward pass
    // at 20 to 100 units (scalar stores: 3 %), nothing at multiples of 16.
    void clear_padding(float* grads) const {
        if (sizes.hidden == sizes.pitch) return;
        for (int64_t slot = 0; slot < Cell::kGradSlots; ++slot)
            for (int64_t lane = 0; lane < kAlignment; lane += kLanes) {
                float* last = grads + (slot + 1) * sizes.pitch - kAlignment + lane;
                store(last, from_bits(bits_of(load(last)) & bits_of(load(is_real + lane))));
            }
    }

    // Add the weight gradients of a chunk to the sums of the shard.
    void accumulate(const Chunk& chunk, const Work& work) const {
        float* of_input = work.sums;
        float* of_hidden = of_input + sizes.gates * sizes.input;
        float* of_bias = of_hidden + sizes.gates * sizes.hidden;
        const Number *slot[kChunkSteps], *pair[kChunkSteps];
        const int64_t pairs = paired<P>(chunk.slots) / P::kPair, all = Cell::kGradSlots * sizes.pitch;
        for (int64_t s = 0; s < kChunkSteps; ++s) slot[s] = work.grads + s * slot_pitch;
        const Number* grads = as_paired_operands<P>(slot, chunk.slots, all, slot_pitch, work.pairs, pair)[0];
        // As for gradients, the extra cache line keeps rows from mapping to the same few cache sets.
        const auto* values = as_paired_operands<P>(chunk.values, chunk.slots, sizes.input,
                                                   padded(sizes.input) + kAlignment, work.copies, pair);
        outer(values, sizes.input, pairs, grads, sizes.gates, of_input);
        const auto* previous = as_paired_operands<P>(chunk.previous, chunk.slots, sizes.hidden,
                                                     sizes.pitch + kAlignment, work.copies, pair);
        outer(previous, sizes.hidden, pairs, grads + Cell::kHiddenSlot * sizes.pitch * P::kPair, sizes.gates, of_hidden);
        // A bias is the weight of a constant input of 1.
        const Number one[2] = {P::rounded(1.0f), P::rounded(1.0f)};
        for (int64_t s = 0; s < pairs; ++s) pair[s] = one;
        outer(pair, 1, pairs, grads, all, of_bias);
    }

    // c[i] += sum over pairs of slots of a[pair][i] * grads[pair], for the first `columns` of grads
    void outer(const Number* const* a, int64_t inputs, int64_t pairs, const Number* grads, int64_t columns,
               float* c) const {
        for (int64_t column = 0; column < columns;) {
            const int vectors = static_cast<int>(least<int64_t>(kPanelVectors, (columns - column) / kLanes));
            const PanelsByRows<AccumulatePanel<P>> panel = accumulate_of<P>(vectors);
            for (int64_t i = 0; i < inputs; i += panel.most) {
                const int64_t some = least<int64_t>(panel.most, inputs - i);
                panel.of(some)(a, i, pairs, grads + column * P::kPair, slot_pitch * P::kPair, c + i * columns + column,
                               columns);
            }
            column += static_cast<int64_t>(vectors) * kLanes;
        }
    }

    // grad_values = grads W_input, or its sum with that of the other direction, for all slots of a chunk
    void to_inputs(const Chunk& chunk, const Work& work) const {
        const int d = work.direction;
        const bool adds = adds_to_forward(d);
        float* values = grad_values(d);
        const Number* grads[kChunkSteps];
        const float* start[kChunkSteps];
        float* end[kChunkSteps];
        for (int64_t s = 0; s < chunk.slots; ++s) {
            grads[s] = work.grads + s * slot_pitch;
            end[s] = values + chunk.step[s] * sizes.input;
            start[s] = adds ? end[s] : work.zeros;
        }
        // Inputs are not padded, so a partial last panel is written through scratch memory.
        const int64_t whole = sizes.input == padded(sizes.input) ? sizes.input : sizes.input / kPanelWidth * kPanelWidth;
        multiply(grads, chunk.slots, to_values[d], 0, whole, start, end, 0, 0);
        if (whole == sizes.input) return;
        float* tail[kChunkSteps];
        for (int64_t s = 0; s < chunk.slots; ++s) {
            tail[s] = work.tail + s * kPanelWidth;
            start[s] = adds ? tail[s] : work.zeros;
            if (adds) std::memcpy(tail[s], end[s] + whole, sizeof(float) * (sizes.input - whole));
        }
        const int64_t last = least(whole + kPanelWidth, padded(sizes.input));
        multiply(grads, chunk.slots, to_values[d], whole, last, start, tail, 0, 0);
        if (last < sizes.input) __builtin_unreachable();
        for (int64_t s = 0; s < chunk.slots; ++s)
            std::memcpy(end[s] + whole, tail[s], sizeof(float) * (sizes.input - whole));
    }

    // Sum shards in a fixed order and write torch's layout; one task per gate and kAlignment units.
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
        const int64_t last = least(first + kAdded, layer.n_steps * sizes.input);
        for (int64_t i = first; i < last; ++i) pass.grad_values[i] += reversed_values[i];
    }
};

}  // namespace
