// Runs tasks on torch's OpenMP threads while the processors are free, otherwise on a thread pool.
//
// After each parallel operator, torch's OpenMP threads spin for some milliseconds while they wait for the next one. On
// free processors this saves waking them up, and the threads of another pool would compete with them (training steps
// were 10 to 30 % slower), so this file calls the entry point of the OpenMP library that torch has loaded. On busy
// processors spinning takes away the time in which the awaited thread could run. Then the tasks run on a pool whose
// threads sleep while they wait, and which does not wait for threads that have not begun; and OpenMP, which torch's
// operators still use, is made to sleep, too.
//
// OpenMP keeps threads for each thread that calls it. With those of a second caller there are more threads than
// processors, and GCC's OpenMP then hardly spins: in a second thread of a process fits had .79 to .92 of the speed in the
// main thread, where only that thread computed the same speed. Tried for all but the main thread: this pool, with
// threads that spin for 200 us. Fits took 6 to 9 % longer than with OpenMP, predictions of 128 beats 11 %.
//
// OpenMP does not survive a fork: a child uses the pool.

#include "threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "busy.h"

namespace {

struct Job {
    void (*task)(void*, int64_t);
    void* context;
    int64_t n_tasks;
    std::atomic<int64_t> next{0};

    void work() {
        observe_processors();
        for (int64_t i = next.fetch_add(1); i < n_tasks; i = next.fetch_add(1)) task(context, i);
    }
};

class Pool {
   public:
    const pid_t process = getpid();

    // Returns false if the pool is busy; the caller then runs its tasks alone. Results do not depend on who runs them.
    bool run(Job& job, int helpers) {
        std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
        if (!turn.owns_lock()) return false;
        {
            std::lock_guard<std::mutex> lock(mutex_);
            try {
                for (; workers_ < helpers; ++workers_) std::thread([this] { serve(); }).detach();
            } catch (const std::system_error&) {  // no more threads can be created: use those that exist
            }
            job_ = &job;
            wanted_ = helpers < workers_ ? helpers : workers_;
            ++generation_;
        }
        wake_.notify_all();
        job.work();
        std::unique_lock<std::mutex> lock(mutex_);
        job_ = nullptr;  // workers that have not woken up yet find nothing to do
        done_.wait(lock, [this] { return busy_ == 0; });
        return true;
    }

   private:
    void serve() {
        std::unique_lock<std::mutex> lock(mutex_);
        for (uint64_t seen = 0;;) {
            wake_.wait(lock, [&] { return job_ != nullptr && generation_ != seen && wanted_ > 0; });
            seen = generation_;
            Job* job = job_;
            --wanted_;
            ++busy_;
            lock.unlock();
            job->work();
            lock.lock();
            if (--busy_ == 0) done_.notify_one();
        }
    }

    std::mutex turn_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    Job* job_ = nullptr;
    uint64_t generation_ = 0;
    int workers_ = 0;
    int wanted_ = 0;
    int busy_ = 0;
};

// Never destroyed, since threads may outlive main. A forked child has none of its parent's threads and starts its own.
Pool& pool() {
    static std::atomic<Pool*> current{nullptr};
    Pool* found = current.load();
    while (found == nullptr || found->process != getpid()) {
        Pool* fresh = new Pool;
        if (current.compare_exchange_strong(found, fresh)) return *fresh;
        delete fresh;
    }
    return *found;
}

// Exported by GCC's libgomp and, on Linux, LLVM's libomp; by no library on macOS.
struct OpenMp {
    using Parallel = void (*)(void (*function)(void*), void* data, unsigned threads, unsigned flags);
    const pid_t process = getpid();
    const Parallel parallel = reinterpret_cast<Parallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
    mutable std::atomic<bool> sleeps{false};

    bool exists() const { return parallel != nullptr && process == getpid(); }

    bool run(Job& job, int threads) const {
        if (!exists()) return false;
        parallel([](void* raw) { static_cast<Job*>(raw)->work(); }, &job, static_cast<unsigned>(threads), 0);
        return true;
    }

    // GCC's OpenMP spins 300,000 times before it sleeps, but 100 times if it manages more threads than there are
    // processors (its manual, GOMP_SPINCOUNT). So a team of that many waits while the processors are busy. Not where that
    // is far more than the threads in use: OpenMP ends the process if it may not create them. LLVM's OpenMP has no such
    // rule.
    void sleep_instead_of_spinning(int threads) const {
        const unsigned processors = std::thread::hardware_concurrency();  // those of the process
        const bool few = processors <= 4u * static_cast<unsigned>(threads);
        if (!exists() || !few || dlsym(RTLD_DEFAULT, "kmp_set_blocktime") || sleeps.exchange(true)) return;
        try {
            std::thread([this, processors] {
                parallel([](void*) {}, nullptr, processors + 1, 0);
                while (processors_are_busy()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
                sleeps = false;
            }).detach();
        } catch (const std::system_error&) {  // no more threads can be created
            sleeps = false;
        }
    }
};

const OpenMp open_mp;  // looked up when this library is loaded, after torch

// Counts the threads that are inside `run_tasks`.
struct Caller {
    static std::atomic<int> count;
    const int present = ++count;
    ~Caller() { --count; }
};
std::atomic<int> Caller::count{0};

// A forked child has one thread, which is not inside.
const int at_fork = pthread_atfork(nullptr, nullptr, [] { Caller::count = 0; });

// Tried while the processors are busy: as many threads as the calling one gets processor time, times `workers`. Beside two
// endless loops on two processors, fits took .90 and 1.12 of the time, predictions 1.31 and 1.34.
bool run_in_parallel(Job& job, int workers, bool busy) {
    return (!busy && open_mp.run(job, workers)) || pool().run(job, workers - 1);
}

}  // namespace

void run_tasks(int64_t n_tasks, int threads, void (*task)(void*, int64_t), void* context) {
    Job job{task, context, n_tasks};
    const Caller caller;
    const int share = threads / caller.present;  // concurrent callers divide the threads among them
    const int workers = static_cast<int>(share < n_tasks ? share : n_tasks);
    const bool busy = threads > 1 && processors_are_busy();
    // Also for one task: torch's operators around it may run in parallel, as the sums of mean pooling do for one sequence.
    if (busy) open_mp.sleep_instead_of_spinning(threads);
    if (workers <= 1 || !run_in_parallel(job, workers, busy)) job.work();
}
