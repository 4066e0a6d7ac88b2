import type { FleetStatus } from '../../shared/contracts/console-api.ts';

/** What the server shows of an embedded fleet; the fleet supervisor implements it. */
export interface FleetPort {
  status(): FleetStatus;
  /** Calls `listener` after every change; returns how to stop that. */
  onChange(listener: () => void): () => void;
}
