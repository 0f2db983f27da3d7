#include <string>

#include <gtest/gtest.h>

#include "http/Forwarded.h"

namespace sluice {
namespace {

/// "ADDRESS SCHEME" of a request with these fields that came from `peer`.
std::string believed(const ProxyTrust& trust, const std::string& fields,
                     const std::string& peer = "10.0.0.1") {
    const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
    RequestHead head;
    EXPECT_EQ(parseHead(text, {}, head).state, HeadState::Complete) << text;
    RequestOrigin origin{.address = peer};
    believeProxy(trust, head, text, origin);
    return origin.address + (origin.isSecure ? " https" : " http");
}

ProxyTrust trusting(ProxyTrust::Header header) {
    ProxyTrust trust;
    trust.addresses.push_back(*AddressRange::parse("10.0.0.0/8"));
    trust.header = header;
    return trust;
}

TEST(Forwarded, believesNobodyItWasNotTold) {
    const std::string fields = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n";
    EXPECT_EQ(believed({}, fields), "10.0.0.1 http");
    const ProxyTrust trust = trusting(ProxyTrust::Header::XForwardedFor);
    EXPECT_EQ(believed(trust, fields, "192.0.2.99"), "192.0.2.99 http");
    EXPECT_EQ(believed(trust, fields), "192.0.2.7 https");
    EXPECT_EQ(believed(trust, ""), "10.0.0.1 http");
}

TEST(Forwarded, goesBackNoFurtherThanTheFirstThatIsNoProxyOfOurs) {
    const ProxyTrust trust = trusting(ProxyTrust::Header::XForwardedFor);
    // What the client wrote itself stands in front.
    EXPECT_EQ(believed(trust, "X-Forwarded-For: 203.0.113.1, 192.0.2.7\r\n"), "192.0.2.7 http");
    EXPECT_EQ(believed(trust, "X-Forwarded-For: 203.0.113.1, 192.0.2.7, 10.0.0.2\r\n"),
              "192.0.2.7 http");
    EXPECT_EQ(believed(trust, "X-Forwarded-For: 203.0.113.1\r\nX-Forwarded-For: 192.0.2.7\r\n"),
              "192.0.2.7 http");
    EXPECT_EQ(believed(trust, "X-Forwarded-For: 203.0.113.1, unknown, 10.0.0.2\r\n"),
              "10.0.0.2 http");
    std::string long_ = "X-Forwarded-For: 203.0.113.1";
    for (int i = 0; i < 100; ++i) long_ += ", 10.0.0.2";
    EXPECT_EQ(believed(trust, long_ + "\r\n"), "10.0.0.2 http");
}

TEST(Forwarded, readsRfc7239) {
    const ProxyTrust trust = trusting(ProxyTrust::Header::Forwarded);
    EXPECT_EQ(believed(trust, "Forwarded: for=192.0.2.7;proto=https;by=10.0.0.1\r\n"),
              "192.0.2.7 https");
    EXPECT_EQ(believed(trust, "Forwarded: For=\"[2001:db8::7]:4711\"\r\n"), "2001:db8::7 http");
    EXPECT_EQ(believed(trust, "Forwarded: for=203.0.113.1, for=192.0.2.7;proto=https\r\n"),
              "192.0.2.7 https");
    EXPECT_EQ(believed(trust, "Forwarded: for=_hidden;proto=https\r\n"), "10.0.0.1 https");
}

TEST(Forwarded, looksAtOneOfTheTwoHeadersOnly) {
    const std::string both = "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=203.0.113.1\r\n";
    EXPECT_EQ(believed(trusting(ProxyTrust::Header::XForwardedFor), both), "192.0.2.7 http");
    EXPECT_EQ(believed(trusting(ProxyTrust::Header::Forwarded), both), "203.0.113.1 http");
}

TEST(Forwarded, namesAddressesWithPortsBracketsAndQuotes) {
    const auto read = [](std::string_view text) {
        const auto address = forwardedAddress(text);
        return address ? address->text() : "none";
    };
    EXPECT_EQ(read(" 192.0.2.7 "), "192.0.2.7");
    EXPECT_EQ(read("192.0.2.7:80"), "192.0.2.7");
    EXPECT_EQ(read("2001:db8::7"), "2001:db8::7");
    EXPECT_EQ(read("[2001:db8::7]:80"), "2001:db8::7");
    EXPECT_EQ(read("\"192.0.2.7:80\""), "192.0.2.7");
    for (const char* bad : {"", "unknown", "_x", "[", "[::1", ":80", "\"", "a.example"})
        EXPECT_EQ(read(bad), "none") << bad;
}

}  // namespace
}  // namespace sluice
