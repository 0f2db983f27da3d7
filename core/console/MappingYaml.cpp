#include "console/MappingYaml.h"

#include "base/JsonText.h"

namespace sluice {
namespace {

/// Every JSON string is a double-quoted scalar of YAML 1.2.
std::string quoted(std::string_view text) {
    std::string out;
    appendJsonString(out, text);
    return out;
}

/// Structures in flow style, which JSON's is but for plain scalars.
void writeData(std::string& out, const DataText& data) {
    switch (data.kind) {
        case DataText::Kind::Scalar:
            // Only numbers, true, false and null differ without quotes, and all of them are JSON.
            out += data.isPlain && isJson(data.text) ? data.text : quoted(data.text);
            return;
        case DataText::Kind::List:
            out += '[';
            for (const DataText& item : data.items) {
                if (&item != &data.items.front()) out += ", ";
                writeData(out, item);
            }
            out += ']';
            return;
        case DataText::Kind::Map:
            out += '{';
            for (std::size_t i = 0; i < data.items.size(); ++i) {
                out += (i == 0 ? "" : ", ") + quoted(data.keys[i]) + ": ";
                writeData(out, data.items[i]);
            }
            out += '}';
            return;
    }
}

void writeDataLines(std::string& out, const DataText& data) {
    if (data.kind != DataText::Kind::Map || data.items.empty()) {
        out += "  data: ";
        writeData(out, data);
        out += '\n';
        return;
    }
    out += "  data:\n";
    for (std::size_t i = 0; i < data.items.size(); ++i) {
        out += "    " + quoted(data.keys[i]) + ": ";
        writeData(out, data.items[i]);
        out += '\n';
    }
}

std::string onErrorText(const OnError& onError) {
    switch (onError.kind) {
        case OnError::Kind::Drop:
            return "";
        case OnError::Kind::Pass:
            return "  on_error: pass\n";
        case OnError::Kind::ToChannel:
            return "  on_error: {dead-letter: {channel: " + quoted(onError.target) + "}}\n";
        case OnError::Kind::ToFile:
            return "  on_error: {dead-letter: {file: " + quoted(onError.target) + "}}\n";
    }
    return "";
}

}  // namespace

std::string yamlOf(const MappingRule& rule) {
    std::string out = "- from: " + quoted(rule.input + ':' + rule.from) + '\n';
    if (rule.when) out += "  when: " + quoted(*rule.when) + '\n';
    out += "  channel: " + quoted(rule.channel) + '\n';
    if (!rule.event.empty()) out += "  event: " + quoted(rule.event) + '\n';
    if (!rule.key.empty()) out += "  key: " + quoted(rule.key) + '\n';
    if (rule.data) writeDataLines(out, *rule.data);
    if (!rule.redact.empty()) {
        out += "  redact: [";
        for (const std::string& path : rule.redact)
            out += (&path == &rule.redact.front() ? "" : ", ") + quoted(path);
        out += "]\n";
    }
    return out + onErrorText(rule.onError);
}

}  // namespace sluice
