#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "http/HttpHandler.h"

namespace sluice::test {

/// A request as the gate would hand it over. `fields` are whole lines, each with its CRLF.
inline HttpRequest request(std::string_view method, std::string_view target,
                           std::string_view fields = {}, std::string_view body = {},
                           std::string_view version = "HTTP/1.1",
                           ClientCertificatePtr certificate = nullptr) {
    std::string text{method};
    text.append(" ").append(target).append(" ").append(version);
    text.append("\r\nHost: here\r\n").append(fields).append("\r\n");
    RequestHead head;
    const HeadResult result = parseHead(text, {}, head);
    EXPECT_EQ(result.state, HeadState::Complete) << text;
    return {text,
            head,
            std::string{body},
            {.address = "192.0.2.7", .certificate = std::move(certificate)}};
}

/// A connection that gives away one end of a pair of sockets.
class PairConnection final : public HttpConnection {
  public:
    PairConnection() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        ours_.reset(ends[0]);
        theirs_.reset(ends[1]);
    }
    std::unique_ptr<Wire> takeWire() noexcept override {
        wasTaken_ = true;
        return std::make_unique<PlainWire>(std::move(ours_));
    }
    std::unique_ptr<HeldRequest> defer(const HttpRequest&) override {
        ADD_FAILURE() << "nothing here has to wait";
        return nullptr;
    }
    bool wasTaken() const { return wasTaken_; }
    int peer() const { return theirs_.get(); }

  private:
    Fd ours_, theirs_;
    bool wasTaken_ = false;
};

/// The value of a response's field; empty where it has none.
inline std::string field(const HttpResponse& response, std::string_view name) {
    for (const auto& [fieldName, value] : response.fields)
        if (equalIgnoringCase(fieldName, name)) return value;
    return {};
}

}  // namespace sluice::test
