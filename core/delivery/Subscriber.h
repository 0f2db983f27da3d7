#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "channel/Stream.h"
#include "delivery/Admission.h"
#include "delivery/DeliveryCounts.h"
#include "delivery/IntrusiveList.h"
#include "net/Wire.h"

namespace sluice {

struct Herd;
struct NewcomerGroup;
struct Subscriber;
struct SubscriptionState;
class Write;

/// Shared by the Subscriptions that the same families may feed, and by streams that were composed
/// with it until they are made to fit a newer one.
using FeedPtr = std::shared_ptr<const Feed>;

/// A stream and what its place refers to.
struct Course {
    Stream stream;
    FeedPtr feed;               // to which the stream's cut is aligned
    std::uint64_t beganAt = 0;  // horizon of its resume: channels that joined later are new to it
};

/// What a subscriber has only while its head was not sent or while it straggles.
struct Pending : ListNode<struct StragglerTag>,
                 ListNode<struct ReadyTag>,
                 ListNode<struct HeldTag> {
    explicit Pending(Subscriber& subscriber) : owner{subscriber} {}
    bool isStraggling() const { return write || course; }

    Subscriber& owner;
    std::string rest;       // of the head or of one block: not yet taken
    std::size_t taken = 0;  // bytes of `rest` that are gone
    // How it goes on after `rest`: in the writes of its herd, or, when it lags too far behind,
    // alone; neither before its first write.
    std::shared_ptr<Write> write;  // shared by all who read it
    std::size_t writeTaken = 0;    // bytes of `write` that are gone
    Herd* leader = nullptr;        // whose write it is
    std::optional<Course> course;
    NewcomerGroup* newcomers = nullptr;            // with whom it waits for its resume
    std::optional<CloseReason> closing;            // when `rest` has gone
    std::optional<std::uint32_t> farewellRetryMs;  // say good-bye when `rest` has gone
    CloseReason farewellReason = CloseReason::Drained;
    std::int64_t progressMs = 0;  // when a byte was last accepted
    // While it is sampled: since when its socket took all there was (0: it is not), until when it
    // waits for a slot of time to end, and the end of that on the hub's clock.
    std::int64_t keepsUpSinceMs = 0, heldUntilMs = 0, slotEndMs = 0;
};

/// One open stream. There are many: keep it small. Loop thread only; owned by Herds.
struct Subscriber : ListNode<struct KeepaliveTag> {
    std::unique_ptr<Wire> wire;
    SubscriptionState* subscription = nullptr;
    Herd* herd = nullptr;  // null: it waits, straggles or is about to close
    std::unique_ptr<Pending> pending;
    std::unique_ptr<AdmissionState> admission;  // null: anybody's, for ever
    std::int64_t lastWriteMs = 0;
    std::uint32_t herdIndex = 0;   // in the herd's members
    std::uint32_t tableIndex = 0;  // in the table of all
    std::uint32_t place = 0;       // of StreamNumbers
    bool holdsCatchUp = false;     // counts among catchUpsMax
};
static_assert(sizeof(Subscriber) <= 80);

}  // namespace sluice
