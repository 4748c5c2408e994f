// The forward pass: states of all steps and, for training, the gate values.
#pragma once

#include <vector>

#include "busy.h"
#include "cells.h"
#include "operands.h"
#include "tiles.h"
#include "together.h"

namespace {

// From this number of hidden weights, half a step takes longer than the handshake of two threads.
constexpr int64_t kWide = 40000;

template <class Cell, class P>
struct ForwardPass {
    using Number = typename P::Number;
    // Gates of narrow layers share panels, except the gate that keeps its inputs apart, which is the last.
    static constexpr int kTogether = Cell::kApart < 0 ? Cell::kGates : Cell::kApart;

    const Layer& layer;
    const Forward& pass;
    Sizes<Cell> sizes;
    Tiling tiling;
    Panels<P> input[2], hidden[2];
    float* bias[2];         // added to the product of inputs and weights
    float* hidden_bias[2];  // added to the hidden product of gate kApart
    bool narrow;            // all units fit in one panel
    StepsTogether* teams = nullptr;  // of each tile and direction
    bool failed = false;

    ForwardPass(const Layer& l, const Forward& p)
        : layer(l),
          pass(p),
          sizes(l),
          tiling(l.n_sequences),
          narrow(sizes.pitch <= kPanelWidth) {}

    bool run() {
        const int64_t inputs = paired<P>(sizes.input), units = paired<P>(sizes.hidden);
        const int64_t floats = packed_floats(Cell::kGates, sizes.input, sizes.hidden, layer.directions);
        float* memory = layer.packed ? layer.packed : scratch(Scratch::kCall, floats);
        if (!memory) return false;
        Parts parts{memory};
        Packing<P> packings[4];
        for (int d = 0; d < layer.directions; ++d) {
            const Weights& w = layer.weights[d];
            const int64_t group = narrow ? kTogether * sizes.pitch : sizes.pitch;
            input[d] = {inputs, sizes.gates, group, parts.take<Number>(sizes.gates * inputs)};
            hidden[d] = {units, sizes.gates, group, parts.take<Number>(sizes.gates * units)};
            packings[2 * d] = {input[d], {w.input, sizes.hidden, sizes.input, kInOrder, false}};
            packings[2 * d + 1] = {hidden[d], {w.hidden, sizes.hidden, sizes.hidden, kInOrder, false}};
            bias[d] = parts.take(sizes.gates);
            hidden_bias[d] = parts.take(sizes.pitch);
            if (!layer.is_packed) pack_biases(w, bias[d], hidden_bias[d]);
        }
        if (!layer.is_packed) pack_all(packings, 2 * layer.directions, layer.threads);
        const int64_t tiles = tiling.tiles * layer.directions, helpers = helpers_per_tile();
        std::vector<StepsTogether> together(helpers > 0 ? tiles : 0);
        teams = helpers > 0 ? together.data() : nullptr;
        auto task = [](void* self, int64_t index) { static_cast<ForwardPass*>(self)->run_task(index); };
        run_tasks(tiles * (1 + helpers), layer.threads, task, this);
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

    // Threads without a tile of their own help with the steps of a wide layer.
    int64_t helpers_per_tile() const {
        const int64_t tiles = tiling.tiles * layer.directions;
        if (tiles == 0 || parts() < 2 || sizes.gates * sizes.hidden < kWide * P::kPair || processors_are_busy()) return 0;
        return most<int64_t>(0, least(layer.threads / tiles, parts()) - 1);
    }

    void run_task(int64_t index) {
        const int64_t tiles = tiling.tiles * layer.directions;
        if (index >= tiles) return help(teams[index % tiles]);
        tile(index);
        if (teams) teams[index].finish();
    }

    // What threads need to know to compute a step together.
    struct Step {
        const Rows* rows;
        const Chunk* chunk;
        const Number* const* operands;  // previous states, or inputs, of its rows
        float* sums;
        float* cells;
        int64_t slot;
        int64_t active;  // 0: the product of the inputs of the whole chunk
    };

    void help(StepsTogether& team) {
        float* pre = scratch(Scratch::kTile, tiling.rows * Cell::kGates * kPanelWidth);
        if (pre) team.help(static_cast<int>(parts()), [&](const void* step, int part) { run_part(*static_cast<const Step*>(step), part, pre); });
        finish_streams();
    }

    // Parts of a step: panels of units, or several panels of a very wide layer.
    int64_t parts() const { return least<int64_t>((sizes.pitch + kPanelWidth - 1) / kPanelWidth, StepsTogether::kMostParts); }

    void run_part(const Step& step, int64_t part, float* pre) const {
        for (int64_t unit = part * kPanelWidth; unit < sizes.pitch; unit += parts() * kPanelWidth) {
            const int64_t width = least<int64_t>(kPanelWidth, sizes.pitch - unit);
            if (step.active > 0) advance(step, unit, width, pre);
            else
                for (int64_t column = unit; column < sizes.gates; column += sizes.pitch)
                    project(step, column, column + width);
        }
    }

    // All parts of a step, on the threads of a team if there is one.
    void run_step(const Step& step, StepsTogether* team, float* pre) const {
        auto run = [&](int64_t part) { run_part(step, part, pre); };
        if (team) team->step(&step, static_cast<int>(parts()), run);
        else
            for (int64_t part = 0; part < parts(); ++part) run(part);
    }

    void tile(int64_t index) {
        const int d = static_cast<int>(index % layer.directions);
        const Rows rows = tile_rows(layer, tiling, index / layer.directions, d);
        StepsTogether* team = teams ? &teams[index] : nullptr;
        const int64_t pre_floats = tiling.rows * Cell::kGates * kPanelWidth;
        const int64_t copied = P::kPair == 1 ? 0 : most(kChunkSteps * padded(sizes.input), tiling.rows * sizes.pitch);
        float* memory = scratch(Scratch::kTile, kChunkSteps * sizes.gates + pre_floats + sizes.hidden +
                                                    tiling.rows * sizes.pitch + copied + 128);
        if (!memory) {
            __atomic_store_n(&failed, true, __ATOMIC_RELAXED);  // perhaps by several threads at once
            return;
        }
        Parts parts{memory};
        float* sums = parts.take(kChunkSteps * sizes.gates);
        float* pre = parts.take(pre_floats);
        float* zeros = parts.take(sizes.hidden);
        float* cells = parts.take(tiling.rows * sizes.pitch);
        Number* copies = parts.take<Number>(copied);  // of the rows of one product
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
            const Number* rounded[kChunkSteps];
            const Step inputs{&rows, &chunk, as_operands<P>(chunk.values, chunk.slots, sizes.input, copies, rounded), sums, cells, 0, 0};
            if (team) observe_processors();
            if (team) run_step(inputs, team, pre);
            else project(inputs, 0, sizes.gates);
            for (int64_t t = 0; t < chunk.end - chunk.begin; ++t) {
                const int64_t slot = chunk.base[t], active = chunk.base[t + 1] - slot;
                const auto* previous = as_operands<P>(chunk.previous + slot, active, sizes.hidden, copies, rounded);
                run_step({&rows, &chunk, previous, sums, cells, slot, active}, team, pre);
            }
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

    // sums = bias + values W_input, for all slots of a chunk and the columns from `first` to `last`. (With an input size of 1,
    // adding these products in `advance` instead, without a buffer, saved 0 to 1 % of a network's time.)
    void project(const Step& now, int64_t first, int64_t last) const {
        const Chunk& chunk = *now.chunk;
        const int d = now.rows->direction;
        const float* start[kChunkSteps] = {};
        float* end[kChunkSteps] = {};
        for (int64_t s = 0; s < chunk.slots; ++s) {
            start[s] = bias[d];
            end[s] = now.sums + s * sizes.gates;
        }
        multiply(now.operands, chunk.slots, input[d], first, last, start, end, first, first);
    }

    // One panel of units, at one time step of the rows that are long enough.
    void advance(const Step& now, int64_t unit, int64_t width, float* pre) const {
        constexpr int64_t pre_pitch = Cell::kGates * kPanelWidth;
        const Chunk& chunk = *now.chunk;
        const int64_t slot = now.slot, active = now.active;
        const int d = now.rows->direction;
        const float* start[kTileRows] = {};
        float* end[kTileRows] = {};
        for (int64_t r = 0; r < active; ++r) end[r] = pre + r * pre_pitch;
        for (int g = 0; g < Cell::kGates;) {
            const int gates = narrow && g < kTogether ? kTogether : 1;
            const int64_t column = g * sizes.pitch + unit, last = column + (gates - 1) * sizes.pitch + width;
            for (int64_t r = 0; r < active; ++r)
                start[r] = g == Cell::kApart ? hidden_bias[d] + unit : now.sums + (slot + r) * sizes.gates + column;
            multiply(now.operands, active, hidden[d], column, last, start, end, 0, g * width);
            g += gates;
        }
        for (int64_t r = 0; r < active; ++r) {
            const int64_t at = chunk.step[slot + r];
            ForwardStep step;
            step.pre = pre + r * pre_pitch;
            step.input = now.sums + (slot + r) * sizes.gates + unit;
            step.previous = chunk.previous[slot + r] + unit;
            step.memory = now.cells + r * sizes.pitch + unit;
            step.state = pass.states + at * sizes.width + d * sizes.hidden + unit;
            step.saved = pass.saved ? pass.saved + (at * layer.directions + d) * sizes.saved + unit : nullptr;
            step.pitch = sizes.pitch;
            step.width = static_cast<int>(width);
            step.units = static_cast<int>(sizes.hidden - unit);
            prefetch_to_write(step.state + (now.rows->step_after(at) - at) * sizes.width, width);
            Cell::forward(step);
        }
    }
};

}  // namespace
