#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "channel/Hub.h"
#include "delivery/DeliveryLoop.h"
#include "support/ManualClock.h"
#include "support/SseParser.h"

namespace sluice::test {

inline constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// The reader's end of a connection in memory: it decides how many bytes the other end may write.
struct Line {
    std::string bytes;
    std::size_t room = std::numeric_limits<std::size_t>::max();
    std::size_t writes = 0;
    bool broken = false;    // the next write fails
    bool isClosed = false;  // the loop closed its end
    Fd event{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};

    /// Room for so many more bytes, told as a socket would: by an edge.
    void allow(std::size_t more) {
        room = more;
        const std::uint64_t one = 1;
        ASSERT_EQ(::write(event.get(), &one, sizeof one), 8);
        std::uint64_t taken = 0;
        ASSERT_EQ(::read(event.get(), &taken, sizeof taken), 8);
    }
    void allowAll() { allow(std::numeric_limits<std::size_t>::max()); }
    SseParser parsed(bool chunked = true) const {
        SseParser parser{chunked};
        parser.feed(bytes);
        EXPECT_EQ(parser.error(), "");
        return parser;
    }
    std::vector<std::string> events() const { return parsed().events(); }
};

class LineWire final : public Wire {
  public:
    explicit LineWire(std::shared_ptr<Line> line) : line_{std::move(line)} {}
    ~LineWire() override { line_->isClosed = true; }
    int fd() const noexcept override { return line_->event.get(); }
    WriteResult write(const char* data, std::size_t length) noexcept override {
        using State = WriteResult::State;
        ++line_->writes;
        if (line_->broken) return {0, State::Closed};
        const std::size_t taken = std::min(length, line_->room);
        line_->bytes.append(data, taken);
        line_->room -= taken;
        return {taken, taken == length ? State::Ok : State::Again};
    }

  private:
    std::shared_ptr<Line> line_;
};

/// Sources under the test's control: everything may feed everything.
class TestOrigins final : public Origins {
  public:
    std::uint64_t version() const noexcept override { return 1; }
    bool mayFeed(const Family&, const Pattern&) const override { return true; }
    std::vector<std::string> plainInputs(const Pattern&) const override {
        return feedsPlain ? std::vector<std::string>{"test"} : std::vector<std::string>{};
    }
    void query(const std::vector<std::uint32_t>& hashes,
               std::function<void(SourceEnds)> answer) override {
        questions.push_back({hashes, std::move(answer)});
    }

    void seek(const std::vector<std::uint32_t>& hashes, std::int64_t timeMs,
              std::function<void(SourcePlaces)> answer) override {
        seeks.push_back({hashes, timeMs, std::move(answer)});
    }

    struct Seek {
        std::vector<std::uint32_t> hashes;
        std::int64_t timeMs = 0;
        std::function<void(SourcePlaces)> answer;
    };
    std::vector<Seek> seeks;
    struct Question {
        std::vector<std::uint32_t> hashes;
        std::function<void(SourceEnds)> answer;
    };
    std::vector<Question> questions;
    bool feedsPlain = true;
};

/// A hub and a loop that is turned by hand, at a time that stands still.
class LoopTest : public testing::Test {
  protected:
    static SubscriptionSpec spec(std::vector<std::string> channels) {
        SubscriptionSpec made;
        made.channels = std::move(channels);
        return made;
    }

    DeliveryLoop& loop() {
        if (!loop_) loop_.emplace(options, share, hub, origins, clock);
        return *loop_;
    }
    void endLoop() { loop_.reset(); }

    std::shared_ptr<Line> open(SubscriptionSpec wanted, ResumeRequest resume = {},
                               std::size_t room = std::numeric_limits<std::size_t>::max()) {
        auto line = std::make_shared<Line>();
        line->room = room;
        Adoption adoption{{std::make_unique<LineWire>(line), std::string{kHead}, std::move(wanted),
                           std::move(resume)},
                          true};
        EXPECT_TRUE(loop().adopt(adoption));
        return line;
    }
    std::shared_ptr<Line> open(const std::string& channel) { return open(spec({channel})); }
    static ResumeRequest from(std::string id) {
        ResumeRequest request;
        request.idText = std::move(id);
        return request;
    }
    static ResumeRequest last(std::uint32_t count) {
        ResumeRequest request;
        request.start = {Start::Kind::Last, count, 0};
        return request;
    }

    void turns(int count = 4) {
        for (int i = 0; i < count; ++i) loop().turn(0);
    }
    /// Publishes into the plain lane.
    void publish(std::string_view channel, std::string_view data, std::string_view type = "") {
        batch_.clear();
        batch_.beginMessage(kPlainLane, {});
        ASSERT_EQ(batch_.addEvent(std::span{&channel, 1}, type, "", data), EncodeError::None);
        hub.publish(batch_);
    }
    void publishAt(LaneIndex lane, std::uint64_t offset, std::string_view channel,
                   std::string_view data) {
        batch_.clear();
        batch_.beginMessage(lane, {offset, 0});
        ASSERT_EQ(batch_.addEvent(std::span{&channel, 1}, "", "", data), EncodeError::None);
        hub.publish(batch_);
    }
    DeliveryCounts counts() { return loop().counts(); }

    ManualClock clock;
    HubOptions hubOptions;
    Hub hub{hubOptions, clock};
    TestOrigins origins;
    DeliveryOptions options;
    LoopShare share;

  private:
    std::optional<DeliveryLoop> loop_;
    EventBatch batch_;
};

using Texts = std::vector<std::string>;

}  // namespace sluice::test
