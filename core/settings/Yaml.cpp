#include "settings/Yaml.h"

#include <algorithm>

#include "settings/YamlBuilder.h"
#include "settings/YamlChecks.h"
#include "settings/YamlRender.h"
#include "settings/YamlSource.h"

namespace sluice::yaml {

struct Document::Content {
    Content(std::string name, std::string bytes)
        : file{std::move(name)}, source{std::move(bytes)} {}

    std::string file;
    Source source;
    Node root;
    std::vector<Problem> problems;
    bool isWhole = false;
};

std::span<const Entry> Node::entries() const {
    return entries_;
}

const Node* Node::find(std::string_view key) const {
    for (const Entry& entry : entries_)
        if (entry.key.text() == key) return &entry.value;
    return nullptr;
}

Mark Node::at(std::size_t textOffset) const {
    if (!source_ || kind_ != Kind::Scalar) return span_.begin;
    const std::size_t offset = sourceOffset(*source_, *this, textOffset);
    return offset == std::string_view::npos ? span_.begin : source_->markAtOffset(offset);
}

Document::Document(std::unique_ptr<Content> content) : content_{std::move(content)} {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document Document::parse(std::string file, std::string bytes, const Limits& limits) {
    auto content = std::make_unique<Content>(std::move(file), std::move(bytes));
    content->problems = checkBytes(content->source, limits);
    if (content->problems.empty())
        content->isWhole = Builder{content->source, limits, content->problems}.build(content->root);
    return Document{std::move(content)};
}

const Node& Document::root() const {
    return content_->root;
}

const std::string& Document::file() const {
    return content_->file;
}

std::span<const Problem> Document::problems() const {
    return content_->problems;
}

bool Document::isWhole() const {
    return content_->isWhole;
}

std::string Document::render(const Problem& problem) const {
    return yaml::render(content_->file, content_->source, problem);
}

Mark Document::markAt(std::uint32_t line, std::uint32_t column) const {
    return content_->source.mark(line == 0 ? 0 : line - 1, column == 0 ? 0 : column - 1);
}

}  // namespace sluice::yaml
