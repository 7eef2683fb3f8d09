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
