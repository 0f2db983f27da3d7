#pragma once

#include <string>
#include <string_view>

namespace sluice::zeromq {

/// What is wrong with an endpoint of `connect` or `bind`, and what to write instead; `words` is
/// empty where nothing is. libzmq itself takes a port of 70000 and finds out the rest late.
struct EndpointError {
    std::string words, hint;
};

EndpointError checkEndpoint(std::string_view endpoint, bool binds);

}  // namespace sluice::zeromq
