// A vector of floats as wide as the registers of the instruction set, and the nonlinearities of gates.
//
// Uses the portable vector types of GCC and Clang: compiler flags turn the same code into AVX-512, AVX2, SSE2 or NEON.
// Everything is in an unnamed namespace because this header is compiled once per instruction set: the linker would
// merge shared inline functions, and a machine without AVX-512 could run a version compiled for it.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
constexpr int kPanelVectors = 4;  // 6 rows x 4 vectors = 24 of 32 registers hold sums
#elif defined(__AVX2__)
constexpr int kLanes = 8;
constexpr int kPanelVectors = 2;  // 12 of 16 registers
#elif defined(__aarch64__)
constexpr int kLanes = 4;
constexpr int kPanelVectors = 4;
#else
constexpr int kLanes = 4;
constexpr int kPanelVectors = 2;
#endif
constexpr int kPanelRows = 6;
constexpr int kPanelWidth = kLanes * kPanelVectors;

typedef float Vector __attribute__((vector_size(kLanes * 4)));
typedef int32_t Mask __attribute__((vector_size(kLanes * 4)));
typedef uint32_t Bits __attribute__((vector_size(kLanes * 4)));

// For unaligned addresses. (With memcpy instead, GCC 12 also keeps the sums in memory.)
typedef float Unaligned __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));

inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }

inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

// Stores past the caches what is not read again soon. Without it, each line is first read from memory: the forward pass of
// a GRU or LSTM for training took 12 % longer, and the backward pass, which reads the lines, no less.
inline void stream(float* to, Vector value) {
#if defined(__AVX512F__)
    if (__builtin_expect(reinterpret_cast<uintptr_t>(to) % sizeof(Vector) == 0, 1)) return _mm512_stream_ps(to, value);
#elif defined(__AVX2__)
    if (__builtin_expect(reinterpret_cast<uintptr_t>(to) % sizeof(Vector) == 0, 1)) return _mm256_stream_ps(to, value);
#endif
    store(to, value);
}

// Makes streamed values visible to other threads that are synchronized with this one.
inline void finish_streams() {
#if defined(__AVX2__)
    _mm_sfence();
#endif
}

// Start to bring memory into the second-level cache, for reading and for writing; the address need not be valid. The rows of a
// tile are more streams than a processor follows by itself. With 32 or 64 units, training took 5 to 20 % less time. (Into the
// first-level cache, which can wait for few lines at a time, prefetching gained a third to four fifths of that.)
inline void prefetch(const float* from, int64_t floats) {
    for (int64_t i = 0; i < floats; i += 16) __builtin_prefetch(from + i, 0, 2);
}

inline void prefetch_to_write(const float* to, int64_t floats) {
    for (int64_t i = 0; i < floats; i += 16) __builtin_prefetch(to + i, 1, 2);
}

// Not Vector{} + value: the compiler cannot remove that addition, since 0 + -0 is not -0.
inline Vector fill(float value) {
#define SEQCLF_FOUR(x) x, x, x, x
#if defined(__AVX512F__)
    return Vector{SEQCLF_FOUR(value), SEQCLF_FOUR(value), SEQCLF_FOUR(value), SEQCLF_FOUR(value)};
#elif defined(__AVX2__)
    return Vector{SEQCLF_FOUR(value), SEQCLF_FOUR(value)};
#else
    return Vector{SEQCLF_FOUR(value)};
#endif
}

// Loads the first `count` floats and sets the others to zero. Never reads past them.
inline Vector load_first(const float* from, int count) {
    if (count >= kLanes) return load(from);
    Vector value{};
    if (count > 0) std::memcpy(&value, from, sizeof(float) * count);
    return value;
}

inline void store_first(float* to, Vector value, int count) {
    if (count >= kLanes) store(to, value);
    else if (count > 0) std::memcpy(to, &value, sizeof(float) * count);
}

inline Bits bits_of(Vector value) {
    Bits bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline Vector from_bits(Bits bits) {
    Vector value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// Values beyond the limits become the limits; NaN stays NaN. (GCC 12 compiles the two conditions to compare and blend.)
inline Vector clamp(Vector x, float low, float high) {
#if defined(__AVX512F__)
    constexpr __mmask16 kAll = 0xffff;  // without a mask, GCC 12 warns within its own header
    const __m512 below = _mm512_maskz_min_ps(kAll, _mm512_set1_ps(high), x);
    return reinterpret_cast<Vector>(_mm512_maskz_max_ps(kAll, _mm512_set1_ps(low), below));
#elif defined(__AVX2__)
    return reinterpret_cast<Vector>(_mm256_max_ps(_mm256_set1_ps(low), _mm256_min_ps(_mm256_set1_ps(high), x)));
#else
    x = x > fill(high) ? fill(high) : x;
    return x < fill(low) ? fill(low) : x;
#endif
}

// e^x = 2^(x / ln 2) = 2^n * 2^f with integer n and |f| <= 1/2.
struct Exponent {
    Vector power;  // 2^n
    Vector f;
};

// x / ln 2 is never rounded as a whole: its product is added to -n in one step where the processor can.
inline Exponent exponent_of(Vector x, float per_ln2) {
    const Vector magic = fill(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer, n, in the lowest bits
    const Vector shifted = x * per_ln2 + magic;
    return {from_bits((bits_of(shifted) << 23) + 0x3f800000u), x * per_ln2 - (shifted - magic)};
}

constexpr float kPerLn2 = 1.44269504088896341f;

// The polynomials approximate 2^f for the sigmoid (error 9e-8) and (2^f - 1) / f for tanh (7e-9), fitted for least maximum
// relative error. Tried in their place: rational functions as in Eigen save 2 of 14 cycles, but the root mean square error
// grows from 3e-8 to 9e-8, and sigmoids near 0 lose all digits; a reciprocal estimate with a Newton step is 1 to 2 cycles
// slower than the division, which runs beside the other operations.
inline Vector sigmoid(Vector x) {
    const Exponent e = exponent_of(clamp(x, -87.0f, 87.0f), -kPerLn2);
    Vector p = 1.3264726899e-3f * e.f + 9.6715126606e-3f;
    p = p * e.f + 5.5507337442e-2f;
    p = p * e.f + 2.4022242085e-1f;
    p = p * e.f + 6.9314697760e-1f;
    p = p * e.f + 1.0f;
    return 1.0f / (e.power * p + 1.0f);
}

// (e^2x - 1) / (e^2x + 1); small x keep full precision because e^2x - 1 does.
inline Vector tanh(Vector x) {
    const Exponent e = exponent_of(clamp(x, -15.0f, 15.0f), 2.0f * kPerLn2);
    Vector p = 1.5469734587e-4f * e.f + 1.3390866853e-3f;
    p = p * e.f + 9.6180307725e-3f;
    p = p * e.f + 5.5503571055e-2f;
    p = p * e.f + 2.4022651084e-1f;
    p = p * e.f + 6.9314718803e-1f;
    const Vector minus_one = e.power * (p * e.f) + (e.power - 1.0f);
    return minus_one / (minus_one + 2.0f);
}

}  // namespace
