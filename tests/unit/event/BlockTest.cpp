#include <gtest/gtest.h>

#include "event/Block.h"

namespace sluice {
namespace {

struct Written {
    explicit Written(Control control, Framing framing = Framing::Close)
        : blocks{text, framing, control} {}
    std::string text;
    BlockWriter blocks;
};

TEST(BlockWriter, opensWithRetryNameDataAndId) {
    Written out{Control::Events};
    out.blocks.open(3'000, R"({"pingMs":20000})", "1.x");
    EXPECT_EQ(out.text, "retry: 3000\nevent: sluice.open\ndata: {\"pingMs\":20000}\nid: 1.x\n\n");
}

TEST(BlockWriter, writesEventsWithTheirIdLast) {
    for (const Control control : {Control::Events, Control::Comments}) {
        Written out{control};
        out.blocks.event("event: a\ndata: 1\ndata: 2\n", "1.x");
        out.blocks.event("data: 3\n", "1.y");
        EXPECT_EQ(out.text, "event: a\ndata: 1\ndata: 2\nid: 1.x\n\ndata: 3\nid: 1.y\n\n");
    }
}

TEST(BlockWriter, writesGapsAndPositionsAsNamedEvents) {
    Written out{Control::Events};
    out.blocks.gap(R"({"reason":"lost"})", "1.x");
    out.blocks.position("1.y");
    EXPECT_EQ(out.text,
              "event: sluice.gap\ndata: {\"reason\":\"lost\"}\nid: 1.x\n\n"
              "event: sluice.at\ndata:\nid: 1.y\n\n");
}

TEST(BlockWriter, pingsAsCycloneSseDid) {
    Written out{Control::Pings};
    out.blocks.open(3'000, "{}", "1.x");
    out.blocks.open(0, "{}", "1.x");
    out.blocks.gap("[]", "1.x");
    out.blocks.position("1.y");
    EXPECT_EQ(out.text,
              "retry: 3000\n: sluice.open {}\n\n: sluice.open {}\n\n: sluice.gap []\n\n"
              ": sse ping\n\n");
}

TEST(BlockWriter, writesNoBlockThatIsNoEventForScriptsThatTakeEachForOne) {
    for (const Control control : {Control::OnlyPings, Control::Nothing}) {
        Written out{control};
        out.blocks.open(3'000, "{}", "1.x");
        out.blocks.gap("[]", "1.x");
        out.blocks.sync("{}", "1.x");
        out.blocks.event("data: 1\n", "1.y");
        out.blocks.farewell(250, "1.y");
        EXPECT_EQ(out.text, "\n\n\ndata: 1\nid: 1.y\n\n\n");
    }
}

TEST(BlockWriter, pingsScriptsThatKnowIt) {
    Written known{Control::OnlyPings};
    known.blocks.position("1.x");
    known.blocks.position("");
    EXPECT_EQ(known.text, ": sse ping\nid: 1.x\n\n: sse ping\n\n");
    Written unknown{Control::Nothing};
    unknown.blocks.position("1.x");
    EXPECT_EQ(unknown.text, "\n");
}

TEST(BlockWriter, takesLeaveWithAnotherRetry) {
    Written out{Control::Events};
    out.blocks.farewell(4'294'967'295, "1.x");
    EXPECT_EQ(out.text, "retry: 4294967295\nevent: sluice.at\ndata:\nid: 1.x\n\n");
}

TEST(BlockWriter, writesControlBlocksAsCommentsWithoutIds) {
    Written out{Control::Comments};
    out.blocks.open(0, "{}", "1.x");
    out.blocks.gap("[1]", "1.x");
    out.blocks.position("1.x");
    out.blocks.farewell(250, "1.x");
    EXPECT_EQ(out.text,
              ": sluice.open {}\n\n: sluice.gap [1]\n\n: sluice.at\n\n"
              "retry: 250\n: sluice.at\n\n");
}

TEST(BlockWriter, makesEachBlockOneChunk) {
    Written out{Control::Events, Framing::Chunked};
    out.blocks.event("data: 1\n", "7");
    out.blocks.event("data: 1234\n", "7");
    out.blocks.end();
    EXPECT_EQ(out.text,
              "f\r\ndata: 1\nid: 7\n\n\r\n"
              "12\r\ndata: 1234\nid: 7\n\n\r\n"
              "0\r\n\r\n");
}

TEST(BlockWriter, writesChunkSizesAsShortestLowerCaseHex) {
    for (const std::size_t size : {std::size_t{0xab}, std::size_t{0xfff}, std::size_t{0xabcde}}) {
        Written out{Control::Events, Framing::Chunked};
        const std::string lines(size - 7, 'x');
        out.blocks.event(lines, "7");
        char head[16];
        std::snprintf(head, sizeof head, "%zx\r\n", size);
        EXPECT_EQ(out.text, head + lines + "id: 7\n\n\r\n");
    }
}

TEST(BlockWriter, endsNothingWithoutChunks) {
    Written out{Control::Events};
    out.blocks.end();
    EXPECT_EQ(out.text, "");
}

TEST(BlockWriterDeathTest, refusesControlDataWithLineBreaks) {
    Written out{Control::Events};
    EXPECT_DEATH(out.blocks.gap("{\n}", "1.x"), "isOneLine");
    EXPECT_DEATH(out.blocks.open(1, "{\r}", "1.x"), "isOneLine");
}

}  // namespace
}  // namespace sluice
