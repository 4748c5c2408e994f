// The recurrence over ragged sequences, and linear maps; compiled once per instruction set, and once more with bfloat16 where a
// set has it.
//
// Terms used in these files:
//   row    one sequence of a tile
//   tile   up to kTileRows sequences of similar length, processed together in one direction
//   chunk  consecutive time steps of a tile, at most kChunkSteps slots
//   slot   one time step of one row in a chunk
//   step   index of a time step among all steps of the batch; t counts within a row, in the direction of the layer
//   unit   one hidden unit; their number is padded to whole registers, which is the pitch
//   gate   one block of hidden units in the weights, such as the reset gate
//   panel  up to kPanelVectors registers of columns of a weight matrix
//
// A task of the forward pass runs one tile in one direction, or helps with the steps of one; a task of the backward pass
// runs a shard of tiles. There are no padded steps. The data of a tile stays in the cache of its thread; the forward pass writes states (and, for
// training, gates) once, and the backward pass reads them once. Everything outside the recurrence (the product of
// inputs and weights, the gradients of weights and inputs) is computed for all slots of a chunk at once.

#include "backward.h"
#include "forward.h"
#include "linear.h"

#ifndef SEQCLF_ISA
#error "SEQCLF_ISA names the instruction set this file is compiled for"
#endif
#define SEQCLF_JOIN(a, b) a##b
#define SEQCLF_KERNELS(isa) SEQCLF_JOIN(kernels_, isa)

namespace {

#if defined(__AVX512BF16__)
using Precision = BFloat16;
#else
using Precision = Float32;
#endif

template <template <class, class> class Pass, class Result>
bool run(CellKind cell, const Layer& layer, const Result& result) {
    switch (cell) {
        case kTanh: return Pass<Simple<false>, Precision>(layer, result).run();
        case kRelu: return Pass<Simple<true>, Precision>(layer, result).run();
        case kGru: return Pass<Gru, Precision>(layer, result).run();
        default: return Pass<Lstm, Precision>(layer, result).run();
    }
}

bool forward(CellKind cell, const Layer& layer, const Forward& result) { return run<ForwardPass>(cell, layer, result); }

bool backward(CellKind cell, const Layer& layer, const Backward& result) {
    return run<BackwardPass>(cell, layer, result);
}

#if defined(__AVX512BF16__)
constexpr auto linear = nullptr;  // linear maps are part of predictions only, and take little of their time
#else
bool linear(const Linear& call) { return LinearPass(call).run(); }
#endif

}  // namespace

extern const Kernels SEQCLF_KERNELS(SEQCLF_ISA);
const Kernels SEQCLF_KERNELS(SEQCLF_ISA) = {forward, backward, linear};
