#include "Connection.h"

#include <cerrno>
#include <memory>
#include <new>

#include <hiredis/hiredis.h>
#include <poll.h>

namespace sluice::redis {

void Connection::open() {
    close();
    wire_ = std::make_unique<Wire>(options_, stop_, Clock::now() + options_.timeout);
    replies_ = std::make_unique<ReplyReader>(options_.messageBytesMax);
    logIn();
}

void Connection::close() noexcept {
    wire_.reset();
    replies_.reset();
    out_.clear();
}

void Connection::fail(Fault fault) {
    close();
    throw Failure(std::move(fault));
}

void Connection::logIn() {
    const std::string database = std::to_string(options_.database);
    if (options_.hasPassword && options_.username.empty())
        put({"AUTH", options_.password});
    else if (options_.hasPassword)
        put({"AUTH", options_.username, options_.password});
    if (options_.database != 0) put({"SELECT", database});
    put({"CLIENT", "SETNAME", "sluice"});  // for CLIENT LIST; whoever forbids it loses nothing
    flush();
    if (options_.hasPassword) expectOk("AUTH");
    if (options_.database != 0) expectOk("SELECT");
    const Reply& reply = receive();
    if (reply.kind == Reply::Kind::Error) {
        Fault fault = describe(reply.text, options_);
        if (isOfServer(fault)) fail(std::move(fault));
    }
    forget();
}

void Connection::expectOk(const char* command) {
    const Reply& reply = receive();
    if (reply.kind == Reply::Kind::Error) {
        Fault fault = describe(reply.text, options_);
        if (fault.code == "not-authorized") fault.text += std::string(": ") + command;
        fail(std::move(fault));
    }
}

void Connection::put(std::span<const std::string_view> words) {
    texts_.clear();
    lengths_.clear();
    for (const std::string_view word : words) {
        texts_.push_back(word.data());
        lengths_.push_back(word.size());
    }
    char* command = nullptr;
    const long long length = redisFormatCommandArgv(&command, static_cast<int>(words.size()),
                                                    texts_.data(), lengths_.data());
    if (length < 0) throw std::bad_alloc();
    const std::unique_ptr<char, void (*)(char*)> freed(command, redisFreeCommand);
    out_.append(command, static_cast<std::size_t>(length));
}

void Connection::flush() {
    const std::string bytes = std::exchange(out_, {});
    try {
        wire_->send(bytes, Clock::now() + options_.timeout);
    } catch (const Failure&) {
        // An error reply may say why the server closed: it is worth more than that it did.
        if (take())
            if (const Reply* reply = next(); reply != nullptr && reply->kind == Reply::Kind::Error)
                fail(describe(reply->text, options_));
        close();
        throw;
    }
}

const Reply& Connection::receive(std::chrono::milliseconds within) {
    Clock::time_point until = Clock::now() + within;
    for (;;) {
        if (const Reply* const reply = next()) return *reply;
        if (!hasPending() && !waitFor(fd(), POLLIN, stop_, until))
            fail(describeErrno(ETIMEDOUT, options_));
        if (take()) until = Clock::now() + within;
    }
}

const Reply& Connection::ask(std::initializer_list<std::string_view> words) {
    return ask(std::span(words.begin(), words.size()));
}

const Reply& Connection::ask(std::span<const std::string_view> words) {
    put(words);
    flush();
    return receive();
}

bool Connection::take() {
    std::size_t count = 0;
    try {
        count = wire_->receive(buffer_.data(), buffer_.size());
    } catch (const Failure&) {
        close();
        throw;
    }
    replies_->feed({buffer_.data(), count});
    return count > 0;
}

const Reply* Connection::next() {
    try {
        return replies_->next();
    } catch (const std::runtime_error& error) {
        fail({Fault::Weight::Definite, "protocol",
              options_.shown + " does not speak the protocol of Redis (" + error.what() + ")"});
    }
}

}  // namespace sluice::redis
