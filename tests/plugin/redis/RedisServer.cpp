#include "redis/RedisServer.h"

#include <stdexcept>

#include "support/FreePort.h"

namespace sluice::test {
namespace {

void append(redisContext& client, const RedisServer::Words& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const std::string& word : words) {
        texts.push_back(word.data());
        lengths.push_back(word.size());
    }
    redisAppendCommandArgv(&client, static_cast<int>(words.size()), texts.data(), lengths.data());
}

}  // namespace

RedisServer::RedisServer(const std::vector<std::string>& more, std::uint16_t tlsPort)
    : port_{freePort()} {
    std::vector<std::string> command{"redis-server",
                                     "--port",
                                     std::to_string(port_),
                                     "--bind",
                                     "127.0.0.1",
                                     "--save",
                                     "",
                                     "--appendonly",
                                     "no",
                                     "--dir",
                                     process_.folder().path()};
    if (tlsPort != 0) command.insert(command.end(), {"--tls-port", std::to_string(tlsPort)});
    command.insert(command.end(), more.begin(), more.end());
    process_.start(command);
    connect();
}

void RedisServer::connect() {
    process_.waitForPort(port_);
    client_.reset(redisConnect("127.0.0.1", port_));
    if (!client_ || client_->err != 0) throw std::runtime_error("cannot connect to the Redis");
    const timeval patience{30, 0};
    redisSetTimeout(client_.get(), patience);
    process_.waitUntil("its data are loaded", [&] {
        return !tryTo({"GET", "none"}).starts_with("LOADING");
    });
}

void RedisServer::startAgain() {
    process_.startAgain();
    connect();
}

void RedisServer::sendOnly(const Words& words) {
    sender_.reset(redisConnect("127.0.0.1", port_));
    append(*sender_, words);
    int isDone = 0;
    while (isDone == 0)
        if (redisBufferWrite(sender_.get(), &isDone) != REDIS_OK)
            throw std::runtime_error("cannot send");
}

void RedisServer::kill() {
    client_.reset();
    process_.kill();
}

void RedisServer::stop() {
    client_.reset();
    process_.stop();
}

RedisServer::Reply RedisServer::ask(const Words& words, bool throws) {
    append(*client_, words);
    void* reply = nullptr;
    if (redisGetReply(client_.get(), &reply) != REDIS_OK)
        throw std::runtime_error(words[0] + ": " + client_->errstr);
    Reply owned(static_cast<redisReply*>(reply), freeReplyObject);
    if (throws && owned->type == REDIS_REPLY_ERROR)
        throw std::runtime_error(words[0] + ": " + owned->str);
    return owned;
}

void RedisServer::all(const std::vector<Words>& commands) {
    for (const Words& words : commands) append(*client_, words);
    for (const Words& words : commands) {
        void* reply = nullptr;
        if (redisGetReply(client_.get(), &reply) != REDIS_OK)
            throw std::runtime_error(words[0] + ": " + client_->errstr);
        const Reply owned(static_cast<redisReply*>(reply), freeReplyObject);
        if (owned->type == REDIS_REPLY_ERROR) throw std::runtime_error(owned->str);
    }
}

std::string RedisServer::textOf(const redisReply& reply) {
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            return std::to_string(reply.integer);
        case REDIS_REPLY_NIL:
            return "(null)";
        case REDIS_REPLY_ARRAY: {
            std::string text;
            for (std::size_t i = 0; i < reply.elements; ++i)
                text.append(i == 0 ? "" : " ").append(textOf(*reply.element[i]));
            return text;
        }
        default:
            return {reply.str, static_cast<std::size_t>(reply.len)};
    }
}

}  // namespace sluice::test
