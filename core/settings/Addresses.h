#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// What is wrong with an address to listen on, and at which byte; an empty message: nothing.
struct AddressError {
    std::size_t offset = 0;
    std::string message;
    std::string hint;
};

/// HOST:PORT as net/Address.h reads it, perhaps behind http:// or https://, without asking the
/// resolver for names.
AddressError addressError(std::string_view text);

/// Whether only this machine reaches it: a loopback address or `localhost`. Other names are taken
/// for what others reach.
bool isLoopbackAddress(std::string_view text);

/// `http` or `https`, `://`, host and perhaps a port, nothing behind: what browsers send as Origin.
AddressError originError(std::string_view origin);

}  // namespace sluice
