// The committed files: they are what the sources make, small enough, and typed as they say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { deps } from '../../browser/packages.mjs';
import { top } from '../support/sluice.mjs';

const folder = path.join(top, 'share/client');

function tempFolder(t) {
  const name = mkdtempSync(path.join(os.tmpdir(), 'sluice-built-'));
  t.after(() => rmSync(name, { recursive: true }));
  return name;
}

function gzipped(name) {
  return gzipSync(readFileSync(path.join(folder, name)), { level: 9 }).length;
}

test('the committed files equal a fresh build', (t) => {
  const fresh = tempFolder(t);
  execFileSync(process.execPath, [path.join(folder, 'build.mjs'), fresh],
    { env: { ...process.env, SLUICE_DEPS: deps } });
  const scripts = (where) => readdirSync(where).filter((name) => name.endsWith('.js')).sort();
  assert.deepEqual(scripts(folder), scripts(fresh));
  for (const name of scripts(fresh))
    assert.ok(readFileSync(path.join(folder, name)).equals(readFileSync(path.join(fresh, name))),
      `${name} is stale: SLUICE_DEPS=build/deps node share/client/build.mjs`);
});

test('the packages of the build are those of the tests', () => {
  const versions = (file) => JSON.parse(readFileSync(path.join(top, file), 'utf8'));
  const tests = versions('tests/browser/package.json').dependencies;
  const { devDependencies } = versions('share/client/package.json');
  for (const [name, version] of Object.entries(devDependencies)) assert.equal(version, tests[name], name);
});

test('the client is at most 6 KiB gzipped', () => {
  const bytes = gzipped('sluice-client.js');
  assert.ok(bytes <= 6 * 1_024, `${bytes} bytes`);
  // What comes only where tabs share, and the classic script with all of it.
  assert.ok(gzipped('sluice-tabs.js') <= 2 * 1_024);
  assert.ok(gzipped('sluice-client.classic.js') <= 8 * 1_024);
});

/** The scripts of docs/client.md as modules of their own, with what they take for granted. */
function writeSnippets(where) {
  const text = readFileSync(path.join(top, 'docs/client.md'), 'utf8');
  const snippets = [...text.matchAll(/```jsx?\n(.*?)```/gs)].map(([, code]) => code);
  assert.ok(snippets.length >= 5);
  snippets.forEach((code, i) => {
    const lines = ['declare const signal: AbortSignal, draw: any, show: any, $: any;'];
    if (!/import .*connect/.test(code)) lines.push("import { connect } from './sluice-client.js';");
    if (!code.includes('const client')) lines.push('const client = connect();');
    writeFileSync(path.join(where, `snippet${i}.tsx`),
      [...lines, code, 'export { connect, client };'].join('\n')
        .replaceAll('./sluice-client.js', 'sluice-client').replaceAll('./sluice-react.js', 'sluice-client/react'));
  });
}

/** Compiles `include` with the types that users see. */
function compile(temporary, include, options = {}) {
  const project = path.join(temporary, 'tsconfig.json');
  const modules = path.join(deps, 'node/node_modules');
  writeFileSync(project, JSON.stringify({
    extends: path.join(folder, 'tsconfig.json'),
    compilerOptions: {
      typeRoots: [path.join(modules, '@types')],
      paths: {
        'sluice-client': [path.join(folder, 'sluice-client')],
        'sluice-client/react': [path.join(folder, 'sluice-react')],
        '*': [path.join(modules, '@types/*'), path.join(modules, '*')],
      },
      ...options,
    },
    include,
  }));
  const compiler = path.join(modules, 'typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
}

test('sources and users agree with the types', (t) => {
  compile(tempFolder(t), [path.join(folder, 'src'), path.join(folder, '*.d.ts'),
    path.join(top, 'tests/client/unit/types.ts')]);
});

test('users without the types of browsers may use it, by the rules of Node', (t) => {
  const temporary = tempFolder(t);
  mkdirSync(path.join(temporary, 'node_modules'));
  symlinkSync(folder, path.join(temporary, 'node_modules/sluice-client'));
  writeFileSync(path.join(temporary, 'package.json'), '{"type": "module"}');
  // What Node's own types declare of it.
  writeFileSync(path.join(temporary, 'node.d.ts'), `
    interface AbortSignal { readonly aborted: boolean }
    interface URL { href: string }
    declare function fetch(url: string | URL, options?: object): Promise<object>;`);
  writeFileSync(path.join(temporary, 'user.ts'), `
    import { connect, type Gap, type State } from 'sluice-client';
    const client = connect<{ order: { total: number } }>({ url: 'http://here', channels: ['a'], credentials: 'include' });
    client.on('a', 'order', ({ data }) => data.total.toFixed());
    for await (const event of client) if (event.type === 'sluice.gap') (event.data as Gap).reason.trim();
    export const state: State = client.state;`);
  compile(temporary, [path.join(temporary, '*.ts')], { lib: ['es2022'], module: 'nodenext', moduleResolution: 'nodenext',
    preserveSymlinks: true, noPropertyAccessFromIndexSignature: true, exactOptionalPropertyTypes: true, paths: {} });
});

test('what the documentation shows agrees with the types', (t) => {
  const temporary = tempFolder(t);
  writeSnippets(temporary);
  compile(temporary, [path.join(temporary, '*.tsx')],
    { noUnusedLocals: false, noUnusedParameters: false, noImplicitAny: false });
});
