#include <set>

#include <openssl/hmac.h>

#include "auth/Base64Url.h"
#include "unit/auth/Vectors.h"

namespace sluice {
namespace {

using test::Judge;
using test::vectors;

std::string encoded(std::string_view bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63u];
    }
    if (count > 0) text += kDigits[bits << (6 - count) & 63u];
    return text;
}

struct Parts {
    std::string header, payload, signature;
    explicit Parts(const std::string& token) {
        const std::size_t first = token.find('.'), second = token.rfind('.');
        header = token.substr(0, first);
        payload = token.substr(first + 1, second - first - 1);
        signature = token.substr(second + 1);
    }
    std::string text() const { return header + '.' + payload + '.' + signature; }
};

std::string withFlippedBit(std::string part, std::size_t at) {
    std::string bytes = decodeBase64Url(part).value();
    bytes[at % bytes.size()] = static_cast<char>(bytes[at % bytes.size()] ^ 1);
    return encoded(bytes);
}

std::string withAlgorithm(const std::string& header, std::string_view from, std::string_view to) {
    std::string text = decodeBase64Url(header).value();
    text.replace(text.find(from), from.size(), to);
    return encoded(text);
}

std::string_view otherAlgorithm(std::string_view algorithm) {
    if (algorithm == "EdDSA") return "ES256";
    if (algorithm.ends_with("256")) return algorithm[0] == 'H' ? "RS256" : "HS256";
    return algorithm.ends_with("384") ? "ES512" : "PS384";
}

std::string hmacWith(const std::string& secret, const std::string& text) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length);
    return encoded({reinterpret_cast<const char*>(mac), length});
}

/// Each in a way that some library somewhere once took.
std::vector<std::string> brokenOf(const std::string& token, std::string_view algorithm) {
    std::vector<std::string> broken;
    const Parts good{token};
    const auto add = [&](auto change) {
        Parts parts = good;
        change(parts);
        broken.push_back(parts.text());
    };
    add([](Parts& p) { p.signature.clear(); });
    add([](Parts& p) { p.signature = withFlippedBit(p.signature, 0); });
    add([](Parts& p) { p.signature = withFlippedBit(p.signature, 31); });
    add([](Parts& p) {
        const std::string bytes = decodeBase64Url(p.signature).value();
        p.signature = encoded(std::string_view{bytes}.substr(0, bytes.size() - 1));
    });
    add([](Parts& p) { p.signature = encoded(decodeBase64Url(p.signature).value() + '\0'); });
    add([](Parts& p) { p.signature = encoded(std::string(64, '\0')); });
    add([](Parts& p) { p.signature += '='; });
    add([](Parts& p) { p.payload = withFlippedBit(p.payload, 20); });
    add([](Parts& p) { p.payload += ' '; });
    add([&](Parts& p) {
        p.header = withAlgorithm(p.header, algorithm, otherAlgorithm(algorithm));
    });
    add([&](Parts& p) {
        p.header = withAlgorithm(p.header, algorithm, "none");
        p.signature.clear();
    });
    broken.push_back(token + ".");
    broken.push_back(token + "." + good.signature);
    broken.push_back("." + token);
    return broken;
}

Judge judgeFor(const Json& token, std::string_view algorithm) {
    static_cast<void>(token);
    return Judge{{algorithm.starts_with("HS") ? test::issuerWithSecret() : test::issuerWithJwks()}};
}

TEST(JwtVectors, thoseOfPyJwtAndJoseAreAccepted) {
    std::set<std::string> accepted;
    for (const Json& one : vectors().find("tokens")->items()) {
        const std::string algorithm{one.textAt("alg")};
        const Verdict verdict = judgeFor(one, algorithm).verify(one.textAt("token"));
        ASSERT_EQ(nameOf(verdict.refusal), "none") << one.compact();
        EXPECT_EQ(verdict.claims->textAt("tenant"), "acme");
        EXPECT_EQ(verdict.subject, "ann");
        accepted.insert(std::string{one.textAt("by")} + " " + algorithm);
    }
    EXPECT_EQ(accepted.size(), 2 * kAlgorithms.size());
}

TEST(JwtVectors, brokenVariantsOfThemAreRefused) {
    std::size_t count = 0;
    for (const Json& one : vectors().find("tokens")->items()) {
        const std::string algorithm{one.textAt("alg")};
        const Judge judge = judgeFor(one, algorithm);
        for (const std::string& token : brokenOf(std::string{one.textAt("token")}, algorithm)) {
            EXPECT_NE(judge.refusal(token), "none") << algorithm << ' ' << token;
            ++count;
        }
    }
    EXPECT_GE(count, 200U);
}

TEST(JwtVectors, signedNonsenseIsRefusedForItsReason) {
    const Judge secret{{test::issuerWithSecret()}}, jwks{{test::issuerWithJwks()}};
    for (const Json& one : vectors().find("refused")->items()) {
        const Judge& judge = one.textAt("key") == "secret" ? secret : jwks;
        EXPECT_EQ(judge.refusal(one.textAt("token")), one.textAt("reason")) << one.compact();
    }
}

TEST(JwtVectors, aPublicKeyIsNoSecret) {
    const std::string header = encoded(R"({"alg":"HS256"})");
    for (const Json& one : vectors().find("tokens")->items()) {
        if (one.textAt("alg") != "RS256") continue;
        const Parts good{std::string{one.textAt("token")}};
        const std::string text = header + '.' + good.payload;
        const std::string pem{vectors().find("pem")->textAt("rsa")};
        IssuerOptions options = test::issuer();
        options.pem = pem;
        const std::string token = text + '.' + hmacWith(pem, text);
        EXPECT_EQ(Judge{{options}}.refusal(token), "algorithm");
        options.algorithms = {Algorithm::RS256, Algorithm::HS256};
        EXPECT_EQ(Judge{{options}}.refusal(token), "key");
        EXPECT_EQ(Judge{{options}}.refusal(good.text()), "none");
    }
}

TEST(JwtVectors, anotherIssuersKeyIsNotTried) {
    IssuerOptions other = test::issuerWithJwks();
    other.issuer = "https://other.example";
    IssuerOptions ours = test::issuer();
    ours.pem = vectors().find("pem")->textAt("p256");
    const Judge judge{{other, ours}};
    for (const Json& one : vectors().find("tokens")->items()) {
        const bool isOurs = one.textAt("alg") == "ES256";
        EXPECT_EQ(judge.refusal(one.textAt("token")) == "none", isOurs) << one.textAt("alg");
    }
}

TEST(JwtVectors, aTokenBoundOverIsNotRead) {
    const std::string token = encoded(R"({"alg":"ES256"})") + '.' +
                              encoded(std::string(Jwt::kBytesMax, ' ') + "{}") + ".AAAA";
    EXPECT_EQ((Judge{{test::issuerWithJwks()}}.refusal(token)), "malformed");
    const std::string wideHeader =
        encoded(R"({"alg":"ES256"})" + std::string(Jwt::kHeaderBytesMax, ' ')) + ".e30.AAAA";
    EXPECT_EQ((Judge{{test::issuerWithJwks()}}.refusal(wideHeader)), "malformed");
}

TEST(Base64Url, hasOneTextPerValue) {
    EXPECT_EQ(decodeBase64Url(""), "");
    EXPECT_EQ(decodeBase64Url("_-8"), "\xff\xef");
    for (const char* const text : {"_-9", "A", "AA=", "AA==", "A+A", "A/A", "A A", "AAAAA"})
        EXPECT_EQ(decodeBase64Url(text), std::nullopt) << text;
}

}  // namespace
}  // namespace sluice
