#include <vector>

#include "Requests.h"
#include "event/EventId.h"
#include "http/StreamHandler.h"

namespace sluice {
namespace {

class FixedClock final : public Clock {
  public:
    std::int64_t wallMs() const noexcept override { return 1'795'514'400'000; }
    std::int64_t steadyUs() const noexcept override { return 0; }
};

std::string someId() {
    std::string id;
    appendShortId(id, kNobodysEpoch, 7, 9);
    return id;
}

/// Takes the filter "good"; every other text names the refusal.
class FakeFilters final : public EventFilters {
  public:
    class All final : public EventFilter {
      public:
        bool takes(const Subject&) const noexcept override { return true; }
    };

    std::variant<EventFilterPtr, FilterRefusal> obtain(
        std::string_view text, const std::vector<std::string>& channels) override {
        askedFor = channels;
        if (text == "good") return filter;
        FilterRefusal refusal;
        refusal.message = "why";
        refusal.hint = "what to write";
        if (text == "forbidden") refusal.reason = FilterRefusal::Reason::NotAllowed;
        if (text == "costly") refusal.reason = FilterRefusal::Reason::TooCostly;
        if (text == "many") refusal.reason = FilterRefusal::Reason::TooMany;
        if (text == "bad") refusal.column = 3, refusal.excerpt = "bad\n  ^";
        return refusal;
    }

    std::optional<FilterRefusal> refusal(const std::vector<std::string>&) override {
        return std::nullopt;
    }

    std::vector<std::string> askedFor;
    EventFilterPtr filter = std::make_shared<All>();
};

class StreamHandlerTest : public testing::Test {
  protected:
    /// The stream that was adopted. Fails the test where there was none.
    StreamRequest adopt(const HttpRequest& request) {
        adopted_.clear();
        test::PairConnection connection;
        const auto response = handler_.handle(request, Caller::anybody(), connection);
        EXPECT_FALSE(response) << response->body;
        EXPECT_TRUE(connection.wasTaken());
        EXPECT_EQ(adopted_.size(), 1u);
        return adopted_.empty() ? StreamRequest{} : std::move(adopted_.front());
    }
    StreamRequest get(std::string_view target) { return adopt(test::request("GET", target)); }
    /// The body of the refusal, which must be a 400.
    std::string refusal(std::string_view target, std::string_view fields = {}) {
        test::PairConnection connection;
        const auto response =
            handler_.handle(test::request("GET", target, fields), Caller::anybody(), connection);
        EXPECT_TRUE(response && response->status == 400) << target;
        EXPECT_FALSE(connection.wasTaken());
        return response ? response->body : "";
    }

