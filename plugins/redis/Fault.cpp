#include "Fault.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace sluice::redis {
namespace {

using enum Fault::Weight;

struct Known {
    std::string_view begins;  // of the error reply
    std::string_view code;
    std::string_view words;  // behind "HOST:PORT "
    bool ofServer;           // whatever the command
};

constexpr std::array kKnown = {
    Known{"WRONGPASS", "authentication", "refused the login: wrong username or password", true},
    Known{"NOAUTH", "authentication", "wants a login: set password (and username)", true},
    Known{"ERR AUTH", "authentication", "refused the login: it has no password for this user",
          true},
    Known{"ERR invalid password", "authentication", "refused the login: wrong password", true},
    Known{"ERR Client sent AUTH", "authentication", "refused the login: it has no password", true},
    Known{"NOPERM", "not-authorized", "does not let this user do it", false},
    Known{"LOADING", "loading", "is loading its data", true},
    Known{"MASTERDOWN", "master-down", "is a replica that has lost its master", true},
    Known{"READONLY", "read-only", "is a replica: a group must be read from its master", true},
    Known{"MISCONF", "read-only", "refuses writes: it cannot save its data", true},
    Known{"NOREPLICAS", "read-only", "refuses writes: it has too few replicas", true},
    Known{"BUSY ", "busy", "is busy with a script", true},
    Known{"ERR max number of clients", "too-many-clients", "has all the clients it may have", true},
    Known{"DENIED", "refused", "is in protected mode: it takes local connections only", true},
    Known{"ERR DB index", "database", "has no database of this number", true},
    Known{"ERR invalid DB index", "database", "has no database of this number", true},
    Known{"ERR SELECT is not allowed", "database", "is a cluster: it has database 0 only", true},
    Known{"MOVED", "cluster", "is one node of a Redis Cluster, which this plugin cannot read",
          true},
    Known{"ASK ", "cluster", "is one node of a Redis Cluster, which this plugin cannot read", true},
    Known{"CLUSTERDOWN", "cluster", "is one node of a Redis Cluster, which this plugin cannot read",
          true},
    Known{"WRONGTYPE", "wrong-type", "has a key that is no stream", false},
    Known{"NOGROUP", "group-missing", "does not know the group", false},
};

const Known* find(std::string_view error) {
    for (const Known& known : kKnown)
        if (error.starts_with(known.begins)) return &known;
    return nullptr;
}

}  // namespace

Fault describe(std::string_view error, const Options& options) {
    constexpr std::size_t kShownMax = 200;
    const Known* const known = find(error);
    if (known == nullptr)
        // A server that does not know a command shows its arguments: never a secret of ours.
        return {
            Definite, "server",
            options.scrub(options.shown + " answered: " + std::string(error.substr(0, kShownMax)))};
    return {Definite, std::string(known->code), options.shown + " " + std::string(known->words)};
}

bool isOfServer(const Fault& fault) {
    for (const Known& known : kKnown)
        if (fault.code == known.code) return known.ofServer;
    return false;
}

Fault describeErrno(int error, const Options& options) {
    switch (error) {
        case ECONNREFUSED:
            return {Refused, "refused", options.shown + " refused the connection"};
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EADDRNOTAVAIL:
            return {Refused, "unreachable", options.shown + " cannot be reached"};
        case ETIMEDOUT:
            return {Silent, "no-answer", options.shown + " does not answer"};
        case EPIPE:
        case ECONNRESET:
        case ECONNABORTED:
            return {Closed, "closed", options.shown + " closed the connection"};
        default:
            return {Closed, "closed",
                    "the connection to " + options.shown + " broke: " + std::strerror(error)};
    }
}

}  // namespace sluice::redis
