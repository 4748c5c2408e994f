// The backward pass: gradients of states, step by step, and from them those of inputs and weights.
#pragma once

#include <atomic>
#include <thread>

#include "cells.h"
#include "tiles.h"
#include "weight_gradients.h"

namespace {

constexpr int64_t kFewShards = 8;

template <class Cell, class P>
struct BackwardPass {
    using Number = typename P::Number;
    const Layer& layer;
    const Backward& pass;
    Sizes<Cell> sizes;
    Tiling tiling;
    int64_t slot_pitch;                // floats between the gradients of two slots
    WeightSums<Cell, P> weights;
    int64_t shards;
    Panels<P> to_values[2], to_states[2]; // transposed weights
    // The reverse direction adds its gradient of the inputs to that of the forward direction, once a shard of that is
    // done. With few shards threads would wait for each other, so it has memory of its own: reversed_values.
    float* reversed_values = nullptr;
    std::atomic<bool> forward_done[kMostShards] = {};
    float is_real[kAlignment];         // bits of the last units of a vector: all set, or none for padding
    bool failed = false;

    // The extra cache line keeps slots from mapping to the same few cache sets.
    BackwardPass(const Layer& l, const Backward& p)
        : layer(l), pass(p), sizes(l), tiling(l.n_sequences), slot_pitch(Cell::kGradSlots * sizes.pitch + kAlignment),
          weights(sizes, slot_pitch, tiling.tiles), shards(weights.shards) {
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
                                                              weights.floats()) +
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
        weights.sums = parts.take(directions * weights.floats());
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
        work.sums = weights.of(d, which);
        std::memset(work.zeros, 0, sizeof(float) * most(padded(sizes.input), sizes.pitch));
        std::memset(work.sums, 0, sizeof(float) * weights.shard_floats);
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
            weights.add(chunk, work.grads, work.pairs, work.copies, work.sums);
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

    void collect(int64_t index) const { weights.collect(index, pass.grads); }

    static constexpr int64_t kAdded = 1 << 15;

    void add_reversed(int64_t index) const {
        const int64_t first = index * kAdded;
        const int64_t last = least(first + kAdded, layer.n_steps * sizes.input);
        for (int64_t i = first; i < last; ++i) pass.grad_values[i] += reversed_values[i];
    }
};

}  // namespace
