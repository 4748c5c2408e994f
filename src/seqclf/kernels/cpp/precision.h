// What the matrix products multiply: floats, or bfloat16 in pairs. Sums, gates and states are floats in both.
//
// A bfloat16 is the upper half of a float: 8 bits of precision. AVX-512 BF16 multiplies 32 pairs of them in the time of 16
// floats and adds both products of a pair to one float, the odd one first, each with one rounding. It treats denormal
// numbers as zero.
#pragma once

#include "vector.h"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace {

struct Float32 {
    using Number = float;
    using Operand = Vector;
    static constexpr int kPair = 1;  // consecutive terms of a sum that one instruction multiplies and adds

    static Operand load_operand(const Number* from) { return load(from); }
    static Operand repeat(const Number* from) { return fill(*from); }
    static Vector multiply_add(Operand a, Operand b, Vector sum) { return sum + a * b; }
    static Number rounded(float value) { return value; }
    // Rows are used where they are: the functions that round them have nothing to do.
    static float* unrounded(Number* row, float*) { return row; }
    static void round_row(const float*, int64_t, Number*) {}
};

#if defined(__AVX512BF16__)
struct BFloat16 {
    using Number = uint16_t;
    using Operand = __m512bh;
    static constexpr int kPair = 2;

    static Operand load_operand(const Number* from) { return (__m512bh)_mm512_loadu_si512(from); }
    static Operand repeat(const Number* from) {
        int32_t pair;
        std::memcpy(&pair, from, sizeof pair);
        return (__m512bh)_mm512_set1_epi32(pair);
    }
    static Vector multiply_add(Operand a, Operand b, Vector sum) { return (Vector)_mm512_dpbf16_ps((__m512)sum, a, b); }

    static Number rounded(float value) {
        const __m128i vector = (__m128i)_mm_cvtneps_pbh(_mm_set_ss(value));
        return static_cast<Number>(_mm_extract_epi16(vector, 0));
    }
    // Where a row is computed before it is rounded.
    static float* unrounded(Number*, float* scratch) { return scratch; }
    // Rounds `count` floats, followed by a zero if they are odd in number.
    static void round_row(const float* from, int64_t count, Number* to) {
        for (; count >= 32; count -= 32, from += 32, to += 32)
            _mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + 16), _mm512_loadu_ps(from)));
        for (; count > 0; count -= 16, from += 16, to += 16) {
            const __m256i numbers = (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(first(count), from));
            _mm256_mask_storeu_epi16(to, first(count + count % 2), numbers);
        }
    }
    // to[i] = even[i], odd[i] rounded; zeros in place of an absent odd row.
    static void pair_rows(const float* even, const float* odd, int64_t count, Number* to) {
        for (; count > 0; count -= 16, even += 16, to += 32) {
            const __m512 a = _mm512_maskz_loadu_ps(first(count), even);
            const __m512 b = odd ? _mm512_maskz_loadu_ps(first(count), odd) : _mm512_setzero_ps();
            if (odd) odd += 16;
            _mm512_mask_storeu_epi32(to, first(count), interleaved((__m512i)_mm512_cvtne2ps_pbh(b, a)));
        }
    }
    // The same for rows that are rounded already; `count` is a multiple of 16.
    static void pair_rows(const Number* even, const Number* odd, int64_t count, Number* to) {
        for (int64_t i = 0; i < count; i += 16) {
            const Bits a = widened(even + i);
            store_bits(to + 2 * i, odd ? a | widened(odd + i) << 16 : a);
        }
    }

   private:
    static Bits widened(const Number* from) {
        typedef Number Numbers __attribute__((vector_size(kLanes * 2), aligned(2), may_alias));
        return __builtin_convertvector(*reinterpret_cast<const Numbers*>(from), Bits);
    }
    static void store_bits(Number* to, Bits bits) { std::memcpy(to, &bits, sizeof bits); }
    static __mmask16 first(int64_t count) {
        return static_cast<__mmask16>(count >= 16 ? 0xffff : (1u << count) - 1);
    }
    // Numbers 0, 16, 1, 17, ...
    static __m512i interleaved(__m512i numbers) {
        alignas(64) static const uint16_t order[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                       8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
        return _mm512_permutexvar_epi16(_mm512_load_si512(order), numbers);
    }
};
#endif

}  // namespace
