#include <random>
#include <string>

#include <gtest/gtest.h>

#include "http/RequestHead.h"

namespace sluice {
namespace {

using namespace std::string_literals;

const std::string kGood =
    "POST http://h/a%20b?x=1&y HTTP/1.1\r\nHost: h:80\r\nX-Empty:\r\nX:\t padded \t\r\n"
    "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n";

int statusOf(std::string_view text, const HeadLimits& limits = {}) {
    RequestHead head;
    const HeadResult result = parseHead(text, limits, head);
    switch (result.state) {
        case HeadState::Incomplete:
            return 0;
        case HeadState::Complete:
            return 200;
        case HeadState::Refused:
            return result.refusal.status;
    }
    return -1;
}

std::string with(std::string_view field) {
    return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string{field} + "\r\n\r\n";
}

TEST(RequestHead, readsEveryPart) {
    RequestHead head;
    ASSERT_EQ(parseHead(kGood + "body follows", {}, head).state, HeadState::Complete);
    EXPECT_EQ(head.length, kGood.size());
    EXPECT_EQ(head.method.of(kGood), "POST");
    EXPECT_EQ(head.path.of(kGood), "/a%20b");
    EXPECT_EQ(head.query.of(kGood), "x=1&y");
    ASSERT_EQ(head.fields.size(), 5u);
    EXPECT_EQ(head.fields[1].value.of(kGood), "");
    EXPECT_EQ(head.fields[2].value.of(kGood), "padded");
    EXPECT_EQ(head.body, RequestHead::Body::Length);
    EXPECT_EQ(head.contentLength, 12u);
    EXPECT_TRUE(head.expectsContinue);
    EXPECT_TRUE(head.keepAlive);
}

TEST(RequestHead, isIncompleteAtEveryCut) {
    for (std::size_t cut = 0; cut < kGood.size(); ++cut)
        EXPECT_EQ(statusOf(kGood.substr(0, cut)), 0) << cut;
    EXPECT_EQ(statusOf(kGood), 200);
}

TEST(RequestHead, refusesABadHeadAsSoonAsItIsBad) {
    EXPECT_EQ(statusOf("\x16\x03"), 400);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\n"), 400);
    EXPECT_EQ(statusOf("GET /\0"s), 400);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\rX"), 400);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\r\n folded\r\n"), 400);
}

TEST(RequestHead, neverReadsAChangedByteAsAControlCharacter) {
    for (std::size_t at = 0; at < kGood.size(); ++at) {
        for (const char bad : {'\0', '\x01', '\n', '\r', '\x7f'}) {
            std::string text = kGood;
            if (text[at] == bad) continue;
            text[at] = bad;
            const bool isLineEnd = kGood[at] == '\r' || kGood[at] == '\n';
            // A CR that became another byte leaves a bare LF; an LF that became CR a bare CR.
            EXPECT_EQ(statusOf(text), 400) << at << " " << isLineEnd;
        }
    }
}

