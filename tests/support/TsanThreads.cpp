// Debian's librdkafka uses C11 threads, which GCC's ThreadSanitizer does not know: it crashes at
// the first one. Linked into an executable (with --export-dynamic, so that shared libraries find
// these first), they become the pthread functions that it does know.
#include <cerrno>
#include <cstdint>

#include <pthread.h>
#include <sched.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

namespace {

int resultOf(int error) {
    switch (error) {
        case 0:
            return thrd_success;
        case ETIMEDOUT:
            return thrd_timedout;
        case EBUSY:
            return thrd_busy;
        case ENOMEM:
            return thrd_nomem;
        default:
            return thrd_error;
    }
}

// glibc's C11 objects are at least as large as those of pthread and share their layout.
pthread_mutex_t* mutexOf(mtx_t* mutex) {
    return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* conditionOf(cnd_t* condition) {
    return reinterpret_cast<pthread_cond_t*>(condition);
}
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));

struct Start {
    thrd_start_t function;
    void* argument;
};

void* runThread(void* start) {
    const Start copy = *static_cast<Start*>(start);
    delete static_cast<Start*>(start);
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(copy.function(copy.argument)));
}

}  // namespace

extern "C" {

// Debian's build counts references with atomics that ThreadSanitizer does not see, so the free() of
// what we read last looks like a race. libzmq's queues are such atomics altogether; with what it
// calls intercepted it even hangs. Those of paho's C++ tokens lie inside shared pointers, and its
// client sets its callbacks under a lock that they take, before any can come.
const char* __tsan_default_suppressions() {
    return "race:librdkafka.so\ncalled_from_lib:libzmq.so\nrace:libpaho-mqttpp3.so\n"
           "race:mqtt::token\nrace:mqtt::async_client\nrace:std::_Sp_counted_base\n"
           "deadlock:libpaho-mqtt3as.so\n";
}

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
    auto* const start = new Start{function, argument};
    const int error = pthread_create(thread, nullptr, runThread, start);
    if (error != 0) delete start;
    return resultOf(error);
}
int thrd_join(thrd_t thread, int* result) {
    void* value = nullptr;
    const int error = pthread_join(thread, &value);
    if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
    return resultOf(error);
}
int thrd_detach(thrd_t thread) {
    return resultOf(pthread_detach(thread));
}
thrd_t thrd_current() {
    return pthread_self();
}
int thrd_equal(thrd_t a, thrd_t b) {
    return pthread_equal(a, b);
}
void thrd_yield() {
    sched_yield();
}

int mtx_init(mtx_t* mutex, int type) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if ((type & mtx_recursive) != 0)
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    const int error = pthread_mutex_init(mutexOf(mutex), &attributes);
    pthread_mutexattr_destroy(&attributes);
    return resultOf(error);
}
int mtx_lock(mtx_t* mutex) {
    return resultOf(pthread_mutex_lock(mutexOf(mutex)));
}
int mtx_trylock(mtx_t* mutex) {
    return resultOf(pthread_mutex_trylock(mutexOf(mutex)));
}
int mtx_timedlock(mtx_t* mutex, const timespec* until) {
    return resultOf(pthread_mutex_timedlock(mutexOf(mutex), until));
}
int mtx_unlock(mtx_t* mutex) {
    return resultOf(pthread_mutex_unlock(mutexOf(mutex)));
}
void mtx_destroy(mtx_t* mutex) {
    pthread_mutex_destroy(mutexOf(mutex));
}

int cnd_init(cnd_t* condition) {
    return resultOf(pthread_cond_init(conditionOf(condition), nullptr));
}
int cnd_signal(cnd_t* condition) {
    return resultOf(pthread_cond_signal(conditionOf(condition)));
}
int cnd_broadcast(cnd_t* condition) {
    return resultOf(pthread_cond_broadcast(conditionOf(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
    return resultOf(pthread_cond_wait(conditionOf(condition), mutexOf(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    return resultOf(pthread_cond_timedwait(conditionOf(condition), mutexOf(mutex), until));
}
void cnd_destroy(cnd_t* condition) {
    pthread_cond_destroy(conditionOf(condition));
}

void call_once(once_flag* flag, void (*function)()) {
    pthread_once(reinterpret_cast<pthread_once_t*>(flag), function);
}

}  // extern "C"
