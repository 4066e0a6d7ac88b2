import type { AgentInput } from '../../agent/agent-input.ts';
import type { DatagramMessage } from '../../agent/datagram-message.ts';
import type { AgentPorts, CommandId, ServingAnswer, StorePort, TransferPort } from '../../agent/ports.ts';
import type { PackageKey } from '../../base/ids.ts';
import type { Ipv4 } from '../../base/ipv4.ts';
import type { AgentCore } from '../agent-life.ts';

export type FetchCommand = Parameters<TransferPort['fetchBlock']>[0];
export type RunCommand = Parameters<AgentPorts['execution']['run']>[0];

/**
 * Somebody who looks over an agent's shoulder: sees what it is told before it knows, and what it does before it happens. It
 * changes nothing, so that a watched run is the run itself.
 */
export interface PortWatch {
  /** Before the core handles it. */
  heard?(input: AgentInput): void;
  /** `to` null = a broadcast. */
  said?(message: DatagramMessage, to: Ipv4 | null): void;
  fetches?(command: FetchCommand): void;
  cancels?(commandId: CommandId, unlessHalfDone: boolean): void;
  probes?(command: Parameters<TransferPort['hello']>[0]): void;
  asksForMap?(command: Parameters<TransferPort['fetchBlockMap']>[0]): void;
  answers?(requestId: number, answer: ServingAnswer): void;
  finishes?(key: PackageKey): void;
  /** It is deleted here. */
  drops?(key: PackageKey): void;
  runs?(command: RunCommand): void;
}

/** The same core, watched. */
export function watchedCore(core: AgentCore, watches: readonly PortWatch[]): AgentCore {
  return {
    handle: (input) => {
      for (const watch of watches) watch.heard?.(input);
      core.handle(input);
    },
    // What says nothing new to the agent says nothing to those who watch it.
    overhears: (from, bootId, message) => core.overhears?.(from, bootId, message) ?? false,
  };
}

/** The same ports, watched. */
export function watchedPorts(ports: AgentPorts, watches: readonly PortWatch[]): AgentPorts {
  const { datagrams, transfers, serving, execution } = ports;
  return {
    ...ports,
    datagrams: {
      send: (interfaceAddress, to, message) => {
        for (const watch of watches) watch.said?.(message, to.address);
        datagrams.send(interfaceAddress, to, message);
      },
      broadcast: (interfaceAddress, message) => {
        for (const watch of watches) watch.said?.(message, null);
        datagrams.broadcast(interfaceAddress, message);
      },
    },
    transfers: {
      fetchBlock: (command) => {
        for (const watch of watches) watch.fetches?.(command);
        transfers.fetchBlock(command);
      },
      hello: (command) => {
        for (const watch of watches) watch.probes?.(command);
        transfers.hello(command);
      },
      setRate: (commandId, rate) => transfers.setRate(commandId, rate),
      cancel: (commandId, unlessHalfDone) => {
        for (const watch of watches) watch.cancels?.(commandId, unlessHalfDone);
        transfers.cancel(commandId, unlessHalfDone);
      },
      fetchBlockMap: (command) => {
        for (const watch of watches) watch.asksForMap?.(command);
        transfers.fetchBlockMap(command);
      },
    },
    serving: {
      answer: (requestId, answer) => {
        for (const watch of watches) watch.answers?.(requestId, answer);
        serving.answer(requestId, answer);
      },
      setServingRate: (requestId, rate) => serving.setServingRate(requestId, rate),
      breakOff: (requestId) => serving.breakOff(requestId),
      configure: (bounds) => serving.configure(bounds),
    },
    store: watchedStore(ports.store, watches),
    execution: {
      note: (commandId, record) => execution.note(commandId, record),
      keepOnly: (deliveryIds) => execution.keepOnly(deliveryIds),
      run: (command) => {
        for (const watch of watches) watch.runs?.(command);
        execution.run(command);
      },
    },
  };
}

function watchedStore(store: StorePort, watches: readonly PortWatch[]): StorePort {
  return {
    open: (commandId, key) => store.open(commandId, key),
    finish: (commandId, key) => {
      for (const watch of watches) watch.finishes?.(key);
      store.finish(commandId, key);
    },
    drop: (commandId, key) => {
      for (const watch of watches) watch.drops?.(key);
      store.drop(commandId, key);
    },
    retire: (commandId, key, deliveryId) => {
      for (const watch of watches) watch.drops?.(key);
      store.retire(commandId, key, deliveryId);
    },
    measure: (commandId) => store.measure(commandId),
    noteUse: (key, atWallMs) => store.noteUse(key, atWallMs),
  };
}
