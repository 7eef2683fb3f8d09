/** The models this build offers. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';

export interface ModelsState {
  status: 'loading' | 'ready' | 'failed';
  models: Manifest[];
  failure: Failure | null;
}

export const useModels = create<ModelsState>(() => ({ status: 'loading', models: [], failure: null }));

/** The manifest with this id, else the first, else null while there is none. */
export function findModel(models: Manifest[], id: string): Manifest | null {
  return models.find((model) => model.id === id) ?? models[0] ?? null;
}

/** Bytes of all files the manifest lists, each once. */
export function modelSizeBytes(manifest: Manifest): number {
  return Object.values(manifest.files).reduce((sum, file) => sum + file.sizeBytes, 0);
}

/** How the weights that draw are stored: `q8`, `q4`, `fp16`, `fp32`. */
export function storageOf({ denoiser, parts }: Manifest): string {
  return parts[denoiser.part]?.variants[0]?.id ?? '';
}

/** A model's name, and its form where two forms of it are here. */
export function modelLabel(model: Manifest, models: readonly Manifest[]): string {
  const isAlone = models.every(({ id, name }) => id === model.id || name !== model.name);
  return isAlone ? model.name : `${model.name}, ${storageOf(model)}`;
}
