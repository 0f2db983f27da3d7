#include "net/Epoll.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>

namespace sluice {
namespace {

[[noreturn]] void refuse(const char* call) {
    throw std::system_error{errno, std::generic_category(), call};
}

epoll_event request(std::uint32_t events, std::uint64_t tag) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    return event;
}

}  // namespace

Epoll::Epoll(std::size_t readyMax) : fd_{::epoll_create1(EPOLL_CLOEXEC)}, ready_(readyMax) {
    if (!fd_.valid()) refuse("epoll_create1");
}

void Epoll::add(int fd, std::uint32_t events, std::uint64_t tag) {
    if (!tryAdd(fd, events, tag)) refuse("epoll_ctl");
}

bool Epoll::tryAdd(int fd, std::uint32_t events, std::uint64_t tag) noexcept {
    epoll_event event = request(events, tag);
    return ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Epoll::modify(int fd, std::uint32_t events, std::uint64_t tag) {
    epoll_event event = request(events, tag);
    if (::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event) != 0) refuse("epoll_ctl");
}

void Epoll::remove(int fd) noexcept {
    ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::span<const Epoll::Ready> Epoll::wait(int timeoutMs) noexcept {
    const int count =
        ::epoll_wait(fd_.get(), ready_.data(), static_cast<int>(ready_.size()), timeoutMs);
    return {ready_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

Wakeup::Wakeup() : fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (!fd_.valid()) refuse("eventfd");
}

void Wakeup::wake() noexcept {
    const std::uint64_t one = 1;
    // A full counter is as good as a wake: the reader has not looked yet.
    [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one);
}

void Wakeup::clear() noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd_.get(), &count, sizeof count);
}

}  // namespace sluice
