#include <gtest/gtest.h>

#include "http/ChunkedBody.h"

namespace sluice {
namespace {

constexpr std::size_t kMax = 1'000;
const std::string kGood = "5;a=\"b\"\r\nhello\r\n00A\r\n, 12345678\r\n0\r\nT: u\r\n\r\n";

struct Decoded {
    int status = 0;  // 0: incomplete
    std::string body;
    std::size_t taken = 0;
};

Decoded decode(std::string_view bytes) {
    ChunkedBody chunked;
    Decoded result;
    result.taken = chunked.feed(bytes, kMax, result.body);
    if (chunked.state() == HeadState::Complete) result.status = 200;
    if (chunked.state() == HeadState::Refused) result.status = chunked.refusal().status;
    return result;
}

TEST(ChunkedBody, decodesAndStopsAtItsEnd) {
    const Decoded result = decode(kGood + "GET /");
    EXPECT_EQ(result.status, 200);
    EXPECT_EQ(result.body, "hello, 12345678");
    EXPECT_EQ(result.taken, kGood.size());
}

TEST(ChunkedBody, decodesTheSameCutAnywhere) {
    for (std::size_t cut = 0; cut <= kGood.size(); ++cut) {
        ChunkedBody chunked;
        std::string body;
        EXPECT_EQ(chunked.feed(kGood.substr(0, cut), kMax, body), cut);
        EXPECT_EQ(chunked.state() == HeadState::Complete, cut == kGood.size());
        chunked.feed(kGood.substr(cut), kMax, body);
        EXPECT_EQ(chunked.state(), HeadState::Complete);
        EXPECT_EQ(body, "hello, 12345678");
    }
}

TEST(ChunkedBody, refusesWhatIsMalformed) {
    for (const char* bytes :
         {"x\r\n", "\r\n", "-1\r\n", "5 \r\n", "5\nhello", "5\r\nhelloX\r\n", "5\r\nhello\n",
          "0\r\n\n", "123456789\r\n", "5;\x01\r\n", "5\rX", "0x5\r\n", "0\r\nT: \x7f\r\n"})
        EXPECT_EQ(decode(bytes).status, 400) << bytes;
}

TEST(ChunkedBody, boundsBodyLinesAndTrailers) {
    EXPECT_EQ(decode("3e8\r\n").status, 0);
    EXPECT_EQ(decode("3e9\r\n").status, 413);
    EXPECT_EQ(decode("1\r\nx\r\n3e8\r\n").status, 413);
    EXPECT_EQ(decode("ffffffff\r\n").status, 413);
    EXPECT_EQ(decode("5;" + std::string(ChunkedBody::kLineMax, 'x')).status, 400);
    std::string trailers = "0\r\n";
    for (std::size_t i = 0; i <= ChunkedBody::kTrailersMax; ++i) trailers += "a: b\r\n";
    EXPECT_EQ(decode(trailers).status, 400);
}

}  // namespace
}  // namespace sluice
