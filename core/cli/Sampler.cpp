#include "cli/Sampler.h"

#include <algorithm>

#include "base/Utf8.h"
#include "mapping/ReportText.h"

namespace sluice::cli {
namespace {

using OfRule = MappingSample::OfRule;
using cel::Kind;

/// What people call the values of JSON.
std::string wordOf(Kind kind) {
    switch (kind) {
        case Kind::Null:
            return "null";
        case Kind::Bool:
            return "true or false";
        case Kind::Int:
        case Kind::Uint:
        case Kind::Double:
            return "a number";
        case Kind::String:
            return "text";
        case Kind::List:
            return "a list";
        case Kind::Map:
            return "a map";
        default:
            return "a " + std::string{cel::wordFor(kind)};
    }
}

std::string hintFor(const MappingSample::Mismatch& mismatch) {
    const bool wantsNumber = mismatch.expected.mayBeNumber();
    const bool isNumber = mismatch.kind >= Kind::Int && mismatch.kind <= Kind::Double;
    if (wantsNumber && mismatch.kind == Kind::String)
        return "double(x) or int(x) makes a number of text";
    if (mismatch.expected.is(Kind::String) && isNumber) return "string(x) makes text of a number";
    if (mismatch.kind == Kind::Null) return "x != null && ... leaves those out";
    return {};
}

/// A beginning of a payload on one line, harmless to a terminal.
std::string shown(const RejectedSample& sample) {
    const bool isPlain = isUtf8(sample.payload) &&
                         std::none_of(sample.payload.begin(), sample.payload.end(), [](char c) {
                             return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                         });
    const bool isWhole = sample.payload.size() == sample.payloadBytes;
    return (isPlain ? sample.payload : Json::string(sample.payload).compact()) +
           (isWhole ? " (" : "... (") + counted(sample.payloadBytes, "byte") + ")";
}

/// Finds what looks wrong with one rule.
class RuleFindings {
  public:
    RuleFindings(const OfRule& of, std::vector<Finding>& findings) : of_{of}, findings_{findings} {}

    void find() {
        if (of_.isHopeless()) hopeless();
        for (const MappingSample::Mismatch& mismatch : of_.mismatches()) mismatched(mismatch);
        for (const MappingSample::Field& field : of_.fields)
            if (field.seen() == 0 && field.of(Kind::Error) > 0) neverSeen(field);
    }

  private:
    void hopeless() {
        std::string why = "its 'when' is never true";
        const auto most = std::max_element(of_.rejected.begin(), of_.rejected.end());
        const auto& sample = of_.samples[static_cast<std::size_t>(most - of_.rejected.begin())];
        if (of_.filtered == 0 && sample)
            why = (*most < of_.taken ? "most often " : "") + sample->text;
        add("sample",
            "nothing came of " + counted(of_.taken, "message") + " that this mapping took: " + why,
            "", false);
    }

    void mismatched(const MappingSample::Mismatch& mismatch) {
        const MappingSample::Field& field = of_.fields[mismatch.field];
        add("sample-type",
            field.name + " is " + wordOf(mismatch.kind) + " in " + std::to_string(mismatch.count) +
                " of " + counted(field.seen(), "message") + ", but `" + mismatch.operation +
                "` takes it for " + wordOf(mismatch.expected.kind()),
            hintFor(mismatch), true);
    }

    void neverSeen(const MappingSample::Field& field) {
        const std::string meant =
            field.similar.empty() ? "" : ", did you mean " + field.similar + "?";
        add("sample-missing",
            field.name + " is in none of " + counted(field.of(Kind::Error), "message") +
                " that this mapping took" + meant,
            "", true);
    }

    void add(const char* code, std::string message, std::string hint, bool isWarning) {
        findings_.push_back({of_.rule->mark, code, std::move(message), std::move(hint), isWarning});
    }

