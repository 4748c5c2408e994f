// Tasks on several threads, and scratch memory that each thread keeps between calls.
#pragma once

#include <cstddef>
#include <cstdint>

// Runs task(context, i) for each i below n_tasks on at most `threads` threads; tasks start in order.
void run_tasks(int64_t n_tasks, int threads, void (*task)(void* context, int64_t index), void* context);

// Memory of the calling thread, kept between calls and grown as needed; null if it cannot be allocated.
enum class Scratch { kTile, kCall };
float* scratch(Scratch kind, std::size_t floats);