TEST(RequestHead, ignoresEmptyLinesBeforeARequest) {
    EXPECT_EQ(statusOf("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
}

TEST(RequestHead, knowsWhenToKeepTheConnection) {
    const auto keeps = [](const std::string& text) {
        RequestHead head;
        EXPECT_EQ(parseHead(text, {}, head).state, HeadState::Complete) << text;
        return head.keepAlive;
    };
    EXPECT_TRUE(keeps(with("X: y")));
    EXPECT_FALSE(keeps(with("Connection: upgrade , CLOSE")));
    EXPECT_FALSE(keeps(with("Connection: close\r\nConnection: keep-alive")));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(RequestHead, takesOneValidHost) {
    EXPECT_EQ(statusOf("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), 200);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 200);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: user@h\r\n\r\n"), 400);
    EXPECT_EQ(statusOf(with("Host: h")), 400);
}

TEST(RequestHead, leavesNoRoomForSmuggling) {
    EXPECT_EQ(statusOf(with("Content-Length: 5\r\nContent-Length: 5")), 400);
    EXPECT_EQ(statusOf(with("Content-Length: 5, 5")), 400);
    EXPECT_EQ(statusOf(with("Content-Length: 0x5")), 400);
    EXPECT_EQ(statusOf(with("Content-Length: -5")), 400);
    EXPECT_EQ(statusOf(with("Content-Length:")), 400);
    EXPECT_EQ(statusOf(with("Content-Length: 5\r\nTransfer-Encoding: chunked")), 400);
    EXPECT_EQ(statusOf(with("Transfer-Encoding: chunked\r\nContent-Length: 5")), 400);
    EXPECT_EQ(statusOf(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")), 400);
    EXPECT_EQ(statusOf(with("Transfer-Encoding : chunked")), 400);
    EXPECT_EQ(statusOf(with("Transfer-Encoding: xchunked")), 501);
    EXPECT_EQ(statusOf(with("Transfer-Encoding: chunked, identity")), 501);
    EXPECT_EQ(statusOf("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
    EXPECT_EQ(statusOf(with("Transfer-Encoding: Chunked")), 200);
}

TEST(RequestHead, boundsTheBodyWithoutOverflow) {
    EXPECT_EQ(statusOf(with("Content-Length: 4194304")), 200);
    EXPECT_EQ(statusOf(with("Content-Length: 4194305")), 413);
    EXPECT_EQ(statusOf(with("Content-Length: 18446744073709551617")), 413);
    EXPECT_EQ(statusOf(with("Content-Length: 00000000000000000000000000005")), 200);
}

TEST(RequestHead, reachesItsBounds) {
    HeadLimits limits;
    limits.bytesMax = 64;
    limits.fieldsMax = 2;
    EXPECT_EQ(statusOf("GET /" + std::string(100, 'a'), limits), 414);
    EXPECT_EQ(statusOf(with("X: " + std::string(100, 'a')), limits), 431);
    EXPECT_EQ(statusOf(with("A: b"), limits), 200);
    EXPECT_EQ(statusOf(with("A: b\r\nC: d"), limits), 431);
}

TEST(RequestHead, takesTheTargetsThatPeopleSend) {
    EXPECT_EQ(statusOf("GET /events/gr\xc3\xb6\xc3\x9f"
                       "e/{x**} HTTP/1.1\r\nHost: h\r\n\r\n"),
              200);
    EXPECT_EQ(statusOf("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    EXPECT_EQ(statusOf("GET * HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(RequestHead, tellsUnknownMethodsFromUnknownVersions) {
    EXPECT_EQ(statusOf("BREW / HTTP/1.1\r\n"), 501);
    EXPECT_EQ(statusOf("CONNECT h:1 HTTP/1.1\r\n"), 501);
    EXPECT_EQ(statusOf("G(T / HTTP/1.1\r\n"), 400);
    EXPECT_EQ(statusOf("GET / HTTP/1.2\r\n"), 505);
    EXPECT_EQ(statusOf("GET / HTTP/2.0\r\n"), 505);
    EXPECT_EQ(statusOf("GET / http/1.1\r\n"), 400);
    EXPECT_EQ(statusOf("GET / HTTP/1.10\r\n"), 400);
    EXPECT_EQ(statusOf(with("Expect: 200-ok")), 417);
}

TEST(RequestHead, keepsItsPromisesForMutatedText) {
    std::mt19937 random{7};
    const auto below = [&](std::size_t n) { return std::size_t{random()} % n; };
    const std::string alphabet = "GET /:\r\n \t%?#*,\0\x80{}0129chunkedHTTP."s;
    int complete = 0;
    for (int round = 0; round < 100'000; ++round) {
        std::string text = kGood;
        for (std::size_t i = below(4) + 1; i > 0; --i) {
            const std::size_t at = below(text.size());
            if (below(3) == 0)
                text.erase(at, below(6));
            else if (below(2) == 0)
                text.insert(at, 1, alphabet[below(alphabet.size())]);
            else
                text[at] = alphabet[below(alphabet.size())];
        }
        RequestHead head;
        const HeadResult result = parseHead(text, {}, head);
        if (result.state != HeadState::Complete) {
            ASSERT_EQ(result.state == HeadState::Refused, !result.refusal.code.empty());
            continue;
        }
        ++complete;
        ASSERT_LE(head.length, text.size());
        ASSERT_TRUE(text.substr(0, head.length).ends_with("\r\n\r\n"));
        ASSERT_EQ(statusOf(text.substr(0, head.length)), 200);
        ASSERT_EQ(statusOf(text.substr(0, head.length - 1)), 0);
        ASSERT_TRUE(head.path.of(text).starts_with('/'));
        for (const RequestHead::Field& field : head.fields)
            ASSERT_TRUE(isHttpToken(field.name.of(text)));
    }
    EXPECT_GT(complete, 10'000);
}

}  // namespace
}  // namespace sluice
