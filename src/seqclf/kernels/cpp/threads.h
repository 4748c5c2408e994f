// Tasks over threads, and scratch memory that threads keep between calls.
#pragma once

#include <cstddef>
#include <cstdint>

// Runs task(context, i) for each i below n_tasks, on at most `threads` threads; the first tasks start first.
void run_tasks(int64_t n_tasks, int threads, void (*task)(void* context, int64_t index), void* context);

// Memory of the calling thread, kept and grown from call to call; null when there is no more.
enum class Scratch { kTile, kCall };
float* scratch(Scratch kind, std::size_t floats);
