#include "mapping/MappingSample.h"

#include <algorithm>
#include <numeric>

#include "base/Json.h"
#include "base/Nearest.h"
#include "mapping/JsonDifferences.h"

namespace sluice {
namespace {

using cel::Kind;
using RefKind = MessageReference::Kind;

/// As expressions write it; empty for what the topic gives.
std::string nameOf(const MessageReference& reference, const Paths& paths) {
    switch (reference.kind) {
        case RefKind::Payload:
            return reference.index == kNoSlot ? "" : paths.text(reference.index);
        case RefKind::Header:
            return "headers" + pathStep(reference.name);
        case RefKind::Key:
            return "key";
        case RefKind::Time:
            return "time";
        case RefKind::Partition:
            return "partition";
        case RefKind::Offset:
            return "offset";
        case RefKind::Variable:
            return reference.name;
        default:
            return {};
    }
}

/// The value around the last step of a path; null where there is none.
const Json* around(const Json& payload, const Paths::Path& path) {
    const Json* value = &payload;
    for (std::size_t i = 0; value && i + 1 < path.size(); ++i) {
        if (!path[i].isIndex) {
            value = value->find(path[i].key);
            continue;
        }
        const auto index = static_cast<std::size_t>(path[i].index);
        const bool isThere = path[i].index >= 0 && index < value->items().size();
        value = isThere && value->is(Json::Kind::Array) ? &value->items()[index] : nullptr;
    }
    return value;
}

}  // namespace

std::uint64_t MappingSample::Field::seen() const {
    return std::accumulate(byKind.begin(), byKind.end(), std::uint64_t{0}) - of(Kind::Error);
}

std::uint64_t MappingSample::OfRule::rejectedInAll() const {
    return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

std::vector<MappingSample::Mismatch> MappingSample::OfRule::mismatches() const {
    std::vector<Mismatch> found;
    if (!rule->when) return found;
    std::vector<cel::Expectation> expectations = rule->when->expectations();
    if (const auto whole = rule->when->reference()) {
        const auto length = static_cast<std::uint32_t>(rule->when->text().size());
        expectations.push_back({*whole, cel::Type::of(Kind::Bool), false, 0, length});
    }
    for (const cel::Expectation& expected : expectations) {
        if (fieldOf_[expected.reference] == kNoField) continue;
        Mismatch mismatch = mismatchOf(expected);
        const bool isKnown = std::any_of(found.begin(), found.end(), [&](const Mismatch& one) {
            return one.field == mismatch.field && one.operation == mismatch.operation;
        });
        if (mismatch.count > 0 && !isKnown) found.push_back(std::move(mismatch));
    }
    return found;
}

MappingSample::Mismatch MappingSample::OfRule::mismatchOf(const cel::Expectation& expected) const {
    Mismatch mismatch;
    mismatch.field = fieldOf_[expected.reference];
    mismatch.operation = rule->when->text().substr(expected.offset, expected.length);
    mismatch.expected = expected.type;
    const Field& field = fields[mismatch.field];
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < Field::kKinds; ++i) {
        const auto kind = static_cast<Kind>(i);
        // What is null is mostly meant to be nothing, and equal to nothing else.
        const bool isMeant = kind == Kind::Null && expected.isSilent;
        if (kind == Kind::Error || isMeant || expected.takes(kind)) continue;
        mismatch.count += field.byKind[i];
        if (field.byKind[i] <= most) continue;
        most = field.byKind[i];
        mismatch.kind = kind;
    }
    mismatch.isAlways = mismatch.count == field.seen();
    return mismatch;
}

bool MappingSample::OfRule::isHopeless() const {
    if (taken == 0 || mapped + passed > 0) return false;
    if (filtered == 0) return true;
    const std::vector<Mismatch> all = mismatches();
    return std::any_of(all.begin(), all.end(), [](const Mismatch& one) { return one.isAlways; });
}

MappingSample::MappingSample(std::shared_ptr<const MappingTable> table, std::string input)
    : table_{table}, mapper_{std::move(table), std::move(input)} {
    for (const CompiledRule& rule : table_->rules())
        if (rule.input == mapper_.input()) rules_.push_back(beginRule(rule));
}

MappingSample::OfRule MappingSample::beginRule(const CompiledRule& rule) const {
    const Paths& paths = table_->ofInput(rule.input)->paths;
    OfRule of;
    of.rule = &rule;
    of.tree_ = std::make_unique<PathTree>(paths, rule.slots);
    for (const MessageReference& reference : rule.references) {
        const std::string name = nameOf(reference, paths);
        const auto found = std::find_if(of.fields.begin(), of.fields.end(),
                                        [&](const Field& field) { return field.name == name; });
        of.fieldOf_.push_back(name.empty() ? kNoField
                                           : static_cast<std::size_t>(found - of.fields.begin()));
        if (!name.empty() && found == of.fields.end()) of.fields.push_back({name, {}, {}});
    }
    return of;
}

void MappingSample::add(const Message& message) {
    ++messages_;
    batch_.clear();
    MapOutcome outcome;
    mapper_.map(message, batch_, outcome);
    if (outcome.unmatched > 0) {
        ++unmatched_;
        if (unmatchedNote_.empty()) unmatchedNote_ = outcome.notes.front();
        return;
    }
    for (const RuleAccount& account : mapper_.explain(message)) {
        const auto of = std::find_if(rules_.begin(), rules_.end(),
                                     [&](const OfRule& one) { return one.rule == account.rule; });
        count(account, *of);
        look(message, *of);
        for (RejectedSample& sample : outcome.samples)
            if (sample.mapping == account.rule->index + 1)
                of->samples[static_cast<std::size_t>(sample.reason)] = std::move(sample);
    }
}

void MappingSample::count(const RuleAccount& account, OfRule& of) {
    ++of.taken;
    of.mapped += account.fate == RuleAccount::Fate::Mapped ? 1 : 0;
    of.filtered += account.fate == RuleAccount::Fate::Filtered ? 1 : 0;
    of.passed += account.fate == RuleAccount::Fate::Passed ? 1 : 0;
    if (account.fate == RuleAccount::Fate::Rejected)
        ++of.rejected[static_cast<std::size_t>(*account.reason)];
    of.leftOut += account.leftOut;
    if (of.firstLeftOut.empty()) of.firstLeftOut = account.firstLeftOut;
}

/// A tombstone has no fields, and what is no JSON is told by its rejection.
void MappingSample::look(const Message& message, OfRule& of) {
    if (!message.payload || message.payload->size() > table_->payloadBytesMax()) return;
    Pattern::Captures captures;
    if (!of.rule->from.match(message.topic, captures)) return;
    values_.begin(message, table_->ofInput(of.rule->input)->format, *of.tree_);
    values_.enter(of.rule->references, captures);
    for (std::uint32_t i = 0; i < of.fieldOf_.size(); ++i) {
        if (of.fieldOf_[i] == kNoField) continue;
        const Kind kind = values_.kind(i);
        if (values_.payloadFailure()) return;
        ++of.fields[of.fieldOf_[i]].byKind[static_cast<std::size_t>(kind)];
    }
    if (!of.hasSimilar_) findSimilar(*message.payload, of);
}

/// What a payload has beside the place of each field that it does not have.
void MappingSample::findSimilar(std::string_view payload, OfRule& of) const {
    const std::optional<Json> json = Json::parse(payload);
    if (!json) return;
    of.hasSimilar_ = true;
    const Paths& paths = table_->ofInput(of.rule->input)->paths;
    for (std::size_t i = 0; i < of.fieldOf_.size(); ++i) {
        const MessageReference& reference = of.rule->references[i];
        if (reference.kind != RefKind::Payload || of.fieldOf_[i] == kNoField) continue;
        const Paths::Path& path = paths.path(reference.index);
        if (path.empty() || path.back().isIndex) continue;
        const Json* const object = around(*json, path);
        if (!object || object->find(path.back().key)) continue;
        const std::string_view similar = nearest(path.back().key, object->keys());
        if (similar.empty()) continue;
        Paths::Path other = path;
        other.back().key = similar;
        of.fields[of.fieldOf_[i]].similar = pathText(other);
    }
}

}  // namespace sluice
