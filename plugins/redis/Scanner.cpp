#include "Scanner.h"

#include "Fault.h"

namespace sluice::redis {

void Scanner::begin(const TopicPlan& plan) {
    plan_ = plan.scans().empty() ? nullptr : &plan;
    scan_ = 0;
    cursor_ = "0";
}

bool Scanner::step(std::set<std::string>& found) {
    const auto until = std::chrono::steady_clock::now() + kSlice;
    while (plan_ != nullptr && std::chrono::steady_clock::now() < until) {
        const std::string& glob = plan_->scans()[scan_].glob;
        const Reply& reply =
            connection_.ask({"SCAN", cursor_, "MATCH", glob, "COUNT", kCount, "TYPE", "stream"});
        if (reply.kind == Reply::Kind::Error) connection_.fail(describe(reply.text, options_));
        if (!reply.isArray(2))
            connection_.fail({Fault::Weight::Definite, "protocol",
                              options_.shown + " answered SCAN with something else"});
        for (const Reply& key : reply.items[1].items)
            if (std::string name(key.text); plan_->wantsStream(name)) found.insert(std::move(name));
        cursor_ = reply.items[0].text;
        connection_.forget();
        if (cursor_ != "0") continue;
        if (++scan_ == plan_->scans().size()) plan_ = nullptr;
    }
    return plan_ == nullptr;
}

}  // namespace sluice::redis
