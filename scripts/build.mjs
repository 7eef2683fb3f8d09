// @ts-check
/** `npm run build`: the studio as static files in dist/. */
import './require-node.mjs';
import { main } from './sentence.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

await main(async () => {
  await ensureInstalled();
  await ensureBuilt({ force: true });
});
