#include "http/CycloneForm.h"

#include "base/JsonText.h"

namespace sluice {

std::string CycloneForm::json() const {
    std::string text = R"({"channel":[)" + channels + R"(],"data":)";
    appendJsonString(text, message);
    return text + '}';
}

std::optional<CycloneForm> cycloneFormOf(const HttpRequest& request) {
    const std::string_view body = request.body();
    if (body.starts_with('{') || body.starts_with('[')) return std::nullopt;
    std::string text{request.query()};
    text.append("&").append(body);
    const auto parameters = parseParameters(text);
    if (!parameters) return std::nullopt;
    CycloneForm form;
    for (const auto& [name, value] : *parameters) {
        if (name == "data") return std::nullopt;
        if (name == "key") form.key = value;
        if (name == "message") form.message = value;
        if (name != "channel" || value.empty()) continue;
        if (!form.channels.empty()) form.channels += ',';
        appendJsonString(form.channels, value);
    }
    return form;
}

}  // namespace sluice
