#include "Case.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <vector>

#include "expression/Collections.h"
#include "expression/Expression.h"
#include "expression/Json.h"
#include "expression/Time.h"

namespace sluice::cel {
namespace {

Value valueOf(const TextProto& proto, Arena& arena);

Value listOf(const TextProto& proto, Arena& arena) {
    const std::vector<const TextProto*> items = proto.messages("values");
    auto* const values = arena.array<Value>(items.size());
    for (std::size_t i = 0; i < items.size(); ++i)
        new (values + i) Value{valueOf(*items[i], arena)};
    return Value::ofList(arena.make<List>(values, static_cast<std::uint32_t>(items.size())));
}

Value mapOf(const TextProto& proto, Arena& arena) {
    const std::vector<const TextProto*> entries = proto.messages("entries");
    MapBuilder builder{arena, entries.size()};
    for (const TextProto* entry : entries)
        builder.add(valueOf(*entry->message("key"), arena),
                    valueOf(*entry->message("value"), arena));
    return Value::ofMap(builder.finish());
}

Value typeNamed(std::string_view name) {
    for (int kind = 1; kind <= static_cast<int>(Kind::Type); ++kind)
        if (nameOf(static_cast<Kind>(kind)) == name) return Value::ofType(static_cast<Kind>(kind));
    return Value::missing();
}

/// A well-known message that is a value of CEL.
Value objectOf(const TextProto& proto) {
    const TextProto::Field& object = proto.fields.front();
    const std::int64_t seconds = std::atoll(object.message.front().text("seconds").c_str());
    const std::int64_t nanos = std::atoll(object.message.front().text("nanos").c_str());
    if (object.name.ends_with("google.protobuf.Duration"))
        return Value::ofDuration(durationOf(seconds, nanos).value());
    if (object.name.ends_with("google.protobuf.Timestamp"))
        return Value::ofTimestamp(timestampOf(seconds, nanos).value());
    return Value::missing();
}

/// A cel.expr.Value; an error value for what the subset does not have.
Value valueOf(const TextProto& proto, Arena& arena) {
    const TextProto::Field& field = proto.fields.front();
    const char* const text = field.scalar.c_str();
    if (field.name == "null_value") return Value::null();
    if (field.name == "bool_value") return Value::ofBool(field.scalar == "true");
    if (field.name == "int64_value") return Value::ofInt(std::strtoll(text, nullptr, 10));
    if (field.name == "uint64_value") return Value::ofUint(std::strtoull(text, nullptr, 10));
    if (field.name == "double_value") return Value::ofDouble(std::strtod(text, nullptr));
    if (field.name == "string_value") return Value::ofString(field.scalar);
    if (field.name == "bytes_value") return Value::ofBytes(field.scalar);
    if (field.name == "list_value") return listOf(field.message.front(), arena);
    if (field.name == "map_value") return mapOf(field.message.front(), arena);
    if (field.name == "type_value") return typeNamed(field.scalar);
    if (field.name == "object_value") return objectOf(field.message.front());
    return Value::missing();
}

Type typeOf(const TextProto& proto) {
    static const std::map<std::string, Kind, std::less<>> kinds{
        {"BOOL", Kind::Bool},     {"INT64", Kind::Int},     {"UINT64", Kind::Uint},
        {"DOUBLE", Kind::Double}, {"STRING", Kind::String}, {"BYTES", Kind::Bytes}};
    if (proto.find("null")) return Type::of(Kind::Null);
    if (const auto kind = kinds.find(proto.text("primitive")); kind != kinds.end())
        return Type::of(kind->second);
    if (const TextProto* const map = proto.message("map_type"))
        return Type::map(typeOf(*map->message("key_type")), typeOf(*map->message("value_type")));
    if (const TextProto* const list = proto.message("list_type"))
        return Type::list(typeOf(*list->message("elem_type")));
    const std::string message = proto.text("message_type");
    if (message == "google.protobuf.Duration") return Type::of(Kind::Duration);
    if (message == "google.protobuf.Timestamp") return Type::of(Kind::Timestamp);
    return Type::dyn();
}

/// The variables of one case. Their names may have dots: the longest one that is known counts.
class Variables final : public Scope, public Activation {
  public:
    explicit Variables(const TextProto& test) {
        for (const TextProto* declared : test.messages("type_env"))
            if (const TextProto* const ident = declared->message("ident"))
                variable(declared->text("name")).type = typeOf(*ident->message("type"));
        for (const TextProto* binding : test.messages("bindings"))
            if (const TextProto* const value = binding->message("value"))
                variable(binding->text("key")).value = valueOf(*value->message("value"), arena_);
    }

