import type { WebSocket } from 'ws';
import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import type { ConsoleTopic, FeedFromConsole, FeedToConsole } from '../../../shared/contracts/console-feed.ts';
import { feedFromConsoleSchema } from '../../../shared/contracts/console-feed.ts';
import { Refusal } from '../refusal.ts';
import { jsonInTurns, ListInTurns } from './json-in-turns.ts';
import { SentList } from './sent-list.ts';

interface Subject {
  readonly topic: ConsoleTopic;
  readonly subscribers: Set<WebSocket>;
  /** What was sent last; null before the first time, and where `list` is sent. */
  json: Buffer | null;
  /** Of a topic that is a long list, once it was read. */
  list: SentList<AgentSummary> | null;
  sentAtMs: number;
  timer: NodeJS.Timeout | null;
  /** It is being computed: what changes meanwhile is sent after it, never before. */
  isPublishing: boolean;
  changedMeanwhile: boolean;
}

/** A long list is made while it is written, and sent in parts. */
type TopicState =
  | Exclude<FeedToConsole, { topic: 'agents' }>
  | { readonly topic: 'agents'; readonly data: ListInTurns<AgentSummary> };
export type TopicReader = (topic: ConsoleTopic) => Promise<TopicState>;

/** A topic is sent at most this often. */
const everyMs = 1000;
/** Changes of one moment become one message. */
const gatherMs = 50;
/** A browser that does not read loses its feed, and gets the whole state when it comes again. */
const maximumBufferedBytes = 8 * 1024 * 1024;
/** More than any page needs. */
const maximumTopics = 32;

/**
 * The console's feed: the whole state of a topic at once and again when it changed, at most once a second. Computed once
 * for all subscribers, and not at all without one. Knows no topic's content.
 */
export class ConsoleFeed {
  readonly #read: TopicReader;
  readonly #onAudience: () => void;
  readonly #onError: (error: unknown) => void;
  readonly #subjects = new Map<string, Subject>();
  readonly #sockets = new Set<WebSocket>();

  /** `onAudience` is called when somebody began to look at a topic. */
  constructor(read: TopicReader, onAudience: () => void, onError: (error: unknown) => void) {
    this.#read = read;
    this.#onAudience = onAudience;
    this.#onError = onError;
  }

  /** What somebody looks at now. */
  topics(): ConsoleTopic[] {
    return [...this.#subjects.values()].map((subject) => subject.topic);
  }

  connect(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on('message', (data) => this.#receive(socket, data.toString()));
    // The 'close' that follows says all there is to say.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      for (const [id, subject] of this.#subjects) this.#unsubscribe(socket, id, subject);
    });
  }

  /** The state of these topics may be another one; `overview` moves on by itself. */
  changed(isConcerned: (topic: ConsoleTopic) => boolean): void {
    for (const subject of this.#subjects.values()) if (isConcerned(subject.topic)) this.#schedule(subject);
  }

  stop(): void {
    for (const subject of this.#subjects.values()) if (subject.timer !== null) clearTimeout(subject.timer);
    this.#subjects.clear();
    for (const socket of this.#sockets) socket.close(1001, 'the server is stopping');
  }

  #receive(socket: WebSocket, text: string): void {
    const message = parseMessage(text);
    if (message === null) {
      this.#refuse(socket, 'The message was not understood. Reload the console.');
      return;
    }
    const id = topicId(message.topic);
    const subject = this.#subjects.get(id);
    if (message.kind === 'subscribe') this.#subscribe(socket, id, message.topic);
    else if (subject !== undefined) this.#unsubscribe(socket, id, subject);
  }

  #subscribe(socket: WebSocket, id: string, topic: ConsoleTopic): void {
    const count = [...this.#subjects.values()].filter((subject) => subject.subscribers.has(socket)).length;
    if (count >= maximumTopics) {
      this.#refuse(socket, `A feed carries at most ${maximumTopics} topics.`);
      return;
    }
    const known = this.#subjects.get(id);
    const subject = known ?? {
      topic,
      subscribers: new Set<WebSocket>(),
      json: null,
      list: null,
      sentAtMs: 0,
      timer: null,
      isPublishing: false,
      changedMeanwhile: false,
    };
    this.#subjects.set(id, subject);
    subject.subscribers.add(socket);
    // Who joins others gets what they saw last, and with them what comes next.
    if (subject.list !== null) subject.list.subscribe(socket);
    else if (subject.json !== null) this.#send(socket, subject.json);
    else if (known === undefined) void this.#publish(id, subject);
    this.#onAudience();
  }

  #unsubscribe(socket: WebSocket, id: string, subject: Subject): void {
    subject.subscribers.delete(socket);
    subject.list?.unsubscribe(socket);
    if (subject.subscribers.size > 0) return;
    if (subject.timer !== null) clearTimeout(subject.timer);
    this.#subjects.delete(id);
  }

  #schedule(subject: Subject): void {
    if (subject.timer !== null) return;
    const delayMs = Math.max(gatherMs, subject.sentAtMs + everyMs - Date.now());
    subject.timer = setTimeout(() => {
      subject.timer = null;
      void this.#publish(topicId(subject.topic), subject);
    }, delayMs);
  }

