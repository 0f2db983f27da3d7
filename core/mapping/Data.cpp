#include "mapping/Data.h"

#include "base/JsonText.h"
#include "expression/Json.h"

namespace sluice {
namespace {

/// 007 looks like a text, and is a number all the same.
bool hasLeadingZero(std::string_view text) {
    return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

}  // namespace

/// Makes nodes of what was written.
class Data::Compiler {
  public:
    Compiler(const RuleScope& scope, std::vector<LeafProblem>& problems)
        : scope_{scope}, problems_{problems} {}

    Node node(const DataText& text) {
        switch (text.kind) {
            case DataText::Kind::List:
                return list(text);
            case DataText::Kind::Map:
                return map(text);
            default:
                return scalar(text);
        }
    }

    bool failed() const { return failed_; }
    bool looksInside() const { return looksInside_; }

  private:
    Node list(const DataText& text) {
        Node made;
        made.kind = Node::Kind::List;
        for (const DataText& item : text.items) made.items.push_back(node(item));
        return made;
    }

    Node map(const DataText& text) {
        Node made;
        made.kind = Node::Kind::Map;
        for (std::size_t i = 0; i < text.items.size(); ++i) {
            made.items.push_back(node(text.items[i]));
            std::string& key = made.items.back().key;
            appendJsonString(key, text.keys[i]);
            key += ':';
        }
        return made;
    }

    Node scalar(const DataText& text) {
        const std::size_t leaf = leaf_++;
        Node made;
        if (text.isPlain) {
            if (auto json = jsonOfPlainScalar(text.text)) {
                if (hasLeadingZero(text.text))
                    tell(leaf, {0, text.text.size(), "number", "this is the number " + *json,
                                "quote it to keep it as it is written", true});
                made.json = std::move(*json);
                return made;
            }
            if (isBeyondJson(text.text)) {
                tell(leaf, {0, text.text.size(), "data", "JSON has no infinity and no NaN",
                            "quote it to have a text", false});
                return made;
            }
        }
        return templated(text, leaf);
    }

    Node templated(const DataText& text, std::size_t leaf) {
        Node made;
        std::vector<cel::Problem> found;
        made.text = Template::parse(text.text, scope_, Template::Use::Text, found);
        for (cel::Problem& problem : found) tell(leaf, std::move(problem));
        if (!made.text) {
            failed_ = true;
            return made;
        }
        looksInside_ = looksInside_ || made.text->looksInside();
        const cel::Expression* const single = made.text->single();
        made.kind = single ? Node::Kind::Value : Node::Kind::Text;
        if (single) made.reference = single->reference();
        if (const auto literal = made.text->literal()) {
            made.kind = Node::Kind::Constant;
            appendJsonString(made.json, *literal);
        }
        return made;
    }

    void tell(std::size_t leaf, cel::Problem problem) {
        failed_ = failed_ || !problem.isWarning;
        problems_.push_back({leaf, std::move(problem)});
    }

    const RuleScope& scope_;
    std::vector<LeafProblem>& problems_;
    std::size_t leaf_ = 0;
    bool failed_ = false, looksInside_ = false;
};

/// Writes the JSON of one message.
class Data::Writer {
  public:
    Writer(const MessageValues& values, cel::Arena& arena, std::size_t bytesMax, std::string& out,
           LeftOut& leftOut)
        : values_{values}, arena_{arena}, bytesMax_{bytesMax}, out_{out}, leftOut_{leftOut} {}

    void items(const Node& node, char open, char close) {
        out_ += open;
        bool isFirst = true;
        for (const Node& item : node.items) {
            const std::size_t before = out_.size();
            if (before > bytesMax_) return;  // too much already
            if (!isFirst) out_ += ',';
            out_ += item.key;
            if (const std::optional<Failure> failure = value(item)) {
                out_.resize(before);
                leaveOut(*failure);
            } else {
                isFirst = false;
            }
        }
        out_ += close;
    }

    std::optional<Failure> value(const Node& node) {
        switch (node.kind) {
            case Node::Kind::Constant:
                out_ += node.json;
                return std::nullopt;
            case Node::Kind::Value:
                return expression(node);
            case Node::Kind::Text:
                return text(*node.text);
            case Node::Kind::List:
                items(node, '[', ']');
                return std::nullopt;
            case Node::Kind::Map:
                items(node, '{', '}');
                return std::nullopt;
        }
        return std::nullopt;
    }

    /// A scalar that stands alone.
    std::optional<Failure> alone(const Template& text) {
        const cel::Expression* const single = text.single();
        if (!single) return text.render(values_, arena_, out_);
        const cel::Value value = single->evaluate(values_, arena_);
        if (value.is(cel::Kind::String) || value.is(cel::Kind::Timestamp) ||
            value.is(cel::Kind::Duration))
            return appendText(out_, value, single->text());
        if (!value.is(cel::Kind::Bytes)) return json(value, *single);
        const std::size_t before = out_.size();
        const std::optional<Failure> failure = json(value, *single);
        if (failure) return failure;
        out_.erase(before, 1);  // the quotes of base64
        out_.pop_back();
        return std::nullopt;
    }

  private:
    std::optional<Failure> expression(const Node& node) {
        if (node.reference) {
            if (const auto raw = values_.json(*node.reference, buffer_)) {
                out_ += *raw;
                return std::nullopt;
            }
        }
        const cel::Expression& expression = *node.text->single();
        return json(expression.evaluate(values_, arena_), expression);
    }

    std::optional<Failure> json(const cel::Value& value, const cel::Expression& expression) {
        if (value.isError()) return failureOf(value, {}, expression.text());
        if (cel::appendJson(out_, value)) return std::nullopt;
        return Failure{Rejection::BadValue, {}, expression.text(), "its JSON is too long"};
    }

    std::optional<Failure> text(const Template& text) {
        buffer_.clear();
        if (auto failure = text.render(values_, arena_, buffer_)) return failure;
        appendJsonString(out_, buffer_);
        return std::nullopt;
    }

    void leaveOut(const Failure& failure) {
        ++leftOut_.counts[static_cast<std::size_t>(failure.reason)];
        if (leftOut_.first) return;
        leftOut_.first = failure;
        leftOut_.first->field = "data";
    }

    const MessageValues& values_;
    cel::Arena& arena_;
    const std::size_t bytesMax_;
    std::string& out_;
    LeftOut& leftOut_;
    std::string buffer_;
};

std::optional<Data> Data::compile(const DataText& text, const RuleScope& scope,
                                  std::vector<LeafProblem>& problems) {
    Compiler compiler{scope, problems};
    Data made;
    made.root_ = compiler.node(text);
    made.isText_ = text.kind == DataText::Kind::Scalar;
    made.looksInside_ = compiler.looksInside();
    if (compiler.failed()) return std::nullopt;
    if (made.isText_ && made.root_.kind == Node::Kind::Constant && made.root_.text)
        made.root_.json = *made.root_.text->literal();
    return made;
}

std::optional<Failure> Data::render(const MessageValues& values, cel::Arena& arena,
                                    std::size_t bytesMax, std::string& out,
                                    LeftOut& leftOut) const {
    out.clear();
    Writer writer{values, arena, bytesMax, out, leftOut};
    std::optional<Failure> failure;
    if (isText_ && root_.kind != Node::Kind::Constant)
        failure = writer.alone(*root_.text);
    else
        failure = writer.value(root_);
    if (!failure && out.size() > bytesMax) failure = Failure{Rejection::TooLarge, {}, "data", {}};
    if (failure) failure->field = "data";
    return failure;
}

}  // namespace sluice
