import type { ConsoleClient } from './console-client.ts';
import { pause } from './demo-setup.ts';

const lookEveryMs = 1000;

/**
 * Waits until every agent of the newest delivery has its package and says so with what crossed the WAN links, once. Whoever
 * starts a demo looks at its terminal first. Rejects when the signal fires.
 */
export async function tellOutcome(
  console: ConsoleClient,
  onProgress: (sentence: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    const [delivery] = await console.call('deliveries', {});
    if (delivery === undefined) return;
    if (delivery.agents > 0 && delivery.ready === delivery.agents) {
      const { wanCopies } = await console.call('overview', {});
      const copies = wanCopies.filter(({ key }) => key === delivery.key).map((line) => line.copies.toFixed(2));
      onProgress(
        `All ${delivery.agents} agents have "${delivery.packageName}". Copies over each WAN link: ${copies.join(', ')}.`,
      );
      return;
    }
    await pause(lookEveryMs, signal);
  }
}
