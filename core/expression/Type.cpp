#include "expression/Type.h"

namespace sluice::cel {

std::string nameOf(Type type) {
    if (type.isDyn()) return "dyn";
    std::string name{wordFor(type.kind())};
    if (type.is(Kind::List) && !type.element().isDyn()) name += '(' + nameOf(type.element()) + ')';
    if (type.is(Kind::Map) && !(type.key().isDyn() && type.element().isDyn()))
        name += '(' + nameOf(type.key()) + ", " + nameOf(type.element()) + ')';
    return name;
}

Type either(Type a, Type b) {
    if (a == b) return a;
    if (a.isDyn() || b.isDyn() || a.kind() != b.kind()) return Type::dyn();
    const auto common = [](Type x, Type y) { return x == y ? x : Type::dyn(); };
    if (a.is(Kind::List)) return Type::list(common(a.element(), b.element()));
    return Type::map(common(a.key(), b.key()), common(a.element(), b.element()));
}

}  // namespace sluice::cel
