/**
 * The smallest BitTorrent tracker (BEP 3 and 23) that two kinds of clients get along with: `node http-tracker.ts ADDRESS PORT`.
 * Everybody who announces is handed to everybody else for as long as it runs.
 */
import { createServer } from 'node:http';

const [address, port] = process.argv.slice(2);
const peers = new Map<string, Buffer>();

/** Compact form: 4 bytes of address, 2 of port. */
function compact(remote: string, remotePort: number): Buffer {
  const bytes = Buffer.alloc(6);
  remote.split('.').forEach((part, index) => {
    bytes[index] = Number(part);
  });
  bytes.writeUInt16BE(remotePort, 4);
  return bytes;
}

createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://tracker').searchParams;
  const remote = request.socket.remoteAddress?.replace('::ffff:', '') ?? '';
  const id = `${remote}:${query.get('port')}`;
  if (query.get('event') === 'stopped') peers.delete(id);
  else peers.set(id, compact(remote, Number(query.get('port'))));
  const others = Buffer.concat([...peers].filter(([peer]) => peer !== id).map(([, bytes]) => bytes));
  response.end(
    Buffer.concat([Buffer.from(`d8:intervali5e12:min intervali1e5:peers${others.length}:`), others, Buffer.from('e')]),
  );
}).listen(Number(port), address, () => console.log('tracker'));
