/** PEFT's settings as diffusers keeps them in a file's metadata (`lora_adapter_metadata`, since 0.34). */
import type { Component } from './names.ts';
import { layerName } from './names.ts';

export interface SavedConfig {
  /** Some part was trained with DoRA. */
  dora: boolean;
  alphaOf(component: Component, layer: string): number | null;
  /** Whether alpha is divided by the rank's root (Kalajdzievski 2023). */
  rootScale(component: Component): boolean;
}

const PREFIXES: Readonly<Record<Component, readonly string[]>> = {
  denoiser: ['unet', 'transformer'],
  text1: ['text_encoder'],
  text2: ['text_encoder_2'],
  text3: ['text_encoder_3'],
};

export function readSavedConfig(metadata: ReadonlyMap<string, string>): SavedConfig {
  const told = parse(metadata.get('lora_adapter_metadata'));
  const value = (component: Component, key: string): unknown => {
    const prefix = PREFIXES[component].find((name) => told.has(`${name}.${key}`));
    return prefix === undefined ? undefined : told.get(`${prefix}.${key}`);
  };
  return {
    dora: [...told].some(([key, flag]) => key.endsWith('.use_dora') && flag === true),
    alphaOf: (component, layer) => {
      const pattern = value(component, 'alpha_pattern');
      if (typeof pattern === 'object' && pattern !== null) {
        for (const [path, alpha] of Object.entries(pattern)) {
          const name = layerName(path);
          if (typeof alpha === 'number' && (layer === name || layer.endsWith(`_${name}`))) return alpha;
        }
      }
      const alpha = value(component, 'lora_alpha');
      return typeof alpha === 'number' ? alpha : null;
    },
    rootScale: (component) => value(component, 'use_rslora') === true,
  };
}

function parse(text: string | undefined): Map<string, unknown> {
  if (text === undefined) return new Map();
  try {
    const value: unknown = JSON.parse(text);
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  } catch {
    // Words of a stranger, and of no use then.
    return new Map();
  }
}
