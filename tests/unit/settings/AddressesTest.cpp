#include <gtest/gtest.h>

#include "settings/Addresses.h"
#include "settings/Settings.h"

namespace sluice {
namespace {

std::string errorOf(std::string_view hostPort) {
    const AddressError error = addressError(hostPort);
    return error.message.empty() ? "" : std::to_string(error.offset) + ' ' + error.message;
}

std::string originErrorOf(std::string_view origin) {
    const AddressError error = originError(origin);
    return error.message.empty() ? "" : std::to_string(error.offset) + ' ' + error.message;
}

TEST(Addresses, areHostAndPort) {
    for (const char* const good :
         {"127.0.0.1:8080", "[::1]:0", ":8080", "*:80", "sluice.local:1", "localhost:65535",
          "0.0.0.0:8080", "http://:8080", "https://[::1]:8443"})
        EXPECT_EQ(errorOf(good), "") << good;
}

TEST(Addresses, sayWhatIsWrong) {
    EXPECT_EQ(errorOf("8080"), "0 the address has no port");
    EXPECT_EQ(addressError("8080").hint, "write 127.0.0.1:8080, or :8080 for all interfaces");
    EXPECT_EQ(errorOf("localhost"), "0 the address has no port");
    EXPECT_EQ(errorOf("localhost:http"), "10 the port must be a number of digits only");
    EXPECT_EQ(errorOf("localhost:"), "10 the port must be a number of digits only");
    EXPECT_EQ(errorOf("localhost:65536"), "10 a port is at most 65535");
    EXPECT_EQ(errorOf("::1:80"), "0 an IPv6 address needs brackets around it");
    EXPECT_EQ(errorOf("[::g]:80"), "1 this is no IPv6 address");
    EXPECT_EQ(errorOf("127.0.0.256:80"),
              "0 '127.0.0.256' is neither an address nor a name of a "
              "host");
    EXPECT_EQ(errorOf("ftp://localhost:80"),
              "0 only http:// and https:// may stand before an address");
    EXPECT_EQ(errorOf("http://localhost:80/x"), "19 an address has no path");
    EXPECT_EQ(errorOf("https://localhost"), "8 the address has no port");
}

TEST(Addresses, ofThisMachineAreKnownWithoutAResolver) {
    for (const char* const here :
         {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "https://[::1]:1"})
        EXPECT_TRUE(isLoopbackAddress(here)) << here;
    for (const char* const open : {"0.0.0.0:1", ":1", "*:1", "[::]:1", "10.0.0.1:1", "example:1"})
        EXPECT_FALSE(isLoopbackAddress(open)) << open;
}

TEST(Addresses, ofPagesAreOrigins) {
    for (const char* const good : {"https://shop.example", "http://localhost:5173",
                                   "https://[::1]:8443", "capacitor://localhost"})
        EXPECT_EQ(originErrorOf(good), "") << good;
    EXPECT_EQ(originErrorOf("shop.example"), "0 an origin begins with http:// or https://");
    EXPECT_EQ(originErrorOf("https://shop.example/"),
              "20 an origin has no path, no user and no slash at its end");
    EXPECT_EQ(originErrorOf("https://*.example"), "8 an origin has no wildcards");
    EXPECT_EQ(originErrorOf("https://Shop.example"), "0 browsers send origins in lower case");
    EXPECT_EQ(originErrorOf("https://"), "8 the origin has no host");
    EXPECT_EQ(originErrorOf("https://a:x"), "10 the port must be a number of digits only");
}

TEST(Addresses, beyondThisMachineWantAKeyForTheAdmin) {
    HttpOptions options;
    EXPECT_EQ(exposureError(options), "");
    options.admin.listen = "0.0.0.0:9080";
    EXPECT_NE(exposureError(options), "");
    options.admin.readKey = "k";
    EXPECT_EQ(exposureError(options), "");
    EXPECT_EQ(exposureWarning(options), "");
    options.listen = {"127.0.0.1:1", "http://:8080"};
    EXPECT_NE(exposureWarning(options), "");
}

}  // namespace
}  // namespace sluice
