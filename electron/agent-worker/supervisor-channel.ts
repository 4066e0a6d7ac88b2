import type { FromWorker } from '../../shared/contracts/worker-protocol.ts';

/** The way to the supervisor, whichever kind of process this is. */
export interface SupervisorChannel {
  send(message: FromWorker): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The supervisor is gone. */
  onClosed(listener: () => void): void;
}

/** `process.parentPort` of an Electron utility process; named here because only main/ may import electron. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
}

/** Null where nobody started this process as a worker. */
export function connectToSupervisor(): SupervisorChannel | null {
  const { parentPort } = process as NodeJS.Process & { readonly parentPort?: ParentPort };
  if (parentPort !== undefined) {
    return {
      send: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
      onClosed: (listener) => parentPort.on('close', listener),
    };
  }
  if (process.send === undefined) return null;
  return {
    // A message that can no longer be sent belongs to a supervisor that is gone: 'disconnect' ends this process.
    send: (message) => void (process.connected && process.send?.(message, undefined, {}, () => undefined)),
    onMessage: (listener) => void process.on('message', listener),
    onClosed: (listener) => void process.on('disconnect', listener),
  };
}
