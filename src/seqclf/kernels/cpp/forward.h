// The forward pass: states of all steps and, for training, the gate values.
#pragma once

#include "cells.h"
#include "tiles.h"

namespace {

// Up to this input size, the products of inputs and weights are the first terms of the sums over the states.
constexpr int64_t kFewInputs = 16;

template <class Cell>
struct ForwardPass {
    // Gates of narrow layers share panels, except the gate that keeps its inputs apart, which is the last.
    static constexpr int kTogether = Cell::kApart < 0 ? Cell::kGates : Cell::kApart;
    static constexpr int kSums = Cell::kApart < 0 ? Cell::kGates : Cell::kGates + 1;  // with the inputs kept apart


    const Layer& layer;
    const Forward& pass;
    Sizes<Cell> sizes;
    Tiling tiling;
    Panels input[2], hidden[2];
    float* bias[2];         // added to the product of inputs and weights
    float* hidden_bias[2];  // added to the hidden product of gate kApart
    bool narrow;            // all units fit in one panel
    bool few_inputs;
    bool failed = false;

    ForwardPass(const Layer& l, const Forward& p)
        : layer(l),
          pass(p),
          sizes(l),
          tiling(l.n_sequences),
          narrow(sizes.pitch <= kPanelWidth),
          few_inputs(sizes.input <= kFewInputs) {}

    bool run() {
        const int64_t per_direction = sizes.gates * (sizes.input + sizes.hidden + 1) + sizes.pitch;
        float* memory = scratch(Scratch::kCall, layer.directions * per_direction + 64);
        if (!memory) return false;
        Parts parts{memory};
        Packing packings[4];
        for (int d = 0; d < layer.directions; ++d) {
            const Weights& w = layer.weights[d];
            const int64_t group = narrow ? kTogether * sizes.pitch : sizes.pitch;
            input[d] = {sizes.input, sizes.gates, group, parts.take(sizes.gates * sizes.input)};
            hidden[d] = {sizes.hidden, sizes.gates, group, parts.take(sizes.gates * sizes.hidden)};
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
        const int64_t pre_floats = tiling.rows * kSums * kPanelWidth, sum_floats = few_inputs ? 0 : kChunkSteps * sizes.gates;
        float* memory = scratch(Scratch::kTile, sum_floats + pre_floats + sizes.hidden +
                                                    tiling.rows * sizes.pitch + 128);
        if (!memory) {
            failed = true;
            return;
        }
        Parts parts{memory};
        float* sums = parts.take(sum_floats);
        float* pre = parts.take(pre_floats);
        float* zeros = parts.take(sizes.hidden);
        float* cells = parts.take(tiling.rows * sizes.pitch);
        std::memset(zeros, 0, sizeof(float) * sizes.hidden);
        rows.read(layer.initial.memory, cells, sizes.pitch);
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
            if (!few_inputs) project(chunk, d, sums);
            for (int64_t t = 0; t < chunk.end - chunk.begin; ++t)
                advance(chunk, chunk.base[t], chunk.base[t + 1] - chunk.base[t], d, sums, pre, cells);
        }
        finish_streams();
        rows.write(cells, sizes.pitch, pass.final.memory);
        if (pass.final.hidden)
            for (int64_t r = 0; r < rows.count; ++r)
                std::memcpy(pass.final.hidden + rows.boundary(r), final_hidden(rows, r, zeros), sizeof(float) * sizes.hidden);
    }

    const float* final_hidden(const Rows& rows, int64_t row, const float* zeros) const {
        const int64_t length = rows.length(row);
        if (length > 0) return pass.states + rows.step(row, length - 1) * sizes.width + rows.direction * sizes.hidden;
        return layer.initial.hidden ? layer.initial.hidden + rows.boundary(row) : zeros;
    }

    // sums = bias + values W_input, for all slots of a chunk
    void project(const Chunk& chunk, int d, float* sums) const {
        const float* start[kChunkSteps];
        float* end[kChunkSteps];
        for (int64_t s = 0; s < chunk.slots; ++s) {
            start[s] = bias[d];
            end[s] = sums + s * sizes.gates;
        }
        multiply({chunk.values, &input[d]}, nullptr, chunk.slots, 0, sizes.gates, start, end, 0, 0);
    }

    // One time step of the rows that are long enough, one panel of units at a time.
    void advance(const Chunk& chunk, int64_t slot, int64_t active, int d, const float* sums, float* pre,
                 float* cells) const {
        constexpr int64_t pre_pitch = kSums * kPanelWidth;
        const Product states{chunk.previous + slot, &hidden[d]}, inputs{chunk.values + slot, &input[d]};
        const float* start[kTileRows];
        float* end[kTileRows];
        for (int64_t r = 0; r < active; ++r) end[r] = pre + r * pre_pitch;
        for (int64_t unit = 0; unit < sizes.pitch; unit += kPanelWidth) {
            const int64_t width = least<int64_t>(kPanelWidth, sizes.pitch - unit);
            for (int g = 0; g < Cell::kGates;) {
                const int gates = narrow && g < kTogether ? kTogether : 1;
                const int64_t column = g * sizes.pitch + unit, last = column + (gates - 1) * sizes.pitch + width;
                const bool apart = g == Cell::kApart;
                for (int64_t r = 0; r < active; ++r)
                    start[r] = apart        ? hidden_bias[d] + unit
                               : few_inputs ? bias[d] + column
                                            : sums + (slot + r) * sizes.gates + column;
                multiply(states, few_inputs && !apart ? &inputs : nullptr, active, column, last, start, end, 0, g * width);
                if (apart && few_inputs) {
                    for (int64_t r = 0; r < active; ++r) start[r] = bias[d] + column;
                    multiply(inputs, nullptr, active, column, last, start, end, 0, Cell::kGates * width);
                }
                g += gates;
            }
            for (int64_t r = 0; r < active; ++r) {
                const int64_t at = chunk.step[slot + r];
                ForwardStep step;
                step.pre = pre + r * pre_pitch;
                step.input = few_inputs ? step.pre + Cell::kGates * width
                                        : sums + (slot + r) * sizes.gates + Cell::kApart * sizes.pitch + unit;
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

}  // namespace
