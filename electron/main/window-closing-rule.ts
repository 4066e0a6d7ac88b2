import type { DesktopPreferences } from '../../shared/contracts/desktop-preferences.ts';
import type { DesktopStatus } from './desktop-status.ts';

export type ClosingDecision =
  | { readonly kind: 'quit' }
  | { readonly kind: 'stay' }
  /** So many deliveries would stand still. */
  | { readonly kind: 'ask'; readonly running: number };

export function closingDecision(
  wanted: DesktopPreferences['whenWindowCloses'],
  status: Pick<DesktopStatus, 'deliveries'> | null,
): ClosingDecision {
  if (wanted === 'keep-running') return { kind: 'stay' };
  const running = status?.deliveries.filter((delivery) => delivery.status === 'running').length ?? 0;
  return running === 0 ? { kind: 'quit' } : { kind: 'ask', running };
}

/** The answers in the order of the buttons: quit, go on without a window, leave everything as it is. */
export function closingQuestion(running: number) {
  return {
    message: 'Quit Fanout?',
    detail:
      `${running === 1 ? 'A delivery is' : `${running} deliveries are`} running. With Fanout its Notification Server stops: agents hand each other ` +
      'what they have, and get the rest when it runs again.',
    buttons: ['Quit', 'Keep running', 'Cancel'],
    defaultId: 1,
    cancelId: 2,
  };
}
