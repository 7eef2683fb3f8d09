// @ts-check
/** Which process listens on a port, as far as this system tells. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { output } from './run.mjs';

const LISTEN = '0A';

/**
 * @param {number} port
 * @returns {{ pid: number, command: string } | null}
 */
export function portOwner(port) {
  const pid = pidFromProc(port) ?? pidFromLsof(port);
  return pid === null ? null : { pid, command: commandOf(pid) };
}

/** @param {number} port */
function pidFromProc(port) {
  const inodes = new Set();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table).slice(1)) {
      const fields = line.trim().split(/\s+/);
      const local = fields[1]?.split(':')[1];
      if (fields[3] === LISTEN && local && Number.parseInt(local, 16) === port) inodes.add(fields[9]);
    }
  }
  if (inodes.size === 0) return null;
  for (const pid of readNames('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const handle of readNames(`/proc/${pid}/fd`)) {
      const target = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${handle}`));
      if (target && inodes.has(target[1])) return Number(pid);
    }
  }
  return null;
}

/** @param {number} port */
function pidFromLsof(port) {
  const text = output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']);
  const pid = Number.parseInt(text ?? '', 10);
  return Number.isNaN(pid) ? null : pid;
}

/** @param {number} pid */
function commandOf(pid) {
  const line = readLines(`/proc/${pid}/cmdline`)[0]?.replaceAll('\0', ' ').trim();
  const text = line || output('ps', ['-o', 'command=', '-p', String(pid)])?.trim() || 'unknown program';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** @param {string} file */
function readLines(file) {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** @param {string} folder */
function readNames(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string} file */
function readLink(file) {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
