// A vector of floats as wide as the instruction set's registers, and the functions of gates on it.
//
// GCC's and Clang's portable vectors: the same lines become AVX-512, AVX2, SSE2 or NEON by the compiler's flags.
// Everything lies in an unnamed namespace, because this header is compiled once per instruction set: shared inline
// functions would be merged by the linker, and a machine without AVX-512 would run those of one with it.
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

// The same at any address. (memcpy would do, but GCC 12 then keeps sums in memory beside the registers.)
typedef float Unaligned __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));

inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }

inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

// Not Vector{} + value: that is one addition more, since 0 + -0 is not -0.
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

// The first `count` of a vector; the others are zero. Never reads past them.
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

// e^x = 2^n * (1 + q), with n whole and |r| <= ln(2)/2; q = e^r - 1 (Cephes' polynomial, 1 ulp).
// NaN stays NaN: comparisons with it are false, and q carries it on.
struct Exponential {
    Vector power;  // 2^n
    Vector q;
};

inline Exponential exponential(Vector x) {
    x = x > fill(88.0f) ? fill(88.0f) : x;
    x = x < fill(-87.0f) ? fill(-87.0f) : x;
    const Vector magic = fill(12582912.0f);  // 1.5 * 2^23: adding it rounds, and leaves n in the lowest bits
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

// By e^2x - 1, so that small x keep all their digits; the sign is put back by its bit.
inline Vector tanh(Vector x) {
    const Bits sign = bits_of(x) & 0x80000000u;
    const Vector size = from_bits(bits_of(x) ^ sign);
    const Exponential e = exponential(size + size);
    const Vector minus_one = e.power * e.q + (e.power - 1.0f);
    return from_bits(bits_of(minus_one / (minus_one + 2.0f)) | sign);
}

}  // namespace
