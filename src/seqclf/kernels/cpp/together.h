// The time steps of few rows on several threads: each step is divided into parts, and begins when all parts of the one
// before it are done.
//
// One thread leads; others may help. The leader takes the parts that nobody else takes, so it never waits for a helper
// that has not begun or gets no processor, unless that happens within a part. A step of a wide layer takes a few
// microseconds: the threads must spin between steps, so helpers leave as soon as the processors are busy.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "busy.h"

namespace {

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

class StepsTogether {
   public:
    static constexpr int kMostParts = 64;

    // Runs part(p) for each p below n_parts, partly on helpers, which see `context`; called by the leader.
    template <class Part>
    void step(const void* context, int n_parts, Part part) {
        const int64_t number = ++number_;
        context_ = context;
        helped_.store(0, std::memory_order_relaxed);
        current_.store(number, std::memory_order_release);
        int own = 0;
        for (int p = 0; p < n_parts; ++p)
            if (take(p, number)) part(p), ++own;
        for (int waited = 0; helped_.load(std::memory_order_acquire) < n_parts - own; ++waited)
            waited < kPatience ? pause() : std::this_thread::yield();
    }

    void finish() { current_.store(kFinished, std::memory_order_release); }

    // Runs part(context, p) for some p of each step, until the leader has finished or the processors are busy.
    template <class Part>
    void help(int n_parts, Part part) {
        for (int64_t seen = 0;;) {
            const int64_t number = current_.load(std::memory_order_acquire);
            if (number == kFinished || processors_are_busy()) return;
            if (number == seen) {
                pause();
                continue;
            }
            seen = number;
            // From the other end than the leader, so that each thread keeps the weights of its parts in its cache.
            for (int p = n_parts - 1; p >= 0; --p)
                if (take(p, number)) {
                    part(context_, p);
                    helped_.fetch_add(1, std::memory_order_release);
                }
        }
    }

   private:
    static constexpr int64_t kFinished = -1;
    static constexpr int kPatience = 10000;  // pauses, longer than a part should take

    // A part is taken once in each step. A thread that comes late to a step finds all its parts taken.
    bool take(int p, int64_t number) {
        int64_t before = taken_[p].load(std::memory_order_relaxed);
        return before < number && taken_[p].compare_exchange_strong(before, number, std::memory_order_acq_rel);
    }

    int64_t number_ = 0;
    const void* context_ = nullptr;
    std::atomic<int64_t> current_{0};
    std::atomic<int> helped_{0};
    std::atomic<int64_t> taken_[kMostParts] = {};
};

}  // namespace
