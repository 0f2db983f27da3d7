#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sluice::cel {

/// What one evaluation may allocate in bytes, the values that its Activation decodes included.
inline constexpr std::size_t kArenaBytesMax = 16u << 20;

/// Memory for the values of one evaluation, or of all evaluations of one message. Grows up to its
/// bound; `reset` makes it empty again and keeps the memory. One thread; no view outlives `reset`.
class Arena {
  public:
    explicit Arena(std::size_t bytesMax = kArenaBytesMax) : bytesMax_{bytesMax} {}
    Arena(Arena&&) = default;
    Arena& operator=(Arena&&) = default;

    /// Null where the bound is reached; the evaluation then gives an error of Failure::Limit.
    void* allocate(std::size_t size, std::size_t alignment) {
        size = std::max<std::size_t>(size, 1);  // so that nothing is not null
        std::size_t at = (used_ + alignment - 1) & ~(alignment - 1);
        if (size > capacity_ || at > capacity_ - size) {
            if (!grow(size)) return nullptr;
            at = 0;
        }
        used_ = at + size;
        return current_ + at;
    }

    /// `count` objects, not initialised; null at the bound.
    template <typename T>
    T* array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
        if (count > bytesMax_ / sizeof(T)) return nullptr;
        return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    }

    /// One object; null at the bound.
    template <typename T, typename... Arguments>
    T* make(Arguments&&... arguments) {
        T* const place = array<T>(1);
        return place ? new (place) T{std::forward<Arguments>(arguments)...} : nullptr;
    }

    /// A copy of `text`; false at the bound.
    bool copy(std::string_view text, std::string_view& result) {
        char* const place = array<char>(text.size());
        if (!place) return false;
        if (!text.empty()) std::memcpy(place, text.data(), text.size());
        result = {place, text.size()};
        return true;
    }

    void reset();

    /// Memory that it holds, used or not.
    std::size_t bytesHeld() const { return bytesHeld_; }

  private:
    static constexpr std::size_t kAlignment = alignof(std::max_align_t);
    static constexpr std::size_t kFirstBlockBytes = 16u << 10;

    struct Block {
        std::unique_ptr<char[]> memory;
        std::size_t size = 0;
    };

    bool grow(std::size_t size);
    void enter(std::size_t block);

    std::size_t bytesMax_;
    std::vector<Block> blocks_;
    std::size_t block_ = 0;  // in use
    char* current_ = nullptr;
    std::size_t capacity_ = 0;  // of the block in use
    std::size_t used_ = 0;      // of the block in use
    std::size_t bytesHeld_ = 0;
};

}  // namespace sluice::cel
