#include "auth/JwkSet.h"
#include "unit/auth/Vectors.h"

namespace sluice {
namespace {

using test::vectors;

std::string reasonFor(std::string_view text) {
    std::string error;
    EXPECT_FALSE(parseJwkSet(text, error)) << text;
    return error;
}

TEST(JwkSet, hasTheKeysThatAreForSignatures) {
    std::string error;
    const auto set = parseJwkSet(vectors().textAt("jwks"), error);
    ASSERT_TRUE(set) << error;
    EXPECT_EQ(set->keys.size(), 6U);
    EXPECT_EQ(set->candidates(Algorithm::ES256, "p256").size(), 1U);
    EXPECT_EQ(set->candidates(Algorithm::ES256, "").size(), 1U);
    EXPECT_TRUE(set->candidates(Algorithm::ES256, "rsa").empty());
    EXPECT_TRUE(set->candidates(Algorithm::HS256, "").empty());
    EXPECT_EQ(set->candidates(Algorithm::EdDSA, "").size(), 2U);
}

TEST(JwkSet, leavesOutWhatIsNotUnderstood) {
    std::string error;
    const auto set = parseJwkSet(R"({"keys": [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "new"}, 7,
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "k": "c2VjcmV0", "use": "enc"},
        {"kty": "oct", "k": "c2VjcmV0", "key_ops": ["sign"]},
        {"kty": "oct", "k": "c2VjcmV0", "alg": "A256GCM"}]})",
                                 error);
    ASSERT_TRUE(set) << error;
    EXPECT_EQ(set->keys.size(), 1U);
}

TEST(JwkSet, saysWhyItCannotBeUsed) {
    EXPECT_EQ(reasonFor("no"), "it is no JSON object with a list `keys`");
    EXPECT_EQ(reasonFor(R"({"keys": {}})"), "it is no JSON object with a list `keys`");
    EXPECT_EQ(reasonFor(R"({"keys": []})"), "it has no keys");
    EXPECT_NE(reasonFor(R"({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]})"), "");
    std::string many = R"({"keys": [)";
    for (std::size_t i = 0; i < kJwkSetKeysMax; ++i) many += "{},";
    EXPECT_EQ(reasonFor(many + "{}]}"), "it has more than 100 keys");
    EXPECT_EQ(reasonFor(std::string(kJwkSetBytesMax + 1, ' ')), "it is longer than 256 KiB");
}

TEST(JwkSet, refusesAPointThatIsNotOnItsCurve) {
    const Json set = Json::parse(vectors().textAt("jwks")).value();
    for (Json key : set.find("keys")->items()) {
        if (key.textAt("crv") != "P-256") continue;
        key.set("y", key.textAt("x"));
        std::string error;
        EXPECT_FALSE(Key::ofJwk(key, error));
    }
}

TEST(Key, ofPemIsPublicAndStrong) {
    std::string error;
    std::string both;
    for (const char* const name : {"rsa", "p256", "ed25519"})
        both += vectors().find("pem")->textAt(name);
    EXPECT_EQ(Key::ofPem(both, error).size(), 3U) << error;
    EXPECT_TRUE(Key::ofPem("", error).empty());
    EXPECT_TRUE(
        Key::ofPem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", error).empty());
    EXPECT_TRUE(Key::ofPem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", error)
                    .empty());
    EXPECT_NE(error.find("give its public key"), std::string::npos) << error;
}

TEST(Key, ofASecretIsAsLongAsItsHash) {
    const Key key = Key::ofSecret(std::string(48, 's'));
    EXPECT_TRUE(key.fits(Algorithm::HS256));
    EXPECT_TRUE(key.fits(Algorithm::HS384));
    EXPECT_FALSE(key.fits(Algorithm::HS512));
    EXPECT_FALSE(key.fits(Algorithm::RS256));
}

}  // namespace
}  // namespace sluice
