#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

/// "Did you mean": which of some names a wrong one was probably meant to be. Any thread may call.
namespace sluice {

/// How many characters must be added, dropped, replaced or swapped with their neighbour to make `b`
/// of `a`. Looks at the first 255 bytes of each.
std::size_t editDistance(std::string_view a, std::string_view b);

/// The name nearest to `wrong` if it is near enough to be a slip (a third of its characters), else
/// empty. The view is into `names`.
std::string_view nearest(std::string_view wrong, std::span<const std::string> names);

/// ", did you mean 'NAME'?", or nothing where no name is near.
std::string didYouMean(std::string_view wrong, std::span<const std::string> names);

}  // namespace sluice
