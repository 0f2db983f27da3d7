// sluice_redis_loop: what hiredis' reader alone costs per message: the bare loop that Sluice's
// Redis input is compared with. Reads a channel or a stream over a socket and looks at each
// message; or fills them first.
//   sluice_redis_loop publish PORT CHANNEL MESSAGES BYTES
//   sluice_redis_loop add PORT KEY MESSAGES BYTES
//   sluice_redis_loop subscribe PORT CHANNEL MESSAGES     prints one JSON line
//   sluice_redis_loop read PORT KEY MESSAGES              prints one JSON line
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>
#include <sys/socket.h>

#include "cpuSeconds.h"
#include "support/OrderPayload.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kPipelined = 1'000;
constexpr std::size_t kReadBytes = std::size_t{64} << 10;  // as the plugin
constexpr const char* kEntries = "1000";                   // of one XREAD, as the plugin
constexpr int kSilenceSecondsMax = 20;

using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;
using Reply = std::unique_ptr<redisReply, void (*)(void*)>;

Context connect(const std::string& port) {
    Context context(redisConnect("127.0.0.1", std::stoi(port)), redisFree);
    if (!context || context->err != 0) throw std::runtime_error("cannot connect");
    return context;
}

/// `command` PUBLISH or XADD.
void fill(bool isStream, const std::string& port, const char* name, std::uint64_t messages,
          std::size_t bytes) {
    const Context context = connect(port);
    for (std::uint64_t sent = 0; sent < messages;) {
        std::size_t under = 0;
        for (; under < kPipelined && sent < messages; ++under, ++sent) {
            const std::string payload = sluice::test::orderPayload(sent, bytes);
            if (isStream)
                redisAppendCommand(context.get(), "XADD %s * v %s", name, payload.c_str());
            else
                redisAppendCommand(context.get(), "PUBLISH %s %s", name, payload.c_str());
        }
        for (; under > 0; --under) {
            void* reply = nullptr;
            if (redisGetReply(context.get(), &reply) != REDIS_OK)
                throw std::runtime_error(context->errstr);
            freeReplyObject(reply);
        }
    }
}

/// A socket and hiredis' reader; the next reply, waited for.
class Stream {
  public:
    explicit Stream(const std::string& port) : context_(connect(port)), buffer_(kReadBytes) {
        const timeval silence{kSilenceSecondsMax, 0};
        setsockopt(context_->fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    }
    void send(const char* format, const char* name, const char* id) {
        char* command = nullptr;
        const int length = redisFormatCommand(&command, format, name, id);
        const ssize_t sent = ::send(context_->fd, command, static_cast<std::size_t>(length), 0);
        redisFreeCommand(command);
        if (sent != length) throw std::runtime_error("cannot send");
    }
    Reply next() {
        for (;;) {
            void* reply = nullptr;
            if (redisReaderGetReply(context_->reader, &reply) != REDIS_OK)
                throw std::runtime_error("this is no reply");
            if (reply != nullptr) return {static_cast<redisReply*>(reply), freeReplyObject};
            const ssize_t got = recv(context_->fd, buffer_.data(), buffer_.size(), 0);
            if (got <= 0) throw std::runtime_error("nothing more comes");
            redisReaderFeed(context_->reader, buffer_.data(), static_cast<std::size_t>(got));
        }
    }

  private:
    Context context_;
    std::vector<char> buffer_;
};

// What any reader must look at; the sum keeps the compiler from leaving it out.
std::uint64_t look(const redisReply& payload) {
    return static_cast<std::uint64_t>(payload.str[0]) + static_cast<std::uint64_t>(payload.len);
}

struct Figures {
    std::uint64_t seen = 0, sum = 0;
    Clock::time_point first{};
    double cpuBefore = cpuSeconds();

    void count(const redisReply& payload) {
        if (seen++ == 0) first = Clock::now();
        sum += look(payload);
    }
    void print() const {
        std::printf("{\"messages\": %lu, \"seconds\": %.6f, \"cpu_s\": %.6f, \"sum\": %lu}\n", seen,
                    std::chrono::duration<double>(Clock::now() - first).count(),
                    cpuSeconds() - cpuBefore, sum);
    }
};

void subscribe(const std::string& port, const char* channel, std::uint64_t messages) {
    Figures figures;
    Stream stream(port);
    stream.send("SUBSCRIBE %s", channel, "");
    stream.next();
    while (figures.seen < messages) figures.count(*stream.next()->element[2]);
    figures.print();
}

void read(const std::string& port, const char* key, std::uint64_t messages) {
    Figures figures;
    Stream stream(port);
    std::string id = "0-0";
    while (figures.seen < messages) {
        stream.send((std::string("XREAD COUNT ") + kEntries + " STREAMS %s %s").c_str(), key,
                    id.c_str());
        const Reply reply = stream.next();
        if (reply->type != REDIS_REPLY_ARRAY) throw std::runtime_error("the stream is too short");
        const redisReply& entries = *reply->element[0]->element[1];
        for (std::size_t i = 0; i < entries.elements; ++i)
            figures.count(*entries.element[i]->element[1]->element[1]);
        id = entries.element[entries.elements - 1]->element[0]->str;
    }
    figures.print();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string_view what = argc > 1 ? argv[1] : "";
        if ((what == "publish" || what == "add") && argc == 6)
            fill(what == "add", argv[2], argv[3], std::stoull(argv[4]), std::stoul(argv[5]));
        else if (what == "subscribe" && argc == 5)
            subscribe(argv[2], argv[3], std::stoull(argv[4]));
        else if (what == "read" && argc == 5)
            read(argv[2], argv[3], std::stoull(argv[4]));
        else
            throw std::runtime_error("wants publish, add, subscribe or read, see redisLoop.cpp");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sluice_redis_loop: %s\n", error.what());
        return 2;
    }
}