    FixedClock clock_;
    ClientLimits limits_{{.streamsPerAddress = 100}, clock_};
    Cors cors_{{{"https://a.example"}, true}};
    FakeFilters filters_;
    std::vector<StreamRequest> adopted_;
    bool acceptsEventStream_ = false;
    StreamHandler handler_{
        {}, &cors_, &filters_, limits_, clock_, [this](StreamRequest stream, bool accepts) {
            adopted_.push_back(std::move(stream));
            acceptsEventStream_ = accepts;
        }};
};

using Names = std::vector<std::string>;

TEST_F(StreamHandlerTest, takesChannelsFromPathAndQuery) {
    EXPECT_EQ(get("/events/orders/eu").spec.channels, Names{"orders/eu"});
    EXPECT_EQ(get("/events/a%2Fb%20c+d").spec.channels, Names{"a/b c+d"});
    EXPECT_EQ(get("/events?channels=b,a&channels=c%2Fd,a").spec.channels, (Names{"a", "b", "c/d"}));
    EXPECT_EQ(get("/events/x?channels=a").spec.channels, (Names{"a", "x"}));
    EXPECT_EQ(get("/events/orders/{region}").spec.channels, Names{"orders/{region}"});
    EXPECT_EQ(get("/events/%7Bx**%7D").spec.channels, Names{"{x**}"});
}

TEST_F(StreamHandlerTest, refusesWhatIsNoChannel) {
    for (const char* target :
         {"/events", "/events/", "/events?channels=", "/events?channels=,", "/events/a%0Ab",
          "/events/a%2Cb", "/events/%zz", "/events?channels=%", "/events/sluice.x", "/events/a{b",
          "/events/a}b", "/events/%ff"})
        EXPECT_NE(refusal(target).find("\"field\":\""), std::string::npos) << target;
    EXPECT_NE(refusal("/events/a{b").find("not closed"), std::string::npos);
    EXPECT_NE(refusal("/events/" + std::string(256, 'a')), "");
}

TEST_F(StreamHandlerTest, boundsTheChannelsOfAStream) {
    std::string target = "/events?channels=";
    for (int i = 0; i < 64; ++i) target += "c" + std::to_string(i) + ",";
    EXPECT_EQ(get(target).spec.channels.size(), 64u);
    EXPECT_NE(refusal(target + "one-more").find("at most 64"), std::string::npos);
}

TEST_F(StreamHandlerTest, takesTheHeaderIdWhateverItIs) {
    const auto with = [&](std::string_view target, std::string_view id) {
        return adopt(test::request("GET", target, "Last-Event-ID: " + std::string{id} + "\r\n"))
            .resume.idText;
    };
    EXPECT_EQ(with("/events/x", someId()), someId());
    EXPECT_EQ(with("/events/x", "rubbish"), "rubbish");
    EXPECT_EQ(with("/events/x?last_event_id=" + someId(), "wins"), "wins");
    EXPECT_EQ(with("/events/x?last_event_id=rubbish", "wins"), "wins");
    EXPECT_EQ(with("/events/x?lastEventId=" + someId(), ""), someId());
    EXPECT_EQ(with("/events/x", ""), std::nullopt);
}

TEST_F(StreamHandlerTest, takesAReadableIdFromTheQuery) {
    EXPECT_EQ(get("/events/x?last_event_id=" + someId()).resume.idText, someId());
    EXPECT_EQ(get("/events/x?lastEventId=" + someId()).resume.idText, someId());
    EXPECT_EQ(get("/events/x?last_event_id=").resume.idText, std::nullopt);
    EXPECT_NE(refusal("/events/x?lastEventId=rubbish").find("\"lastEventId\""), std::string::npos);
}

TEST_F(StreamHandlerTest, readsWhereToBegin) {
    EXPECT_EQ(get("/events/x").resume.start.kind, Start::Kind::Live);
    EXPECT_EQ(get("/events/x?from=live").resume.start.kind, Start::Kind::Live);
    EXPECT_EQ(get("/events/x?from=earliest").resume.start.kind, Start::Kind::Earliest);
    EXPECT_EQ(get("/events/x?from=snapshot").resume.start.kind, Start::Kind::Snapshot);
    const Start last = get("/events/x?from=-10").resume.start;
    EXPECT_EQ(last.kind, Start::Kind::Last);
    EXPECT_EQ(last.count, 10u);
    const Start since = get("/events/x?since=-15min").resume.start;
    EXPECT_EQ(since.kind, Start::Kind::Since);
    EXPECT_EQ(since.sinceMs, clock_.wallMs() - 900'000);
    EXPECT_EQ(get("/events/x?since=2026-11-24T12:00:00+02:00").resume.start.sinceMs,
              clock_.wallMs());
    for (const char* bad : {"from=", "from=10", "from=-0", "from=-99999999999", "from=snapshots",
                            "since=", "since=now", "from=live&since=-1h", "from=-1&from=-2"})
        EXPECT_NE(refusal("/events/x?" + std::string{bad}), "") << bad;
}

TEST_F(StreamHandlerTest, readsTheOtherOptions) {
    const StreamRequest stream =
        get("/events/x?envelope=json&control=comments&limit=5&types=b,a,b&_=cachebuster");
    EXPECT_TRUE(stream.spec.envelope);
    EXPECT_EQ(stream.spec.control, Control::Comments);
    EXPECT_EQ(stream.resume.limit, 5u);
    EXPECT_EQ(stream.spec.types, (Names{"a", "b"}));
    for (const char* bad : {"envelope=xml", "control=none", "limit=0", "limit=x", "limit=-1",
                            "types=sluice.open", "types=a%0Ab"})
        EXPECT_NE(refusal("/events/x?" + std::string{bad}), "") << bad;
}

TEST_F(StreamHandlerTest, composesTheHeadOfAStream) {
    const std::string head =
        adopt(test::request("GET", "/events/x", "Origin: https://a.example\r\n")).responseHead;
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    for (const char* line :
         {"\r\nContent-Type: text/event-stream\r\n", "\r\nTransfer-Encoding: chunked\r\n",
          "\r\nCache-Control: no-store, no-transform\r\n", "\r\nX-Accel-Buffering: no\r\n",
          "\r\nConnection: close\r\n", "\r\nAccess-Control-Allow-Origin: https://a.example\r\n",
          "\r\nAccess-Control-Allow-Credentials: true\r\n", "\r\nVary: Origin\r\n"})
        EXPECT_NE(head.find(line), std::string::npos) << line;
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
}

TEST_F(StreamHandlerTest, leavesChunksOutForHttp10) {
    const StreamRequest stream = adopt(test::request("GET", "/events/x", "", "", "HTTP/1.0"));
    EXPECT_EQ(stream.spec.framing, Framing::Close);
    EXPECT_EQ(stream.responseHead.find("chunked"), std::string::npos);
}

TEST_F(StreamHandlerTest, tellsWhetherTheReaderKnowsEventStreams) {
    adopt(test::request("GET", "/events/x", "Accept: text/event-stream\r\n"));
    EXPECT_TRUE(acceptsEventStream_);
    adopt(test::request("GET", "/events/x", "Accept: */*\r\n"));
    EXPECT_FALSE(acceptsEventStream_);
}

TEST_F(StreamHandlerTest, answersHeadWithoutTakingTheSocket) {
    test::PairConnection connection;
    const auto response =
        handler_.handle(test::request("HEAD", "/events/x"), Caller::anybody(), connection);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_FALSE(response->hasBody);
    EXPECT_EQ(test::field(*response, "Content-Type"), "text/event-stream");
    EXPECT_FALSE(connection.wasTaken());
}

TEST_F(StreamHandlerTest, obtainsAFilterForItsChannels) {
    EXPECT_EQ(get("/events/a").spec.filter, nullptr);
    EXPECT_EQ(get("/events?filter=good&channels=b,a").spec.filter, filters_.filter);
    EXPECT_EQ(filters_.askedFor, (Names{"a", "b"})) << "also those named behind it";
}

TEST_F(StreamHandlerTest, saysWhyAFilterIsRefused) {
    const auto status = [this](std::string_view target) {
        test::PairConnection connection;
        const auto response =
            handler_.handle(test::request("GET", target), Caller::anybody(), connection);
        EXPECT_TRUE(response && !connection.wasTaken());
        EXPECT_NE(response->body.find(R"("field":"filter")"), std::string::npos) << response->body;
        return response->status;
    };
    EXPECT_EQ(status("/events/a?filter=forbidden"), 403);
    EXPECT_EQ(status("/events/a?filter=costly"), 400);
    EXPECT_EQ(status("/events/a?filter=many"), 503);
    EXPECT_EQ(status("/events/a?filter=good&filter=good"), 400);
    EXPECT_NE(refusal("/events/a?filter=bad").find(R"("column":3,"excerpt":"bad\n  ^")"),
              std::string::npos);
}

TEST_F(StreamHandlerTest, countsStreamsAsLongAsTheirWiresLive) {
    std::vector<StreamRequest> open;
    for (int i = 0; i < 100; ++i) open.push_back(get("/events/a"));
    test::PairConnection connection;
    const auto refused =
        handler_.handle(test::request("GET", "/events/a"), Caller::anybody(), connection);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_NE(test::field(*refused, "Retry-After"), "");
    // A browser would never come again after anything but 200.
    const auto told =
        handler_.handle(test::request("GET", "/events/a", "Accept: text/event-stream\r\n"),
                        Caller::anybody(), connection);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->status, 200);
    EXPECT_EQ(told->body, "retry: 30000\n");
    EXPECT_FALSE(connection.wasTaken());
    open.pop_back();
    get("/events/a");
}

}  // namespace
}  // namespace sluice
