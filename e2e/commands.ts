/** Runs the repository's own commands as a person would. */
import { spawn } from 'node:child_process';
import { ROOT } from '../scripts/run.mjs';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a script of scripts/ to its end; `onStderr` may send it a signal. */
export function runScript(
  script: string,
  args: string[],
  options: { env?: Record<string, string>; onStderr?: (text: string, pid: number) => void } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`scripts/${script}`, ...args], {
      cwd: ROOT,
      env: { ...process.env, CI: '1', ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += String(data);
    });
    child.stderr.on('data', (data) => {
      stderr += String(data);
      options.onStderr?.(stderr, child.pid ?? 0);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
