// Makes what ../page has besides index.html and site.json:
//   node build.mjs FOLDER
// npm packages lie beside this file, or in build/deps/demo of the project.
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const deps = process.env.SLUICE_DEPS ?? join(here, '../../../build/deps');
const packages = [join(here, 'node_modules'), join(deps, 'demo/node_modules')].find(existsSync);
const target = process.argv[2];
if (!packages || !target) {
  console.error(target ? 'run npm ci --ignore-scripts first' : 'usage: node build.mjs FOLDER');
  process.exit(2);
}

const esbuild = createRequire(join(packages, 'x'))('esbuild');
await esbuild.build({
  entryPoints: { demo: join(here, 'main.js') },
  outdir: target,
  bundle: true,
  format: 'iife',
  minify: true,
  charset: 'utf8',
  legalComments: 'none', // LICENSES.txt has them
  target: ['chrome109', 'firefox115', 'safari16'],
  external: ['*.woff2', './sluice-tabs.js'], // a tab of its own each: the file is not asked for
  nodePaths: [packages],
});
copyFileSync(join(packages, '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
  join(target, 'inter.woff2'));

const bundled = ['@fontsource-variable/inter', 'd3-array', 'd3-geo', 'internmap',
  'topojson-client', 'uplot', 'world-atlas'];
const licenses = bundled.map((name) => {
  const folder = join(packages, name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version}, ${license}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
});
const client = readFileSync(join(here, '../../client/NOTICE'), 'utf8').replace(/^.*\n\n/, '');
licenses.push(client.replace('It contains', 'sluice-client contains'));
const line = `\n${'-'.repeat(80)}\n\n`;
writeFileSync(join(target, 'LICENSES.txt'),
  `What the page of the demo is made of, besides Sluice's own files:${line}${licenses.join(line)}`);
