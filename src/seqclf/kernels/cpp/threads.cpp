// Runs tasks on torch's OpenMP threads if possible, otherwise on a thread pool.
//
// After each parallel operator, torch's OpenMP threads spin for some milliseconds while they wait for the next one. The
// threads of another pool would compete with them for the processors (training steps were 10 to 30 % slower), so this
// file calls the entry point of the OpenMP library that torch has loaded. OpenMP does not survive a fork: a child uses
// the pool.

#include "threads.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>

namespace {

struct Job {
    void (*task)(void*, int64_t);
    void* context;
    int64_t n_tasks;
    std::atomic<int64_t> next{0};

    void work() {
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

    bool run(Job& job, int threads) const {
        if (parallel == nullptr || process != getpid()) return false;
        parallel([](void* raw) { static_cast<Job*>(raw)->work(); }, &job, static_cast<unsigned>(threads), 0);
        return true;
    }
};

const OpenMp open_mp;  // looked up when this library is loaded, after torch

struct Buffer {
    float* start = nullptr;
    std::size_t floats = 0;
    ~Buffer() { std::free(start); }
};

}  // namespace

void run_tasks(int64_t n_tasks, int threads, void (*task)(void*, int64_t), void* context) {
    Job job{task, context, n_tasks};
    const int workers = static_cast<int>(threads < n_tasks ? threads : n_tasks);
    if (workers > 1 && (open_mp.run(job, workers) || pool().run(job, workers - 1))) return;
    job.work();
}

float* scratch(Scratch kind, std::size_t floats) {
    thread_local Buffer buffers[2];
    Buffer& buffer = buffers[static_cast<int>(kind)];
    if (buffer.floats < floats) {
        std::free(buffer.start);
        const std::size_t bytes = (floats * sizeof(float) + 4095) / 4096 * 4096;
        buffer.start = static_cast<float*>(std::aligned_alloc(4096, bytes));
        buffer.floats = buffer.start ? bytes / sizeof(float) : 0;
    }
    return buffer.start;
}
