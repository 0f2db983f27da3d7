#include <string>

#include <gtest/gtest.h>

#include "net/ProxyHeader.h"

namespace sluice {
namespace {

using State = ProxyHeader::State;

const std::string kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};

std::string v2(char command, char family, const std::string& rest) {
    std::string text = kSignature;
    text += command;
    text += family;
    text += static_cast<char>(rest.size() >> 8);
    text += static_cast<char>(rest.size());
    return text + rest;
}

std::string clientOf(const ProxyHeader& header) {
    if (header.state != State::Complete) return "no header";
    return header.client ? header.client->text() : "nobody";
}

TEST(ProxyHeader, isALineInVersion1) {
    const std::string line = "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n";
    const ProxyHeader header = parseProxyHeader(line + "GET / HTTP/1.1\r\n");
    EXPECT_EQ(clientOf(header), "192.0.2.7");
    EXPECT_EQ(header.length, line.size());
    EXPECT_EQ(clientOf(parseProxyHeader("PROXY TCP6 2001:db8::7 ::1 1 2\r\n")), "2001:db8::7");
    EXPECT_EQ(clientOf(parseProxyHeader("PROXY UNKNOWN\r\n")), "nobody");
    EXPECT_EQ(clientOf(parseProxyHeader("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")), "nobody");
}

TEST(ProxyHeader, isBytesInVersion2) {
    const std::string four{"\xc0\x00\x02\x07\xc0\x00\x02\x01\x12\x34\x01\xbb", 12};
    EXPECT_EQ(clientOf(parseProxyHeader(v2('\x21', '\x11', four))), "192.0.2.7");
    const ProxyHeader extended = parseProxyHeader(v2('\x21', '\x11', four + "extension") + "GET");
    EXPECT_EQ(clientOf(extended), "192.0.2.7");
    EXPECT_EQ(extended.length, 16 + 12 + 9u);
    const std::string six =
        std::string{"\x20\x01\x0d\xb8", 4} + std::string(11, '\0') + '\x07' + std::string(20, '\0');
    EXPECT_EQ(clientOf(parseProxyHeader(v2('\x21', '\x21', six))), "2001:db8::7");
    EXPECT_EQ(clientOf(parseProxyHeader(v2('\x20', '\x00', ""))), "nobody");  // LOCAL
    EXPECT_EQ(clientOf(parseProxyHeader(v2('\x21', '\x31', std::string(216, 'x')))), "nobody");
}

TEST(ProxyHeader, isWaitedForByteByByte) {
    const std::string four{"\xc0\x00\x02\x07\xc0\x00\x02\x01\x12\x34\x01\xbb", 12};
    for (const std::string& whole :
         {std::string{"PROXY TCP4 192.0.2.7 192.0.2.1 5 443\r\n"}, v2('\x21', '\x11', four)})
        for (std::size_t n = 0; n < whole.size(); ++n)
            EXPECT_EQ(parseProxyHeader(whole.substr(0, n)).state, State::Incomplete) << n;
}

TEST(ProxyHeader, isRefusedWhereItIsNone) {
    for (const std::string& text :
         {std::string{"GET / HTTP/1.1\r\n"}, std::string{"PROXZ"},
          std::string{"PROXY TCP4 192.0.2.7 192.0.2.1 5\r\n"},
          std::string{"PROXY TCP4 192.0.2.7 192.0.2.1 5 443 \r\n"},
          std::string{"PROXY TCP4  192.0.2.7 192.0.2.1 5 443\r\n"},
          std::string{"PROXY TCP4 2001:db8::1 ::1 5 443\r\n"},
          std::string{"PROXY TCP6 192.0.2.7 192.0.2.1 5 443\r\n"},
          std::string{"PROXY TCP4 192.0.2.7 192.0.2.1 65536 443\r\n"},
          std::string{"PROXY TCP4 192.0.2.7 192.0.2.1 05 443\r\n"},
          std::string{"PROXY UDP4 192.0.2.7 192.0.2.1 5 443\r\n"},
          "PROXY UNKNOWN " + std::string(100, 'x'), v2('\x11', '\x11', std::string(12, 'x')),
          v2('\x22', '\x11', std::string(12, 'x')), v2('\x21', '\x11', std::string(11, 'x')),
          v2('\x21', '\x21', std::string(35, 'x')), v2('\x21', '\x11', std::string(2'000, 'x'))})
        EXPECT_EQ(parseProxyHeader(text).state, State::Refused) << text;
}

TEST(IpAddress, isReadAndWritten) {
    EXPECT_EQ(IpAddress::parse("192.0.2.7")->text(), "192.0.2.7");
    EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.7")->text(), "192.0.2.7");
    EXPECT_EQ(IpAddress::parse("2001:DB8::0:7")->text(), "2001:db8::7");
    for (const std::string& text : {std::string{}, std::string{"192.0.2"}, std::string{"1.2.3.4 "},
                                    std::string{"1.2.3.4\0", 8}, std::string{"localhost"},
                                    std::string(100, '1'), std::string{"[::1]"}})
        EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(AddressRange, takesWhatBeginsWithItsBits) {
    const auto has = [](const char* range, const char* address) {
        return AddressRange::parse(range)->contains(*IpAddress::parse(address));
    };
    EXPECT_TRUE(has("10.0.0.0/8", "10.255.1.2"));
    EXPECT_FALSE(has("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(has("192.0.2.128/25", "192.0.2.200"));
    EXPECT_FALSE(has("192.0.2.128/25", "192.0.2.100"));
    EXPECT_TRUE(has("127.0.0.1", "::ffff:127.0.0.1"));
    EXPECT_FALSE(has("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(has("2001:db8::/32", "2001:db8:9::1"));
    EXPECT_TRUE(has("0.0.0.0/0", "192.0.2.1"));
    EXPECT_FALSE(has("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(has("::/0", "192.0.2.1"));
    for (const char* bad : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "::/129",
                            "10.0.0.0/8x", "host/8"})
        EXPECT_FALSE(AddressRange::parse(bad)) << bad;
}

}  // namespace
}  // namespace sluice
