import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import type { FleetStatus } from '../../shared/contracts/console-api.ts';

/** What the server shows of an embedded fleet; the fleet supervisor implements it. */
export interface FleetPort {
  status(): FleetStatus;
  /** Puts an agent into conditions, as if its computer were in them. False where no such agent is planned. */
  setConditions(agentName: string, conditions: ComputerConditions): boolean;
  /** Calls `listener` after every change; returns how to stop that. */
  onChange(listener: () => void): () => void;
}
