#include "http/HttpClient.h"

#include <algorithm>
#include <array>
#include <istream>
#include <memory>
#include <stdexcept>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>
#include <openssl/err.h>

namespace sluice {
namespace {

using Poco::Net::Context;
using Poco::Net::HTTPClientSession;
using Steady = std::chrono::steady_clock;

Context::Ptr context() {
    // One for all: certificates of the system are read once.
    static const Context::Ptr shared = [] {
        Context::Params params;
        params.verificationMode = Context::VERIFY_STRICT;
        params.verificationDepth = 9;
        params.loadDefaultCAs = true;
        Context::Ptr made{new Context{Context::TLS_CLIENT_USE, params}};
        made->requireMinimumProtocol(Context::PROTO_TLSV1_2);
        return made;
    }();
    return shared;
}

std::unique_ptr<HTTPClientSession> sessionFor(const Poco::URI& uri) {
    if (uri.getScheme() == "https")
        return std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(),
                                                               context());
    return std::make_unique<HTTPClientSession>(uri.getHost(), uri.getPort());
}

/// The time-outs of the session are per read: whoever sends a byte now and then is cut here.
std::string readBody(std::istream& in, std::size_t bytesMax, Steady::time_point deadline) {
    std::string body;
    std::array<char, 4'096> piece;
    while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
        body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (body.size() > bytesMax) throw std::runtime_error{"the answer is too long"};
        if (Steady::now() > deadline) throw std::runtime_error{"the answer takes too long"};
    }
    return body;
}

HttpAnswer ask(const Poco::URI& uri, const std::vector<std::pair<std::string, std::string>>& fields,
               const HttpClientLimits& limits) {
    const auto deadline = Steady::now() + limits.timeout;
    // POCO takes what an earlier failure of this thread left there for one of its own.
    ERR_clear_error();
    const std::unique_ptr<HTTPClientSession> session = sessionFor(uri);
    const Poco::Timespan timeout{limits.timeout.count() * 1'000};
    session->setTimeout(timeout, timeout, timeout);
    session->setKeepAlive(false);
    const std::string path = uri.getPathAndQuery();
    Poco::Net::HTTPRequest request{"GET", path.empty() ? "/" : path, "HTTP/1.1"};
    for (const auto& [name, value] : fields) request.set(name, value);
    session->sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& in = session->receiveResponse(response);
    return {static_cast<int>(response.getStatus()), readBody(in, limits.bodyBytesMax, deadline)};
}

}  // namespace

HttpAnswer httpGet(const std::string& url,
                   const std::vector<std::pair<std::string, std::string>>& fields,
                   const HttpClientLimits& limits) {
    try {
        return ask(Poco::URI{url}, fields, limits);
    } catch (const Poco::TimeoutException&) {
        throw std::runtime_error{"there was no answer in time"};
    } catch (const Poco::Exception& error) {
        throw std::runtime_error{error.displayText()};
    }
}

bool isHttpUrl(const std::string& url) {
    // POCO takes a name with a space for a host.
    const bool isOfWords =
        std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!isOfWords) return false;
    try {
        const Poco::URI uri{url};
        const bool isHttp = uri.getScheme() == "http" || uri.getScheme() == "https";
        return isHttp && !uri.getHost().empty() && uri.getUserInfo().empty();
    } catch (const Poco::Exception&) {
        return false;
    }
}

}  // namespace sluice
