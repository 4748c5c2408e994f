// Memory between two protected pages: an access outside of it ends the process or is found by `intact`.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

// The elements lie directly before the second protected page or directly after the first, so they begin at any multiple of their
// size, not only at whole registers. Everything starts as bytes of 0xff, which are NaN: what is read before it was written makes
// results NaN.
template <class T>
class Guarded {
   public:
    Guarded() = default;

    Guarded(std::size_t count, bool at_end) : count_(count) {
        const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), bytes = count * sizeof(T);
        space_ = (bytes / page + 1) * page;
        mapped_ = space_ + 2 * page;
        void* pages = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED) fail("mmap");
        pages_ = static_cast<char*>(pages);
        inner_ = pages_ + page;
        protect(PROT_READ | PROT_WRITE);
        std::memset(inner_, 0xff, space_);
        data_ = reinterpret_cast<T*>(at_end ? inner_ + space_ - bytes : inner_);
    }

    Guarded(Guarded&& other) noexcept { *this = std::move(other); }

    Guarded& operator=(Guarded&& other) noexcept {
        std::swap(count_, other.count_);
        std::swap(space_, other.space_);
        std::swap(mapped_, other.mapped_);
        std::swap(pages_, other.pages_);
        std::swap(inner_, other.inner_);
        std::swap(data_, other.data_);
        return *this;
    }

    ~Guarded() {
        if (pages_) munmap(pages_, mapped_);
    }

    T* data() const { return data_; }
    std::size_t size() const { return count_; }
    T& operator[](std::size_t i) const { return data_[i]; }
    T* begin() const { return data_; }
    T* end() const { return data_ + count_; }

    // From now on, a write to the elements ends the process, too.
    void freeze() const {
        if (pages_) protect(PROT_READ);
    }

    // Whether the rest of the pages of the elements is as it was.
    bool intact() const {
        const char* first = reinterpret_cast<const char*>(begin());
        const char* last = reinterpret_cast<const char*>(end());
        for (const char* at = inner_; at < inner_ + space_; ++at)
            if ((at < first || at >= last) && *at != '\xff') return false;
        return true;
    }

   private:
    void protect(int access) const {
        if (mprotect(inner_, space_, access) != 0) fail("mprotect");
    }

    [[noreturn]] static void fail(const char* what) {
        std::perror(what);
        std::exit(2);
    }

    std::size_t count_ = 0, space_ = 0, mapped_ = 0;
    char* pages_ = nullptr;
    char* inner_ = nullptr;
    T* data_ = nullptr;
};
