/** What a web server without any idea of a swarm does: `node static-server.ts FILE ADDRESS PORT` answers everybody with the file. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream';

const [file = '', address, port] = process.argv.slice(2);
createServer((_request, response) => {
  response.writeHead(200, { 'content-length': statSync(file).size });
  // A receiver that goes away ends its answer.
  pipeline(createReadStream(file, { highWaterMark: 256 * 1024 }), response, () => undefined);
}).listen(Number(port), address, () => console.log('listening'));
