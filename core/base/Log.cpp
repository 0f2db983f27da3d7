#include "base/Log.h"

#include <chrono>
#include <deque>
#include <iostream>
#include <mutex>
#include <unordered_map>

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Formatter.h>
#include <Poco/FormattingChannel.h>
#include <Poco/JSONString.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <unistd.h>

#include "base/UrlSecrets.h"

namespace sluice::log {
namespace {

const char* const kRoot = "sluice";

std::string_view levelName(int priority) {
    switch (priority) {
        case Poco::Message::PRIO_ERROR:
            return "error";
        case Poco::Message::PRIO_WARNING:
            return "warning";
        case Poco::Message::PRIO_DEBUG:
            return "debug";
        default:
            return "info";
    }
}

int priorityOf(Level level) {
    switch (level) {
        case Level::Debug:
            return Poco::Message::PRIO_DEBUG;
        case Level::Info:
            return Poco::Message::PRIO_INFORMATION;
        case Level::Warning:
            return Poco::Message::PRIO_WARNING;
        case Level::Error:
            return Poco::Message::PRIO_ERROR;
    }
    return Poco::Message::PRIO_ERROR;
}

std::string timeText(const Poco::Message& message) {
    return Poco::DateTimeFormatter::format(message.getTime(), "%Y-%m-%dT%H:%M:%S.%iZ");
}

/// `2026-11-24T10:00:00.000Z warning input orders: text`; control characters become spaces, so
/// that a broker's text cannot forge a line.
class TextFormatter final : public Poco::Formatter {
  public:
    void format(const Poco::Message& message, std::string& out) override {
        out = timeText(message);
        out += ' ';
        out += levelName(message.getPriority());
        out += ' ';
        const std::size_t start = out.size();
        out += message.getSource();
        out += ": ";
        out += message.getText();
        for (std::size_t i = start; i < out.size(); ++i)
            if (static_cast<unsigned char>(out[i]) < 0x20 && out[i] != '\n') out[i] = ' ';
    }
};

class JsonFormatter final : public Poco::Formatter {
  public:
    void format(const Poco::Message& message, std::string& out) override {
        out = R"({"time":")" + timeText(message) + R"(","level":")";
        out += levelName(message.getPriority());
        out += R"(","area":)" + Poco::toJSON(message.getSource()) + R"(,"message":)";
        out += Poco::toJSON(message.getText()) + "}";
    }
};

Poco::Logger& logger() {
    return Poco::Logger::get(kRoot);
}

/// When each key was last written, and how many lines were held back since.
class Suppressor {
  public:
    /// Whether a line with this key may go now; `heldBack` then says how many did not.
    bool allow(std::string_view key, std::size_t& heldBack) {
        const auto now = std::chrono::steady_clock::now();
        const std::lock_guard lock{mutex_};
        const auto [found, isNew] = entries_.try_emplace(std::string{key}, Entry{now, 0});
        if (isNew) {
            order_.emplace_back(key);
            forgetOldest();
            heldBack = 0;
            return true;
        }
        if (now - found->second.last < std::chrono::minutes{1}) {
            ++found->second.heldBack;
            return false;
        }
        heldBack = found->second.heldBack;
        found->second = Entry{now, 0};
        return true;
    }

  private:
    struct Entry {
        std::chrono::steady_clock::time_point last;
        std::size_t heldBack;
    };
    void forgetOldest() {
        if (order_.size() <= kKeysMax) return;
        entries_.erase(order_.front());
        order_.pop_front();
    }

    std::mutex mutex_;
    // guarded by mutex_
    std::unordered_map<std::string, Entry> entries_;
    std::deque<std::string> order_;
};

}  // namespace

void start(Level least, Format format) {
    const bool text = format == Format::Text || (format == Format::Auto && isatty(STDERR_FILENO));
    Poco::AutoPtr<Poco::Formatter> formatter;
    if (text)
        formatter = new TextFormatter;
    else
        formatter = new JsonFormatter;
    Poco::AutoPtr<Poco::Channel> console{new Poco::ConsoleChannel{std::cerr}};
    Poco::AutoPtr<Poco::Channel> channel{new Poco::FormattingChannel(formatter, console)};
    logger().setChannel(channel);
    logger().setLevel(priorityOf(least));
}

void write(Level level, std::string_view area, std::string_view message) {
    static std::once_flag once;
    std::call_once(once, [] {
        if (logger().getChannel().isNull()) start(Level::Info, Format::Text);
    });
    const int priority = priorityOf(level);
    if (logger().getLevel() < priority) return;
    // Whoever speaks, a library of a broker say: an address may have its password in it.
    logger().log(Poco::Message{std::string{area}, withUrlsCovered(message),
                               static_cast<Poco::Message::Priority>(priority)});
}

void limited(Level level, std::string_view area, std::string_view key, std::string_view message) {
    static Suppressor suppressor;
    std::size_t heldBack = 0;
    if (!suppressor.allow(key, heldBack)) return;
    if (heldBack == 0) return write(level, area, message);
    std::string text{message};
    text += " (" + std::to_string(heldBack) + " like it were held back)";
    write(level, area, text);
}

}  // namespace sluice::log
