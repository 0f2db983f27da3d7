#include <iostream>
#include <memory>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "cli/Commands.h"

namespace sluice::cli {
namespace {

const char* const kDefaultUrl = "http://127.0.0.1:8080/readyz";
constexpr std::size_t kAnswerBytesMax = 64u << 10;

/// TLS over a socket that blocks. The certificate must be good for the name that is asked, but not
/// on this machine itself, where nobody stands between.
class TlsClient {
  public:
    /// Throws Poco::IOException.
    TlsClient(Poco::Net::StreamSocket& socket, const std::string& host)
        : context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free},
          ssl_{SSL_new(context_.get()), SSL_free} {
        const bool isHere = socket.peerAddress().host().isLoopback();
        if (!isHere) {
            SSL_CTX_set_default_verify_paths(context_.get());
            SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
            SSL_set1_host(ssl_.get(), host.c_str());
        }
        // SSL_set_tlsext_host_name is a macro with a cast of the old style.
        SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
        SSL_set_fd(ssl_.get(), socket.impl()->sockfd());
        if (SSL_connect(ssl_.get()) != 1) throw Poco::IOException{why()};
    }

    /// Throws Poco::IOException.
    std::string ask(const std::string& request) {
        if (SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())) <= 0)
            throw Poco::IOException{why()};
        std::string answer;
        char buffer[4'096];
        for (int n = 1; n > 0 && answer.size() < kAnswerBytesMax;) {
            n = SSL_read(ssl_.get(), buffer, sizeof buffer);
            if (n > 0) answer.append(buffer, static_cast<std::size_t>(n));
        }
        return answer;
    }

  private:
    static std::string why() {
        const char* const reason = ERR_reason_error_string(ERR_peek_error());
        return std::string{"TLS, "} + (reason != nullptr ? reason : "no answer");
    }

    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
};

std::string askPlain(Poco::Net::StreamSocket& socket, const std::string& request) {
    socket.sendBytes(request.data(), static_cast<int>(request.size()));
    std::string answer;
    char buffer[4'096];
    for (int n = 1; n > 0 && answer.size() < kAnswerBytesMax;) {
        n = socket.receiveBytes(buffer, sizeof buffer);
        if (n > 0) answer.append(buffer, static_cast<std::size_t>(n));
    }
    return answer;
}

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
    if (url.getScheme() == "https") return TlsClient{socket, url.getHost()}.ask(request);
    return askPlain(socket, request);
}

int health(const Arguments& arguments) {
    const std::string text =
        arguments.positional.empty() ? kDefaultUrl : arguments.positional.front();
    try {
        const Poco::URI url{text};
        const bool isHttp = url.getScheme() == "http" || url.getScheme() == "https";
        if (!isHttp || url.getHost().empty())
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
        "URL is http://127.0.0.1:8080/readyz unless given; https:// works as well, and "
        "certificates\n"
        "are checked unless it is on this machine. For container health checks.\n";
    command.positionalMax = 1;
    command.run = health;
    return command;
}

}  // namespace sluice::cli
