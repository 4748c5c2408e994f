// The sanitizers that this program is built with.
#pragma once

#if defined(__has_feature)
#define SEQCLF_HAS_FEATURE(x) __has_feature(x)
#else
#define SEQCLF_HAS_FEATURE(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || SEQCLF_HAS_FEATURE(address_sanitizer)
constexpr bool kAddressSanitizer = true;
#else
constexpr bool kAddressSanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || SEQCLF_HAS_FEATURE(thread_sanitizer)
constexpr bool kThreadSanitizer = true;
#else
constexpr bool kThreadSanitizer = false;
#endif
