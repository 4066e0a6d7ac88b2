import { Worker } from 'node:worker_threads';

/** Runs in a thread of its own, because the embedded database works synchronously. Not a file: it is part of any bundle. */
const code = `
const { workerData } = require('node:worker_threads');
const Libsql = require('node:module').createRequire(workerData.from)('libsql');
const source = new Libsql(workerData.file);
source.exec('PRAGMA busy_timeout = 5000');
source.prepare('VACUUM INTO ?').run([workerData.target]);
source.close();
const copy = new Libsql(workerData.target);
const [answer] = copy.prepare('PRAGMA integrity_check').all([]);
copy.close();
if (answer.integrity_check !== 'ok') throw new Error('the copy is damaged: ' + answer.integrity_check);
`;

/** Copies a database that is in use, as of one moment, into a file that does not exist yet, and checks the copy. */
export async function copyEmbeddedDatabase(file: string, target: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: { file, target, from: import.meta.url } });
    worker.once('error', reject);
    worker.once('exit', (exitCode) => {
      if (exitCode === 0) resolve();
      else reject(new Error(`The copy of the database stopped with code ${exitCode}.`));
    });
  });
}
