import { useEffect, useState } from 'react';

/**
 * Inside a dialog: when it is gone, the focus is again where it was before the dialog took it, so that keys go on from
 * there. Where that is gone as well, the page has it.
 */
export function FocusReturn() {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // Another dialog, or the page that was opened, has taken it already.
      if (document.activeElement !== null && document.activeElement !== document.body) return;
      const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body;
      const next = isThere ? before : document.querySelector('main');
      next?.focus();
    },
    [before],
  );
  return null;
}
