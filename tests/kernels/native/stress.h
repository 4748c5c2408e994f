// Calls from several threads, in forked processes and without memory.
#pragma once

#include "check.h"

// Threads call at once, with thread counts that change from call to call, while, with `forks`, the process is forked again and again;
// every call must give the bits of a call on one thread.
void stress_threads(Random& random, const std::vector<const char*>& instruction_sets, int rounds, bool forks);

// Where memory cannot be allocated or could not exist, the outcome must be "no memory". Must run first: the threads of the
// pool keep their memory.
void stress_memory();
