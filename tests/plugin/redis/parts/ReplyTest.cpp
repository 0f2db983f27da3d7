#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "Reply.h"

namespace sluice::redis {
namespace {

constexpr std::size_t kBulkMax = 100;

std::string bulk(std::size_t length, char c = 'x') {
    return "$" + std::to_string(length) + "\r\n" + std::string(length, c) + "\r\n";
}

/// A reply as text: "[a 7 (null) <ERR x>]".
std::string textOf(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::Integer:
            return std::to_string(reply.integer);
        case Reply::Kind::Null:
            return "(null)";
        case Reply::Kind::TooLong:
            return "(too long)";
        case Reply::Kind::Dropped:
            return "(dropped)";
        case Reply::Kind::Error:
            return "<" + std::string(reply.text) + ">";
        case Reply::Kind::Array: {
            std::string text = "[";
            for (const Reply& item : reply.items)
                text += (text.size() > 1 ? " " : "") + textOf(item);
            return text + "]";
        }
        default:
            return std::string(reply.text);
    }
}

/// Reads `bytes` in pieces of random lengths, forgetting replies now and then.
std::vector<std::string> readInPieces(const std::string& bytes, unsigned seed) {
    std::mt19937 random(seed);
    ReplyReader reader(kBulkMax);
    std::vector<std::string> replies;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t most = seed % 3 == 0 ? 3 : 200;
        const std::size_t length = std::min<std::size_t>(
            bytes.size() - at, std::uniform_int_distribution<std::size_t>{1, most}(random));
        const std::string piece = bytes.substr(at, length);
        reader.feed(piece);
        while (const Reply* reply = reader.next()) replies.push_back(textOf(*reply));
        reader.forget();
        at += length;
    }
    return replies;
}

TEST(RedisReply, readsEveryKind) {
    const auto replies = readInPieces(
        "+OK\r\n:-7\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n-ERR no\r\n*2\r\n$1\r\na\r\n*1\r\n:1\r\n", 1);
    EXPECT_EQ(replies, (std::vector<std::string>{"OK", "-7", "(null)", "(null)", "[]", "",
                                                 "<ERR no>", "[a [1]]"}));
}

TEST(RedisReply, doesNotDependOnHowTheBytesCome) {
    std::string bytes;
    for (int i = 0; i < 20; ++i)
        bytes += "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n" + bulk(static_cast<std::size_t>(i * 5)) +
                 "*2\r\n*1\r\n" + bulk(200) + ":5\r\n$-1\r\n";
    const auto whole = readInPieces(bytes, 1);
    EXPECT_EQ(whole.size(), 60U);
    EXPECT_EQ(whole[1], "[[(too long)] 5]");
    for (unsigned seed = 2; seed < 200; ++seed) EXPECT_EQ(readInPieces(bytes, seed), whole);
}

TEST(RedisReply, aStringAboveTheBoundIsLeftOut) {
    const std::string bytes = "*2\r\n" + bulk(kBulkMax) + bulk(kBulkMax + 1) + "+next\r\n";
    const auto replies = readInPieces(bytes, 4);
    EXPECT_EQ(replies, (std::vector<std::string>{"[" + std::string(kBulkMax, 'x') + " (too long)]",
                                                 "next"}));
}

TEST(RedisReply, aReplyAboveItsBoundLosesItsLongStrings) {
    constexpr std::size_t kBulk = std::size_t{1} << 20;
    ReplyReader reader(kBulk);
    const std::size_t strings = ReplyReader::kReplyMax / kBulk + 2;
    std::string bytes = "*" + std::to_string(2 * strings) + "\r\n";
    for (std::size_t i = 0; i < strings; ++i) bytes += bulk(3) + bulk(kBulk);
    bytes += "*1\r\n" + bulk(kBulk);
    reader.feed(bytes);
    const Reply* reply = reader.next();
    ASSERT_NE(reply, nullptr);
    ASSERT_EQ(reply->items.size(), 2 * strings);
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < strings; ++i) {
        EXPECT_EQ(reply->items[2 * i].kind, Reply::Kind::String);  // a short one keeps its place
        dropped += reply->items[2 * i + 1].kind == Reply::Kind::Dropped ? 1 : 0;
    }
    EXPECT_GE(dropped, 2U);
    EXPECT_LE(dropped, 3U);
    reply = reader.next();  // the next one has all the room again
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->items[0].text.size(), kBulk);
}

TEST(RedisReply, halfAReplyOutlivesThoseThatAreForgotten) {
    ReplyReader reader(kBulkMax);
    const std::string first = "+one\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n";
    const std::string second = "$1\r\nc\r\n+two\r\n*2\r\n$1\r\nd\r\n";
    const std::string third = "$1\r\ne\r\n";
    reader.feed(first);
    ASSERT_NE(reader.next(), nullptr);
    ASSERT_EQ(reader.next(), nullptr);
    reader.forget();
    reader.forget();
    reader.feed(second);
    EXPECT_EQ(textOf(*reader.next()), "[a b c]");
    EXPECT_EQ(textOf(*reader.next()), "two");
    ASSERT_EQ(reader.next(), nullptr);
    reader.forget();
    reader.feed(third);
    EXPECT_EQ(textOf(*reader.next()), "[d e]");
}

TEST(RedisReply, whatIsNoRespIsAnError) {
    for (const std::string bytes :
         {"HTTP/1.1 400 Bad Request\r\n", "*2\r\n?x\r\n", "$abc\r\n", "$-2\r\n", "*-2\r\n",
          ":12a\r\n", "*1048577\r\n", "*9223372036854775807\r\n", "\r\n",
          "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
        ReplyReader reader(kBulkMax);
        reader.feed(bytes);
        EXPECT_THROW(
            {
                while (reader.next() != nullptr) {
                }
            },
            std::runtime_error)
            << bytes;
    }
}

TEST(RedisReply, noNoiseCrashesIt) {
    std::mt19937 random(7);
    const std::string alphabet = "*$:+-\r\n0123456789ax";
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes;
        for (unsigned i = std::uniform_int_distribution<unsigned>{1, 60}(random); i > 0; --i)
            bytes += alphabet[random() % alphabet.size()];
        try {
            readInPieces(bytes, static_cast<unsigned>(round));
        } catch (const std::runtime_error&) {
            continue;
        }
    }
}

TEST(RedisReply, theLinesBetweenStringsHaveABound) {
    ReplyReader reader(kBulkMax);
    const std::string line(std::size_t{1} << 20, 'x');
    reader.feed("+");
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_THROW(
        {
            for (int i = 0; i < 100; ++i) {
                reader.feed(line);
                reader.next();
            }
        },
        std::runtime_error);
}

/// Found by tests/fuzz/targets/resp.cpp: whole it was taken for a string that is too long.
TEST(RedisReply, takesNoLengthWithSomethingBehindIt) {
    const std::string bytes = "$1111111111111142*111-1111\r1111\n";
    ReplyReader whole(kBulkMax);
    whole.feed(bytes);
    EXPECT_EQ(whole.next(), nullptr);
    ReplyReader pieces(kBulkMax);
    for (const char& c : bytes) {
        pieces.feed({&c, 1});
        EXPECT_EQ(pieces.next(), nullptr);
    }
}

}  // namespace
}  // namespace sluice::redis
