// The checks of one case; each throws std::runtime_error with what is wrong.
#pragma once

#include <random>

#include "batch.h"

using Random = std::mt19937_64;

// A random shape, and one of about `work` multiplications at most.
Shape random_shape(Random& random, uint64_t seed, double work);

// Random arguments of `run`; threads change from call to call.
int random_threads(Random& random);

// States and gradients equal the reference, and stay bitwise the same however the kernels are called.
void check_recurrence(const Shape& shape, const char* isa, Random& random);

// Rows of a linear map equal the reference, and stay bitwise the same with other threads or fewer rows.
void check_linear(uint64_t seed, const char* isa, Random& random);

// Bitwise equality of everything that both hold.
void check_same(const Results& got, const Results& expected);
