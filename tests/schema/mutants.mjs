// One-fault mutants of a configuration: {kind, path, document}. Which there are depends on the file
// alone, not on the schema.
//
// Not among them, since a JSON Schema cannot see them: what is wrong inside an expression or a
// template, a name that refers to nothing (the input of `from`, a capture, the variables of an input
// in `given`), a test that fails, a key without an admin listener that needs one, what a variable of
// the environment will hold, properties of librdkafka, ranges of a plugin's durations and sizes, and
// what YAML itself refuses (the same key twice, `from: a: b`).

const structure = (value) => value !== null && typeof value === 'object';

/** Calls visit(path, value) for the document and all below; a path is a list of keys. */
function walk(value, visit, path = []) {
  visit(path, value);
  if (!structure(value)) return;
  for (const key of Object.keys(value)) walk(value[key], visit, [...path, key]);
}

/** As the reader names it: "mappings.*.from"; entries and items are `*`. */
const nameOf = (path) => path
  .map((key, i) => (/^\d+$/.test(key) || (i === 1 && ['inputs', 'channels'].includes(path[0])) ? '*' : key))
  .join('.');

/** A copy with one change; change(parent, key). */
function changed(document, path, change) {
  const copy = structuredClone({ document });
  let parent = copy;
  let last = 'document';
  for (const key of path) [parent, last] = [parent[last], key];
  change(parent, last);
  return copy.document;
}

const set = (value) => (parent, key) => { parent[key] = value; };
const add = (key, value) => (parent, last) => {
  parent[last] ??= {};
  parent[last][key] = value;
};
const remove = (parent, key) => { delete parent[key]; };
const rename = (name) => (parent, key) => {
  parent[name] = parent[key];
  delete parent[key];
};

// What may hold anything, or keys that only the whole file tells.
const FREE = /^(mappings\.\*\.data|tests\.\*\.given\.(payload|headers)|tests\.\*\.expect\.\*\.data|auth\.tokens\.\*\.claims|inputs\.\*\.rdkafka)(\.|$)/;
const NEEDED = /^(inputs\.\*\.(plugin|connect|bind|file|status\.topic|sequence\.frame)|mappings\.\*\.(from|channel|on_error\.dead-letter)|mappings\.\*\.on_error\.dead-letter\.(channel|file)|tests\.\*\.(given|expect)|tests\.\*\.given\.(input|topic|payload)|tests\.\*\.expect\.(rejected|\*\.channel)|auth\.tokens\.\*\.(name|token|sha256)|auth\.jwt\.\*\.(issuer|jwks|secret|key|key_file)|publish\.keys\.\*\.key)$/;

const DURATIONS = ['soon', '10', 10, '5m', '-1s', '1.5h', '3 s', '1day', '', true];
const SIZES = ['big', '8MB', 8, '-1MiB', '1.5GiB', '64 KiB', '1TiB', ''];
const ADDRESSES = ['localhost', 8080, 'ftp://localhost:8080', 'localhost:65536', '::1:80', '300.0.0.1:80',
  'localhost:http', 'local host:80', 'localhost:080', '[::1]', ''];
const PATTERNS = ['', 'a/{', 'a/}', '{a}{b}', '{a**}/b', '{1}', '{a b}', '{a*}'];
const COUNTS = ['many', -1, 1.5, '1e3', '0x10', '010', '', true];

/** Wrong values of a key by its name. */
const WRONG = [
  [/^(auth\.(timeout|cache|leeway|warn|jwt\.\*\.refresh)|inputs\.\*\.rewind|channels\.\*\.history\.age|delivery\.(retry|keepalive|stall|drain)|limits\.head_time)$/,
    'duration', [...DURATIONS, '9999h', '99999999999999999999s']],
  [/^inputs\.\*\.(keepalive|session|timeout|scan_interval|heartbeat|heartbeat_timeout|keep)$/, 'duration', DURATIONS],
  [/^(channels\.\*\.history\.bytes|limits\.(history|head|body|payload|dead_letters))$/, 'size',
    [...SIZES, '1B', '9999999GiB']],
  [/^inputs\.\*\.(buffer|max_message|message_bytes_max)$/, 'size', SIZES],
  [/^(listen|admin|admin\.listen)$/, 'address', ADDRESSES],
  [/^(channels\.\*\.history\.events|limits\.(channels|connections|subscribers|per_address))$/, 'count',
    [...COUNTS, 100_000_001]],
  [/^inputs\.\*\.(high_water_mark|sequence\.frame|qos)$/, 'count', ['many', -1, 1.5, '', true, 100_000_001]],
  [/^inputs\.\*\.plugin$/, 'plugin', ['kafkaa', 'kafka.so', '../kafka', '', 7]],
  [/^inputs\.\*\.(mechanism|version|socket|shape|start|format|sequence\.(format|per))$/, 'choice', ['surprise', '', 7]],
  [/^log\.(level|format)$/, 'choice', ['surprise', 'INFO', '', 7]],
  [/^mappings\.\*\.on_error$/, 'choice', ['surprise', 'dead-letter', '', ['drop']]],
  [/^tests\.\*\.expect\.rejected$/, 'choice', ['surprise', '']],
  [/^(cors\.credentials|inputs\.\*\.(loop|replayable|status\.retain))$/, 'boolean', ['maybe', 'yes', 'on', 1, '']],
  [/^cors\.origins\.\*$/, 'origin', ['shop.example', 'https://shop.example/', 'https://Shop.example', 'https://*.example']],
  [/^publish\.(keys\.\*\.)?(channels|claims)(\.\*)?$/, 'pattern', PATTERNS],
  [/^publish\.keys\.\*\.rate$/, 'rate', ['fast', '10', 10, '10/min', '0/s', '-1/s', '1.5/s', '10 /s', '1000001/s', '']],
  [/^auth\.(url|jwt\.\*\.issuer)$/, 'empty', ['']],
  [/^auth\.url$/, 'url', ['localhost', 'ftp://x/', 'http://', 'http:///x', 'http://a b/']],
  [/^auth\.cookie$/, 'cookie', ['', 'a b', 'a;b', 'a=b', 'schlüssel']],
  [/^auth\.concurrency$/, 'count', [...COUNTS, 0, 257]],
  [/^auth\.(when_down|jwt\.\*\.alg(\.\*)?)$/, 'choice', ['surprise', 'none', 'hs256', '', 7]],
  [/^mappings\.\*\.from$/, 'from', ['orders', ':orders', 'shop:', 'shop:{', 'shop:{a}{b}', 'shop:{a**}.b']],
  [/^(admin\.((read|operator)_)?key|publish\.(keys\.\*\.)?key)$/, 'key', ['with space', 'schlüssel']],
  [/^inputs\.\*\.(server|broker|connect\.\*|bind)$/, 'address', ['http://localhost:80', 'ftp://x', '', '://']],
  [/^inputs\.\*\.speed$/, 'number', ['fast', 0, -1, true, '']],
  [/^inputs\.\*\.rate$/, 'number', ['fast', 0, -1, true, '']],
];

