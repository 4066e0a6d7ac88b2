import { useRef, useState } from 'react';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { inOrder, movedBy, movedTo, orderOf, placeWords } from './policy-order.ts';

export interface PolicyOrdering {
  /** As the person put them; the server may not have said yes yet. */
  readonly policies: readonly Policy[];
  /** Of the last move, for screen readers; '' before the first. */
  readonly announcement: string;
  canMove(id: string, by: -1 | 1): boolean;
  moveBy(id: string, by: -1 | 1): void;
  /** To a place counted from 0. */
  moveTo(id: string, to: number): void;
}

/**
 * Moves policies at once and saves behind: one save at a time, and what is moved meanwhile goes with the next. Each names
 * the order that it began from; where somebody else moved one, nothing is saved and the new order is shown.
 */
export function usePolicyOrder(stored: readonly Policy[]): PolicyOrdering {
  const [wanted, setWanted] = useState<readonly string[] | null>(null);
  const [announcement, setAnnouncement] = useState('');
  const newest = useRef<readonly string[] | null>(null);
  const policies = (wanted === null ? null : inOrder(stored, wanted)) ?? stored;
  const order = orderOf(policies);

  const save = async (ids: readonly string[], moved: string) => {
    const isSaving = newest.current !== null;
    newest.current = ids;
    setWanted(ids);
    if (isSaving) return;
    let seen = orderOf(stored);
    try {
      while (newest.current !== null && newest.current.join() !== seen.join()) {
        const next: readonly string[] = newest.current;
        const { answer, changes } = await changeConsole('orderPolicies', { body: { ids: [...next], seen: [...seen] } });
        seen = next;
        replaceInFeed('policies', () => answer);
        notifyChange(placeWords(answer, moved), changes);
      }
    } catch (error) {
      setAnnouncement('');
      notify('error', messageOf(error));
    } finally {
      newest.current = null;
      setWanted(null);
    }
  };
  const move = (id: string, ids: readonly string[] | null) => {
    if (ids === null) return;
    setAnnouncement(placeWords(inOrder(stored, ids) ?? stored, id));
    void save(ids, id);
  };
  return {
    policies,
    announcement,
    canMove: (id, by) => movedBy(order, id, by) !== null,
    moveBy: (id, by) => move(id, movedBy(order, id, by)),
    moveTo: (id, to) => move(id, movedTo(order, id, to)),
  };
}
