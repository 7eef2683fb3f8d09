// @ts-check
/** Import this first in every script: an older Node gets one sentence instead of a syntax error. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Kiln needs Node 20.19 or later; this is Node ${process.versions.node}.`);
  process.exit(1);
}
