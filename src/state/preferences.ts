/** How this person likes the studio: remembered, and no part of a picture. */
import { create } from 'zustand';
import type { AtOnce } from '#core/pipeline/at-once.ts';
import type { DeviceChoice, PreviewMode } from '#engine/api.ts';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  theme: Theme;
  preview: PreviewMode;
  device: DeviceChoice;
  /** Pictures that are drawn in one run of the network, where a model can. */
  atOnce: AtOnce;
  /** Each picture of a run is enlarged before it is kept. */
  isUpscaling: boolean;
  /** The settings panel of a wide window is folded away. */
  isPanelFolded: boolean;
  /** A notification tells when the queue is done. */
  isNotifying: boolean;
}

export const usePreferences = create<Preferences>(() => ({
  theme: 'system',
  preview: 'linear',
  device: 'auto',
  atOnce: 'auto',
  isUpscaling: false,
  isPanelFolded: false,
  isNotifying: false,
}));
