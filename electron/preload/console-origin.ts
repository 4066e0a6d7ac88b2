import { consoleOriginArgument } from '../../shared/contracts/desktop-channels.ts';

/** Whether a page may have the bridge: the main frame of exactly the origin that the main process named. */
export function isConsolePage(
  processArguments: readonly string[],
  page: { readonly origin: string; readonly isMainFrame: boolean },
): boolean {
  const argument = processArguments.find((candidate) => candidate.startsWith(consoleOriginArgument));
  return page.isMainFrame && argument !== undefined && page.origin === argument.slice(consoleOriginArgument.length);
}