  async #publish(id: string, subject: Subject): Promise<void> {
    if (subject.isPublishing) {
      subject.changedMeanwhile = true;
      return;
    }
    Object.assign(subject, { isPublishing: true, changedMeanwhile: false, sentAtMs: Date.now() });
    try {
      const state = await this.#read(subject.topic);
      if (state.data instanceof ListInTurns) await this.#publishList(subject, state.topic, state.data);
      else await this.#publishWhole(id, subject, state);
    } catch (error) {
      this.#failed(subject, error);
    }
    subject.isPublishing = false;
    // Time itself changes the overview: the chart moves on.
    const goesOn = subject.changedMeanwhile || subject.topic.topic === 'overview';
    if (this.#subjects.get(id) === subject && goesOn) this.#schedule(subject);
  }

  async #publishWhole(id: string, subject: Subject, { topic, data }: TopicState): Promise<void> {
    const pieces: Buffer[] = [Buffer.from(`{"topic":${JSON.stringify(topic)},"data":`)];
    for await (const piece of jsonInTurns(data)) pieces.push(piece);
    const json = Buffer.concat([...pieces, Buffer.from('}')]);
    if (this.#subjects.get(id) !== subject) return;
    const isOther = subject.json === null || !json.equals(subject.json);
    if (isOther) for (const socket of subject.subscribers) this.#send(socket, json);
    subject.json = json;
  }

  async #publishList(subject: Subject, topic: string, data: ListInTurns<AgentSummary>): Promise<void> {
    const list = subject.list ?? new SentList<AgentSummary>(topic, ({ agentId }) => agentId);
    await list.update(data);
    if (subject.list !== null) return;
    subject.list = list;
    for (const socket of subject.subscribers) list.subscribe(socket);
  }

  #failed(subject: Subject, error: unknown): void {
    if (!(error instanceof Refusal)) this.#onError(error);
    const sentence = error instanceof Refusal ? error.message : 'The server could not compute this. Its log says more.';
    for (const socket of subject.subscribers) this.#refuse(socket, sentence);
  }

  #refuse(socket: WebSocket, message: string): void {
    const refusal: FeedToConsole = { topic: 'refused', data: { message } };
    this.#send(socket, JSON.stringify(refusal));
  }

  #send(socket: WebSocket, json: Buffer | string): void {
    if (socket.bufferedAmount > maximumBufferedBytes) socket.terminate();
    else socket.send(json, { binary: false });
  }
}

function topicId(topic: ConsoleTopic): string {
  return topic.topic === 'agent' ? `agent ${topic.agentId}` : topic.topic;
}

function parseMessage(text: string): FeedFromConsole | null {
  try {
    return feedFromConsoleSchema.parse(JSON.parse(text));
  } catch {
    // Answered with a refusal by the caller.
    return null;
  }
}
