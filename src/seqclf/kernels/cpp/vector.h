// A vector of floats as wide as the registers of the instruction set, and the nonlinearities of gates.
//
// Uses the portable vector types of GCC and Clang: compiler flags turn the same code into AVX-512, AVX2, SSE2 or NEON.
// Everything is in an unnamed namespace because this header is compiled once per instruction set: the linker would
// merge shared inline functions, and a machine without AVX-512 could run a version compiled for it.
#pragma once

#include <cstdint>
#include <cstring>

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

// e^x = 2^n * (1 + q) with integer n, r = x - n ln(2), |r| <= ln(2)/2 and q = e^r - 1 (polynomial of Cephes, 1 ulp).
// NaN stays NaN: comparisons with it are false, and it propagates through q.
struct Exponential {
    Vector power;  // 2^n
    Vector q;
};

inline Exponential exponential(Vector x) {
    x = x > fill(88.0f) ? fill(88.0f) : x;
    x = x < fill(-87.0f) ? fill(-87.0f) : x;
    const Vector magic = fill(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer, n, in the lowest bits
    const Vector shifted = x * 1.44269504088896341f + magic;
    const Vector n = shifted - magic;
    const Vector r = (x - n * 0.693145751953125f) - n * 1.428606765330187e-06f;
    Vector p = fill(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const Bits exponent = (bits_of(shifted) - bits_of(magic) + 127u) << 23;
    return {from_bits(exponent), p * (r * r) + r};
}

inline Vector sigmoid(Vector x) {
    const Exponential e = exponential(-x);
    return 1.0f / (1.0f + (e.power * e.q + e.power));
}

// Computed from e^2x - 1, so that small x keep full precision; the sign bit is restored at the end.
inline Vector tanh(Vector x) {
    const Bits sign = bits_of(x) & 0x80000000u;
    const Vector size = from_bits(bits_of(x) ^ sign);
    const Exponential e = exponential(size + size);
    const Vector minus_one = e.power * e.q + (e.power - 1.0f);
    return from_bits(bits_of(minus_one / (minus_one + 2.0f)) | sign);
}

}  // namespace
