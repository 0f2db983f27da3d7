#include <stdexcept>

#include <gtest/gtest.h>

#include "net/Address.h"

namespace sluice {
namespace {

TEST(Address, readsAndWritesBothFamilies) {
    EXPECT_EQ(Address::resolve("127.0.0.1:8080").text(), "127.0.0.1:8080");
    EXPECT_EQ(Address::resolve("[::1]:80").text(), "[::1]:80");
    EXPECT_EQ(Address::resolve("[::1]:80").host(), "::1");
    EXPECT_EQ(Address::resolve("10.1.2.3:65535").port(), 65'535);
}

TEST(Address, writesAMappedIpv4AddressAsIpv4) {
    EXPECT_EQ(Address::resolve("[::ffff:10.0.0.7]:1").text(), "10.0.0.7:1");
    EXPECT_TRUE(Address::resolve("[::ffff:127.0.0.1]:1").isLoopback());
}

TEST(Address, takesAnEmptyHostOrAStarForAllInterfaces) {
    for (const char* text : {":8080", "*:8080"}) {
        const Address address = Address::resolve(text);
        EXPECT_EQ(address.port(), 8080) << text;
        EXPECT_FALSE(address.isLoopback()) << text;
    }
}

TEST(Address, knowsLoopback) {
    EXPECT_TRUE(Address::resolve("127.9.9.9:1").isLoopback());
    EXPECT_TRUE(Address::resolve("[::1]:1").isLoopback());
    EXPECT_FALSE(Address::resolve("0.0.0.0:1").isLoopback());
    EXPECT_FALSE(Address::resolve("[::]:1").isLoopback());
}

TEST(Address, refusesWhatIsNoAddressAndSaysWhatToWrite) {
    for (const char* text : {"", "8080", "host", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                             "::1:80", "127.0.0.1:-1", "127.0.0.1:123456"}) {
        try {
            Address::resolve(text);
            FAIL() << text;
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string{error.what()}.find("HOST:PORT"), std::string::npos) << text;
        }
    }
}

}  // namespace
}  // namespace sluice