    std::optional<Reference> resolve(std::string_view name,
                                     std::span<const PathStep> path) const override {
        for (std::size_t taken = path.size() + 1; taken-- > 0;) {
            std::string whole{name};
            for (const PathStep& step : path.first(taken)) whole += '.' + step.key;
            for (std::size_t i = 0; i < variables_.size(); ++i)
                if (variables_[i].name == whole)
                    return Reference{static_cast<std::uint32_t>(i), taken, variables_[i].type};
        }
        return std::nullopt;
    }
    std::vector<std::string> names() const override { return {}; }
    Value value(std::uint32_t reference, Arena&) const override {
        return variables_[reference].value;
    }
    Kind kind(std::uint32_t reference) const override { return variables_[reference].value.kind(); }

  private:
    struct Variable {
        std::string name;
        Type type;
        Value value;
    };
    Variable& variable(const std::string& name) {
        for (Variable& known : variables_)
            if (known.name == name) return known;
        return variables_.emplace_back(Variable{name, {}, {}});
    }

    Arena arena_;
    std::vector<Variable> variables_;
};

/// The same value of the same kind; NaN is NaN here, and maps have no order.
bool isSame(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return false;
    if (a.is(Kind::List)) {
        const List &x = a.asList(), &y = b.asList();
        return std::equal(x.begin(), x.end(), y.begin(), y.end(), isSame);
    }
    if (a.is(Kind::Map)) {
        const Map &x = a.asMap(), &y = b.asMap();
        return x.size == y.size && std::all_of(x.begin(), x.end(), [&y](const Map::Entry& entry) {
                   const Value* const other = y.find(entry.key);
                   return other && isSame(entry.value, *other);
               });
    }
    std::string textOfA, textOfB;
    return appendCel(textOfA, a) && appendCel(textOfB, b) && textOfA == textOfB;
}

std::string shown(const Value& value) {
    if (value.isError()) return "the error \"" + std::string{value.asError().message} + '"';
    std::string text;
    return appendCel(text, value) ? text : "a value too large to show";
}

/// Whether the problems are what evaluation would have told as errors: not grammar or names.
bool isErrorOfTypes(const std::vector<Problem>& problems) {
    return std::all_of(problems.begin(), problems.end(), [](const Problem& problem) {
        return problem.isWarning || problem.code == "type" || problem.code == "value";
    });
}

/// An error, but not the one that tells that the subset lacks what the case is about.
bool isWantedError(const Value& value, const TextProto& test) {
    if (!value.isError() || value.failure() != Failure::Unknown) return value.isError();
    std::string wanted;
    if (const TextProto* const errors = test.message("eval_error"))
        for (const TextProto* error : errors->messages("errors")) wanted += error->text("message");
    return wanted.starts_with("un");  // unbound, undeclared, unknown
}

}  // namespace

std::string runCase(const TextProto& test) {
    const bool wantsError = test.find("eval_error") || test.find("any_eval_errors");
    const Variables variables{test};
    std::vector<Problem> problems;
    const std::optional<Expression> expression =
        Expression::compile(test.text("expr"), variables, problems,
                            test.text("disable_check") == "true" ? Checking::Off : Checking::On);
    if (!expression) {
        if (wantsError && isErrorOfTypes(problems)) return {};
        return "does not compile: " + problems.front().message;
    }
    Arena arena;
    const Value value = expression->evaluate(variables, arena);
    if (wantsError) return isWantedError(value, test) ? "" : "gave " + shown(value);
    const TextProto* const expected = test.message("value");
    const Value wanted = expected ? valueOf(*expected, arena) : Value::ofBool(true);
    if (wanted.isError()) return "wants a value that the subset does not have";
    return isSame(value, wanted) ? "" : "gave " + shown(value) + ", wants " + shown(wanted);
}

}  // namespace sluice::cel
