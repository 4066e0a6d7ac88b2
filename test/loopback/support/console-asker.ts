import http from 'node:http';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

export interface Asked {
  readonly method: string;
  /** With its query; sent as it is. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** How long the body is said to be; the rest of it is not sent. */
  readonly saidLength?: number | undefined;
}

/** Asks one server one thing after another over a kept-alive connection, without minding what it asks. */
export class ConsoleAsker {
  readonly #url: URL;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(consoleUrl: string) {
    this.#url = new URL(consoleUrl);
  }

  ask({ method, path, headers, body, saidLength }: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = saidLength ?? Buffer.byteLength(body ?? '');
      const { hostname: host, port } = this.#url;
      const sent = body === undefined ? headers : { ...headers, 'content-length': String(length) };
      const options = {
        host,
        port,
        agent: saidLength === undefined ? this.#agent : false,
        method,
        path,
        headers: sent,
      };
      const request = http.request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.on('error', reject);
        answer.on('end', () => {
          const { 'content-type': type = '', 'retry-after': retryAfter } = answer.headers;
          resolve({ status: answer.statusCode ?? 0, contentType: type.split(';')[0] ?? '', retryAfter, text });
          if (saidLength !== undefined) request.destroy();
        });
      });
      request.on('error', reject);
      if (saidLength === undefined) request.end(body);
      else request.write(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
