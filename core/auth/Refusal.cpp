#include "auth/Refusal.h"

#include <array>
#include <utility>

namespace sluice {
namespace {

using Texts = std::pair<std::string_view, std::string_view>;

constexpr std::array<Texts, kRefusals> kTexts{
    Texts{"none", ""},
    Texts{"no-token", "a token is needed here, and none was sent"},
    Texts{"malformed", "the token is no JWT"},
    Texts{"unknown", "the token is not known here"},
    Texts{"algorithm", "the token is signed by an algorithm that its issuer does not use here"},
    Texts{"key", "the issuer has no key of the token's kid"},
    Texts{"signature", "the signature of the token is wrong"},
    Texts{"expired", "the token has expired"},
    Texts{"no-expiry", "the token has no exp, so it would be good for ever"},
    Texts{"not-yet", "the token is not good yet (nbf)"},
    Texts{"audience", "the token is for another audience (aud)"},
    Texts{"revoked", "the token was revoked"},
    Texts{"denied", "the application does not know who this is"},
    Texts{"unavailable", "who this is cannot be found out at the moment"},
    Texts{"certificate", "the certificate of the client has names that are too many or no text"},
};

}  // namespace

std::string_view nameOf(Refusal refusal) {
    return kTexts[static_cast<std::size_t>(refusal)].first;
}

std::string_view sentenceFor(Refusal refusal) {
    return kTexts[static_cast<std::size_t>(refusal)].second;
}

}  // namespace sluice
