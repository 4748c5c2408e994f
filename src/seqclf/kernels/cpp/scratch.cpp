#include "scratch.h"

#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::size_t kSmall = std::size_t{1} << 18;  // floats (1 MiB) that are not worth giving back
constexpr int kPatience = 64;  // calls: the passes over the layers of one network need very different sizes

// Memory is given back once `kPatience` calls in a row needed less than a quarter of it.
class Buffer {
   public:
    ~Buffer() { std::free(start_); }

    float* at_least(std::size_t floats) {
        if (floats_ <= kSmall || floats >= floats_ / 4) {
            unused_ = 0;
            largest_ = 0;
        } else {
            largest_ = floats > largest_ ? floats : largest_;
            if (++unused_ >= kPatience) resize(largest_);
        }
        if (floats_ < floats) resize(floats);
        return start_;
    }

   private:
    void resize(std::size_t floats) {
        std::free(start_);
        unused_ = 0;
        largest_ = 0;
        const std::size_t pages = floats / 1024 + 1;  // of 4096 bytes; the product cannot overflow after this check
        start_ = pages > SIZE_MAX / 4096 ? nullptr : static_cast<float*>(std::aligned_alloc(4096, pages * 4096));
        floats_ = start_ ? pages * 1024 : 0;
    }

    float* start_ = nullptr;
    std::size_t floats_ = 0;
    int unused_ = 0;           // requests since the last one that needed a quarter or more
    std::size_t largest_ = 0;  // of these requests
};

}  // namespace

float* scratch(Scratch kind, std::size_t floats) {
    thread_local Buffer buffers[2];
    return buffers[static_cast<int>(kind)].at_least(floats);
}
