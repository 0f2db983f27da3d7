/* A plugin as somebody wrote it against the header of ABI 1, which lies frozen beside it: the file
 * v1-x86_64.so was built from this and must go on working with every later host. It uses everything
 * that the header has, on the control thread, and no library at all. AbiTest.cpp knows what it says.
 *
 * V1_SHORT_TABLE, V1_LONG and V1_SHORT_MESSAGES make structures of other sizes. */
#include <stddef.h>

#include <sluice/plugin.h>

#define TEXT(literal) ((sluice_text){(literal), sizeof(literal) - 1})

#ifdef V1_LONG
/* What a later header might have grown to: fields that today's host does not know. */
typedef struct message {
    sluice_message v1;
    uint64_t later[4];
} message;
#define LATER , {~0ull, ~0ull, ~0ull, ~0ull}
#else
typedef struct message {
    sluice_message v1;
} message;
#define LATER
#endif

#ifdef V1_SHORT_MESSAGES
#define MESSAGE_SIZE (sizeof(message) - 16)
#else
#define MESSAGE_SIZE sizeof(message)
#endif

static sluice_host host;
static char said[256]; /* to be logged */
static size_t said_length;

static void say(const char* data, size_t length) {
    for (size_t i = 0; i < length && said_length < sizeof said; ++i) said[said_length++] = data[i];
}

static void log_said(void) {
    host.log(host.context, SLUICE_LOG_INFO, (sluice_text){said, said_length});
    said_length = 0;
}

static int open_instance(const sluice_host* given, void** instance) {
    const char* from = (const char*)given;
    char* to = (char*)&host;
    const size_t known = given->size < sizeof host ? given->size : sizeof host;
    for (size_t i = 0; i < known; ++i) to[i] = from[i];
    sluice_text colour = {0, 0}, key = {0, 0};
    if (!host.setting(host.context, "/colour", &colour)) {
        host.setting_error(host.context, "/colour", TEXT("missing"), TEXT("is needed"),
                           TEXT("write colour: red"));
        return 1;
    }
    if (host.setting_count(host.context, "/map") != 1 ||
        !host.setting_key(host.context, "/map", 0, &key))
        return 1;
    say(key.data, key.length);
    say(" ", 1);
    say(host.input.data, host.input.length);
    log_said();
    *instance = &host;
    return 0;
}

static int check(const sluice_host* given) {
    sluice_text colour = {0, 0};
    return given->setting(given->context, "/colour", &colour) ? 0 : 1;
}

/* Says what it was given: each pattern's text, and ! where it is literal. */
static int watch(void* instance, const sluice_pattern* patterns, size_t count) {
    (void)instance;
    const char* at = (const char*)patterns;
    for (size_t i = 0; i < count; ++i) {
        const sluice_pattern* pattern = (const sluice_pattern*)at;
        say(pattern->text.data, pattern->text.length);
        say(pattern->is_literal ? "! " : " ", pattern->is_literal ? 2 : 1);
        at += pattern->size;
    }
    log_said();
    return 0;
}

static void declare(uint32_t flags) {
    const sluice_lane_ends ends[2] = {{flags, 0, {0, 0}, {100, 0}, {10, 0}},
                                      {flags, 0, {0, 0}, {100, 0}, {20, 0}}};
    host.lanes(host.context, TEXT("v1"), 1, TEXT("cluster"), TEXT("incarnation"), ends, 2);
}

static message make(uint32_t flags, uint32_t lane, uint64_t position, sluice_text payload) {
    static const sluice_header headers[2] = {{{"tenant", 6}, {"acme", 4}, 0, 0},
                                             {{"none", 4}, {0, 0}, 1, 0}};
    static const sluice_variable variables[1] = {{{"colour", 6}, {"red", 3}}};
    const message made = {{(uint32_t)MESSAGE_SIZE, flags, TEXT("v1"), {TEXT("v1"), lane, 0},
                           {position, 0}, TEXT("key"), payload, 1700000000000, headers, 2,
                           variables, 1} LATER};
    return made;
}

static void push(const message* messages, size_t count) {
#ifdef V1_SHORT_MESSAGES
    (void)count; /* one at a time: the array's stride is not the size that they claim */
    const sluice_result result = host.push(host.context, 0, &messages->v1, 1);
#else
    const sluice_result result = host.push(host.context, 0, &messages->v1, count);
#endif
    say(result == SLUICE_OK ? "pushed" : "refused", result == SLUICE_OK ? 6 : 7);
    log_said();
}

static int start(void* instance, const sluice_start_position* positions, size_t count,
                 uint64_t rewind_ms) {
    (void)instance, (void)positions, (void)count, (void)rewind_ms;
    const sluice_lane second = {TEXT("v1"), 1, 0};
    declare(SLUICE_ENDS_HAS_START | SLUICE_ENDS_KNOWN);
    host.health(host.context, SLUICE_STATE_RUNNING, TEXT("running"), TEXT("as in 2026"), 0);
    const uint32_t all = SLUICE_MESSAGE_HAS_LANE | SLUICE_MESSAGE_HAS_KEY | SLUICE_MESSAGE_HAS_TIME;
    const message messages[3] = {
        make(all, 0, 10, TEXT("one")),
        make(all, 1, 20, TEXT("two")),
        make(all | SLUICE_MESSAGE_TOMBSTONE, 0, 11, TEXT("")),
    };
    push(messages, 3);
    host.lost(host.context, 0, second, (sluice_position){21, 0}, (sluice_position){30, 0},
              SLUICE_LOST);
    host.at(host.context, 0, second, (sluice_position){40, 0});
    return 0;
}

static int stop(void* instance, uint32_t deadline_ms) {
    (void)instance, (void)deadline_ms;
    return 0;
}

static void close_instance(void* instance) { (void)instance; }

static int query(void* instance, const sluice_text* families, size_t count) {
    (void)instance, (void)families, (void)count;
    declare(SLUICE_ENDS_KNOWN);
    return 0;
}

typedef struct table {
    sluice_plugin_table v1;
#ifdef V1_LONG
    uint64_t later[4];
#endif
} table;

static const table the_table = {
    {
#ifdef V1_SHORT_TABLE
        offsetof(sluice_plugin_table, check), /* as if there had been no optional functions */
#else
        sizeof(table),
#endif
        1, "v1", "2026", "{\"type\": \"object\"}", SLUICE_PLUGIN_REPLAYABLE, '.', {0}, open_instance,
        watch, start, stop, close_instance, check, query, NULL, NULL} LATER};

const sluice_plugin_table* sluice_plugin(uint32_t host_min, uint32_t host_max,
                                         uint32_t* plugin_min, uint32_t* plugin_max) {
    *plugin_min = *plugin_max = 1;
    return host_min <= 1 && host_max >= 1 ? &the_table.v1 : NULL;
}
