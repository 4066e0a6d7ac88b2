/**
 * The Notification Server's console listens on the loopback of its own namespace; sockets of the file system are seen from
 * everywhere. `node console-relay.ts SOCKET PORT` connects the two and says so in one line.
 */
import { connect, createServer } from 'node:net';

const [socketPath, port] = process.argv.slice(2);
createServer((inward) => {
  const outward = connect(Number(port), '127.0.0.1');
  // Either end may break off; the other then does as well.
  inward.on('error', () => outward.destroy()).on('close', () => outward.destroy());
  outward.on('error', () => inward.destroy()).on('close', () => inward.destroy());
  inward.pipe(outward).pipe(inward);
}).listen(socketPath, () => console.log('relay'));
