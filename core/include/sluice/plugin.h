/* Sluice plugin contract, ABI version 1. C, so that any language can write a plugin.
 *
 * A plugin is a shared library NAME.so that exports one symbol, `sluice_plugin`. It links nothing
 * of Sluice, is loaded with dlopen(RTLD_NOW | RTLD_LOCAL) and is never unloaded.
 *
 * Every struct that crosses the border starts with its size in bytes as the writer knows it and
 * grows only at its end: look at a field only if `size` covers it. Strings are UTF-8, counted, not
 * terminated by NUL unless said so. Nothing may throw or longjmp across the border.
 *
 * Threads. The host calls open, watch, start, stop, close, check, query, replay, cancel and seek of
 * one instance on one control thread, one at a time; each must return soon (within a second; stop
 * within the deadline that it is given). The plugin calls the host's functions from any thread of
 * its own, but of one lane from one thread at a time (a replay counts as a lane of its own), and
 * never after stop has returned.
 *
 * Memory. What one side hands to the other is lent for the duration of the call only.
 */
#ifndef SLUICE_PLUGIN_H
#define SLUICE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SLUICE_ABI_VERSION 1u

/* ---- values ------------------------------------------------------------------------------- */

typedef struct sluice_text {
    const char* data; /* may be null when length is 0 */
    size_t length;
} sluice_text;

/* Where a message stands in its lane: strictly growing within a lane, holes allowed.
 * `second` is 0 in families of one word. */
typedef struct sluice_position {
    uint64_t first;
    uint64_t second;
} sluice_position;

/* One lane of a family, such as a Kafka partition of a topic. The family name is the topic of its
 * messages; index counts from 0. */
typedef struct sluice_lane {
    sluice_text family;
    uint32_t index;
    uint32_t reserved;
} sluice_lane;

typedef struct sluice_header {
    sluice_text name;
    sluice_text value;
    uint32_t value_is_null;
    uint32_t reserved;
} sluice_header;

/* A further variable that the mapping may name, such as qos or retained. */
typedef struct sluice_variable {
    sluice_text name;
    sluice_text value;
} sluice_variable;

#define SLUICE_MESSAGE_HAS_LANE 1u  /* lane and position are set; else the message is plain */
#define SLUICE_MESSAGE_HAS_KEY 2u   /* key is set (it may be empty) */
#define SLUICE_MESSAGE_TOMBSTONE 4u /* the payload is null, not empty */
#define SLUICE_MESSAGE_HAS_TIME 8u  /* time_ms is the source's */

typedef struct sluice_message {
    uint32_t size;
    uint32_t flags;
    sluice_text topic;
    sluice_lane lane;
    sluice_position position;
    sluice_text key;
    sluice_text payload;
    int64_t time_ms; /* milliseconds since the Unix epoch, of the years 1 to 9999; else: none */
    const sluice_header* headers;
    size_t header_count;
    const sluice_variable* variables;
    size_t variable_count;
} sluice_message;

typedef enum sluice_result {
    SLUICE_OK = 0,      /* everything in the call is in history or was rejected and counted */
    SLUICE_CLOSING = 1, /* the host is stopping, or the replay is over: return from the thread */
    SLUICE_INVALID = 2  /* the call broke this contract; the host has logged how */
} sluice_result;

typedef enum sluice_state {
    SLUICE_STATE_CONNECTING = 1,
    SLUICE_STATE_RUNNING = 2,
    SLUICE_STATE_DEGRADED = 3, /* running in part, such as one of two topics missing */
    SLUICE_STATE_FAILED = 4    /* the host stops the instance and starts it again with back-off */
} sluice_state;

typedef enum sluice_log_level {
    SLUICE_LOG_DEBUG = 0,
    SLUICE_LOG_INFO = 1,
    SLUICE_LOG_WARNING = 2,
    SLUICE_LOG_ERROR = 3
} sluice_log_level;

typedef enum sluice_lost_reason {
    SLUICE_LOST = 0,  /* messages from..to are gone (to is the next that can come) */
    SLUICE_RESET = 1, /* positions went back; `to` is the new low mark */
    SLUICE_FAILED = 2 /* of a replay only: it is given up (see replay) */
} sluice_lost_reason;

#define SLUICE_ENDS_HAS_START 1u /* start is set: reading begins there (in answer to start()) */
#define SLUICE_ENDS_KNOWN 2u     /* low and end are the source's own answer, given after the call */

/* What the source keeps of one lane. low: first position still there; end: the next to be written;
 * start: where the instance begins to read. */
typedef struct sluice_lane_ends {
    uint32_t flags;
    uint32_t reserved;
    sluice_position low;
    sluice_position end;
    sluice_position start;
} sluice_lane_ends;

/* ---- what the host gives ------------------------------------------------------------------- */

/* The instance only looks, for a tool of the operator's, while others may work with the same
 * settings: it joins no group, acknowledges nothing, leaves nothing at the source (no session, no
 * last will) and goes by no name that the settings give. A source that hands each message to one
 * reader only, it refuses to read. */