    const OfRule& of_;
    std::vector<Finding>& findings_;
};

/// What one rule did.
std::string textOf(const OfRule& of) {
    std::string out = "  " + headingOf(*of.rule);
    if (of.taken == 0) return out + ": took none\n";
    out += ": took " + std::to_string(of.taken) + ": " + std::to_string(of.mapped) + " mapped, " +
           std::to_string(of.filtered) + " filtered, " + std::to_string(of.rejectedInAll()) +
           " rejected";
    if (of.passed > 0) out += ", " + std::to_string(of.passed) + " passed by on_error";
    out += '\n';
    for (std::size_t i = 0; i < kRejections; ++i) {
        if (!of.samples[i]) continue;
        const RejectedSample& sample = *of.samples[i];
        out += "    " + std::string{nameOf(sample.reason)};
        if (of.rejected[i] > 0) out += ", " + counted(of.rejected[i], "message");
        out += ": " + sample.text + "\n      the first: topic '" + sample.topic + "', " +
               shown(sample) + '\n';
    }
    if (of.leftOut > 0)
        out += "    left out of data: " + counted(of.leftOut, "field") +
               ", the first: " + of.firstLeftOut + '\n';
    return out;
}

Json numberOf(std::uint64_t count) {
    return Json::number(static_cast<std::int64_t>(count));
}

Json jsonOf(const OfRule& of) {
    Json json = Json::object();
    json.set("mapping", numberOf(of.rule->index + 1));
    if (of.rule->mark.line != 0) json.set("place", placeOf(of.rule->mark));
    json.set("from", fromOf(*of.rule));
    json.set("taken", numberOf(of.taken));
    json.set("mapped", numberOf(of.mapped));
    json.set("filtered", numberOf(of.filtered));
    json.set("passed", numberOf(of.passed));
    Json& rejected = json.set("rejected", Json::object());
    for (std::size_t i = 0; i < kRejections; ++i) {
        if (of.rejected[i] == 0) continue;
        Json& one = rejected.set(nameOf(static_cast<Rejection>(i)), Json::object());
        one.set("count", numberOf(of.rejected[i]));
        if (!of.samples[i]) continue;
        one.set("text", of.samples[i]->text);
        one.set("topic", of.samples[i]->topic);
        one.set("payload", of.samples[i]->payload);
    }
    json.set("leftOut", numberOf(of.leftOut));
    Json& fields = json.set("fields", Json::object());
    for (const MappingSample::Field& field : of.fields) {
        Json& one = fields.set(field.name, Json::object());
        for (std::size_t i = 0; i < field.byKind.size(); ++i) {
            if (field.byKind[i] == 0) continue;
            const auto kind = static_cast<Kind>(i);
            one.set(kind == Kind::Error ? "missing" : cel::wordFor(kind),
                    numberOf(field.byKind[i]));
        }
    }
    return json;
}

}  // namespace

Sampler::Sampler(const std::shared_ptr<const MappingTable>& table,
                 const std::vector<InputOptions>& inputs, std::uint64_t messagesMax)
    : messagesMax_{messagesMax} {
    for (const InputOptions& input : inputs)
        inputs_[input.name].sample = std::make_unique<MappingSample>(table, input.name);
}

void Sampler::message(std::string_view input, const Message& message) noexcept {
    const std::lock_guard lock{mutex_};
    const auto found = inputs_.find(input);
    if (found == inputs_.end() || found->second.sample->messages() >= messagesMax_) return;
    found->second.sample->add(message);
}

void Sampler::health(std::string_view input, const InputHealth& health) noexcept {
    const std::lock_guard lock{mutex_};
    const auto found = inputs_.find(input);
    // That it is stopped in the end says nothing.
    if (found != inputs_.end() && health.state != InputState::Stopped)
        found->second.health = health;
}

bool Sampler::isDone() const {
    const std::lock_guard lock{mutex_};
    return std::all_of(inputs_.begin(), inputs_.end(), [this](const auto& entry) {
        return entry.second.sample->messages() >= messagesMax_;
    });
}

std::string Sampler::status() const {
    const std::lock_guard lock{mutex_};
    std::string text;
    for (const auto& [name, of] : inputs_)
        text += (text.empty() ? "" : ", ") + name + ": " + std::to_string(of.sample->messages()) +
                " of " + std::to_string(messagesMax_);
    return text;
}

std::string Sampler::text(const std::string& within) const {
    const std::lock_guard lock{mutex_};
    std::string out;
    for (const auto& [name, of] : inputs_) {
        const MappingSample& sample = *of.sample;
        out += "input " + name + ": " + counted(sample.messages(), "message");
        if (sample.messages() < messagesMax_) out += " within " + within;
        if (of.health.state != InputState::Running)
            out += " (" + std::string{nameOf(of.health.state)} + ")";
        out += '\n';
        if (sample.messages() == 0) continue;
        for (const OfRule& rule : sample.rules()) out += textOf(rule);
        if (sample.unmatched() > 0)
            out += "  of " + counted(sample.unmatched(), "message") + ": " +
                   sample.unmatchedNote() + '\n';
    }
    return out;
}

Json Sampler::json() const {
    const std::lock_guard lock{mutex_};
    Json json = Json::object();
    for (const auto& [name, of] : inputs_) {
        Json& input = json.set(name, Json::object());
        input.set("state", nameOf(of.health.state));
        input.set("messages", numberOf(of.sample->messages()));
        input.set("unmatched", numberOf(of.sample->unmatched()));
        Json& mappings = input.set("mappings", Json::array());
        for (const OfRule& rule : of.sample->rules()) mappings.add(jsonOf(rule));
    }
    return json;
}

std::vector<Finding> Sampler::findings() const {
    const std::lock_guard lock{mutex_};
    std::vector<Finding> findings;
    for (const auto& [name, of] : inputs_)
        for (const OfRule& rule : of.sample->rules()) RuleFindings{rule, findings}.find();
    return findings;
}

bool Sampler::missesAnInput() const {
    const std::lock_guard lock{mutex_};
    return std::any_of(inputs_.begin(), inputs_.end(), [](const auto& entry) {
        return entry.second.sample->messages() == 0 &&
               entry.second.health.state != InputState::Running;
    });
}

}  // namespace sluice::cli
