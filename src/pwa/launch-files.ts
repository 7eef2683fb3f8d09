/** Files that the system opens with the installed studio (the manifest's `file_handlers`). */
interface LaunchQueue {
  setConsumer(consumer: (params: { files: readonly FileSystemFileHandle[] }) => void): void;
}

/** Hands over the first file of each launch. Does nothing in a browser without a launch queue. */
export function watchLaunches(onFile: (file: File) => void): void {
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(async ({ files: [handle] }) => {
    if (handle !== undefined) onFile(await handle.getFile());
  });
}