#define SLUICE_HOST_OBSERVES 1u
/* Readers had messages of an earlier instance of this input, which has ended: its settings changed,
 * or it failed. What a source without positions sent since, and keeps for nobody, is to be reported
 * as lost when this instance is connected. */
#define SLUICE_HOST_CONTINUES 2u

typedef struct sluice_host {
    uint32_t size;
    uint32_t abi_version;
    void* context; /* hand it back as the first argument of every function below */

    /* Maps and appends a batch. Synchronous; the return is the acknowledgement: on SLUICE_OK the
     * source may be told that everything is done. Never waits for readers, unless replay_id is that
     * of a replay (else it is 0): then it waits while the reader has enough, and ends with
     * SLUICE_CLOSING when nobody wants the replay any more. A batch is at most 64 Ki messages. */
    sluice_result (*push)(void* context, uint64_t replay_id, const sluice_message* messages,
                          size_t count);
    /* Declares the lanes of a family, all of them, ends[i] for lane i; also the answer to query.
     * A lane must be declared (with a start) before its first message. words: 1 or 2 per position.
     * incarnation: whatever tells a recreated family from the old one (a topic id), or empty.
     * cluster: the source's own id where it has one. ends may be null with count 0: the family is
     * not there (any more). */
    sluice_result (*lanes)(void* context, sluice_text family, uint32_t words, sluice_text cluster,
                           sluice_text incarnation, const sluice_lane_ends* ends, size_t count);
    /* Reports that messages from..to of a lane will not come. The plain lane: family empty. */
    sluice_result (*lost)(void* context, uint64_t replay_id, sluice_lane lane, sluice_position from,
                          sluice_position to, uint32_t reason);
    /* Says that everything below `position` was read, past holes or at the end of the lane. */
    sluice_result (*at)(void* context, uint64_t replay_id, sluice_lane lane,
                        sluice_position position);
    /* Reports the state of the instance. code: a short stable word such as refused; text: for
     * people, without secrets; retry_ms: when the plugin itself tries again, 0 if unknown. Report
     * changes, not repetitions. */
    void (*health)(void* context, uint32_t state, sluice_text code, sluice_text text,
                   uint32_t retry_ms);
    void (*log)(void* context, uint32_t level, sluice_text text);
    /* The value of a setting by its JSON pointer below the input ("/brokers", "/topics/0",
     * "/rdkafka/client.id": `/` in a key is ~1, `~` is ~0). The view lives until close. Returns 1
     * if it is set, 0 if not. */
    int (*setting)(void* context, const char* pointer, sluice_text* value);
    /* The number of items of a list or the keys of a map at the pointer; 0 where there is none. */
    size_t (*setting_count)(void* context, const char* pointer);
    /* The name of key `index` of the map at the pointer. Returns 1 on success. */
    int (*setting_key)(void* context, const char* pointer, size_t index, sluice_text* key);
    /* Reports that a setting cannot be used; the host prints file, line and column. Only inside
     * check and open. */
    void (*setting_error)(void* context, const char* pointer, sluice_text code, sluice_text text,
                          sluice_text hint);
    /* Inside open: the messages of this instance have no lanes, although its plugin's may. */
    void (*plain)(void* context);
    /* The name of the input in the configuration; the same on every node, lives until close. */
    sluice_text input;
    /* Inside open, in the place of plain: messages have no lanes, but those of topics that one of
     * these patterns takes. They are written as in `from`. */
    void (*plain_except)(void* context, const sluice_text* patterns, size_t count);
    uint32_t flags; /* SLUICE_HOST_... */
    uint32_t reserved;
    /* Answers seek(): positions[i] is where lane i stood at that time, for all lanes of the family.
     * With count 0: it could not be found out. SLUICE_INVALID where nobody asks (any more). */
    sluice_result (*sought)(void* context, uint64_t question, sluice_text family,
                            const sluice_position* positions, size_t count);
} sluice_host;

/* ---- what the plugin gives ----------------------------------------------------------------- */

/* A pattern of the configuration's `from`, in every form that a broker may want. `text` is as it
 * was written; `prefix` is the literal text before the first capture; `regex` is anchored (RE2,
 * PCRE and librdkafka understand it); `glob` is Redis's; `filter` is MQTT's, with + and #. A plugin
 * may subscribe to more than was asked: the host matches exactly. `needs` is what the mappings look
 * at; a plugin to which the rest costs something may leave it out of its messages. While an
 * instance runs it only grows, and what it pushes after watch() has returned carries it. */
#define SLUICE_NEEDS_HEADERS 1u

typedef struct sluice_pattern {
    uint32_t size;
    uint32_t is_literal; /* then every form but glob, regex and filter is the topic itself */
    sluice_text text;
    sluice_text literal; /* the topic, where is_literal */
    sluice_text prefix;
    sluice_text regex;
    sluice_text glob;
    sluice_text filter;
    uint32_t needs; /* SLUICE_NEEDS_... */
    uint32_t reserved;
} sluice_pattern;

