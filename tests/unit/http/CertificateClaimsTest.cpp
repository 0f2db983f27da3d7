#include <gtest/gtest.h>

#include "http/CertificateClaims.h"

namespace sluice {
namespace {

ClientCertificate wall() {
    ClientCertificate made;
    made.subject = "CN=wall,OU=b,OU=a,O=Shop";
    made.attributes = {{"O", "Shop"}, {"OU", "a"}, {"OU", "b"}, {"CN", "wall"}};
    made.issuer = "CN=ca";
    made.dnsNames = {"wall.example", "wall2.example"};
    made.uris = {"spiffe://shop/wall"};
    made.serial = "0a1b";
    made.fingerprint = "f00d";
    made.notBeforeS = 1'700'000'000;
    made.notAfterS = 1'800'000'000;
    return made;
}

TEST(CertificateClaims, holdWhatTheCertificateSays) {
    const ClaimsPtr claims = claimsOf(wall());
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->text(),
              R"({"sub":"CN=wall,OU=b,OU=a,O=Shop","jti":"f00d","iat":1700000000,)"
              R"("exp":1800000000,"subject":{"O":"Shop","OU":["a","b"],"CN":"wall"},)"
              R"("names":{"dns":["wall.example","wall2.example"],"email":[],)"
              R"("uri":["spiffe://shop/wall"],"ip":[]},"issuer":"CN=ca","serial":"0a1b",)"
              R"("fingerprint":"f00d"})");
}

TEST(CertificateClaims, haveASubjectWhereTheCertificateHasNone) {
    ClientCertificate bare = wall();
    bare.subject.clear();
    bare.attributes.clear();
    EXPECT_EQ(claimsOf(bare)->textAt("sub"), "spiffe://shop/wall");
    bare.uris.clear();
    EXPECT_EQ(claimsOf(bare)->textAt("sub"), "wall.example");
    bare.dnsNames.clear();
    EXPECT_EQ(claimsOf(bare)->textAt("sub"), "f00d");
}

TEST(CertificateClaims, keepNamesApartThatEndInTheMiddle) {
    ClientCertificate forged = wall();
    forged.attributes = {{"CN", std::string{"wall\0.evil", 10}}};
    const ClaimsPtr claims = claimsOf(forged);
    const cel::Value* const subject = claims->find("subject");
    EXPECT_EQ(subject->asMap().find("CN")->asString().size(), 10U);
}

TEST(CertificateClaims, areNoneOfWhatIsTooMuchOrNoText) {
    ClientCertificate large = wall();
    large.dnsNames.assign(1'000, "a-name-of-twenty-bytes");
    EXPECT_FALSE(claimsOf(large));
    ClientCertificate many = wall();
    many.attributes.assign(101, {"OU", "a"});
    EXPECT_FALSE(claimsOf(many));
    ClientCertificate broken = wall();
    broken.attributes = {{"CN", "\xff"}};
    EXPECT_FALSE(claimsOf(broken));
}

}  // namespace
}  // namespace sluice
