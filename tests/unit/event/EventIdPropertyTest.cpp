#include <algorithm>
#include <limits>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "IdText.h"
#include "event/EventId.h"

/// resume.md section 9, property 2. Every test has its seed and no clock.
namespace sluice {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_{seed} {}
    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    std::uint64_t upTo(std::uint64_t most) { return most == kMost ? engine_() : below(most + 1); }
    template <class T>
    T oneOf(std::initializer_list<T> choices) {
        return *(choices.begin() + below(choices.size()));
    }

  private:
    std::mt19937_64 engine_;
};

FamilyCut randomFamily(Random& random, std::uint32_t hash) {
    FamilyCut family{hash, random.oneOf({Words::One, Words::Two}), {}};
    const auto span = random.oneOf<std::uint64_t>({0, 100, 1 << 20, 1ULL << 40, kMost});
    const std::uint64_t low = random.upTo(kMost - span);
    family.places.resize(random.oneOf<std::size_t>({1, 1, 2, 12, 50}));
    for (Place& place : family.places) {
        if (random.below(10) == 0) continue;  // not reached: the beginning
        place.position.first = low + random.upTo(span);
        if (family.words == Words::Two)
            place.position.second = random.oneOf<std::uint64_t>({0, 7, kMost});
        place.ordinal = random.oneOf<std::uint32_t>({0, 0, 0, 1, 300, 0xffff'ffff});
    }
    return family;
}

bool hasOrdinals(const Cut& cut) {
    const auto partial = [](const Place& place) { return place.ordinal != 0; };
    return std::any_of(cut.begin(), cut.end(), [&](const FamilyCut& family) {
        return std::any_of(family.places.begin(), family.places.end(), partial);
    });
}

EventId randomId(Random& random) {
    EventId id;
    for (char& letter : id.epoch) letter = "abcdefghijklmnopqrstuvwxyz234567"[random.below(32)];
    id.seq = random.oneOf<std::uint64_t>({0, 5, 1ULL << 60, kMost});
    id.timeMs = random.oneOf<std::uint64_t>({0, 1ULL << 41, kMost});
    if (random.below(8) == 0) return id;
    std::set<std::uint32_t> hashes;
    for (auto n = random.oneOf({0, 1, 1, 2, 3, 6}); n > 0; --n)
        hashes.insert(static_cast<std::uint32_t>(1 + random.below(0xffff'ffff)));
    id.cut.emplace();
    for (const std::uint32_t hash : hashes) id.cut->push_back(randomFamily(random, hash));
    if (hasOrdinals(*id.cut)) id.gen = static_cast<std::uint16_t>(random.below(1 << 16));
    return id;
}

/// A few edits of `text` anywhere.
std::string edited(Random& random, std::string text) {
    for (auto edits = 1 + random.below(4); edits > 0 && !text.empty(); --edits) {
        const std::size_t at = random.below(text.size());
        switch (random.below(4)) {
            case 0:
                text.insert(at, 1, static_cast<char>(random.below(256)));
                break;
            case 1:
                text.erase(at, 1 + random.below(3));
                break;
            case 2:
                text[at] = text[random.below(text.size())];
                break;
            default:
                text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
        }
    }
    return text;
}

/// What was read must have been written so; true if anything was read.
bool isRefusedOrCanonical(const std::string& text, bool& accepted) {
    const std::optional<EventId> id = parseEventId(text);
    accepted = id.has_value();
    return !accepted || (textOf(*id) == text && text.size() <= kEventIdMax);
}

TEST(EventIdProperty, whatIsWrittenIsReadBack) {
    Random random{1};
    int tooLong = 0;
    for (int i = 0; i < 20'000; ++i) {
        const EventId id = randomId(random);
        const std::string text = textOf(id);
        if (text.empty()) {
            ++tooLong;
            continue;
        }
        ASSERT_LE(text.size(), kEventIdMax);
        const std::optional<EventId> read = parseEventId(text);
        ASSERT_TRUE(read.has_value()) << text;
        ASSERT_EQ(*read, id) << text;
    }
    EXPECT_GT(tooLong, 100) << "the cuts are too small to meet the bound";
}

TEST(EventIdProperty, noPrefixIsRead) {
    Random random{2};
    for (int i = 0; i < 1'000; ++i) {
        const std::string text = textOf(randomId(random));
        for (std::size_t length = 0; length < text.size(); ++length)
            ASSERT_FALSE(parseEventId({text.data(), length}).has_value()) << text << ' ' << length;
    }
}

TEST(EventIdProperty, noFlippedBitIsRead) {
    Random random{3};
    for (int i = 0; i < 200; ++i) {
        std::string text = textOf(randomId(random));
        for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
            const char flip = static_cast<char>(1 << bit % 8);
            text[bit / 8] ^= flip;
            ASSERT_FALSE(parseEventId(text).has_value()) << text;
            text[bit / 8] ^= flip;
        }
    }
}

TEST(EventIdProperty, editedTextsAreRefusedOrCanonical) {
    Random random{4};
    int accepted = 0;
    for (int i = 0; i < 500'000; ++i) {
        const std::string text = textOf(randomId(random));
        if (text.empty()) continue;
        std::string fuzzed = edited(random, text);
        if (random.below(4) != 0) fuzzed = checked(fuzzed.substr(0, fuzzed.rfind('.')));
        bool read = false;
        ASSERT_TRUE(isRefusedOrCanonical(fuzzed, read)) << fuzzed;
        accepted += read ? 1 : 0;
    }
    EXPECT_GT(accepted, 1'000) << "the fuzz does not get past the check";
}

TEST(EventIdProperty, editedVectorsAreRefusedOrCanonical) {
    Random random{5};
    int accepted = 0;
    const std::string seeds[] = {
        bytesOf("00000001 01 01 07 00"),
        bytesOf("00000001 01 02 07 00 00  00000002 02 01 07 00 00"),
        bytesOf("00000001 01 02 07 00 00  00000000 0000 00 01 05"),
        bytesOf("00000001 01 02 feffffffffffffffff01 00 01"),
        bytesOf("00000001 02 02 07 00 00 01 ff01 00000000 beef 00 00 05 00 01 06"),
    };
    for (int i = 0; i < 500'000; ++i) {
        const std::string bytes = edited(random, seeds[random.below(std::size(seeds))]);
        bool read = false;
        ASSERT_TRUE(isRefusedOrCanonical(idWithVector(bytes), read)) << base64Of(bytes);
        accepted += read ? 1 : 0;
    }
    EXPECT_GT(accepted, 10'000) << "the fuzz does not get past the check";
}

TEST(EventIdProperty, noiseIsRefused) {
    Random random{6};
    std::string noise;
    for (int i = 0; i < 100'000; ++i) {
        noise.clear();
        for (auto length = random.below(80); length > 0; --length)
            noise += random.below(3) == 0 ? static_cast<char>(random.below(256))
                                          : "1.~abcdefgh0_-"[random.below(14)];
        ASSERT_FALSE(parseEventId(noise).has_value()) << noise;
    }
}

}  // namespace
}  // namespace sluice