/* Where to go on reading a lane after a restart of the instance. */
typedef struct sluice_start_position {
    sluice_lane lane;
    sluice_position position;
} sluice_start_position;

/* Messages of a lane to be read again: those at `from` or behind it, and before `to`. Requests of
 * one `group` (never 0) have one reader, who takes what comes first: they may share a connection
 * and a thread. Those of different groups must not wait for each other. Later requests of a group
 * may come while earlier ones run. `needs` is as in sluice_pattern. */
typedef struct sluice_replay_request {
    uint32_t size;
    uint32_t needs; /* SLUICE_NEEDS_... */
    uint64_t id;    /* never 0, never used again */
    sluice_lane lane;
    sluice_position from;
    sluice_position to;
    uint64_t group;
} sluice_replay_request;

#define SLUICE_PLUGIN_REPLAYABLE 1u /* messages have lanes and positions, and can be read again */

/* Functions return 0 for success. On failure they have reported why by health, setting_error or
 * log. */
typedef struct sluice_plugin_table {
    uint32_t size;
    uint32_t abi_version; /* the one chosen from the host's range */
    const char* name;     /* terminated by NUL, as are the next two */
    const char* version;
    const char* options_schema; /* JSON Schema (draft-07) object of the plugin's own options */
    uint32_t flags;             /* SLUICE_PLUGIN_... */
    uint8_t separator;          /* of topic levels: '.', '/', ':' */
    uint8_t reserved[3];

    /* Makes an instance from the settings; does not touch the network. */
    int (*open)(const sluice_host* host, void** instance);
    /* Gives all patterns, before start and again whenever they change. */
    int (*watch)(void* instance, const sluice_pattern* patterns, size_t count);
    /* Begins to read. positions: where lanes of an earlier run of the instance go on; lanes that
     * are not there begin rewind_ms before their end (0: at the end). */
    int (*start)(void* instance, const sluice_start_position* positions, size_t count,
                 uint64_t rewind_ms);
    /* Stops reading within deadline_ms; afterwards nothing may be pushed. */
    int (*stop)(void* instance, uint32_t deadline_ms);
    void (*close)(void* instance);

    /* The rest may be null. */
    /* Validates the settings without touching anything outside the process. */
    int (*check)(const sluice_host* host);
    /* Asks the source afresh for the ends of these families and answers through lanes(). */
    int (*query)(void* instance, const sluice_text* families, size_t count);
    /* Begins to send messages of a lane again, in their order, over a connection of its own, while
     * the lane itself goes on as before. All calls of the replay carry its id:
     *   push   as ever, but it may wait for long (see there). Sending at or behind request->to is
     *          allowed and of no use.
     *   at     everything below the position was sent. at(request->to) ends the replay: it must
     * come also where nothing is left to send (holes, an aborted transaction, a compacted tail, an
     * empty lane). lost   from: where the replay stands. SLUICE_LOST: the source has nothing below
     * `to` any more; the replay goes on there (or is at its end, where that is request->to).
     *          SLUICE_RESET: the source ends before request->to, so there never was what was asked
     *          for; give request->to as `to`. It ends the replay. SLUICE_FAILED: it cannot be read
     *          now or in any time worth waiting for, `to` is ignored. It ends the replay.
     * While the broker is away the plugin tries again; it gives up by itself, with SLUICE_FAILED,
     * after a time of its choice (30 s is good). Once any of these calls has answered
     * SLUICE_CLOSING nothing more is to be sent for the id. Before stop is called all replays are
     * over, and calls that wait in push come back. A failed call is as SLUICE_FAILED. */
    int (*replay)(void* instance, const sluice_replay_request* request);
    /* Nobody wants this replay any more; perhaps it has ended already. Calls of it that wait in the
     * host have come back or are about to; must not wait for them. */
    void (*cancel)(void* instance, uint64_t replay_id);
    /* Asks the source where the lanes of these families stood at a time (milliseconds since the
     * Unix epoch): for each, the first position whose message, or any message behind it, may have
     * that time or a later one; the end of the lane if there is none; the low mark where that is
     * later. Answers through sought(), family by family, from any thread. */
    int (*seek)(void* instance, uint64_t question, int64_t time_ms, const sluice_text* families,
                size_t count);
} sluice_plugin_table;

/* The one exported symbol. Picks the highest ABI version that both sides know in host_min..host_max
 * and returns its table (static, never freed), or null if there is none. Then *plugin_min and
 * *plugin_max say what the plugin knows. */
typedef const sluice_plugin_table* (*sluice_plugin_function)(uint32_t host_min, uint32_t host_max,
                                                             uint32_t* plugin_min,
                                                             uint32_t* plugin_max);

#if defined(__GNUC__)
#define SLUICE_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define SLUICE_PLUGIN_EXPORT
#endif

SLUICE_PLUGIN_EXPORT const sluice_plugin_table* sluice_plugin(uint32_t host_min, uint32_t host_max,
                                                              uint32_t* plugin_min,
                                                              uint32_t* plugin_max);

#ifdef __cplusplus
}
#endif
#endif
