import { useEffect, useState } from 'react';

/** How long a stand waits for someone before it starts over, in seconds. */
export const IDLE_S = 60;

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/**
 * Counts down while nobody touches anything.
 * @param isArmed false holds the clock at its full time
 * @param onIdle called once when the time is up
 * @returns whole seconds left
 */
export function useIdleCountdown(isArmed: boolean, onIdle: () => void): number {
  const [secondsLeft, setSecondsLeft] = useState(IDLE_S);
  useEffect(() => {
    if (!isArmed) return;
    let lastSign = Date.now();
    const restart = () => {
      lastSign = Date.now();
      setSecondsLeft(IDLE_S);
    };
    const timer = setInterval(() => {
      // By the clock, not by counting ticks: a background tab gets few of them.
      const left = IDLE_S - Math.floor((Date.now() - lastSign) / 1000);
      if (left > 0) {
        setSecondsLeft(left);
        return;
      }
      clearInterval(timer);
      onIdle();
    }, 1000);
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, restart, { passive: true });
    return () => {
      clearInterval(timer);
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, restart);
      setSecondsLeft(IDLE_S);
    };
  }, [isArmed, onIdle]);
  return secondsLeft;
}
