#include <future>
#include <stdexcept>

#include <gtest/gtest.h>

#include "input/ControlThread.h"

namespace sluice {
namespace {

using Result = ControlThread::Result;
using std::chrono::steady_clock;

ControlThread::Time soon() {
    return steady_clock::now() + std::chrono::seconds{30};
}

TEST(ControlThread, runsCallsOnOneThreadThatIsNotTheCallers) {
    ControlThread control;
    std::thread::id first, second;
    EXPECT_EQ(control.call([&] { first = std::this_thread::get_id(); }, soon()), Result::Done);
    EXPECT_EQ(control.call([&] { second = std::this_thread::get_id(); }, soon()), Result::Done);
    EXPECT_EQ(first, second);
    EXPECT_NE(first, std::this_thread::get_id());
}

TEST(ControlThread, containsWhatACallThrows) {
    ControlThread control;
    EXPECT_EQ(control.call([] { throw std::runtime_error{"oh"}; }, soon()), Result::Threw);
    EXPECT_EQ(control.thrown(), "oh");
    EXPECT_EQ(control.call([] { throw 7; }, soon()), Result::Threw);
    EXPECT_EQ(control.call([] {}, soon()), Result::Done);
}

TEST(ControlThread, letsAThreadGoWhoseCallDoesNotComeBack) {
    auto release = std::make_shared<std::promise<void>>();
    auto ended = std::make_shared<std::promise<void>>();
    {
        ControlThread control;
        const auto stuck = [release, ended] {
            release->get_future().wait();
            ended->set_value();
        };
        EXPECT_EQ(control.call(stuck, steady_clock::now()), Result::TimedOut);
        EXPECT_TRUE(control.isLetGo());
        EXPECT_EQ(control.call([] {}, soon()), Result::TimedOut);
    }
    release->set_value();
    ended->get_future().wait();
}

TEST(ControlThread, hurryShortensACallThatIsUnderWay) {
    auto release = std::make_shared<std::promise<void>>();
    ControlThread control;
    std::thread hurrying{[&] { control.hurry(steady_clock::now()); }};
    EXPECT_EQ(control.call([release] { release->get_future().wait(); }, soon()), Result::TimedOut);
    hurrying.join();
    release->set_value();
}

}  // namespace
}  // namespace sluice
