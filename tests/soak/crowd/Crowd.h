#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "Client.h"

namespace sluice::soak {

// All clients of a run, on one thread and raw epoll, obeying the lines of standard input.
class Crowd final {
  public:
    explicit Crowd(const CrowdOptions& options);
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    ~Crowd();

    // Until `end` was obeyed: what was found. Throws std::runtime_error when standard input ends
    // before or the clients cannot all connect.
    const Findings& run();

  private:
    struct Due {
        std::int64_t atUs;
        std::size_t client;
        std::uint64_t life;  // of the client's connection; another one now: nothing is due
        bool operator>(const Due& other) const { return atUs > other.atUs; }
    };
    struct Place {
        std::unique_ptr<Client> client;
        std::uint64_t life = 0;
    };

    void turn();
    void onDue(std::size_t index);
    void onReady(std::size_t index);
    void onConnected(std::size_t index);
    void connect(std::size_t index);
    void ended(std::size_t index);
    void schedule(std::size_t index, std::int64_t afterUs);
    bool allHaveIds();
    bool allHaveAll();
    void readCommands();
    void obey(std::string_view line);
    void say(std::string_view kind) const;
    std::size_t streaming() const;

    // constant after construction
    const CrowdOptions options_;
    int epoll_ = -1;

    Findings findings_;
    std::vector<char> buffer_;
    std::vector<Place> places_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::string commands_;               // what came of a line
    std::vector<std::uint64_t> totals_;  // empty: `end` has not come
    std::int64_t giveUpUs_ = 0;
    std::size_t complete_ = 0;  // clients below this one have everything
    bool cuts_ = false;
};

}  // namespace sluice::soak
