// JWTs by jose, for make.py: reads {claims, secret, keys: {ALG: {pem, kid}}}, prints {ALG: token}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { SignJWT, importPKCS8 } = createRequire(`${process.cwd()}/package.json`)('jose');
const { claims, secret, keys } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const sign = (alg, key, header) => new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key);

const tokens = {};
for (const alg of ['HS256', 'HS384', 'HS512'])
  tokens[alg] = await sign(alg, new TextEncoder().encode(secret), {});
for (const [alg, { pem, kid }] of Object.entries(keys))
  tokens[alg] = await sign(alg, await importPKCS8(pem, alg), { kid });
console.log(JSON.stringify(tokens));
