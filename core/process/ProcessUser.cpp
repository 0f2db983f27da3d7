#include "process/ProcessUser.h"

#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sluice {
namespace {

void check(int result, const char* what) {
    if (result != 0) throw std::system_error{errno, std::generic_category(), what};
}

std::optional<unsigned> numberOf(const std::string& text) {
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number == ~0u) return std::nullopt;
    return number;
}

gid_t groupOf(const std::string& name) {
    if (const group* const found = ::getgrnam(name.c_str())) return found->gr_gid;
    if (const auto number = numberOf(name)) return *number;
    throw std::invalid_argument{"there is no group `" + name +
                                "`; create it with `groupadd --system`, or name another one"};
}

/// The right to listen on ports below 1024, of the calling thread; all others it could take up
/// again until it settles, but does not.
void takeUpPorts() {
    __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3] = {};
    check(static_cast<int>(::syscall(SYS_capget, &head, rights)), "capget");
    rights[0].effective = rights[0].permitted & (1u << CAP_NET_BIND_SERVICE);
    rights[1].effective = 0;
    check(static_cast<int>(::syscall(SYS_capset, &head, rights)), "capset");
}

}  // namespace

ProcessUser::ProcessUser(const std::string& text) {
    const std::size_t colon = text.find(':');
    const std::string user = text.substr(0, colon);
    const passwd* found = ::getpwnam(user.c_str());
    const auto number = numberOf(user);
    if (!found && number) found = ::getpwuid(*number);
    if (!found && !number)
        throw std::invalid_argument{"there is no user `" + user +
                                    "`; create it with `useradd --system`, or name another one"};
    name_ = found ? found->pw_name : user;
    user_ = found ? found->pw_uid : *number;
    if (!found && colon == std::string::npos)
        throw std::invalid_argument{"the user " + user + " has no name and so no group; write " +
                                    user + ":GROUP"};
    group_ = colon == std::string::npos ? found->pw_gid : groupOf(text.substr(colon + 1));
    if (!isWhoWeAre() && ::geteuid() != 0)
        throw std::invalid_argument{"only root may become another user (`" + name_ +
                                    "`); start it as root, or leave --user out"};
}

bool ProcessUser::isWhoWeAre() const {
    return ::geteuid() == user_ && ::getuid() == user_ && ::getegid() == group_;
}

void ProcessUser::become() const {
    if (isWhoWeAre()) return;
    check(::initgroups(name_.c_str(), group_), "initgroups");
    check(::setresgid(group_, group_, group_), "setresgid");
    if (user_ == 0) return;
    check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
    check(::setresuid(static_cast<uid_t>(-1), user_, 0), "setresuid");
    takeUpPorts();
}

void ProcessUser::settle() const {
    if (isWhoWeAre()) return;
    check(::setresuid(user_, user_, user_), "setresuid");
    if (user_ != 0 && ::setuid(0) == 0) throw std::runtime_error{"root's rights did not go"};
}

}  // namespace sluice