const OPTIONS = {
  kafka: { brokers: 'localhost:9092' },
  mqtt: { broker: 'mqtt://localhost' },
  zeromq: { high_water_mark: 10 },
  redis: { streams: 'orders' },
  replay: { file: 'x.ndjson' },
  ticker: { rate: 1 },
};

function* atEveryPlace(path, value) {
  const name = nameOf(path);
  if (FREE.test(name)) return;
  const isMap = structure(value) && !Array.isArray(value);
  if (isMap && name !== 'tests.*.given') yield ['unknown-key', add('surprise', 1)];
  if (isMap && name !== '') yield ['text-for-mapping', set('surprise')];
  if (isMap && name !== '') yield ['list-for-mapping', set([['surprise']])];
  if (Array.isArray(value)) yield ['mapping-for-list', set({ surprise: 1 })];
  if (Array.isArray(value)) yield ['list-in-list', set([[['surprise']]])];
  if (!structure(value) && value !== null) {
    yield ['mapping-for-text', set({ surprise: 1 })];
    yield ['nothing-for-text', set(null)];
    yield ['unclosed-variable', set('${SURPRISE')];
  }
  if (NEEDED.test(name)) yield ['missing-key', remove];
  for (const [names, kind, values] of WRONG)
    if (names.test(name)) for (const wrong of values) yield [`bad-${kind}`, set(wrong)];
}

function* ofInput(path, value) {
  if (path.length !== 2 || path[0] !== 'inputs') return;
  for (const [plugin, options] of Object.entries(OPTIONS))
    if (plugin !== value.plugin)
      for (const [key, option] of Object.entries(options))
        if (!(key in value)) yield ['option-of-another-plugin', add(key, option)];
  yield ['bad-separator', add('separator', '--')];
  yield ['bad-separator', add('separator', '{')];
  yield ['later-key', add('allow', 'true')];
  if (value.plugin === 'zeromq') {
    yield ['contradiction', add('connect' in value ? 'bind' : 'connect', 'tcp://127.0.0.1:5999')];
    yield ['contradiction', (parent, key) => Object.assign(parent[key], { topic: 'a', split: ' ' })];
    if (!('heartbeat' in value)) yield ['contradiction', add('heartbeat_timeout', '10s')];
  }
}

function* ofNames(path, value) {
  const name = nameOf(path);
  if (name === 'channels.*')
    for (const pattern of PATTERNS) yield ['bad-channel-pattern', rename(pattern)];
  if (name === 'inputs')
    for (const bad of ['http', 'two words', '', 'x'.repeat(65), '${NAME}'])
      yield ['bad-input-name', add(bad, { plugin: 'ticker' })];
  if (name === 'mappings.*.on_error.dead-letter')
    yield ['contradiction', add('channel' in value ? 'file' : 'channel', 'surprise')];
  if (name === '')
    for (const later of ['tls', 'compat', 'input', 'mapping', 'Inputs'])
      yield ['later-or-misspelt-key', add(later, {})];
}

/**
 * The mutants of a parsed file, always in the same order. `seen` holds which fault was tried at which
 * key of which plugin: once is enough, in whichever file.
 */
export function mutantsOf(document, seen) {
  const mutants = [];
  walk(document, (path, value) => {
    const faults = [...atEveryPlace(path, value), ...ofInput(path, value), ...ofNames(path, value)];
    const plugin = path[0] === 'inputs' ? document.inputs?.[path[1]]?.plugin : '';
    faults.forEach(([kind, change], i) => {
      const fault = [kind, i, nameOf(path), plugin].join(' ');
      if (seen.has(fault)) return;
      seen.add(fault);
      mutants.push({ kind, path: path.join('.'), document: changed(document, path, change) });
    });
  });
  return mutants;
}
