// The recurrence over ragged rows; compiled once per instruction set.
//
// A task takes a tile of rows (sequences of similar length) in one direction through all their own steps: no step waits
// for another tile, and no padded step exists. What a tile needs stays in its thread's cache; the forward pass writes
// states (and, for training, gates) once, the backward pass reads them once. Tiles go through time in chunks: whatever
// needs no recurrence (the inputs' product, the gradients of weights and inputs) is done for a chunk's steps at once.

#include "backward.h"
#include "forward.h"

#ifndef SEQCLF_ISA
#error "SEQCLF_ISA names the instruction set this file is compiled for"
#endif
#define SEQCLF_JOIN(a, b) a##b
#define SEQCLF_KERNELS(isa) SEQCLF_JOIN(kernels_, isa)

namespace {

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
