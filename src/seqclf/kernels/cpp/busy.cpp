#include "busy.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>

namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kWindow = 100 * kMillisecond;  // many time slices; at 30 ms, an idle system's services counted as busy
constexpr int64_t kMemory = 1000 * kMillisecond; // longer than the pauses of a program that reads and computes in turn

std::atomic<int64_t> busy_until{0};
std::atomic<int64_t> idle_until{0};

int64_t now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

// Nanoseconds for which the calling thread could have run but had no processor, or was over its quota; 0 where the
// system does not say, as on macOS.
int64_t time_waited() {
    const int file = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char text[96];
    const ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) return 0;
    text[size] = '\0';
    long long computed, waited;
    return std::sscanf(text, "%lld %lld", &computed, &waited) == 2 ? waited : 0;
}

}  // namespace

void observe_processors() {
    struct Sample {
        int64_t at, waited;
    };
    thread_local Sample last{0, 0};
    const int64_t at = now();
    if (at - last.at < kWindow) return;
    const int64_t waited = time_waited();
    if (last.at > 0 && (waited - last.waited) * 5 > at - last.at) busy_until = at + kMemory;
    last = {at, waited};
}

bool processors_are_busy() {
    const int64_t at = now();
    return at < busy_until && at >= idle_until;
}

void assume_busy(int milliseconds) { busy_until = now() + milliseconds * kMillisecond; }

void assume_idle(int milliseconds) { idle_until = now() + milliseconds * kMillisecond; }
