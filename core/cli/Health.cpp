#include <iostream>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include "cli/Commands.h"

namespace sluice::cli {
namespace {

const char* const kDefaultUrl = "http://127.0.0.1:8080/readyz";
constexpr std::size_t kAnswerBytesMax = 64u << 10;

/// The whole answer of a GET. One request, no redirects, so the HTTP client stays out of the
/// program.
std::string get(const Poco::URI& url, const Poco::Timespan& timeout) {
    Poco::Net::StreamSocket socket;
    socket.connect(Poco::Net::SocketAddress{url.getHost(), url.getPort()}, timeout);
    socket.setSendTimeout(timeout);
    socket.setReceiveTimeout(timeout);
    const std::string path = url.getPathAndQuery().empty() ? "/readyz" : url.getPathAndQuery();
    const std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + url.getAuthority() +
                                "\r\nAccept: application/json\r\n\r\n";
    socket.sendBytes(request.data(), static_cast<int>(request.size()));
    std::string answer;
    char buffer[4'096];
    for (int n = 1; n > 0 && answer.size() < kAnswerBytesMax;) {
        n = socket.receiveBytes(buffer, sizeof buffer);
        if (n > 0) answer.append(buffer, static_cast<std::size_t>(n));
    }
    return answer;
}

int health(const Arguments& arguments) {
    const std::string text =
        arguments.positional.empty() ? kDefaultUrl : arguments.positional.front();
    try {
        const Poco::URI url{text};
        if (url.getScheme() != "http" || url.getHost().empty())
            throw UsageError{"`" + text + "` is no address; write it like " + kDefaultUrl};
        const std::string answer = get(url, Poco::Timespan{5, 0});
        const std::size_t body = answer.find("\r\n\r\n");
        const bool isOk = answer.rfind("HTTP/1.", 0) == 0 && answer.compare(9, 3, "200") == 0;
        if (body != std::string::npos) (isOk ? std::cout : std::cerr) << answer.substr(body + 4);
        return isOk ? kExitOk : kExitFailed;
    } catch (const Poco::SyntaxException&) {
        throw UsageError{"`" + text + "` is no address; write it like " + kDefaultUrl};
    } catch (const Poco::Exception& error) {
        std::cerr << "sluice: no answer from " << text << ": " << error.displayText() << '\n';
        return kExitFailed;
    }
}

}  // namespace

Command healthCommand() {
    Command command;
    command.name = "health";
    command.synopsis = "[URL]";
    command.summary = "Ask a running Sluice whether it is ready (exit status 0) or not (1)";
    command.text =
        "URL is http://127.0.0.1:8080/readyz unless given. For container health checks.\n";
    command.positionalMax = 1;
    command.run = health;
    return command;
}

}  // namespace sluice::cli
