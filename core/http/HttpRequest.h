#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/RequestHead.h"
#include "net/ClientCertificate.h"

namespace sluice {

/// Where a request comes from.
struct RequestOrigin {
    std::string address;                         // without the port
    bool isSecure = false;                       // by TLS
    ClientCertificatePtr certificate = nullptr;  // that the client proved to have; null: none
};

/// A whole request: its head as it was sent, parsed, and its body, decoded. A value; views live as
/// long as it is neither moved nor changed.
class HttpRequest {
  public:
    HttpRequest() = default;
    /// REQUIRES: `head` was parsed from `text`.
    HttpRequest(std::string text, RequestHead head, std::string body, RequestOrigin origin)
        : text_{std::move(text)},
          head_{std::move(head)},
          body_{std::move(body)},
          origin_{std::move(origin)} {}

    std::string_view method() const { return head_.method.of(text_); }
    std::string_view path() const { return head_.path.of(text_); }
    std::string_view query() const { return head_.query.of(text_); }
    std::string_view body() const { return body_; }
    /// The address it came from, without the port.
    const std::string& peer() const { return origin_.address; }
    bool isSecure() const { return origin_.isSecure; }
    /// Whom the client's certificate names; null: it has none.
    const ClientCertificate* certificate() const { return origin_.certificate.get(); }
    /// The same request to another target, with field lines of ours (each with its CRLF) before its
    /// own. REQUIRES: what a head can carry.
    HttpRequest rewritten(std::string_view target, std::string_view fields, std::string body) const;
    bool isHttp10() const { return head_.isHttp10; }
    bool keepAlive() const { return head_.keepAlive; }

    /// The first field of that name; nothing where there is none. ASCII case does not matter.
    std::optional<std::string_view> header(std::string_view name) const;
    /// Whether a comma-separated field has this media type, range or token among its values
    /// (parameters after `;` do not count).
    bool headerHas(std::string_view name, std::string_view value) const;

  private:
    std::string text_;
    RequestHead head_;
    std::string body_;
    RequestOrigin origin_;
};

/// Decodes %XX; nothing where a % is followed by anything else. `plusIsSpace` as in forms.
std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace);

/// Names and values of `application/x-www-form-urlencoded` text, in order, decoded. Nothing where a
/// % is malformed or there are more than kParametersMax.
using HttpParameters = std::vector<std::pair<std::string, std::string>>;
std::optional<HttpParameters> parseParameters(std::string_view text);
inline constexpr std::size_t kParametersMax = 1'000;

}  // namespace sluice
