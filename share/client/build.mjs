// Builds the files that pages use from src/:   node build.mjs [FOLDER]
// They are committed, and a test compares them with a fresh build. The packages are those of
// package.json, beside this file or in SLUICE_DEPS/node.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const deps = process.env.SLUICE_DEPS ? path.resolve(process.env.SLUICE_DEPS, 'node') : here;
const { build } = createRequire(path.join(deps, 'package.json'))('esbuild');

const license = '/*! sluice-client, Apache-2.0; with eventsource-parser, MIT: see NOTICE */';
const common = {
  absWorkingDir: here,
  nodePaths: [path.join(deps, 'node_modules')],
  outdir: path.resolve(process.argv[2] ?? here),
  bundle: true, minify: true, target: 'es2022', charset: 'utf8', logLevel: 'warning',
  banner: { js: license },
};
const script = { ...common, format: 'iife' };

await build({ ...common, format: 'esm', splitting: true, chunkNames: 'sluice-[name]',
  entryPoints: { 'sluice-client': 'src/index.ts' } });
await build({ ...common, format: 'esm', external: ['react'],
  entryPoints: { 'sluice-react': 'src/react.ts' } });
await build({ ...script, globalName: 'Sluice',
  entryPoints: { 'sluice-client.classic': 'src/classic.ts' } });
await build({ ...script, entryPoints: { 'sluice-jquery': 'src/jquery.ts' } });
