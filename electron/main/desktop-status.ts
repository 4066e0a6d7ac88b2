import { bytesInWords } from '../../shared/base/byte-words.ts';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';

/** What the tray shows and notifications are made of. */
export interface DesktopStatus {
  readonly agents: number;
  readonly agentsOnline: number;
  readonly deliveries: readonly WatchedDelivery[];
  readonly alerts: readonly WatchedAlert[];
  /** Bytes that did not have to cross a WAN link since midnight; below zero where more crossed than was needed. */
  readonly savedTodayBytes: number;
}

export type WatchedDelivery = Pick<
  Delivery,
  'id' | 'packageName' | 'version' | 'status' | 'agents' | 'ready' | 'failed'
>;

export interface WatchedAlert {
  readonly kind: 'corrupt-blocks' | 'agent-cloned';
  readonly agentId: string;
  readonly agentName: string;
  readonly lastAtMs: number;
  readonly detail: string;
}

/** `Fanout: 12 of 12 agents online` and what else is known, a line each; null = nothing is known yet. */
export function statusLines(status: DesktopStatus | null): readonly string[] {
  if (status === null) return ['Starting'];
  const running = status.deliveries.filter((delivery) => delivery.status === 'running').length;
  const saved = status.savedTodayBytes;
  return [
    `${status.agentsOnline} of ${counted(status.agents, 'agent')} online`,
    running === 0 ? 'No delivery is running' : `${counted(running, 'delivery', 'deliveries')} running`,
    saved < 0
      ? `${bytesInWords(-saved)} more than needed crossed WAN links today`
      : `${bytesInWords(saved)} saved today`,
  ];
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
