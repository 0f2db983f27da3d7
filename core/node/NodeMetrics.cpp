#include "node/NodeMetrics.h"

namespace sluice {
namespace {

double real(std::uint64_t count) {
    return static_cast<double>(count);
}

void addMessages(MetricsPage& page, const std::vector<InputStatus>& inputs) {
    page.counter("sluice_messages_total",
                 "Messages by input and what became of them; rejected ones by reason. All of an "
                 "input together are what it received.");
    for (const InputStatus& input : inputs) {
        const auto add = [&](const char* result, std::string_view reason, std::uint64_t count) {
            page.sample(
                real(count),
                {{"input", input.name}, {"result", result}, {"reason", std::string{reason}}});
        };
        add("mapped", "", input.counts.mapped);
        add("filtered", "", input.counts.filtered);
        add("unmatched", "", input.counts.unmatched);
        add("redelivered", "", input.counts.redelivered);
        for (std::size_t i = 0; i < kRejections; ++i)
            add("rejected", nameOf(static_cast<Rejection>(i)), input.counts.rejected[i]);
    }
}

void addLosses(MetricsPage& page, const std::vector<InputStatus>& inputs) {
    page.counter("sluice_fields_left_out_total",
                 "Fields that `data` of a mapping could not have, by input and reason.");
    for (const InputStatus& input : inputs)
        for (std::size_t i = 0; i < kRejections; ++i)
            page.sample(real(input.counts.leftOut[i]),
                        {{"input", input.name},
                         {"reason", std::string{nameOf(static_cast<Rejection>(i))}}});
    page.counter("sluice_dead_letters_total",
                 "Messages that mappings failed on and kept, and those that their file did not "
                 "take.");
    for (const InputStatus& input : inputs)
        page.sample(real(input.counts.deadLetters), {{"input", input.name}, {"result", "kept"}})
            .sample(real(input.counts.deadLettersLost),
                    {{"input", input.name}, {"result", "lost"}});
}

void addEvents(MetricsPage& page, const MappingsInForce& mappings) {
    page.counter("sluice_events_total", "Events by mapping, as numbered in the file from 1.");
    const std::vector<std::uint64_t> events = mappings.eventsByRule();
    for (std::size_t i = 0; i < events.size(); ++i)
        page.sample(real(events[i]), {{"mapping", std::to_string(i + 1)}});
}

void addInputs(MetricsPage& page, const std::vector<InputStatus>& inputs) {
    page.gauge("sluice_input_state", "1 for the state that an input is in.");
    for (const InputStatus& input : inputs)
        for (std::size_t i = 0; i < kInputStates; ++i) {
            const auto state = static_cast<InputState>(i);
            page.sample(input.health.state == state ? 1 : 0,
                        {{"input", input.name}, {"state", std::string{nameOf(state)}}});
        }
    page.gauge("sluice_lane_lag", "Messages at the source of an input that were not read yet.");
    for (const InputStatus& input : inputs) page.sample(real(input.lag), {{"input", input.name}});
    page.counter("sluice_input_restarts_total", "Times that an input was started again.");
    for (const InputStatus& input : inputs)
        page.sample(real(input.counts.restarts), {{"input", input.name}});
    page.counter("sluice_input_lost_total", "Reports of messages that will never come.");
    for (const InputStatus& input : inputs)
        page.sample(real(input.counts.lost), {{"input", input.name}});
    page.counter("sluice_input_breaches_total", "Calls of plugins that broke their contract.");
    for (const InputStatus& input : inputs)
        page.sample(real(input.counts.breaches), {{"input", input.name}});
}

void addIngest(MetricsPage& page, const std::vector<InputStatus>& inputs) {
    page.histogram("sluice_ingest_seconds", "From the source's time of a message to its append.");
    for (const InputStatus& input : inputs)
        page.sample(kIngestBoundsUs, input.counts.ingest.buckets, input.counts.ingest.sumUs,
                    {{"input", input.name}});
}

void addHistory(MetricsPage& page, const HubCounts& hub) {
    page.counter("sluice_appended_total", "Copies of events appended to channel logs.")
        .sample(real(hub.appended));
    page.gauge("sluice_history_events", "Copies of events that are kept.")
        .sample(real(hub.keptEvents));
    page.gauge("sluice_history_bytes", "Memory of all channel logs.").sample(real(hub.keptBytes));
    page.counter("sluice_evicted_total",
                 "Copies of events that left history, by the bound reached.")
        .sample(real(hub.evictedByChannel), {{"reason", "channel"}})
        .sample(real(hub.evictedByTotal), {{"reason", "total"}})
        .sample(real(hub.evictedByAge), {{"reason", "age"}})
        .sample(real(hub.evictedByReset), {{"reason", "reset"}})
        .sample(real(hub.evictedByCollection), {{"reason", "channels"}});
    page.counter("sluice_lost_events_total",
                 "Events that went to no channel and were told as lost, by the bound reached.")
        .sample(real(hub.noRoomForChannel), {{"reason", "channels"}});
    page.gauge("sluice_snapshot_keys", "Keys whose latest event is kept.")
        .sample(real(hub.latestKeys));
    page.gauge("sluice_snapshot_deletions", "Deletions that are remembered.")
        .sample(real(hub.latestDeletions));
    page.gauge("sluice_snapshot_bytes", "Memory of the latest events of keys.")
        .sample(real(hub.latestBytes));
    page.counter("sluice_snapshot_dropped_total",
                 "Keys whose latest event was dropped, by the bound reached.")
        .sample(real(hub.latestDroppedByKeys), {{"reason", "keys"}})
        .sample(real(hub.latestDroppedByBytes), {{"reason", "bytes"}})
        .sample(real(hub.latestDroppedByTotal), {{"reason", "total"}})
        .sample(real(hub.latestDroppedByReset), {{"reason", "reset"}})
        .sample(real(hub.latestDroppedByCollection), {{"reason", "channels"}});
    page.counter("sluice_snapshot_deletions_forgotten_total",
                 "Deletions that were forgotten to make room.")
        .sample(real(hub.latestDeletionsForgotten));
    page.gauge("sluice_channels", "Channels that have a log.").sample(real(hub.channels));
    page.gauge("sluice_interests", "Subscribed channels without a log.")
        .sample(real(hub.interests));
    page.gauge("sluice_gap_records", "Lost ranges that are remembered.")
        .sample(real(hub.gapRecords));
    page.counter("sluice_gap_records_evicted_total", "Lost ranges that were merged to make room.")
        .sample(real(hub.gapRecordsEvicted));
}

void addDelivery(MetricsPage& page, const DeliveryCounts& delivery) {
    page.counter("sluice_deliveries_total", "Events written to streams.")
        .sample(real(delivery.deliveries));
    page.counter("sluice_sent_bytes_total", "Bytes written to streams.")
        .sample(real(delivery.bytes));
    page.counter("sluice_gaps_total", "Gaps told to streams, by reason.");
    for (std::size_t i = 0; i < kGapReasons; ++i)
        page.sample(real(delivery.gaps[i]),
                    {{"reason", std::string{nameOf(static_cast<GapReason>(i))}}});
    page.counter("sluice_passed_over_total",
                 "Events that slow readers did not get, by the policy of the channel.")
        .sample(real(delivery.skipped), {{"reason", "skip"}})
        .sample(real(delivery.conflated), {{"reason", "conflate"}})
        .sample(real(delivery.sampled), {{"reason", "sample"}});
    page.gauge("sluice_subscribers", "Open streams, by what they are doing.")
        .sample(real(delivery.resolving), {{"state", "resolving"}})
        .sample(real(delivery.live), {{"state", "live"}})
        .sample(real(delivery.catchingUp), {{"state", "catching_up"}})
        .sample(real(delivery.straggling), {{"state", "straggling"}});
    page.counter("sluice_closed_total", "Streams that ended, by reason.");
    for (std::size_t i = 0; i < kCloseReasons; ++i)
        page.sample(real(delivery.closed[i]),
                    {{"reason", std::string{nameOf(static_cast<CloseReason>(i))}}});
    page.gauge("sluice_subscriptions", "Distinct sets of channels and options that are asked for.")
        .sample(real(delivery.subscriptions));
    page.gauge("sluice_straggler_bytes", "Memory held for streams that took part of a write.")
        .sample(real(delivery.stragglerBytes));
    page.histogram("sluice_delivery_seconds", "From the append of an event to its write.")
        .sample(kDelayBucketsUs, delivery.delay.buckets, delivery.delay.sumUs);
    page.histogram("sluice_loop_turn_seconds", "Turns of the delivery loops.")
        .sample(kDelayBucketsUs, delivery.turn.buckets, delivery.turn.sumUs);
}

void addReplays(MetricsPage& page, const ReplayCounts& replays,
                const std::vector<InputStatus>& inputs) {
    page.gauge("sluice_replays", "Replays from sources, by whom they wait for.")
        .sample(real(replays.running - replays.waiting), {{"state", "running"}})
        .sample(real(replays.waiting), {{"state", "waiting"}});
    page.gauge("sluice_replay_events", "Events of replays that wait for their readers.")
        .sample(real(replays.events));
    page.gauge("sluice_replay_bytes", "Memory of these.").sample(real(replays.bytes));
    page.counter("sluice_replay_shared_total", "Requests that read a replay of another one.")
        .sample(real(replays.shared));
    page.counter("sluice_replay_messages_total", "Messages that sources sent again.");
    for (const InputStatus& input : inputs)
        page.sample(real(input.replays.messages), {{"input", input.name}});
    std::uint64_t failed = 0, timedOut = 0;
    for (const InputStatus& input : inputs) {
        failed += input.replays.failed;
        timedOut += input.replays.timedOut;
    }
    page.counter("sluice_replay_refused_total", "Lanes that were not read again, by reason.")
        .sample(real(replays.refusedBusy), {{"reason", "busy"}})
        .sample(real(replays.refusedUnreadable), {{"reason", "not_replayable"}})
        .sample(real(failed), {{"reason", "failed"}})
        .sample(real(timedOut), {{"reason", "timeout"}});
}

void addFilters(MetricsPage& page, const FilterCounts& filters) {
    page.gauge("sluice_filters", "Distinct filters that streams have.").sample(real(filters.live));
    page.counter("sluice_filter_evaluations_total",
                 "Events that filters looked at: one per event, filter and delivery loop.")
        .sample(real(filters.evaluations));
    page.counter("sluice_filter_failed_total",
                 "Of these, without an answer; their streams did not get the event.")
        .sample(real(filters.failed - filters.overBound), {{"reason", "error"}})
        .sample(real(filters.overBound), {{"reason", "limit"}});
    page.counter("sluice_filters_refused_total", "Requests whose filter was refused.")
        .sample(real(filters.notAllowed), {{"reason", "not_allowed"}})
        .sample(real(filters.badExpression), {{"reason", "expression"}})
        .sample(real(filters.tooCostly), {{"reason", "cost"}})
        .sample(real(filters.tooMany), {{"reason", "no_room"}});
}

void addGate(MetricsPage& page, const GateCounts& gate) {
    page.counter("sluice_http_connections_total", "Connections accepted.")
        .sample(real(gate.accepted));
    page.counter("sluice_http_requests_total", "Whole requests received.")
        .sample(real(gate.requests));
    page.counter("sluice_http_refused_total", "Connections refused before a handler saw them.")
        .sample(real(gate.refused), {{"reason", "malformed"}})
        .sample(real(gate.timedOut), {{"reason", "too_slow"}})
        .sample(real(gate.evicted), {{"reason", "no_room"}})
        .sample(real(gate.overAddress), {{"reason", "address"}})
        .sample(real(gate.noProxy), {{"reason", "proxy_header"}});
    page.counter("sluice_http_accept_pauses_total", "Times that accepting paused for descriptors.")
        .sample(real(gate.exhausted));
    page.gauge("sluice_http_connections", "Connections at the gate or being served.")
        .sample(real(gate.open));
}

void addClients(MetricsPage& page, const ClientLimitCounts& clients) {
    page.gauge("sluice_clients", "Addresses and subjects whose use is counted.")
        .sample(real(clients.clients));
    page.counter("sluice_clients_forgotten_total", "Of these, forgotten to make room.")
        .sample(real(clients.forgotten));
    page.counter("sluice_client_refusals_total", "What clients were refused, by the bound reached.")
        .sample(real(clients.streamsRefused), {{"reason", "streams"}})
        .sample(real(clients.connectsRefused), {{"reason", "connects"}})
        .sample(real(clients.publishesRefused), {{"reason", "publishes"}})
        .sample(real(clients.failuresRefused), {{"reason", "failures"}});
    page.counter("sluice_client_failures_total", "Requests with a wrong key.")
        .sample(real(clients.failures));
    page.counter("sluice_client_unbounded_total",
                 "Requests that passed uncounted, as the table of clients was full of streams.")
        .sample(real(clients.unbounded));
}

void addTls(MetricsPage& page, const GateCounts& gate, const TlsServer* tls) {
    page.counter("sluice_tls_handshakes_total", "TLS handshakes, by what came of them.")
        .sample(real(gate.handshakes), {{"result", "completed"}})
        .sample(real(gate.handshakesFailed), {{"result", "failed"}})
        .sample(real(gate.handshakesTimedOut), {{"result", "too_slow"}})
        .sample(real(gate.handshakesRefused), {{"result", "no_room"}});
    page.counter("sluice_tls_resumed_total", "Completed handshakes that took up a session.")
        .sample(real(gate.handshakesResumed));
    page.gauge("sluice_tls_handshaking", "TLS handshakes under way.")
        .sample(real(gate.handshaking));
    page.gauge("sluice_tls_certificate_end_seconds", "When the certificate ends, since 1970.");
    if (tls != nullptr) page.sample(static_cast<double>(tls->notAfterS()));
}

void addJournal(MetricsPage& page, const JournalCounts& journal) {
    page.counter("sluice_journal_events_total",
                 "Copies of events handed to the journal, and those that it had to let go.")
        .sample(real(journal.events), {{"result", "taken"}})
        .sample(real(journal.dropped), {{"result", "dropped"}});
    page.gauge("sluice_journal_restored_events", "Copies of events that came back at the start.")
        .sample(real(journal.restored));
    page.gauge("sluice_journal_bytes", "Bytes of the journal on disk.").sample(real(journal.bytes));
    page.gauge("sluice_journal_buffer_bytes", "Bytes in memory that are not on disk yet.")
        .sample(real(journal.bufferBytes));
    page.gauge("sluice_journal_lag_seconds", "How long the oldest of these has waited.")
        .sample(real(journal.lagMs) / 1'000);
    page.counter("sluice_journal_writes_total", "Transactions on the disk, by outcome.")
        .sample(real(journal.writes), {{"result", "written"}})
        .sample(real(journal.failures), {{"result", "refused"}});
    page.gauge("sluice_journal_failing", "1 while the disk refuses what is written.")
        .sample(journal.isFailing ? 1 : 0);
    page.counter("sluice_journal_torn_total", "Parts of the journal that were damaged and cut off.")
        .sample(real(journal.torn));
    page.counter("sluice_journal_over_bytes_total",
                 "Pieces of history that left the disk at journal.disk.")
        .sample(real(journal.overBytes));
}

void addAccess(MetricsPage& page, const AccessCounts& access) {
    page.counter("sluice_auth_accepted_total", "Requests of somebody who is known.")
        .sample(real(access.accepted));
    page.counter("sluice_auth_refused_total",
                 "Requests that were refused, by reason; forbidden are those of somebody known.")
        .sample(real(access.refused[0]), {{"reason", "forbidden"}});
    for (std::size_t i = 1; i < kRefusals; ++i)
        page.sample(real(access.refused[i]),
                    {{"reason", std::string{nameOf(static_cast<Refusal>(i))}}});
    page.gauge("sluice_revocations", "Revocations that are kept.").sample(real(access.revocations));
}

void addGraphite(MetricsPage& page, const GraphiteExport& graphite) {
    const GraphiteCounts counts = graphite.counts();
    page.counter("sluice_graphite_sends_total", "Times that statistics were sent to Graphite.")
        .sample(real(counts.sent), {{"result", "sent"}})
        .sample(real(counts.failed), {{"result", "failed"}});
    page.gauge("sluice_graphite_failing", "1 while Graphite does not take them.")
        .sample(counts.isFailing ? 1 : 0);
}

}  // namespace

MetricsPage metricsOf(const NodeParts& parts) {
    const std::vector<InputStatus> status = parts.inputs.status();
    MetricsPage page;
    addMessages(page, status);
    addLosses(page, status);
    addEvents(page, parts.inputs.mappings());
    addInputs(page, status);
    addIngest(page, status);
    addHistory(page, parts.hub);
    addDelivery(page, parts.delivery);
    addReplays(page, parts.inputs.replays().counts(), status);
    addFilters(page, parts.filters);
    addGate(page, parts.gate);
    addClients(page, parts.clients);
    addTls(page, parts.gate, parts.tls);
    if (parts.journal) addJournal(page, *parts.journal);
    addAccess(page, parts.access);
    if (parts.graphite.isOn()) addGraphite(page, parts.graphite);
    return page;
}

}  // namespace sluice
