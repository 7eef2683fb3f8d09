// @ts-check
/** Serves the built studio for the tests: `node e2e/serve.mjs PORT [FOLDER_OF_MODEL_FOLDERS]`. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { modelIdOf } from '../scripts/model-files.mjs';
import { serve } from '../scripts/serve.mjs';

const [port, models] = process.argv.slice(2);
/** @type {Map<string, string>} */
const mounts = new Map();
for (const name of models && existsSync(models) ? readdirSync(models).sort() : []) {
  const folder = path.resolve(models ?? '', name);
  if (existsSync(path.join(folder, 'manifest.json'))) mounts.set(await modelIdOf(folder), folder);
}
const { url } = await serve({ port: Number(port), mounts });
console.log(`Serving at ${url} with ${mounts.size} mounted models`);
