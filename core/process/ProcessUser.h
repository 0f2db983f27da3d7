#pragma once

#include <string>

#include <sys/types.h>

namespace sluice {

/// Somebody that a process started by root becomes.
class ProcessUser final {
  public:
    /// `NAME`, `NAME:GROUP`, or numbers in their place. Throws std::invalid_argument, for people:
    /// there is no such user or group, or the process may not become him.
    explicit ProcessUser(const std::string& text);

    /// From here on files are opened as he would; ports below 1024 still can be listened on.
    /// Throws std::system_error. REQUIRES: no other thread.
    void become() const;
    /// For good, and in all threads: nothing is left of root. REQUIRES: become().
    void settle() const;

    const std::string& name() const { return name_; }
    uid_t user() const { return user_; }
    gid_t group() const { return group_; }

  private:
    bool isWhoWeAre() const;

    std::string name_;
    uid_t user_ = 0;
    gid_t group_ = 0;
};

}  // namespace sluice
