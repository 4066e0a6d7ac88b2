import { rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';
import { userRequestSchema } from '../../shared/contracts/user-control.ts';
import type { AgentLogger } from './agent-logger.ts';
import { controlPathOf } from './control-path.ts';

/** A request is a line of some twenty bytes. */
const maxRequestBytes = 1024;
const requestWithinMs = 5000;
/** People ask one thing at a time. */
const maxConnections = 8;

/**
 * The local way to a running agent: a socket in its data folder (a named pipe on Windows) that only the owner of the agent
 * can write to. One line of JSON in, one out. The agent runs on without it where it cannot be had.
 */
export class ControlSocket {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
  }

  /** The data folder has to be locked: what lies at the socket's place is a dead agent's. */
  static async open(
    dataFolder: string,
    ask: (action: UserAction) => Promise<UserAnswer>,
    logger: AgentLogger,
  ): Promise<ControlSocket | null> {
    const socketPath = controlPathOf(dataFolder);
    if (socketPath === null) {
      logger.warn(
        { dataFolder },
        'the data folder lies too deep for a control socket: "fanout agent pause" will not work',
      );
      return null;
    }
    if (process.platform !== 'win32') await rm(socketPath, { force: true });
    const server = createServer((socket) => serve(socket, ask));
    server.maxConnections = maxConnections;
    const control = new ControlSocket(server);
    try {
      await listenForOwner(server, socketPath);
      return control;
    } catch (error) {
      logger.warn({ socketPath, reason: String(error) }, 'the control socket cannot be opened');
      return null;
    }
  }

  /** Whoever is connected is cut off: an agent that stops waits for nobody. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#open) socket.destroy();
    return closed;
  }
}

/** The socket is bound within the call of `listen`, so that nobody else ever sees it with other rights. */
async function listenForOwner(server: Server, socketPath: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177);
    try {
      server.listen(socketPath, resolve);
    } finally {
      process.umask(before);
    }
  });
  await listening;
  // Nothing that happens to one connection ends the agent.
  server.on('error', () => undefined);
}

function serve(socket: Socket, ask: (action: UserAction) => Promise<UserAnswer>): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.setTimeout(requestWithinMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (part: string) => {
    text += part;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= maxRequestBytes) return;
    socket.removeAllListeners('data');
    const request = userRequestSchema.safeParse(parseJson(text.slice(0, Math.max(0, end))));
    if (request.success) void ask(request.data.action).then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    else socket.destroy();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller's schema refuses null.
    return null;
  }
}
