#include "expression/CodePoints.h"

#include <algorithm>
#include <array>

namespace sluice::cel {

bool isSpace(std::string_view codePoint) {
    static constexpr std::array<std::string_view, 25> kSpaces{
        "\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085", "\u00a0", "\u1680",
        "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
        "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
    return std::find(kSpaces.begin(), kSpaces.end(), codePoint) != kSpaces.end();
}

}  // namespace sluice::cel
