// Tasks on several threads.
#pragma once

#include <cstdint>

// Runs task(context, i) for each i below n_tasks on at most `threads` threads; tasks start in order.
void run_tasks(int64_t n_tasks, int threads, void (*task)(void* context, int64_t index), void* context);
