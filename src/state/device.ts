/** What the engine says about this device; null until it has looked. */
import { create } from 'zustand';
import type { DeviceReport } from '#engine/api.ts';

export interface DeviceState {
  report: DeviceReport | null;
  /** The engine could not even be asked. */
  problem: string | null;
}

export const useDevice = create<DeviceState>(() => ({ report: null, problem: null }));
