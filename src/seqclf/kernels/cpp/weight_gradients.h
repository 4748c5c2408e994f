// Gradients of the weights: sums over the steps of each shard, then over the shards.
#pragma once

#include "cells.h"
#include "operands.h"
#include "tiles.h"

namespace {

constexpr int64_t kMostShards = 32;  // a shard is a separate sum of weight gradients
constexpr int64_t kShardFloats = int64_t{1} << 24;

template <class Cell, class P>
struct WeightSums {
    using Number = typename P::Number;
    const Sizes<Cell>& sizes;
    int64_t slot_pitch;    // floats between the gradients of two slots
    int64_t shard_floats;  // size of the sums of one shard and direction
    int64_t shards;
    float* sums = nullptr; // [direction][shard]: W_input^T, W_hidden^T, biases

    WeightSums(const Sizes<Cell>& s, int64_t pitch, int64_t tiles) : sizes(s), slot_pitch(pitch) {
        shard_floats = sizes.gates * (sizes.input + sizes.hidden) + Cell::kGradSlots * sizes.pitch;
        shards = least(least(tiles, kMostShards), most<int64_t>(4, kShardFloats / shard_floats));
    }

    // Memory of all shards of one direction.
    int64_t floats() const { return shards * padded(shard_floats); }

    float* of(int64_t direction, int64_t shard) const { return sums + (direction * shards + shard) * padded(shard_floats); }

    // Add the weight gradients of a chunk to the sums of the shard.
    void add(const Chunk& chunk, const Number* of_slots, Number* pairs_of_slots, Number* copies, float* of_input) const {
        float* of_hidden = of_input + sizes.gates * sizes.input;
        float* of_bias = of_hidden + sizes.gates * sizes.hidden;
        const Number *slot[kChunkSteps], *pair[kChunkSteps];
        const int64_t pairs = paired<P>(chunk.slots) / P::kPair, all = Cell::kGradSlots * sizes.pitch;
        for (int64_t s = 0; s < kChunkSteps; ++s) slot[s] = of_slots + s * slot_pitch;
        const Number* grads = as_paired_operands<P>(slot, chunk.slots, all, slot_pitch, pairs_of_slots, pair)[0];
        // As for gradients, the extra cache line keeps rows from mapping to the same few cache sets.
        const auto* values = as_paired_operands<P>(chunk.values, chunk.slots, sizes.input,
                                                   padded(sizes.input) + kAlignment, copies, pair);
        outer(values, sizes.input, pairs, grads, sizes.gates, of_input);
        const auto* previous = as_paired_operands<P>(chunk.previous, chunk.slots, sizes.hidden,
                                                     sizes.pitch + kAlignment, copies, pair);
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

    // Sum shards in a fixed order and write torch's layout; one task per gate and kAlignment units.
    void collect(int64_t index, const WeightGradients* of_directions) const {
        const int64_t blocks = sizes.pitch / kAlignment;
        const int64_t unit = index % blocks * kAlignment;
        const int64_t gate = index / blocks % Cell::kGates;
        const int d = static_cast<int>(index / blocks / Cell::kGates);
        const WeightGradients& grads = of_directions[d];
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
                const float* part = of(d, s) + from + i * pitch;
                for (int64_t u = 0; u < kAlignment; ++u) total[u] += part[u];
            }
            for (int64_t u = 0; u < units; ++u) to[u * inputs + i] = total[u];
        }
    }
};

}  // namespace
