import { type Overlay, useOverlay } from '#state/overlay.ts';

export function showOverlay(overlay: Overlay): void {
  useOverlay.setState({ overlay });
}

export function hideOverlay(): void {
  useOverlay.setState({ overlay: null });
}
