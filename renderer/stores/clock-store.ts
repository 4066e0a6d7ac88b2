import { createStore } from 'zustand/vanilla';

/** One clock for every relative time on the screen; ticks once a second while the console is open. */
export const clockStore = createStore<{ readonly nowMs: number }>(() => ({ nowMs: Date.now() }));

/** The answer stops it. */
export function startClock(): () => void {
  const timer = setInterval(() => clockStore.setState({ nowMs: Date.now() }), 1000);
  return () => clearInterval(timer);
}
