// Scratch memory that each thread keeps between calls.
#pragma once

#include <cstddef>

enum class Scratch { kTile, kCall };

// Memory of the calling thread, grown as needed; null if it cannot be allocated.
float* scratch(Scratch kind, std::size_t floats);
