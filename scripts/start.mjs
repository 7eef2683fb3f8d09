// @ts-check
/** `npm start`: installs what is missing, builds what is stale, serves the studio and opens it. */
import './require-node.mjs';
import { portOwner } from './port-owner.mjs';
import { run } from './run.mjs';
import { main, Sentence } from './sentence.mjs';
import { PORT, serve, whoAnswers } from './serve.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

const ADDRESS = `http://localhost:${PORT}/`;

await main(async () => {
  const answer = await whoAnswers(PORT);
  if (answer === 'studio') {
    console.log(`The studio is already running at ${ADDRESS}`);
    openWhereThereIsAScreen();
    return;
  }
  if (answer === 'other') throw new Sentence(portTaken());
  await ensureInstalled();
  await ensureBuilt();
  await serve().catch((error) => {
    throw error?.message?.includes('already in use') ? new Sentence(portTaken()) : error;
  });
  console.log(`The studio runs at ${ADDRESS} (Ctrl-C stops it)`);
  openWhereThereIsAScreen();
});

function portTaken() {
  const owner = portOwner(PORT);
  const who = owner ? `process ${owner.pid} (${owner.command})` : 'another program';
  const how = owner ? `stop it, for example with "kill ${owner.pid}",` : 'stop that program';
  return `Port ${PORT} is taken by ${who}: ${how} and start again. The port is fixed because the browser keeps your library under this address.`;
}

function openWhereThereIsAScreen() {
  if (process.env['CI'] || process.argv.includes('--no-open')) return;
  const { platform, env } = process;
  if (platform === 'darwin') void run('open', [ADDRESS]);
  else if (platform === 'win32') void run('cmd', ['/c', 'start', ADDRESS]);
  else if (env['DISPLAY'] || env['WAYLAND_DISPLAY']) void run('xdg-open', [ADDRESS]);
}
