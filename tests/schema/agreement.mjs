// Whether `sluice schema` and `sluice check` judge alike: both accept every file of config/ and both
// refuse every one-fault mutant of those.
//   node agreement.mjs SLUICE CONFIG_FOLDER
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { load } from '../browser/packages.mjs';
import { mutantsOf } from './mutants.mjs';

const Ajv = load('ajv');
const YAML = load('yaml');
const [program, folder] = process.argv.slice(2);
const LEAST = 100; // mutants, in all
const SHOWN = 40; // disagreements

const problems = [];
const schemaText = execFileSync(program, ['schema'], { encoding: 'utf8' });

/** ajv as it is by default, in its strict mode; what it complains about is a problem, too. */
function validator() {
  const note = (text) => problems.push(`ajv: ${text}`);
  const ajv = new Ajv({ logger: { log: note, warn: note, error: note } });
  const validate = ajv.compile(JSON.parse(schemaText));
  return (document) => ({ ok: validate(document), why: ajv.errorsText(validate.errors) });
}

function check(file) {
  return new Promise((resolve, reject) => {
    execFile(program, ['check', file], (error, output, errors) => {
      if (error && error.code !== 2) reject(new Error(`${file}: ${error.message}`));
      else resolve({ ok: !error, why: errors });
    });
  });
}

async function inParallel(items, work) {
  const waiting = items.values();
  const worker = async () => { for (const item of waiting) await work(item); };
  await Promise.all(Array.from({ length: os.cpus().length + 1 }, worker));
}

const exampleFiles = () => [folder, path.join(folder, 'examples')]
  .flatMap((one) => fs.readdirSync(one).map((name) => path.join(one, name)))
  .filter((file) => file.endsWith('.yaml')).sort();

/** A first line that makes editors use the schema that lies beside the reference. */
function testHeader(file, text) {
  const [, named] = text.match(/^# yaml-language-server: \$schema=(\S+)\n/) ?? [];
  const meant = named && path.resolve(path.dirname(file), named);
  if (meant !== path.resolve(folder, 'sluice.schema.json'))
    problems.push(`${file}: its first line does not name ${folder}/sluice.schema.json`);
}

async function testExample(file, validate) {
  const text = fs.readFileSync(file, 'utf8');
  testHeader(file, text);
  const schema = validate(YAML.parse(text));
  const sluice = await check(file);
  if (!schema.ok) problems.push(`${file}: the schema refuses it: ${schema.why}`);
  if (!sluice.ok) problems.push(`${file}: sluice check refuses it: ${sluice.why}`);
}

async function testMutant(mutant, validate, scratch) {
  const file = path.join(scratch, `${mutant.number}.yaml`);
  fs.writeFileSync(file, YAML.stringify(mutant.document));
  const schema = validate(mutant.document);
  const sluice = await check(file);
  const what = `${mutant.file}: ${mutant.kind} at ${mutant.path || 'the top'}`;
  if (schema.ok) problems.push(`${what}: only sluice check refuses it: ${sluice.why}`);
  if (sluice.ok) problems.push(`${what}: only the schema refuses it: ${schema.why}`);
}

function testCopy() {
  if (fs.readFileSync(path.join(folder, 'sluice.schema.json'), 'utf8') !== schemaText)
    problems.push('config/sluice.schema.json is not what the program prints; run ' +
      '`build/release/sluice schema > config/sluice.schema.json`');
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'sluice-schema-'));
try {
  const validate = validator();
  const files = exampleFiles();
  await inParallel(files, (file) => testExample(file, validate));
  const seen = new Set();
  const mutants = files.flatMap((file) =>
    mutantsOf(YAML.parse(fs.readFileSync(file, 'utf8')), seen)
      .map((mutant) => ({ ...mutant, file: path.basename(file) })));
  mutants.forEach((mutant, number) => { mutant.number = number; });
  await inParallel(mutants, (mutant) => testMutant(mutant, validate, scratch));
  if (mutants.length < LEAST) problems.push(`only ${mutants.length} mutants`);
  testCopy();
  const kinds = new Set(mutants.map((mutant) => mutant.kind));
  console.log(`${files.length} files, ${mutants.length} mutants of ${kinds.size} kinds`);
} finally {
  fs.rmSync(scratch, { recursive: true });
}
for (const problem of problems.slice(0, SHOWN)) console.error(problem);
if (problems.length > SHOWN) console.error(`and ${problems.length - SHOWN} more`);
process.exitCode = problems.length === 0 ? 0 : 1;
