// Compares the kernels with a plain reference on random shapes, and calls them from many threads at once.
//
//     fuzz [--seed N] [--cases N] [--rounds N] [--isa NAME] [--forks 0]
//
// Case i has seed N + i, so the seed that a failure prints repeats it with `--cases 1`.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "check.h"
#include "sanitizers.h"
#include "stress.h"

// Every report aborts, so that the handler below names the case. Fresh memory holds NaN.
extern "C" const char* __asan_default_options() {
    return "abort_on_error=1:allocator_may_return_null=1:malloc_fill_byte=255:max_malloc_fill_size=1000000000";
}
extern "C" const char* __ubsan_default_options() { return "abort_on_error=1:print_stacktrace=1"; }
extern "C" const char* __tsan_default_options() {
    return "abort_on_error=1:halt_on_error=1:allocator_may_return_null=1";
}

namespace {

char running[400] = "the start";  // for the signal handler

struct Options {
    uint64_t seed = 0;
    int64_t cases = 600;
    int rounds = 6;
    bool forks = true;
    const char* isa = nullptr;
};

Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i < count; i += 2) {
        const char* value = i + 1 < count ? words[i + 1] : "";
        if (std::strcmp(words[i], "--seed") == 0) options.seed = std::strtoull(value, nullptr, 10);
        else if (std::strcmp(words[i], "--cases") == 0) options.cases = std::atoll(value);
        else if (std::strcmp(words[i], "--rounds") == 0) options.rounds = std::atoi(value);
        else if (std::strcmp(words[i], "--forks") == 0) options.forks = std::atoi(value) != 0;
        else if (std::strcmp(words[i], "--isa") == 0) options.isa = value;
        else throw std::runtime_error(std::string("unknown option ") + words[i]);
    }
    return options;
}

void say_what_was_running(int signal) {
    const char* parts[] = {"\nsignal during ", running, "\n"};
    for (const char* part : parts)
        if (write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void handle_signals() {
    std::signal(SIGABRT, say_what_was_running);
    if (kAddressSanitizer || kThreadSanitizer) return;  // they report the others, and then abort
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) std::signal(signal, say_what_was_running);
}

std::vector<const char*> instruction_sets(const char* only) {
    std::vector<const char*> names;
    for (int i = 0; const char* name = seqclf_instruction_set(i); ++i)
        if (seqclf_runs(name) == 1 && (!only || std::strcmp(name, only) == 0)) names.push_back(name);
    if (names.empty()) throw std::runtime_error("no such instruction set runs here");
    return names;
}

void run_case(uint64_t seed, const std::vector<const char*>& names) {
    Random random(seed);
    random.discard(20);  // the first numbers of neighbouring seeds are alike
    const char* isa = names[random() % names.size()];
    const bool linear = random() % 5 == 0;
    seqclf_assume_idle(seed % 2 == 0 ? 60'000 : 0);  // threads share the steps of few rows only while nobody else computes
    Shape shape = random_shape(random, seed, 4e6);
    if (seqclf_has_bfloat16(isa) && random() % 2 == 0) shape.precision = kBFloat16;
    std::snprintf(running, sizeof running, "--seed %llu --cases 1 --rounds 0: %s, %s", static_cast<unsigned long long>(seed), isa,
                  linear ? "linear" : shape.text().c_str());
    if (linear) check_linear(seed, isa, random);
    else check_recurrence(shape, isa, random);
}

}  // namespace

int main(int count, char** words) {
    handle_signals();
    try {
        const Options options = parse(count, words);
        const std::vector<const char*> names = instruction_sets(options.isa);
        stress_memory();
        for (int64_t i = 0; i < options.cases; ++i) run_case(options.seed + i, names);
        std::snprintf(running, sizeof running, "--seed %llu --cases 0 --rounds %d", static_cast<unsigned long long>(options.seed), options.rounds);
        Random random(options.seed);
        stress_threads(random, names, options.rounds, options.forks);
        std::printf("%lld cases and %d rounds of threads: no error\n", static_cast<long long>(options.cases), options.rounds);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\nduring %s\n", error.what(), running);
        return 1;
    }
}
