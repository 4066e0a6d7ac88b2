import { useEffect } from 'react';
import { guardLeaving } from '../stores/route-store.ts';

/** Unsaved changes hold back leaving `root` and what is below it, by a link as well as by closing the window. */
export function useLeaveGuard(isDirty: boolean, root: string): void {
  useEffect(() => {
    if (!isDirty) return;
    const release = guardLeaving((path) => path === root || path.startsWith(`${root}/`));
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => {
      release();
      window.removeEventListener('beforeunload', warn);
    };
  }, [isDirty, root]);
}
