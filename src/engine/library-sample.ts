/** A library with one of everything, for working on the page: `?fake`. Never in a build. */
import { FAKE_MODEL } from './fake.ts';
import type { InstallProgress } from './library-api.ts';
import { createFakeLibrary, fakeInstalled } from './library-fake.ts';

const large = (path: string, sizeBytes: number) => ({ [path]: { sizeBytes, sha256: 'ab'.repeat(32) } });

function sized(id: string, name: string, summary: string, bytes: number) {
  const { 'denoiser.onnx': _, ...files } = FAKE_MODEL.files;
  return { ...FAKE_MODEL, id, name, summary, files: { ...files, ...large('denoiser.onnx', bytes) } };
}

const PAINTER = sized('lcm-painter', 'LCM Painter', 'Painterly pictures in four steps.', 612e6);
const GIANT = {
  ...sized('giant-xl', 'Giant XL', 'Large, detailed pictures of 1024 pixels.', 2.4e9),
  parts: Object.fromEntries(
    Object.entries(FAKE_MODEL.parts).map(([name, { variants }]) => [
      name,
      { variants: variants.map((one) => ({ ...one, compute: 'float16' as const })) },
    ]),
  ),
};
const SKETCH = sized('sketch', 'Sketch', 'Pencil drawings on white paper, from a folder.', 96e6);
const GONE = sized('gone', 'Turbo', 'One step at 512 pixels.', 870e6);

const base = { bytesPerSecond: null, secondsLeft: null, file: null, elsewhere: false, refetching: null };
const INSTALLING: InstallProgress[] = [
  {
    ...base,
    id: 'flow',
    revision: 'f'.repeat(40),
    name: 'Flow Medium',
    state: 'downloading',
    doneBytes: 730e6,
    totalBytes: 1.9e9,
    bytesPerSecond: 11.4e6,
    secondsLeft: 103,
    file: 'transformer/model_q4.onnx_data',
  },
  {
    ...base,
    id: 'turbo',
    revision: 'e'.repeat(40),
    name: 'Turbo, 8 bits',
    state: 'waiting-to-retry',
    doneBytes: 210e6,
    totalBytes: 870e6,
    retryInSeconds: 8,
    because: {
      code: 'download-cut',
      file: 'unet/model.onnx_data',
      host: 'huggingface.co',
      detail: 'network error',
    },
  },
  {
    ...base,
    id: 'ink',
    revision: 'd'.repeat(40),
    name: 'Ink',
    state: 'failed',
    doneBytes: 12e6,
    totalBytes: 412e6,
    elsewhere: false,
    failure: {
      code: 'storage-full',
      neededBytes: 400e6,
      couldGo: [{ name: 'LCM Painter', sizeBytes: 612e6 }],
    },
  },
];

/** @param mode `empty`: as on a first visit */
export function createSampleLibrary(mode: string) {
  if (mode === 'empty') return createFakeLibrary();
  return createFakeLibrary({
    installing: INSTALLING,
    installed: [
      fakeInstalled(PAINTER, { revision: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678' }),
      fakeInstalled(PAINTER, {
        revision: '9f8e7d6c5b4a39281706f5e4d3c2b1a098765432',
        active: false,
        freesBytes: 240e6,
        installedAt: Date.UTC(2026, 9, 2, 9),
      }),
      fakeInstalled(GIANT),
      fakeInstalled(SKETCH, {
        state: 'damaged',
        damagedFiles: ['denoiser.onnx'],
        source: { kind: 'files', label: 'sketch-model' },
      }),
      fakeInstalled(GONE, { state: 'evicted', manifest: null }),
    ],
  });
}
